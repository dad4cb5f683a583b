// SPDX-License-Identifier: Apache-2.0
#include "examples/built_example.h"

namespace sgperf::test {

std::filesystem::path build_script(const std::string &name) {
  return source_dir() / "examples" / name / "build.sh";
}

Result build_example(const std::string &name, const std::filesystem::path &out, const std::vector<std::string> &env) {
  Options options;
  options.env = env;
  options.timeout_s = 900; // an engine at first; then a check
  return run({"/bin/sh", build_script(name), out}, options);
}

BuiltExample::BuiltExample(const std::string &name) {
  constexpr int program_is_missing = 4;
  const Result result = build_example(name, out_.path());
  if (result.exit_code == 0) return;
  (result.exit_code == program_is_missing ? skip_ : error_) =
      result.timed_out ? build_script(name).string() + " took longer than 15 minutes\n" + result.err : result.err;
}

} // namespace sgperf::test
