// SPDX-License-Identifier: Apache-2.0
// The system's default places for sessions, replaced for one child by folders of the test: nothing of the machine is
// touched.
#pragma once

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>

namespace sgperf::test {

[[noreturn]] inline void child_failed(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  _exit(125);
}

// In the child, as root: a mount namespace of its own in which /dev/shm and /run are `shm` and `run` (folders on a
// tmpfs).
inline void replace_default_places(const std::filesystem::path &shm, const std::filesystem::path &run) {
  if (unshare(CLONE_NEWNS) != 0) child_failed("unshare");
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) child_failed("mount private");
  // First /run: `run` itself lies under /dev/shm.
  if (mount(run.c_str(), "/run", nullptr, MS_BIND, nullptr) != 0) child_failed("bind /run");
  if (mount(shm.c_str(), "/dev/shm", nullptr, MS_BIND, nullptr) != 0) child_failed("bind /dev/shm");
}

// In the child, as root: a tmpfs of `size` (mount option: "64k") on `where`.
inline void mount_small_tmpfs(const std::filesystem::path &where, const std::string &size) {
  if (unshare(CLONE_NEWNS) != 0) child_failed("unshare");
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) child_failed("mount private");
  const std::string options = "size=" + size + ",mode=0700";
  if (mount("tmpfs", where.c_str(), "tmpfs", 0, options.c_str()) != 0) child_failed("mount tmpfs");
}

// Whether this test may do such things (a container often may not, root or not).
inline bool may_mount() {
  const pid_t child = fork();
  if (child == 0)
    _exit(unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 ? 0 : 1);
  int status = 1;
  waitpid(child, &status, 0);
  return status == 0;
}

} // namespace sgperf::test
