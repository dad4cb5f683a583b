// SPDX-License-Identifier: Apache-2.0
// Recording, or a single session file, -> Model.
#pragma once

#include "merge/model.h"

#include <filesystem>
#include <optional>
#include <string>

namespace sgperf::merge {

// `source` is a recording (a folder) or one session file, of a target that may still run.  What is damaged is left out
// and named in Model::remarks; nullopt only if nothing could be read, with `error`.
// With `tree` a session file stands for all sessions of its tree of processes that lie beside it.
std::optional<Model> load(const std::filesystem::path &source, std::string &error, bool tree = false);

// Newest start over `./sgperf.data` and the sessions of programs that ran without the cli; `what` says which and why.
std::optional<std::filesystem::path> latest(std::string &what, std::string &error);

// Where the sessions of a `sgperf record` are that has not come to its end ($SGPERF_DIR of its programs); else empty.
std::filesystem::path running_folder(const record::Meta &meta);

} // namespace sgperf::merge
