// SPDX-License-Identifier: Apache-2.0
#include "probes/breakpoints.h"

#include "probes/state.h"
#include "probes/threads_of.h"

#include "libsgperf/session_layout.h"

#include <bpf/bpf.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sgperf::probes {

// cpu = -1 and no buffer, as for samples; for threads made later, but not for processes: their code is a copy.
int Breakpoints::open(pid_t tid, uint64_t address) const {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_BREAKPOINT;
  attr.bp_type = HW_BREAKPOINT_X;
  attr.bp_addr = address;
  attr.bp_len = sizeof(long);
  attr.sample_period = 1;
  attr.exclude_kernel = 1;
  attr.exclude_hv = 1;
  attr.inherit = 1;
  attr.inherit_thread = 1;
  const int fd = static_cast<int>(syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC));
  if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_SET_BPF, program_) == 0) return fd;
  const int problem = errno;
  close(fd);
  errno = problem;
  return -1;
}

bool Breakpoints::set(pid_t pid, pid_t first, const EntryPoints &at, std::string &error) {
  struct Point {
    uint64_t address;
    uint32_t role;
  };
  const Point points[] = {
      {at.entry, SGPERF_HIT_ENTRY}, {at.normal_return, SGPERF_HIT_RETURN}, {at.unwind_return, SGPERF_HIT_UNWIND}};
  Process fresh;
  const auto give_up = [&] {
    error = std::strerror(errno);
    release(pid, fresh);
    return false;
  };
  // First what a hit means, so that none is in vain.
  for (const Point &point : points) {
    if (!point.address) continue;
    const sgperf_hit_key key{point.address, static_cast<uint32_t>(pid), 0};
    if (bpf_map_update_elem(roles_, &key, &point.role, BPF_ANY) != 0) return give_up();
    fresh.addresses.push_back(point.address);
  }
  const auto watch = [&](pid_t tid) {
    for (const Point &point : points) {
      if (!point.address) continue;
      const int fd = open(tid, point.address);
      if (fd >= 0)
        fresh.events.push_back(fd);
      else if (errno == ESRCH)
        break;                                                     // it has ended
      else if (errno != ENOSPC || point.role != SGPERF_HIT_UNWIND) // without a register left, the others tell enough
        return false;
    }
    return true;
  };
  if (!visit_threads(pid, watch, first)) return give_up();
  Process &process = processes_[pid];
  process.events.insert(process.events.end(), fresh.events.begin(), fresh.events.end());
  process.addresses.insert(process.addresses.end(), fresh.addresses.begin(), fresh.addresses.end());
  return true;
}

void Breakpoints::release(pid_t pid, const Process &process) const {
  for (const int fd : process.events) close(fd);
  for (const uint64_t address : process.addresses) {
    const sgperf_hit_key key{address, static_cast<uint32_t>(pid), 0};
    bpf_map_delete_elem(roles_, &key);
  }
}

void Breakpoints::clear(pid_t pid) {
  const auto at = processes_.find(pid);
  if (at == processes_.end()) return;
  release(pid, at->second);
  processes_.erase(at);
}

void Breakpoints::close_all() {
  while (!processes_.empty()) clear(processes_.begin()->first);
}

} // namespace sgperf::probes
