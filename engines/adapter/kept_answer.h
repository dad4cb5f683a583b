// SPDX-License-Identifier: Apache-2.0
// Answers about a file that take time to get: kept in the cache folder under the file's identity.
#pragma once

#include "adapter/host.h"

#include <functional>
#include <string>

namespace sgperf::engine {

// One line of text about `path`: what was kept under `subject` and the file's identity (device, inode, size, time of
// change), else what `ask` says, which is kept from now on.  `good` tells answers from rubbish; empty: `ask` gave none.
std::string kept_answer(const Host &host, const std::string &subject, const std::string &path,
                        bool (*good)(const std::string &), const std::function<std::string()> &ask);

} // namespace sgperf::engine
