// SPDX-License-Identifier: Apache-2.0
#include "adapter/child.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sgperf::engine {

namespace {

std::vector<char *> pointers(std::vector<std::string> &texts) {
  std::vector<char *> out;
  for (std::string &text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return uint64_t(time.tv_sec) * 1000000000u + uint64_t(time.tv_nsec);
}

} // namespace

// Everything that exec needs is made here: the child calls nothing but system calls.
Child::Child(const Host &host, std::string path, std::vector<std::string> arguments,
             std::vector<std::string> environment)
    : host_(host), path_(std::move(path)), arguments_(std::move(arguments)), environment_(std::move(environment)),
      argv_(pointers(arguments_)), envp_(pointers(environment_)) {}

Child::~Child() {
  for (int fd : files_)
    if (fd >= 0) close(fd);
}

int Child::open() {
  const sgperf_engine_config &config = host_.config();
  const char *paths[3] = {config.stdin_path, config.stdout_path, config.stderr_path};
  for (int i = 0; i < 3; i++) {
    const char *file = paths[i] ? paths[i] : "/dev/null";
    files_[i] = ::open(file, (i ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY) | O_CLOEXEC, 0644);
    if (files_[i] < 0)
      return host_.error(SGPERF_ENGINE_ERROR, "cannot open %s for descriptor %d of the program: %s", file, i,
                         strerror(errno));
  }
  return SGPERF_ENGINE_OK;
}

void Child::become(int report) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); // the worker's time limit is the program's
  for (int i = 0; i < 3; i++) dup2(files_[i], i);
  const char *directory = host_.config().preopen_dir;
  if (!directory || !chdir(directory)) execve(path_.c_str(), argv_.data(), envp_.data());
  int reason = errno;
  _exit(write(report, &reason, sizeof reason) == sizeof reason ? 127 : 126);
}

int Child::run() {
  int report[2]; // closed by exec; else errno
  if (pipe2(report, O_CLOEXEC)) return host_.error(SGPERF_ENGINE_ERROR, "cannot open a pipe: %s", strerror(errno));
  begin_ns_ = now();
  pid_t child = fork();
  if (child == 0) become(report[1]);
  int failure = child < 0 ? errno : 0;
  close(report[1]);
  if (child > 0) {
    int reason = 0;
    if (read(report[0], &reason, sizeof reason) == sizeof reason) failure = reason;
    while (waitpid(child, &status_, 0) < 0 && errno == EINTR) continue;
  }
  end_ns_ = now();
  close(report[0]);
  if (failure) return host_.error(SGPERF_ENGINE_ERROR, "cannot run %s: %s", path_.c_str(), strerror(failure));
  return SGPERF_ENGINE_OK;
}

bool Child::succeeded() const {
  return WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
}

int Child::finish(int *exit_code) const {
  if (WIFSIGNALED(status_))
    return host_.error(SGPERF_ENGINE_TRAP, "%s was ended by signal %d (%s)", path_.c_str(), WTERMSIG(status_),
                       strsignal(WTERMSIG(status_)));
  int code = WEXITSTATUS(status_);
  if (exit_code) *exit_code = code;
  return code ? host_.error(SGPERF_ENGINE_EXIT, "%s left with code %d", path_.c_str(), code) : SGPERF_ENGINE_OK;
}

std::vector<std::string> child_environment(const Host &host) {
  std::vector<std::string> out;
  for (char **entry = environ; *entry; entry++)
    if (std::strncmp(*entry, "SGPERF_", 7) && std::strncmp(*entry, "LD_PRELOAD=", 11)) out.push_back(*entry);
  for (const char *const *entry = host.config().env; entry && *entry; entry++) out.push_back(*entry);
  return out;
}

} // namespace sgperf::engine
