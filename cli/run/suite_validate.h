// SPDX-License-Identifier: Apache-2.0
// Whether modules are workloads: valid, with _start and both marks, and the marks called once and in order.
#pragma once

#include <string>
#include <vector>

namespace sgperf::run {

struct ValidateOptions {
  std::vector<std::string> workloads; // paths, names, suites
  std::string engine;                 // as -e; empty: wasmtime, else wabt, whichever can be used
  bool run = true;                    // else only what can be seen without running it
  double timeout_s = 600;
};

struct Validation {
  std::string id, path;
  std::vector<std::string> problems; // none: it is a workload
  std::vector<std::string> remarks;
  bool ran = false;
};

struct Validations {
  std::vector<Validation> files;
  std::string engine; // that ran them: "wasmtime 50.0.1"
  std::string error;  // nothing was done: why
  bool no_engine = false, interrupted = false;
};

// A file that does not exist is a validation with a problem, not an error.
Validations validate_workloads(const ValidateOptions &options);

} // namespace sgperf::run
