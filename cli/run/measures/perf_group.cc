// SPDX-License-Identifier: Apache-2.0
#include "run/measures/perf_group.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace sgperf::run {
namespace {

int open_event(const PerfEvent &event, int leader) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = event.type;
  attr.config = event.config;
  attr.inherit = 1;
  attr.exclude_user = event.exclude_user;
  attr.exclude_kernel = event.exclude_kernel;
  attr.exclude_hv = 1;
  attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return static_cast<int>(syscall(SYS_perf_event_open, &attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC));
}

int paranoid() {
  std::ifstream in("/proc/sys/kernel/perf_event_paranoid");
  int level = -100;
  in >> level;
  return level;
}

} // namespace

PerfGroup::PerfGroup(std::vector<PerfEvent> events) : events_(std::move(events)) {
  for (size_t i = 0; i < events_.size(); ++i) {
    if (order_.size() >= max_group_events) {
      fds_.push_back(-1);
      reasons_.push_back("more than four events in a group are never scheduled together");
      continue;
    }
    const int fd = open_event(events_[i], leader_);
    fds_.push_back(fd);
    reasons_.push_back(fd < 0 ? explain_perf_error(errno, events_[i]) : "");
    if (fd < 0) continue;
    if (leader_ < 0) leader_ = fd;
    order_.push_back(i);
  }
}

PerfGroup::~PerfGroup() {
  for (auto fd = fds_.rbegin(); fd != fds_.rend(); ++fd)
    if (*fd >= 0) close(*fd);
}

void PerfGroup::read(GroupReading &out) const noexcept {
  struct {
    uint64_t count, enabled, running, values[max_group_events];
  } raw;
  out.valid = false;
  if (leader_ < 0) return;
  const ssize_t size = ::read(leader_, &raw, sizeof raw);
  if (size < static_cast<ssize_t>(3 * sizeof(uint64_t)) || raw.count != order_.size()) return;
  out.enabled = raw.enabled;
  out.running = raw.running;
  std::copy_n(raw.values, order_.size(), out.values.begin());
  out.valid = true;
}

std::vector<PerfGroup::Count> PerfGroup::difference(const GroupReading &begin, const GroupReading &end) const {
  std::vector<Count> counts;
  if (!begin.valid || !end.valid) return counts;
  const uint64_t enabled = end.enabled - begin.enabled, running = end.running - begin.running;
  if (running == 0) return counts;
  const double share = running < enabled ? static_cast<double>(running) / static_cast<double>(enabled) : 1.0;
  for (size_t n = 0; n < order_.size(); ++n) {
    const double value = static_cast<double>(end.values[n] - begin.values[n]);
    counts.push_back({events_[order_[n]].name, value / share, share});
  }
  return counts;
}

std::vector<std::vector<PerfEvent>> hardware_groups(const std::vector<std::string> &wanted) {
  const auto event = [](const char *name, uint64_t config, bool user) {
    return PerfEvent{std::string(name) + (user ? "_user" : "_kernel"), "", PERF_TYPE_HARDWARE, config, !user, user};
  };
  std::vector<std::vector<PerfEvent>> groups;
  for (bool user : {true, false})
    groups.push_back({event("cycles", PERF_COUNT_HW_CPU_CYCLES, user),
                      event("instructions", PERF_COUNT_HW_INSTRUCTIONS, user),
                      event("cache_accesses", PERF_COUNT_HW_CACHE_REFERENCES, user),
                      event("cache_misses", PERF_COUNT_HW_CACHE_MISSES, user)});
  groups.push_back({event("branch_misses", PERF_COUNT_HW_BRANCH_MISSES, true),
                    event("branch_misses", PERF_COUNT_HW_BRANCH_MISSES, false)});
  for (auto &group : groups)
    std::erase_if(group,
                  [&](const PerfEvent &e) { return std::find(wanted.begin(), wanted.end(), e.name) == wanted.end(); });
  std::erase_if(groups, [](const auto &group) { return group.empty(); });
  return groups;
}

std::vector<std::vector<PerfEvent>> as_software(std::vector<std::vector<PerfEvent>> groups) {
  for (auto &group : groups)
    for (size_t i = 0; i < group.size(); ++i) {
      static constexpr uint64_t configs[] = {PERF_COUNT_SW_TASK_CLOCK, PERF_COUNT_SW_PAGE_FAULTS,
                                             PERF_COUNT_SW_PAGE_FAULTS_MIN, PERF_COUNT_SW_CONTEXT_SWITCHES};
      group[i].type = PERF_TYPE_SOFTWARE;
      group[i].config = configs[i % 4];
      group[i].exclude_user = group[i].exclude_kernel = false; // the clock has no modes
    }
  return groups;
}

PerfEvent migrations_event() {
  return {"migrations", "", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, false, false};
}

std::string explain_perf_error(int error, const PerfEvent &event) {
  switch (error) {
  case ENOENT:
  case EOPNOTSUPP:
  case ENODEV:
  case EINVAL:
    return "this CPU or virtual machine offers no such hardware event (" + std::string(strerrorname_np(error)) +
           "): use bare metal or a VM with a virtual PMU";
  case EACCES:
  case EPERM:
    return "not permitted (" + std::string(strerrorname_np(error)) + ", perf_event_paranoid is " +
           std::to_string(paranoid()) + "): sysctl kernel.perf_event_paranoid=" + (event.exclude_kernel ? "2" : "1") +
           ", or CAP_PERFMON; in a container also allow perf_event_open";
  case ENOSYS:
    return "this kernel has no perf_event_open";
  case EMFILE:
    return "too many open files: raise `ulimit -n`";
  default:
    return std::string("perf_event_open: ") + strerrorname_np(error);
  }
}

} // namespace sgperf::run
