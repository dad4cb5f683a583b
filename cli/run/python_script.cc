// SPDX-License-Identifier: Apache-2.0
#include "run/python_script.h"

#include "run/find_program.h"
#include "run/paths.h"

namespace sgperf::run {
namespace fs = std::filesystem;

bool is_python_script(const fs::path &path) {
  return path.extension() == ".py";
}

fs::path python_module(std::string &error) {
  const fs::path module = paths().cache / "workloads/python/python.wasm";
  std::error_code ignored;
  if (fs::is_regular_file(module, ignored)) return module;
  std::string fetch = "fetch-python-wasi.sh";
  for (const fs::path &folder : paths().workload_folders)
    if (fs::is_regular_file(folder / fetch, ignored)) {
      fetch = (folder / fetch).string();
      break;
    }
  error = "expected CPython for WASI at " + module.string() + ", found none; fetch it: " + fetch;
  return {};
}

fs::path native_python() {
  std::error_code ignored;
  for (const char *name : {"python3.12", "python3"})
    // A script of that name (pyenv's, for instance) chooses a version, or none, and costs time.  Links are not
    // resolved: a virtual environment is known by the place of its own.
    if (const std::string found = find_program(name, is_elf_file); !found.empty()) return fs::absolute(found, ignored);
  return {};
}

} // namespace sgperf::run
