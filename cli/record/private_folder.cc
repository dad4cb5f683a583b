// SPDX-License-Identifier: Apache-2.0
#include "record/private_folder.h"

#include "libsgperf/session_layout.h"
#include "record/session_folder.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace sgperf::record {
namespace fs = std::filesystem;
namespace {

constexpr const char *recording_link = "recording";

// Its lock, or -1.
int locked(const fs::path &folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  close(fd);
  return -1;
}

// A session's size is that of all its tables, hundreds of megabytes of holes, which not every tool that a recording is
// copied with keeps.  The copy ends with its last page of data, and its header says so.
bool shrink(int fd, off_t size) {
  const auto field = static_cast<uint64_t>(size);
  char magic[8];
  if (size < static_cast<off_t>(sizeof(sgperf_session_header)) || pread(fd, magic, sizeof magic, 0) != sizeof magic ||
      std::memcmp(magic, SGPERF_SESSION_MAGIC, sizeof magic) != 0)
    return true;
  return ftruncate(fd, size) == 0 &&
         pwrite(fd, &field, sizeof field, offsetof(sgperf_session_header, total_size)) == sizeof field;
}

// Copies a sparse file hole by hole: a session's size is that of all its tables, its content some pages.
bool copy_sparse(const fs::path &from, const fs::path &to, bool is_session, std::string &error) {
  const int in = open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (in < 0) {
    error += from.string() + ": cannot open: " + std::strerror(errno) + "\n";
    return false;
  }
  const int out = open(to.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  struct stat status {};
  bool good = out >= 0 && fstat(in, &status) == 0 && ftruncate(out, status.st_size) == 0;
  std::vector<char> buffer(1 << 18);
  off_t last = 0; // end of the data
  for (off_t at = 0; good && at < status.st_size;) {
    const off_t data = lseek(in, at, SEEK_DATA);
    if (data < 0) {
      good = errno == ENXIO; // nothing but a hole follows
      break;
    }
    off_t end = lseek(in, data, SEEK_HOLE);
    if (end < 0) end = status.st_size;
    for (at = data; good && at < end;) {
      const auto want = static_cast<size_t>(std::min<off_t>(end - at, static_cast<off_t>(buffer.size())));
      const ssize_t got = pread(in, buffer.data(), want, at);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      for (ssize_t done = 0; good && done < got;) {
        const ssize_t n = pwrite(out, buffer.data() + done, static_cast<size_t>(got - done), at + done);
        if (n < 0 && errno == EINTR) continue;
        good = n > 0;
        if (good) done += n;
      }
      at += got;
      last = at;
    }
    at = std::max(at, end);
  }
  const int problem = errno;
  if (good) good = is_session ? shrink(out, last) : ftruncate(out, last) == 0;
  close(in);
  if (out >= 0 && close(out) != 0) good = false;
  if (!good)
    error += to.string() + ": cannot copy the session " + from.string() + " to it: " + std::strerror(problem) + "\n";
  return good;
}

} // namespace

bool PrivateFolder::create(std::string &error) {
  std::vector<std::string> candidates;
  if (const fs::path runtime = runtime_folder(); !runtime.empty()) candidates.push_back(runtime);
  for (const char *parent : {"/dev/shm", "/run", "/tmp"}) candidates.emplace_back(parent);
  std::string tried;
  for (const std::string &parent : candidates) {
    struct statfs info {};
    const fs::path own = fs::path(parent) / ("sgperf-" + std::to_string(geteuid()));
    const auto refuse = [&](const std::string &why) { tried += "\n  " + parent + ": " + why; };
    if (statfs(parent.c_str(), &info) != 0) {
      refuse(std::strerror(errno));
      continue;
    }
    if (static_cast<unsigned long>(info.f_type) != TMPFS_MAGIC) {
      refuse("no tmpfs");
      continue;
    }
    if (mkdir(own.c_str(), 0700) != 0 && errno != EEXIST) {
      refuse(std::strerror(errno));
      continue;
    }
    struct stat status {};
    if (lstat(own.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & 022) != 0) {
      refuse("sgperf-" + std::to_string(geteuid()) + " is there and is not this user's private folder");
      continue;
    }
    std::string name = own / "run-XXXXXX";
    if (!mkdtemp(name.data())) {
      refuse(std::strerror(errno));
      continue;
    }
    path_ = name;
    lock_ = locked(path_);
    return true;
  }
  error = "expected a tmpfs to keep the program's session on, found none that can be used; tried:" + tried +
          "\n  mount one, or set XDG_RUNTIME_DIR to a folder on one";
  return false;
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty() && !keep_) fs::remove_all(path_, ignored);
  if (lock_ >= 0) close(lock_);
}

void PrivateFolder::belongs_to(const fs::path &recording) {
  std::error_code ignored;
  fs::create_symlink(recording, path_ / recording_link, ignored);
}

void PrivateFolder::keep() {
  keep_ = true;
  std::error_code ignored;
  fs::remove(path_ / recording_link, ignored);
}

std::optional<AbandonedFolder> AbandonedFolder::take(const fs::path &folder) {
  const int lock = locked(folder);
  return lock < 0 ? std::nullopt : std::optional(AbandonedFolder(folder, lock));
}

AbandonedFolder::AbandonedFolder(AbandonedFolder &&other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

AbandonedFolder::~AbandonedFolder() {
  if (lock_ >= 0) close(lock_);
}

fs::path AbandonedFolder::recording() const {
  std::error_code none;
  return fs::read_symlink(path_ / recording_link, none);
}

void AbandonedFolder::remove_empty() const {
  std::error_code ignored;
  const fs::path to = recording();
  if (!to.empty()) fs::remove(path_ / recording_link, ignored);
  if (rmdir(path_.c_str()) != 0 && !to.empty()) fs::create_symlink(to, path_ / recording_link, ignored);
}

size_t copy_sessions(const fs::path &from, const fs::path &to, bool move, std::string &error) {
  size_t copied = 0;
  for (const SessionFile &file : session_files(from)) {
    bool good = copy_sparse(file.path, to / file.path.filename(), true, error);
    if (good) ++copied;
    if (!file.code.empty()) good = copy_sparse(file.code, to / file.code.filename(), false, error) && good;
    for (const fs::path &module : file.modules)
      good = copy_sparse(module, to / module.filename(), false, error) && good;
    if (!move || !good) continue;
    std::error_code ignored;
    fs::remove(file.path, ignored);
    if (!file.code.empty()) fs::remove(file.code, ignored);
    for (const fs::path &module : file.modules) fs::remove(module, ignored);
  }
  return copied;
}

} // namespace sgperf::record
