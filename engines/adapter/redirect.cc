// SPDX-License-Identifier: Apache-2.0
#include "adapter/redirect.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace sgperf::engine {

void Redirect::replace(const Host &host, int target, const char *path, int flags) {
  if (status_) return;
  int fd = open(path, flags | O_CLOEXEC, 0644);
  if (fd < 0) {
    status_ = host.error(SGPERF_ENGINE_ERROR, "cannot open %s for descriptor %d of the guest: %s", path, target,
                         strerror(errno));
    return;
  }
  saved_[target] = fcntl(target, F_DUPFD_CLOEXEC, 3); // -1: was closed, and will be again
  if (saved_[target] < 0) saved_[target] = -2;
  if (fd != target) {
    dup2(fd, target);
    close(fd);
  }
}

Redirect::Redirect(const Host &host, bool truncate) {
  const sgperf_engine_config &config = host.config();
  std::fflush(nullptr);
  int output = O_WRONLY | O_CREAT | (truncate ? O_TRUNC : O_APPEND);
  replace(host, 0, config.stdin_path ? config.stdin_path : "/dev/null", O_RDONLY);
  replace(host, 1, config.stdout_path ? config.stdout_path : "/dev/null", output);
  replace(host, 2, config.stderr_path ? config.stderr_path : "/dev/null", output);
  if (config.preopen_dir && !status_) {
    directory_ = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (chdir(config.preopen_dir))
      status_ = host.error(SGPERF_ENGINE_ERROR, "cannot enter the guest's directory %s: %s", config.preopen_dir,
                           strerror(errno));
  }
}

Redirect::~Redirect() {
  std::fflush(nullptr);
  for (int target = 0; target < 3; target++) {
    if (saved_[target] >= 0) {
      dup2(saved_[target], target);
      close(saved_[target]);
    } else if (saved_[target] == -2) {
      close(target);
    }
  }
  if (directory_ >= 0) {
    if (fchdir(directory_)) errno = 0; // it was removed meanwhile: nowhere to go back to
    close(directory_);
  }
}

int truncate_outputs(const Host &host) {
  for (const char *path : {host.config().stdout_path, host.config().stderr_path}) {
    if (!path) continue;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return host.error(SGPERF_ENGINE_ERROR, "cannot create %s: %s", path, strerror(errno));
    close(fd);
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::engine
