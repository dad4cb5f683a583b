// SPDX-License-Identifier: Apache-2.0
// Asking a library something that may crash or hang it: in a forked child, which the question costs at worst.
#pragma once

#include <functional>
#include <string>

namespace sgperf::engine {

// What `ask` returns in a child, at most 63 bytes.  Empty, and `error` says why in words that follow "it": it crashed,
// it did not answer within `seconds`, it gave no answer.  `doing` is what it was asked, as "to serialise a module".
// Call it before the library has started threads: the child has none of them.
std::string answer_of_child(const std::function<std::string()> &ask, const char *doing, unsigned seconds,
                            std::string &error);

} // namespace sgperf::engine
