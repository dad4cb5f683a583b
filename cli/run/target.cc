// SPDX-License-Identifier: Apache-2.0
#include "run/target.h"

#include "record/process_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sgperf::run {
namespace {

constexpr std::array forwarded{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

std::atomic<pid_t> current{0};

void forward(int signal, siginfo_t *info, void *) {
  const int saved = errno;
  const pid_t pid = current.load(std::memory_order_relaxed);
  // A terminal (si_code SI_KERNEL) has sent it to the whole group already: twice would be one too many.
  if (pid > 0 && info->si_code != SI_KERNEL) kill(pid, signal);
  errno = saved;
}

// Handlers while a target runs; what was there before comes back afterwards.
class Forwarding {
public:
  Forwarding() {
    struct sigaction action {};
    action.sa_sigaction = forward;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < forwarded.size(); ++i) {
      sigaction(forwarded[i], nullptr, &before_[i]);
      // Ignored by whoever started us (nohup): stays ignored, in the program too.
      if (before_[i].sa_handler != SIG_IGN) sigaction(forwarded[i], &action, nullptr);
    }
  }
  ~Forwarding() {
    current = 0;
    for (size_t i = 0; i < forwarded.size(); ++i) sigaction(forwarded[i], &before_[i], nullptr);
  }
  Forwarding(const Forwarding &) = delete;
  Forwarding &operator=(const Forwarding &) = delete;

private:
  std::array<struct sigaction, forwarded.size()> before_{};
};

double now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

} // namespace

TargetResult run_target(const std::vector<std::string> &command, const TargetOptions &options) {
  TargetResult result;
  std::vector<char *> arguments;
  for (const std::string &word : command) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  int report[2]; // carries errno of a failed exec; closed by a good one
  int gate[2];   // the child waits until it is closed
  if (command.empty() || pipe2(report, O_CLOEXEC) != 0) {
    result.error =
        command.empty() ? "expected a program to run, found none" : std::string("pipe: ") + std::strerror(errno);
    result.exit_code = 126;
    return result;
  }
  if (pipe2(gate, O_CLOEXEC) != 0) {
    result.error = std::string("pipe: ") + std::strerror(errno);
    result.exit_code = 126;
    close(report[0]);
    close(report[1]);
    return result;
  }
  // Nothing may come between fork and knowing the child's pid.
  sigset_t blocked, before;
  sigemptyset(&blocked);
  for (const int signal : forwarded) sigaddset(&blocked, signal);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  Forwarding forwarding;
  const double begin = now_ns();
  const pid_t pid = fork();
  if (pid == 0) {
    close(gate[1]);
    char nothing = 0;
    while (read(gate[0], &nothing, 1) < 0 && errno == EINTR) {
    }
    for (const std::string &entry : options.env) {
      const size_t equals = entry.find('=');
      if (equals != std::string::npos) setenv(entry.substr(0, equals).c_str(), entry.c_str() + equals + 1, 1);
    }
    // exec sets handlers back to default and keeps what is ignored: the program starts as if we were not there.
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    for (const int signal : forwarded) {
      struct sigaction now {};
      sigaction(signal, nullptr, &now);
      if ((now.sa_flags & SA_SIGINFO) != 0) sigaction(signal, &plain, nullptr);
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    execvp(arguments[0], arguments.data());
    const int problem = errno;
    [[maybe_unused]] const ssize_t n = write(report[1], &problem, sizeof problem);
    _exit(problem == ENOENT ? 127 : 126);
  }
  close(report[1]);
  close(gate[0]);
  if (pid < 0) {
    result.error = std::string("cannot start a process: ") + std::strerror(errno);
    result.exit_code = 126;
    close(report[0]);
    close(gate[1]);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return result;
  }
  current = pid;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (options.prepare) options.prepare(pid);
  close(gate[1]);
  int problem = 0;
  ssize_t got = 0;
  while ((got = read(report[0], &problem, sizeof problem)) < 0 && errno == EINTR) {
  }
  close(report[0]);
  if (got == sizeof problem) {
    result.error = command[0] + ": cannot be run: " + std::strerror(problem) +
                   (problem == ENOENT ? "; expected a program in PATH or a path with a slash" : "");
  } else {
    result.started = true;
    if (options.started) options.started(pid);
    if (options.attend) {
      const int ended = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
      if (ended >= 0) {
        options.attend(ended);
        close(ended);
      }
    }
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.wall_ns = now_ns() - begin;
  if (WIFSIGNALED(status)) {
    result.signal = WTERMSIG(status);
    result.exit_code = 128 + result.signal;
  } else
    result.exit_code = WEXITSTATUS(status);
  return result;
}

std::vector<std::string> command_line(pid_t pid) {
  const std::string text = record::read_process_file(pid, "cmdline");
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\0', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

} // namespace sgperf::run
