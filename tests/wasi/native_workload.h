// SPDX-License-Identifier: Apache-2.0
// Native workloads called as the engine `native` calls them, and the suites that name them.  The program that includes
// this is linked with its symbols exported: it is the host that provides the marks.  Once a program.
#pragma once

#include "support/process.h"

#include <dlfcn.h>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

inline int workload_starts, workload_ends;

extern "C" __attribute__((visibility("default"), used)) inline void bench_start() {
  workload_starts++;
}
extern "C" __attribute__((visibility("default"), used)) inline void bench_end() {
  workload_ends++;
}

namespace sgperf::test {

inline std::filesystem::path workloads_folder() {
  return build_dir() / "benchmarks";
}

// "fibonacci" is fibonacci/fibonacci.*, "polybench/gemm" is polybench/gemm.*.
inline std::filesystem::path workload_base(const std::string &name) {
  return name.find('/') == std::string::npos ? workloads_folder() / name / name : workloads_folder() / name;
}

inline std::vector<std::string> suite(const std::string &name) {
  std::vector<std::string> out;
  std::istringstream lines(read_file(workloads_folder() / (name + ".suite")));
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line[0] != '#') out.push_back(line);
  return out;
}

// base.so, called `times` times in one process.  Exit code 20 and above: the host's own complaints.
inline Result run_native(const std::filesystem::path &base, int times) {
  return run_function([&] {
    if (chdir(base.parent_path().c_str())) return 20;
    void *object = dlopen((base.string() + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!object) {
      fprintf(stderr, "%s\n", dlerror());
      return 21;
    }
    auto entry = reinterpret_cast<int (*)()>(dlsym(object, "native_entry"));
    if (!entry) return 22;
    for (int i = 1; i <= times; i++)
      if (int code = entry())
        return code;
      else if (workload_starts != i || workload_ends != i)
        return 23;
    return 0;
  });
}

} // namespace sgperf::test
