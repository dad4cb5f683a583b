// SPDX-License-Identifier: Apache-2.0
#include "probes/sample_events.h"

#include "probes/threads_of.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sgperf::probes {
namespace {

struct Kind {
  const char *name;
  uint32_t type;
  uint64_t config;
};
constexpr Kind kinds[] = {{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
                          {"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK},
                          {"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK}};

std::string refused(int problem) {
  std::string out = std::string("perf_event_open was refused: ") + std::strerror(problem);
  if (problem == EMFILE) out += "; each thread takes a descriptor: raise `ulimit -n`";
  if (problem == ENOSYS || problem == EPERM || problem == EACCES)
    out += "; a seccomp filter or kernel.perf_event_paranoid forbids it";
  return out;
}

} // namespace

// cpu = -1 and no buffer: the program writes to the ring buffer, so that one event follows the thread everywhere.
int SampleEvents::open(pid_t tid, bool on_exec) const {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = type_;
  attr.config = config_;
  if (period_) {
    attr.sample_period = period_;
  } else {
    attr.freq = 1;
    attr.sample_freq = frequency_;
  }
  attr.disabled = 1;
  attr.inherit = 1;
  attr.enable_on_exec = on_exec;
  attr.exclude_kernel = !kernel_;
  attr.exclude_hv = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

bool SampleEvents::choose(const std::string &event, uint64_t frequency, uint64_t period, bool kernel,
                          std::string &error) {
  frequency_ = frequency;
  period_ = period;
  kernel_ = kernel;
  int problem = ENOENT;
  bool known = event.empty();
  for (const Kind &kind : kinds) {
    if (!event.empty() && event != kind.name) continue;
    known = true;
    type_ = kind.type;
    config_ = kind.config;
    const int fd = open(0, false);
    problem = errno;
    if (fd < 0) {
      if (event.empty() && (problem == ENOENT || problem == EOPNOTSUPP)) {
        note_ = "this machine counts no hardware events (as many virtual machines); cpu-clock is taken";
        continue;
      }
      break;
    }
    close(fd);
    name_ = kind.name;
    return true;
  }
  if (!known)
    error = "expected cycles, cpu-clock or task-clock, found '" + event + "'";
  else if (problem == ENOENT || problem == EOPNOTSUPP)
    error = "this machine does not count " + (event.empty() ? std::string("cycles or cpu-clock") : event) +
            "; cpu-clock works everywhere";
  else if (problem == EINVAL)
    error = refused(problem) + "; is the frequency above kernel.perf_event_max_sample_rate?";
  else
    error = refused(problem);
  return false;
}

bool SampleEvents::attach(int fd, int program, std::string &error) {
  fds_.push_back(fd);
  if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) == 0) return true;
  error = std::string("the program cannot be attached to the event: ") + std::strerror(errno);
  return false;
}

bool SampleEvents::add_waiting(pid_t tid, int program, std::string &error) {
  const int fd = open(tid, true);
  if (fd < 0) {
    error = refused(errno);
    return false;
  }
  return attach(fd, program, error);
}

bool SampleEvents::add_running(pid_t pid, int program, std::string &error) {
  return visit_threads(pid, [&](pid_t tid) {
    const int fd = open(tid, false);
    if (fd < 0) {
      if (errno == ESRCH) return true; // it has ended
      error = refused(errno);
      return false;
    }
    if (!attach(fd, program, error)) return false;
    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
    return true;
  });
}

void SampleEvents::close_all() {
  for (const int fd : fds_) close(fd);
  fds_.clear();
}

} // namespace sgperf::probes
