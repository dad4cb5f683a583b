// SPDX-License-Identifier: Apache-2.0
// What is run: a module, an exported function of it, a native object, or all of a suite.
#pragma once

#include "run/guest_options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::run {

struct Workload {
  std::string id;          // "fibonacci", "./x.wasm", "x.wasm#add"
  std::string path;        // absolute; of the .wasm, or of a .so / program that only native engines run
  std::string native_path; // the native counterpart, if there is one: an object, or a program
  std::string script;      // what an interpreter runs: `path` is CPython, `native_path` the machine's own
  std::string invoke;      // exported function
  std::vector<std::string> invoke_args;
  std::vector<std::string> args; // <stem>.args: one a line
  std::string stdin_path;        // <stem>.stdin
  std::string expected_stdout, expected_stderr;
  std::string preopen;   // the module's folder
  bool writable = false; // <stem>.writable: the guest gets a private copy of the folder that it may write to
  bool in_place = false; // the user allows it to write to the folder itself
  uint64_t calls = 0;    // <stem>.calls: how many calls one region makes, for a cost per call; 0 = not a call benchmark
  uint64_t size = 0;
  std::string sha256;
  bool is_native() const; // path is not wasm
};

struct Suite {
  std::string name, path;
  std::vector<std::string> entries;
};

struct WorkloadOptions {
  std::string invoke;      // --invoke f[,args] for workloads that name no export themselves
  std::string working_dir; // --working-dir: preopened instead of the module's folder
  GuestOptions guest;      // for all of them
};

// Names, paths and suites to workloads, in order.  False: `error` says what was looked for and where.
bool resolve_workloads(const std::vector<std::string> &names, const WorkloadOptions &options,
                       std::vector<Workload> &out, std::string &error);

// In the workload folders.
std::vector<std::string> available_workloads();
std::vector<Suite> available_suites();
// Of this name, or at this path.  False: `error` says which ones there are.
bool is_suite(const std::string &name, std::string &error);
bool read_suite(const std::string &path, Suite &suite, std::string &error);

} // namespace sgperf::run
