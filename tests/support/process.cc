// SPDX-License-Identifier: Apache-2.0
#include "support/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sgperf::test {
namespace {

double now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

void apply(const Options &options) {
  for (const std::string &entry : options.env) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos)
      unsetenv(entry.c_str());
    else
      setenv(entry.substr(0, equals).c_str(), entry.c_str() + equals + 1, 1);
  }
  if (!options.cwd.empty() && chdir(options.cwd.c_str()) != 0) _exit(126);
  if (options.in_child) options.in_child();
}

Result supervise(const Options &options, const std::function<int()> &child) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) throw std::runtime_error("pipe2");
  fflush(nullptr);
  Result result;
  const double start = now();
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) {
    setpgid(0, 0);
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(err[1], 2);
    for (int fd : {in[0], in[1], out[0], out[1], err[0], err[1]}) close(fd);
    signal(SIGPIPE, SIG_DFL);
    apply(options);
    const int code = child();
    fflush(nullptr);
    _exit(code);
  }
  setpgid(pid, pid);
  result.pid = pid;
  close(in[0]);
  close(out[1]);
  close(err[1]);
  signal(SIGPIPE, SIG_IGN);
  fcntl(in[1], F_SETFL, O_NONBLOCK);
  size_t written = 0;
  if (options.input.empty()) {
    close(in[1]);
    in[1] = -1;
  }
  bool killed = false;
  int status = 0;
  bool ended = false;
  double drained_by = 0;
  while (!ended || out[0] >= 0 || err[0] >= 0) {
    pollfd fds[3] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}, {in[1], POLLOUT, 0}};
    poll(fds, 3, 20);
    for (int i = 0; i < 2; ++i) {
      int &fd = i == 0 ? out[0] : err[0];
      if (fd < 0 || !(fds[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      char buffer[65536];
      const ssize_t n = read(fd, buffer, sizeof buffer);
      if (n > 0)
        (i == 0 ? result.out : result.err).append(buffer, static_cast<size_t>(n));
      else if (n == 0 || errno != EINTR) {
        close(fd);
        fd = -1;
      }
    }
    if (in[1] >= 0 && (fds[2].revents & (POLLOUT | POLLERR))) {
      const ssize_t n = write(in[1], options.input.data() + written, options.input.size() - written);
      if (n > 0) written += static_cast<size_t>(n);
      if (written == options.input.size() || (n < 0 && errno != EAGAIN)) {
        close(in[1]);
        in[1] = -1;
      }
    }
    const double elapsed = now() - start;
    if (!ended && options.kill_signal && !killed && elapsed >= options.kill_after_s) {
      kill(pid, options.kill_signal);
      killed = true;
    }
    if (!ended && elapsed > options.timeout_s && !result.timed_out) {
      kill(-pid, SIGKILL);
      result.timed_out = true;
    }
    if (!ended && waitpid(pid, &status, WNOHANG) == pid) {
      ended = true;
      result.seconds = now() - start;
      drained_by = now() + 2; // a grandchild may hold the pipes open: do not wait for it for ever
    }
    if (ended && now() > drained_by) {
      for (int *fd : {&out[0], &err[0]})
        if (*fd >= 0) {
          close(*fd);
          *fd = -1;
        }
    }
  }
  if (in[1] >= 0) close(in[1]);
  if (WIFEXITED(status))
    result.exit_code = WEXITSTATUS(status);
  else
    result.signal = WTERMSIG(status);
  return result;
}

} // namespace

Result run(const std::vector<std::string> &argv, const Options &options) {
  return supervise(options, [&] {
    std::vector<char *> args;
    for (const std::string &arg : argv) args.push_back(const_cast<char *>(arg.c_str()));
    args.push_back(nullptr);
    execvp(args[0], args.data());
    fprintf(stderr, "exec %s: %s\n", args[0], strerror(errno));
    return 127;
  });
}

Result run_function(const std::function<int()> &body, const Options &options) {
  return supervise(options, body);
}

TempDir::TempDir(const std::string &parent) {
  std::string name = parent + "/sgperf-test-XXXXXX";
  if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp " + name);
  path_ = name;
}
TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path build_dir() {
  const char *dir = getenv("SGPERF_BUILD_DIR");
  return dir ? dir : ".";
}
std::filesystem::path source_dir() {
  const char *dir = getenv("SGPERF_SOURCE_DIR");
  return dir ? dir : ".";
}
std::string read_file(const std::filesystem::path &path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}
void write_file(const std::filesystem::path &path, const std::string &text) {
  std::ofstream(path, std::ios::binary) << text;
}
std::vector<int> open_fds() {
  std::vector<int> fds;
  DIR *dir = opendir("/proc/self/fd");
  while (dirent *entry = readdir(dir)) {
    const int fd = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != dirfd(dir)) fds.push_back(fd);
  }
  closedir(dir);
  std::sort(fds.begin(), fds.end());
  return fds;
}

} // namespace sgperf::test
