// SPDX-License-Identifier: Apache-2.0
#include "run/measures/tsc.h"

#include "run/measures/clock.h"

#include <time.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace sgperf::run {
namespace {

// The counter read around the clock: the pair with the smallest gap of 32 tries.
void pair(uint64_t &tick, uint64_t &ns) {
  uint64_t best = ~0ull;
  for (int i = 0; i < 32; ++i) {
    const uint64_t before = ticks(), now = monotonic_raw_ns(), after = ticks();
    if (after - before >= best) continue;
    best = after - before;
    tick = before + (after - before) / 2;
    ns = now;
  }
}

} // namespace

bool invariant_ticks() {
#if defined(__x86_64__)
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line;
  bool flags = false;
  while (std::getline(cpuinfo, line)) {
    if (line.compare(0, 5, "flags") != 0) continue;
    flags = line.find(" constant_tsc") != std::string::npos && line.find(" nonstop_tsc") != std::string::npos;
    break;
  }
  if (!flags) return false;
  // The kernel's watchdog marks a counter unstable by choosing another source.  Clocks of hypervisors (kvm-clock,
  // hyperv) are computed from the counter themselves.
  std::ifstream source("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string name;
  if (!(source >> name)) return true; // no sysfs: the flags are all we know
  return name == "tsc" || name == "kvm-clock" || name.compare(0, 6, "hyperv") == 0;
#elif defined(__aarch64__)
  return true;
#else
  return false;
#endif
}

double measure_ns_per_tick(unsigned milliseconds) {
  if (!invariant_ticks()) return 0;
  uint64_t tick0 = 0, ns0 = 0, tick1 = 0, ns1 = 0;
  pair(tick0, ns0);
  const timespec pause{milliseconds / 1000, static_cast<long>(milliseconds % 1000) * 1000000};
  nanosleep(&pause, nullptr);
  pair(tick1, ns1);
  return tick1 > tick0 ? static_cast<double>(ns1 - ns0) / static_cast<double>(tick1 - tick0) : 0;
}

uint64_t tick_step() {
  uint64_t best = ~0ull, last = ticks();
  for (int i = 0; i < 10000; ++i) {
    const uint64_t now = ticks();
    if (now > last) best = std::min(best, now - last);
    last = now;
  }
  return best == ~0ull ? 1 : best;
}

} // namespace sgperf::run
