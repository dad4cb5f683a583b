// SPDX-License-Identifier: Apache-2.0
#include "record/recording_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace sgperf::record {
namespace fs = std::filesystem;
namespace {

bool is_recording(const fs::path &folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return false;
  return fs::exists(folder / "meta.json", ignored) || fs::exists(folder / "samples.jsonl", ignored) ||
         fs::exists(folder / "plan.json", ignored) || fs::is_empty(folder, ignored);
}

// `sgperf bench` holds a lock on its list of finished units while it writes.
bool is_being_written(const fs::path &folder) {
  const int fd = open((folder / "done.jsonl").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool busy = flock(fd, LOCK_EX | LOCK_NB) != 0;
  close(fd);
  return busy;
}

} // namespace

bool make_recording(const fs::path &folder, std::string &error) {
  std::error_code code;
  if (fs::exists(fs::symlink_status(folder, code))) {
    if (!is_recording(folder)) {
      error = folder.string() +
              ": expected a recording that may be moved away, or nothing, found something else; choose "
              "another folder with -o";
      return false;
    }
    if (is_being_written(folder)) {
      error = folder.string() + ": another sgperf bench writes there just now; choose another folder with -o";
      return false;
    }
    fs::path old = folder.has_filename() ? folder : folder.parent_path();
    old += ".old";
    if (fs::exists(fs::symlink_status(old, code))) {
      if (!is_recording(old)) {
        error = old.string() + ": expected an older recording or nothing, found something else; move it away";
        return false;
      }
      fs::remove_all(old, code);
    }
    fs::rename(folder, old, code);
    if (code) {
      error = folder.string() + ": cannot be moved to " + old.string() + ": " + code.message();
      return false;
    }
  }
  fs::create_directories(folder, code);
  if (code) error = folder.string() + ": cannot be made: " + code.message();
  return !code;
}

} // namespace sgperf::record
