// SPDX-License-Identifier: Apache-2.0
#include "run/paths.h"

#include <cstdlib>
#include <map>
#include <sstream>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

void add_list(std::vector<fs::path> &folders, const char *variable) {
  const char *list = getenv(variable);
  std::stringstream in(list ? list : "");
  for (std::string entry; std::getline(in, entry, ':');)
    if (!entry.empty()) folders.emplace_back(entry);
}

fs::path cache_root() {
  if (const char *dir = getenv("SGPERF_CACHE"); dir && *dir) return dir;
  if (const char *dir = getenv("XDG_CACHE_HOME"); dir && *dir == '/') return fs::path(dir) / "sgperf";
  if (const char *home = getenv("HOME"); home && *home == '/') return fs::path(home) / ".cache/sgperf";
  return fs::temp_directory_path() / "sgperf-cache";
}

Paths find() {
  Paths p;
  std::error_code ignored;
  const fs::path exe = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path folder = exe.parent_path();
  add_list(p.plugin_folders, "SGPERF_ENGINES");
  add_list(p.workload_folders, "SGPERF_BENCHMARKS");
  // A test program of the build tree sits elsewhere in it: go up to the folder that meson made.
  for (fs::path up = folder; up.has_relative_path(); up = up.parent_path())
    if (fs::exists(up / "meson-private", ignored)) {
      p.build_tree = true;
      p.root = up;
      break;
    }
  if (p.build_tree) {
    p.worker = p.root / "cli/run/sgperf-worker";
    p.library = p.root / "libsgperf/libsgperf.so.1";
    for (const auto &entry : fs::directory_iterator(p.root / "engines", ignored))
      if (entry.is_directory(ignored)) p.plugin_folders.push_back(entry.path());
    p.workload_folders.push_back(p.root / "benchmarks");
  } else {
    p.root = folder.parent_path();
    p.worker = p.root / "libexec/sgperf/sgperf-worker";
    p.library = p.root / SGPERF_LIBDIR "/libsgperf.so.1";
    p.plugin_folders.push_back(p.root / SGPERF_LIBDIR "/sgperf/engines");
    p.workload_folders.push_back(p.root / SGPERF_DATADIR "/sgperf/benchmarks");
  }
  p.cache = cache_root();
  p.workload_folders.push_back(p.cache / "workloads"); // what is fetched on demand
  return p;
}

constexpr const char *prefix = "libsgperf-engine-";

} // namespace

const Paths &paths() {
  static const Paths found = find();
  return found;
}

fs::path find_plugin(const std::string &name) {
  std::error_code ignored;
  for (const fs::path &folder : paths().plugin_folders) {
    const fs::path file = folder / (prefix + name + ".so");
    if (fs::is_regular_file(file, ignored)) return file;
  }
  return {};
}

std::vector<std::pair<std::string, fs::path>> installed_plugins() {
  std::map<std::string, fs::path> found;
  std::error_code ignored;
  for (const fs::path &folder : paths().plugin_folders)
    for (const auto &entry : fs::directory_iterator(folder, ignored)) {
      const std::string file = entry.path().filename();
      if (file.compare(0, std::string(prefix).size(), prefix) != 0 || entry.path().extension() != ".so") continue;
      found.emplace(entry.path().stem().string().substr(std::string(prefix).size()), entry.path());
    }
  return {found.begin(), found.end()};
}

} // namespace sgperf::run
