// SPDX-License-Identifier: Apache-2.0
#include "run/install_lock.h"

#include "run/worker_process.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sgperf::run {

InstallLock::~InstallLock() {
  if (fd_ >= 0) close(fd_);
}

bool InstallLock::take(const std::function<void(const std::string &)> &waiting) {
  fd_ = open(file_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0644); // without O_CLOEXEC
  if (fd_ < 0) {
    problem_ = "cannot open the lock " + file_.string() + ": " + strerror(errno);
    return false;
  }
  bool told = false;
  while (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      problem_ = "cannot lock " + file_.string() + ": " + strerror(errno);
      return false;
    }
    if (interrupted) return false;
    if (!told) {
      char holder[32] = "";
      const ssize_t n = pread(fd_, holder, sizeof holder - 1, 0);
      holder[n > 0 ? n : 0] = '\0';
      waiting(*holder ? "process " + std::string(holder) : "another process");
      told = true;
    }
    usleep(200000);
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(fd_, 0) != 0 || pwrite(fd_, pid.data(), pid.size(), 0) < 0) {
    problem_ = "cannot write " + file_.string() + ": " + strerror(errno);
    return false;
  }
  return true;
}

} // namespace sgperf::run
