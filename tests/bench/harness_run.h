// SPDX-License-Identifier: Apache-2.0
// Running `sgperf bench` and reading what it recorded, for the benchmarks of the harness itself.
#pragma once

#include "record/sample.h"

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::bench {

struct HarnessRun {
  double seconds = 0; // of the whole command
  int exit_code = 0;
  std::vector<record::Sample> samples;
};

// Wall time of one program, its output thrown away; < 0 = it failed.
double time_program(const std::vector<std::string> &argv);
// `sgperf bench ARGUMENTS --raw` with a recording in a temporary folder.
HarnessRun run_harness(const std::vector<std::string> &arguments);
// "wasmtime" where it can be loaded, else "wabt"; "" = neither.
std::string reference_engine();
std::filesystem::path build_folder();

} // namespace sgperf::bench
