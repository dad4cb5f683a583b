// SPDX-License-Identifier: Apache-2.0
// Programs that only start another one, in front of which they stand: taskset, nice, timeout, ..
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::run {

// The place of the program's word, if words[at] is a launcher that is known here: behind the launcher's options and
// what it is told in front of the program.  `at` itself: it is none.  nullopt: one of its options is not known here, or
// it starts no program.  `env` and shells are not among them: they say more than which program it is.
std::optional<size_t> behind_launcher(const std::vector<std::string> &words, size_t at);

} // namespace sgperf::run
