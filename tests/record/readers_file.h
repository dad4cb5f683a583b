// SPDX-License-Identifier: Apache-2.0
// For readers that open their file themselves.
#pragma once

#include <string>

namespace sgperf::test {

// One file on tmpfs with these bytes, written anew each time; gives back its path, valid until the next call.
const std::string &as_file(const std::string &bytes, const char *name);

} // namespace sgperf::test
