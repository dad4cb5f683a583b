// SPDX-License-Identifier: Apache-2.0
#include "run/child_process.h"

#include "run/measures/clock.h"
#include "run/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace sgperf::run {
namespace {

constexpr size_t longest_log = 1 << 20;

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) == 0) read = fds[0], write = fds[1];
  }
  ~Pipe() { close_read(), close_write(); }
  Pipe(const Pipe &) = delete;
  Pipe &operator=(const Pipe &) = delete;
  void close_read() {
    if (read >= 0) close(read);
    read = -1;
  }
  void close_write() {
    if (write >= 0) close(write);
    write = -1;
  }
};

// Between fork and exec: only what is safe there.  What fails is told as errno through `told`.
[[noreturn]] void become(pid_t parent, char *const *argv, char *const *env, const char *cwd, int out, int err,
                         int told) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127); // gone already
  for (const int s : {SIGINT, SIGTERM, SIGPIPE}) signal(s, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, 0);
  dup2(out, 1);
  dup2(err, 2);
  if (!cwd || chdir(cwd) == 0) execvpe(argv[0], argv, env);
  const int problem = errno;
  [[maybe_unused]] const ssize_t written = write(told, &problem, sizeof problem);
  _exit(127);
}

std::vector<char *> pointers(std::vector<std::string> &words) {
  std::vector<char *> out;
  for (std::string &word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

} // namespace

std::vector<std::string> environment_with(const std::vector<std::string> &added) {
  std::vector<std::string> out;
  for (char **entry = environ; *entry; ++entry) {
    const std::string_view name(*entry, strcspn(*entry, "="));
    bool replaced = false;
    for (const std::string &own : added) replaced = replaced || std::string_view(own).substr(0, own.find('=')) == name;
    if (!replaced) out.emplace_back(*entry);
  }
  out.insert(out.end(), added.begin(), added.end());
  return out;
}

ChildResult run_child(const std::vector<std::string> &command, const ChildOptions &options) {
  ChildResult result;
  const uint64_t begin = monotonic_ns();
  const auto seconds = [begin] { return static_cast<double>(monotonic_ns() - begin) * 1e-9; };
  Pipe out, err, told;
  if (out.read < 0 || err.read < 0 || told.read < 0) {
    result.error = std::string("no pipe for its output: ") + strerror(errno);
    return result;
  }
  std::vector<std::string> words = command, variables = environment_with(options.env);
  const std::vector<char *> argv = pointers(words), env = pointers(variables);
  const std::string cwd = options.cwd;
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid == 0)
    become(self, argv.data(), env.data(), cwd.empty() ? nullptr : cwd.c_str(), out.write, err.write, told.write);
  if (pid < 0) {
    result.error = std::string("fork: ") + strerror(errno);
    return result;
  }
  setpgid(pid, pid);
  for (Pipe *pipe : {&out, &err, &told}) pipe->close_write();
  int problem = 0;
  if (read(told.read, &problem, sizeof problem) == sizeof problem)
    result.error = command[0] + ": " + strerror(problem) + (cwd.empty() ? "" : " (in " + cwd + ")");

  const int watch = static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); // -1 on a kernel without it
  bool killed = false, ended = false;
  int status = 0;
  while (out.read >= 0 || err.read >= 0 || !ended) {
    // The end of the process wakes us up as well; the time is for what else may end it.
    pollfd ready[3] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {ended ? -1 : watch, POLLIN, 0}};
    poll(ready, 3, ended ? 200 : 100);
    if (options.tick) options.tick();
    bool any = false;
    for (int i = 0; i < 2; ++i) {
      Pipe &pipe = i == 0 ? out : err;
      if (pipe.read < 0 || !(ready[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      char buffer[65536];
      const ssize_t n = read(pipe.read, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      any = n > 0;
      if (n <= 0) {
        pipe.close_read();
        continue;
      }
      const std::string_view text(buffer, static_cast<size_t>(n));
      if (i == 0) result.out += text;
      result.log += text;
      if (result.log.size() > longest_log) result.log.erase(0, result.log.size() - longest_log);
      if (options.on_output) options.on_output(text);
    }
    // What it left behind may hold the pipes open for ever: after its end only what is there already is read.
    if (ended && !any) break;
    if (!ended && waitpid(pid, &status, WNOHANG) == pid) {
      ended = true;
      result.seconds = seconds();
    }
    if (killed || ended) continue;
    result.interrupted = interrupted != 0;
    result.timed_out = !result.interrupted && options.timeout_s > 0 && seconds() > options.timeout_s;
    if (!result.interrupted && !result.timed_out) continue;
    killed = true;
    kill(-pid, SIGKILL);
  }
  if (watch >= 0) close(watch);
  kill(-pid, SIGKILL); // children that it left
  if (WIFSIGNALED(status))
    result.signal = WTERMSIG(status);
  else
    result.exit_code = WEXITSTATUS(status);
  return result;
}

std::string failure_of(const ChildResult &result, const ChildOptions &options) {
  if (!result.error.empty()) return "cannot be started: " + result.error;
  if (result.interrupted) return "interrupted";
  if (result.timed_out) {
    char text[64];
    snprintf(text, sizeof text, "took more than %g s and was ended", options.timeout_s);
    return text;
  }
  if (result.signal) return "was ended by " + signal_name(result.signal);
  return result.exit_code == 0 ? "" : "ended with exit code " + std::to_string(result.exit_code);
}

} // namespace sgperf::run
