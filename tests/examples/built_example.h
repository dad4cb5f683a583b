// SPDX-License-Identifier: Apache-2.0
// An example that its own build.sh builds: examples/NAME/build.sh OUT.
#pragma once

#include "support/process.h"

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::test {

// The path of examples/NAME/build.sh.
std::filesystem::path build_script(const std::string &name);
// Runs it with `out` for its results. `env` as in Options.
Result build_example(const std::string &name, const std::filesystem::path &out,
                     const std::vector<std::string> &env = {});

// Built into a temporary folder, for all tests of a program.
class BuiltExample {
public:
  explicit BuiltExample(const std::string &name);
  std::filesystem::path path(const std::string &file) const { return out_.path() / file; }
  const std::filesystem::path &folder() const { return out_.path(); }
  // Why it could not be built: `skip` where this machine has no compiler for it and no earlier build in its cache,
  // `error` where it should have worked. Both empty: it is there.
  const std::string &skip() const { return skip_; }
  const std::string &error() const { return error_; }

private:
  TempDir out_;
  std::string skip_, error_;
};

} // namespace sgperf::test
