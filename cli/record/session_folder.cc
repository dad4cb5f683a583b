// SPDX-License-Identifier: Apache-2.0
#include "record/session_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace sgperf::record {
namespace fs = std::filesystem;
namespace {

void add(std::vector<fs::path> &out, const fs::path &folder, bool is_private, std::vector<std::string> *refused) {
  struct stat status {};
  if (lstat(folder.c_str(), &status) != 0) return;
  const auto refuse = [&](const std::string &why) {
    if (refused) refused->push_back(folder.string() + ": " + why);
  };
  if (!is_private) { // named by the user: may be a link
    if (stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
      return refuse("expected a folder ($SGPERF_DIR), found something else");
  } else {
    if (!S_ISDIR(status.st_mode)) return refuse("expected a folder, found something else; sessions there are not read");
    if (status.st_uid != geteuid())
      return refuse("expected owner " + std::to_string(geteuid()) + ", found " + std::to_string(status.st_uid) +
                    "; sessions there are not read");
    if (status.st_mode & 022)
      return refuse("expected a folder that only its owner can write to, found one open to others; sessions there are "
                    "not read: chmod 700 it");
  }
  std::error_code ignored;
  const fs::path real = fs::canonical(folder, ignored);
  const fs::path &entry = real.empty() ? folder : real;
  if (std::find(out.begin(), out.end(), entry) == out.end()) out.push_back(entry);
}

} // namespace

fs::path runtime_folder() {
  const char *named = getenv("XDG_RUNTIME_DIR");
  struct stat status {};
  const bool own = named && *named == '/' && stat(named, &status) == 0 && status.st_uid == geteuid();
  return own ? fs::path(named) : fs::path();
}

std::vector<fs::path> session_folders(std::vector<std::string> *refused) {
  std::vector<fs::path> out;
  if (const char *named = getenv("SGPERF_DIR"); named && *named) add(out, named, false, refused);
  const std::string own = "sgperf-" + std::to_string(geteuid());
  if (const fs::path runtime = runtime_folder(); !runtime.empty()) add(out, runtime / own, true, refused);
  // A login's runtime folder, also when this shell does not know of it.
  add(out, fs::path("/run/user") / std::to_string(geteuid()) / own, true, refused);
  for (const char *parent : {"/dev/shm", "/run", "/tmp"}) add(out, fs::path(parent) / own, true, refused);
  return out;
}

std::vector<fs::path> all_session_folders(std::vector<std::string> *refused) {
  std::vector<fs::path> out;
  for (const fs::path &folder : session_folders(refused)) {
    out.push_back(folder);
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      if (at->path().filename().string().starts_with("run-")) add(out, at->path(), true, refused);
  }
  return out;
}

std::vector<RelatedFolder> related_folders() {
  uid_t owner = 0;
  if (geteuid() == 0) {
    const char *caller = getenv("SUDO_UID");
    char *end = nullptr;
    owner = caller && *caller ? static_cast<uid_t>(strtoul(caller, &end, 10)) : 0;
    if (owner == 0 || *end != '\0') return {};
  }
  std::vector<RelatedFolder> out;
  const std::string name = "sgperf-" + std::to_string(owner);
  for (const fs::path &parent :
       {fs::path("/run/user") / std::to_string(owner), fs::path("/dev/shm"), fs::path("/run"), fs::path("/tmp")}) {
    struct stat status {};
    const fs::path path = parent / name;
    // Somebody else may have made a folder of that name.
    if (lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != owner) continue;
    out.push_back(
        {path, owner,
         static_cast<uint64_t>(status.st_mtim.tv_sec) * 1000000000u + static_cast<uint64_t>(status.st_mtim.tv_nsec)});
  }
  return out;
}

std::vector<SessionFile> session_files(const fs::path &folder, bool own_only) {
  std::vector<SessionFile> out;
  std::vector<fs::path> modules;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    struct stat status {};
    if (name.starts_with("module-") && name.ends_with(".wasm") && lstat(at->path().c_str(), &status) == 0 &&
        S_ISREG(status.st_mode) && (!own_only || status.st_uid == geteuid()))
      modules.push_back(at->path());
    if (!name.starts_with("session-") || !name.ends_with(".sgp")) continue;
    if (lstat(at->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (own_only && status.st_uid != geteuid()) continue;
    SessionFile file{at->path(), {}, name.substr(8, name.size() - 12), {}};
    const fs::path code = folder / ("code-" + file.key + ".sgc");
    if (lstat(code.c_str(), &status) == 0 && S_ISREG(status.st_mode)) file.code = code;
    out.push_back(std::move(file));
  }
  std::sort(out.begin(), out.end(), [](const auto &a, const auto &b) { return a.key < b.key; });
  std::sort(modules.begin(), modules.end());
  for (SessionFile &file : out)
    for (const fs::path &module : modules)
      if (module.filename().string().starts_with("module-" + file.key + "-")) file.modules.push_back(module);
  return out;
}

} // namespace sgperf::record
