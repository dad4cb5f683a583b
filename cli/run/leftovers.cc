// SPDX-License-Identifier: Apache-2.0
#include "run/leftovers.h"

#include "record/private_folder.h"
#include "record/session.h"
#include "record/session_folder.h"

#include <sys/stat.h>
#include <unistd.h>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

// Memory that a file takes: a session is sparse.
double used_bytes(const fs::path &path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? static_cast<double>(status.st_blocks) * 512 : 0;
}

} // namespace

Leftovers find_leftovers() {
  Leftovers out;
  for (const fs::path &folder : record::all_session_folders(&out.strange))
    for (const auto &file : record::session_files(folder, true)) {
      std::string error;
      const auto session = record::Session::read(file.path, error);
      if (!session) {
        // It may belong to a program that starts just now, or to a newer sgperf.
        out.strange.push_back(error);
        continue;
      }
      const auto state = session->state();
      if (state == record::SessionState::live) {
        ++out.live;
        continue;
      }
      Leftover leftover;
      leftover.session = file.path;
      leftover.code = file.code;
      leftover.modules = file.modules;
      leftover.comm = session->comm();
      leftover.state = record::to_text(state);
      leftover.pid = session->header.pid;
      leftover.bytes = used_bytes(file.path) + (file.code.empty() ? 0 : used_bytes(file.code));
      for (const fs::path &module : file.modules) leftover.bytes += used_bytes(module);
      out.ended.push_back(std::move(leftover));
    }
  return out;
}

bool remove_leftover(const Leftover &leftover, std::string &error) {
  const auto session = record::Session::read(leftover.session, error);
  error.clear();
  if (!session || session->state() == record::SessionState::live) return true;
  std::error_code code, ignored;
  fs::remove(leftover.session, code);
  if (!leftover.code.empty()) fs::remove(leftover.code, ignored);
  for (const fs::path &module : leftover.modules) fs::remove(module, ignored);
  if (code) error = leftover.session.string() + ": cannot be removed: " + code.message();
  return !code;
}

void remove_empty_run_folders() {
  for (const fs::path &folder : record::all_session_folders())
    if (folder.filename().string().starts_with("run-"))
      if (const auto abandoned = record::AbandonedFolder::take(folder)) abandoned->remove_empty();
}

} // namespace sgperf::run
