// SPDX-License-Identifier: Apache-2.0
#include "run/measures/rusage.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

namespace sgperf::run {
namespace {

uint64_t ns(const timeval &t) noexcept {
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_usec) * 1000u;
}

} // namespace

void read_usage(UsageReading &out) noexcept {
  rusage self{}, children{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  out.children_ns = ns(children.ru_utime) + ns(children.ru_stime);
  out.user_ns = ns(self.ru_utime) + ns(children.ru_utime);
  out.system_ns = ns(self.ru_stime) + ns(children.ru_stime);
  const auto sum = [](long a, long b) { return static_cast<uint64_t>(a) + static_cast<uint64_t>(b); };
  out.minor_faults = sum(self.ru_minflt, children.ru_minflt);
  out.major_faults = sum(self.ru_majflt, children.ru_majflt);
  out.voluntary = sum(self.ru_nvcsw, children.ru_nvcsw);
  out.involuntary = sum(self.ru_nivcsw, children.ru_nivcsw);
}

uint64_t peak_rss_bytes() {
  const int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[8192];
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return 0;
  text[size] = 0;
  const char *at = strstr(text, "VmHWM:");
  return at ? strtoull(at + 6, nullptr, 10) * 1024 : 0;
}

uint64_t peak_rss_of_children_bytes() {
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  return static_cast<uint64_t>(children.ru_maxrss) * 1024;
}

} // namespace sgperf::run
