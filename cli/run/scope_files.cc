// SPDX-License-Identifier: Apache-2.0
#include "run/scope_files.h"

#include "record/session_folder.h"
#include "run/paths.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

namespace sgperf::run {
namespace fs = std::filesystem;

ScopeFiles::ScopeFiles(std::string &error) {
  std::error_code ignored;
  if (!fs::exists(paths().library, ignored)) {
    error = "--scopes needs the library, expected at " + paths().library.string();
    return;
  }
  std::vector<fs::path> candidates;
  if (const fs::path runtime = record::runtime_folder(); !runtime.empty()) candidates.push_back(runtime);
  candidates.insert(candidates.end(), {"/dev/shm", "/run", "/tmp"});
  for (const fs::path &base : candidates) {
    struct statfs info {};
    // A session is a shared mapping: on a disk the kernel would write it back while the target runs.
    if (statfs(base.c_str(), &info) != 0 || (info.f_type != TMPFS_MAGIC && base != "/tmp")) continue;
    std::string name = base / "sgperf-scopes-XXXXXX";
    if (!mkdtemp(name.data())) continue;
    folder_ = name;
    return;
  }
  error = "--scopes found no folder it can write sessions to (tried XDG_RUNTIME_DIR, /dev/shm, /run, /tmp)";
}

ScopeFiles::~ScopeFiles() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

void ScopeFiles::environment(std::vector<std::string> &env) const {
  const char *before = getenv("LD_PRELOAD");
  env.push_back("LD_PRELOAD=" + paths().library.string() + (before && *before ? std::string(":") + before : ""));
  env.push_back("SGPERF_DIR=" + folder_.string());
  env.push_back("SGPERF_PARENT="); // the first of its tree, whatever we are in
}

void ScopeFiles::collect(const fs::path &recording) {
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename();
    const bool session = name.compare(0, 8, "session-") == 0 || name.compare(0, 5, "code-") == 0;
    std::error_code failed;
    if (session) fs::copy_file(entry.path(), recording / name, fs::copy_options::overwrite_existing, failed);
    fs::remove_all(entry.path(), failed);
  }
}

} // namespace sgperf::run
