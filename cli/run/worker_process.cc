// SPDX-License-Identifier: Apache-2.0
#include "run/worker_process.h"

#include "run/child_process.h"
#include "run/measures/clock.h"
#include "run/output_check.h"
#include "run/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace sgperf::run {

std::atomic<int> interrupted{0};

namespace {

namespace fs = std::filesystem;

struct Fd {
  int fd = -1;
  Fd() = default;
  explicit Fd(int f) : fd(f) {}
  ~Fd() {
    if (fd >= 0) close(fd);
  }
  Fd(const Fd &) = delete;
  Fd &operator=(const Fd &) = delete;
};

// New complete lines of the answer file.
class AnswerReader {
public:
  explicit AnswerReader(int fd) : fd_(fd) {}
  bool read(const std::function<void(Answer &&)> &take) {
    char buffer[65536];
    bool any = false;
    for (ssize_t n; (n = pread(fd_, buffer, sizeof buffer, at_)) > 0;) {
      at_ += n;
      text_.append(buffer, static_cast<size_t>(n));
    }
    size_t begin = 0;
    for (size_t end; (end = text_.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (auto answer = answer_from_line(text_.substr(begin, end - begin))) {
        take(std::move(*answer));
        any = true;
      }
    text_.erase(0, begin);
    return any;
  }

private:
  int fd_;
  off_t at_ = 0;
  std::string text_;
};

// In the child, between fork and exec: only what is safe there, and no allocation.
[[noreturn]] void become_worker(pid_t parent, char *const *argv, char *const *env, const int (&fds)[3], int log,
                                int pin) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127); // gone already
  if (pin >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(pin), &set);
    sched_setaffinity(0, sizeof set, &set);
  }
  for (int s : {SIGINT, SIGTERM, SIGPIPE}) signal(s, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // First out of the way of the numbers they must get.
  int high[3];
  for (int i = 0; i < 3; ++i) high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 20);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  for (int i = 0; i < 3; ++i) dup2(high[i], plan_fd + i);
  close_range(plan_fd + 3, ~0u, 0);
  execve(argv[0], argv, env);
  _exit(127);
}

} // namespace

std::string signal_name(int signal) {
  const char *name = sigabbrev_np(signal), *text = sigdescr_np(signal);
  return std::string("SIG") + (name ? name : std::to_string(signal)) + (text ? std::string(" (") + text + ")" : "");
}

WorkerResult run_worker(const WorkerPlan &plan, const WorkerOptions &options,
                        const std::function<void(const Answer &, int pid)> &on_answer,
                        const std::function<void()> &tick) {
  WorkerResult result;
  const std::string text = to_json(plan);
  const Fd plan_file(memfd_create("sgperf-plan", MFD_CLOEXEC)), answer(memfd_create("sgperf-answer", MFD_CLOEXEC)),
      state_file(memfd_create("sgperf-state", MFD_CLOEXEC));
  const Fd log(open((plan.work_dir + "/engine.log").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  if (plan_file.fd < 0 || answer.fd < 0 || state_file.fd < 0 || log.fd < 0 || ftruncate(state_file.fd, 4096) != 0 ||
      write(plan_file.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    result.error = std::string("cannot prepare a worker: ") + strerror(errno);
    return result;
  }
  lseek(plan_file.fd, 0, SEEK_SET);
  auto *state = static_cast<WorkerState *>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, state_file.fd, 0));
  if (state == MAP_FAILED) {
    result.error = std::string("cannot map a worker's state: ") + strerror(errno);
    return result;
  }

  std::vector<std::string> added = options.env;
  added.push_back("SGPERF_PADDING=" + std::string(options.padding, 'x'));
  std::vector<std::string> env = environment_with(added);
  std::vector<char *> envp;
  for (std::string &entry : env) envp.push_back(entry.data());
  envp.push_back(nullptr);
  std::string worker = paths().worker;
  char *argv[] = {worker.data(), nullptr};
  const int fds[3] = {plan_file.fd, answer.fd, state_file.fd};

  if (access(worker.c_str(), X_OK) != 0) {
    result.error = "worker program " + worker + ": " + strerror(errno) + "; the installation is incomplete";
    munmap(state, 4096);
    return result;
  }
  const uint64_t begin = monotonic_ns();
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid == 0) become_worker(self, argv, envp.data(), fds, log.fd, options.pin);
  if (pid < 0) {
    result.error = std::string("fork: ") + strerror(errno);
    munmap(state, 4096);
    return result;
  }
  setpgid(pid, pid);
  result.pid = pid;
  const Fd watch(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));

  AnswerReader reader(answer.fd);
  uint64_t last_news = begin;
  const auto drain = [&] {
    if (reader.read([&](Answer &&a) {
          if (a.kind == Answer::Kind::done) result.finished = true;
          if (on_answer) on_answer(a, pid);
          result.answers.push_back(std::move(a));
        }))
      last_news = monotonic_ns();
  };
  bool killed = false;
  for (;;) {
    pollfd ready{watch.fd, POLLIN, 0};
    // Seldom: what the worker does is measured.
    const int n = poll(&ready, 1, killed ? 1000 : 100);
    if (n > 0 && ready.revents) break;
    if (watch.fd < 0) { // a kernel without pidfd
      siginfo_t info{};
      if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid) break;
    }
    drain();
    if (tick) tick();
    if (interrupted && !killed) {
      result.interrupted = killed = true;
      kill(-pid, SIGKILL);
    }
    if (!killed && options.timeout_s > 0 &&
        static_cast<double>(monotonic_ns() - last_news) * 1e-9 > options.timeout_s) {
      result.timed_out = killed = true;
      kill(-pid, SIGKILL);
    }
  }
  kill(-pid, SIGKILL); // children that the engine has left, before the number of the group is free again
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
  drain();
  if (WIFSIGNALED(status))
    result.signal = WTERMSIG(status);
  else
    result.exit_code = WEXITSTATUS(status);
  result.stage = static_cast<Stage>(state->stage.load());
  result.iteration = state->iteration.load();
  munmap(state, 4096);
  result.engine_output = tail_of(read_whole(plan.work_dir + "/engine.log"));
  return result;
}

WorkFolder::WorkFolder(std::string &error) {
  const char *set = getenv("TMPDIR");
  const fs::path base = set && *set ? set : "/tmp";
  const std::string stem = "sgperf-work-" + std::to_string(getuid()) + "-";
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(base, ignored)) {
    const std::string name = entry.path().filename();
    if (name.compare(0, stem.size(), stem) != 0) continue;
    const pid_t owner = static_cast<pid_t>(strtol(name.c_str() + stem.size(), nullptr, 10));
    if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), ignored);
  }
  path_ = base / (stem + std::to_string(getpid()) + "-XXXXXX");
  if (!mkdtemp(path_.data())) {
    error =
        "cannot make a work folder " + path_ + ": " + strerror(errno) + "; set TMPDIR to a folder that can be written";
    path_.clear();
    return;
  }
  struct statvfs info {};
  if (statvfs(path_.c_str(), &info) == 0 && info.f_flag & ST_NOEXEC)
    error = "the file system of " + path_ +
            " is mounted noexec, so compiled artefacts cannot be loaded from it; set TMPDIR";
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

std::string WorkFolder::fresh() {
  std::error_code ignored;
  if (!last_.empty()) fs::remove_all(last_, ignored);
  last_ = path_ + "/" + std::to_string(count_++);
  fs::create_directory(last_, ignored);
  return last_;
}

} // namespace sgperf::run
