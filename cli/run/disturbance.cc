// SPDX-License-Identifier: Apache-2.0
#include "run/disturbance.h"

#include "run/measures/clock.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

namespace sgperf::run {
namespace {

ssize_t reread(int fd, char *text, size_t size) {
  const ssize_t n = fd < 0 ? -1 : pread(fd, text, size - 1, 0);
  text[n > 0 ? n : 0] = 0;
  return n;
}

} // namespace

Disturbance::Disturbance()
    : stat_(open("/proc/stat", O_RDONLY | O_CLOEXEC)), psi_(open("/proc/pressure/cpu", O_RDONLY | O_CLOEXEC)),
      tick_ns_(1e9 / static_cast<double>(sysconf(_SC_CLK_TCK))) {}

Disturbance::~Disturbance() {
  if (stat_ >= 0) close(stat_);
  if (psi_ >= 0) close(psi_);
}

void Disturbance::read(Reading &out, bool at_end) {
  const uint64_t now = monotonic_ns();
  if (!at_end && last_.at_ns && now - last_.at_ns < 1000000) {
    out = last_;
    return;
  }
  out.at_ns = now;
  char text[512];
  if (reread(stat_, text, sizeof text) > 0) {
    unsigned long long v[8] = {};
    if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6,
               v + 7) == 8) {
      out.softirq_ns = static_cast<double>(v[6]) * tick_ns_;
      out.steal_ns = static_cast<double>(v[7]) * tick_ns_;
    }
  }
  if (reread(psi_, text, sizeof text) > 0) {
    const char *total = strstr(text, "total=");
    if (total) out.psi_cpu_us = strtod(total + 6, nullptr);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  out.involuntary = static_cast<uint64_t>(usage.ru_nivcsw);
  out.major_faults = static_cast<uint64_t>(usage.ru_majflt);
  if (at_end && frequency_) {
    snprintf(text, sizeof text, "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", sched_getcpu());
    const int fd = open(text, O_RDONLY | O_CLOEXEC);
    frequency_ = fd >= 0; // a virtual machine has none
    if (fd >= 0) {
      if (reread(fd, text, sizeof text) > 0) out.mhz = strtod(text, nullptr) / 1000;
      close(fd);
    }
  }
}

void Disturbance::begin() {
  read(first_, false);
  last_ = first_;
}

std::map<std::string, double> Disturbance::end() {
  // A sample shorter than the grain of these counters shares its reading with the next.
  const bool fresh = monotonic_ns() - first_.at_ns >= 1000000;
  if (fresh)
    read(last_, true);
  else
    return {};
  std::map<std::string, double> fields = {
      {"steal_ns", last_.steal_ns - first_.steal_ns},
      {"softirq_ns", last_.softirq_ns - first_.softirq_ns},
      {"nivcsw", static_cast<double>(last_.involuntary - first_.involuntary)},
      {"major_faults", static_cast<double>(last_.major_faults - first_.major_faults)},
  };
  if (psi_ >= 0) fields["psi_cpu_some_us"] = last_.psi_cpu_us - first_.psi_cpu_us;
  if (last_.mhz > 0) fields["mhz"] = last_.mhz;
  return fields;
}

} // namespace sgperf::run
