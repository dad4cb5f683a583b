// SPDX-License-Identifier: Apache-2.0
#include "run/python_script.h"

#include "run/paths.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace sgperf::run {
namespace fs = std::filesystem;

namespace {

// A script in its place (pyenv's, for instance) chooses a version, or none, and costs time.
bool is_program(const fs::path &path) {
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  return std::string(magic, sizeof magic) == "\177ELF";
}

} // namespace

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
  const char *path = getenv("PATH");
  for (const char *name : {"python3.12", "python3"}) {
    std::istringstream folders(path ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
      const fs::path program = fs::path(folder.empty() ? "." : folder) / name;
      std::error_code error;
      if (access(program.c_str(), X_OK) != 0 || !is_program(program)) continue;
      // Not resolved: a virtual environment is known by the place of its link.
      if (const fs::path found = fs::absolute(program, error); !error) return found;
    }
  }
  return {};
}

} // namespace sgperf::run
