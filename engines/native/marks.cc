// SPDX-License-Identifier: Apache-2.0
#include "native/marks.h"

#include "libsgperf/session_layout.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace sgperf::native {

namespace {

// From timer units to CLOCK_MONOTONIC by two moments on both clocks.
class Clock {
public:
  Clock(const sgperf_anchor &start, const sgperf_anchor &end, uint32_t timer)
      : t0_(units(start, timer)), ns0_(start.monotonic), rate_(1) {
    uint64_t t1 = units(end, timer);
    if (t1 > t0_ && end.monotonic > ns0_) rate_ = double(end.monotonic - ns0_) / double(t1 - t0_);
  }
  uint64_t monotonic(uint64_t t) const { return uint64_t(int64_t(ns0_) + int64_t(double(int64_t(t - t0_)) * rate_)); }

private:
  static uint64_t units(const sgperf_anchor &at, uint32_t timer) {
    return timer == SGPERF_TIMER_TSC ? at.tsc : at.monotonic_raw;
  }
  uint64_t t0_, ns0_;
  double rate_;
};

uint64_t now(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return uint64_t(time.tv_sec) * 1000000000u + uint64_t(time.tv_nsec);
}

// Where the session's own end was not seen (the program was killed): this moment will do, it is the same machine.
sgperf_anchor anchor_now() {
  sgperf_anchor anchor{};
#if defined(__x86_64__)
  anchor.tsc = __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(anchor.tsc));
#endif
  anchor.monotonic_raw = now(CLOCK_MONOTONIC_RAW);
  anchor.monotonic = now(CLOCK_MONOTONIC);
  anchor.uncertainty = 1;
  return anchor;
}

void read_session(const std::filesystem::path &path, std::vector<Mark> &marks) {
  std::ifstream file(path, std::ios::binary);
  sgperf_session_header header;
  if (!file.read(reinterpret_cast<char *>(&header), sizeof header)) return;
  if (std::memcmp(header.magic, SGPERF_SESSION_MAGIC, sizeof header.magic) || header.major != SGPERF_SESSION_MAJOR)
    return;
  if (header.gen_begin == 0 || header.gen_end != header.gen_begin || header.phase_size < sizeof(sgperf_phase_record))
    return;
  sgperf_anchor end = header.end.uncertainty ? header.end : anchor_now();
  Clock clock(header.start, end, header.timer);
  uint64_t count = std::min<uint64_t>(header.phase_count, header.phase_capacity);
  for (uint64_t i = 0; i < count; i++) {
    sgperf_phase_record record;
    file.seekg(std::streamoff(header.phase_offset + i * header.phase_size));
    if (!file.read(reinterpret_cast<char *>(&record), sizeof record)) return;
    if (!record.ready || record.kind != 1) continue;
    Mark mark;
    mark.begin_ns = clock.monotonic(record.t0);
    mark.open = record.ready != 2;
    mark.end_ns = mark.open ? end.monotonic : clock.monotonic(record.t1);
    marks.push_back(mark);
  }
}

} // namespace

std::vector<Mark> read_marks(const std::string &folder) {
  std::vector<Mark> marks;
  std::error_code error;
  std::filesystem::directory_iterator files(folder, error);
  if (error) return marks;
  for (const auto &entry : files) {
    std::string name = entry.path().filename();
    if (name.starts_with("session-") && name.ends_with(".sgp")) read_session(entry.path(), marks);
  }
  std::sort(marks.begin(), marks.end(), [](const Mark &a, const Mark &b) { return a.begin_ns < b.begin_ns; });
  return marks;
}

} // namespace sgperf::native
