// SPDX-License-Identifier: Apache-2.0
#include "run/worker_host.h"

#include "run/measures/clock.h"

#include <utility>

namespace sgperf::run {

// The engine hands one `host` pointer to all callbacks, so the hooks of both kinds find their data from it; quick_ is
// reached by a constant offset.
void WorkerHost::install(sgperf_engine_config &config) {
  config.host = this;
  config.log = on_log;
  config.region_begin = on_begin;
  config.region_end = on_end;
  config.region_at = on_region_at;
  config.bench_start = meter_.only_ticks() ? on_start_ticks : on_start;
  config.bench_end = meter_.only_ticks() ? on_stop_ticks : on_stop;
}

void WorkerHost::reset() {
  quick_.starts = quick_.ends = starts_ = ends_ = 0;
  for (RegionMarks &r : regions_) r.begun = r.ended = 0, r.begin_ns = r.at_begin_ns = r.at_end_ns = 0;
}

void WorkerHost::on_start_ticks(void *host) {
  Quick &q = static_cast<WorkerHost *>(host)->quick_;
  q.begin[q.starts++ & (hook_capacity - 1)] = ticks();
}
void WorkerHost::on_stop_ticks(void *host) {
  const uint64_t now = ticks();
  Quick &q = static_cast<WorkerHost *>(host)->quick_;
  q.end[q.ends++ & (hook_capacity - 1)] = now;
}
void WorkerHost::on_start(void *host) {
  auto *self = static_cast<WorkerHost *>(host);
  self->meter_.begin(self->start_marks_[self->starts_++ & (hook_capacity - 1)]);
}
void WorkerHost::on_stop(void *host) {
  const uint64_t now = ticks();
  auto *self = static_cast<WorkerHost *>(host);
  Boundary &mark = self->end_marks_[self->ends_++ & (hook_capacity - 1)];
  self->meter_.end(mark);
  mark.tsc = now;
}

void WorkerHost::on_begin(void *host, uint32_t region) {
  auto *self = static_cast<WorkerHost *>(host);
  if (region >= region_count) return;
  RegionMarks &marks = self->regions_[region];
  if (marks.begun++ == 0) {
    marks.begin_ns = monotonic_ns();
    self->meter_.begin(marks.begin);
  }
}
void WorkerHost::on_end(void *host, uint32_t region) {
  auto *self = static_cast<WorkerHost *>(host);
  if (region >= region_count) return;
  RegionMarks &marks = self->regions_[region];
  self->meter_.end(marks.end);
  ++marks.ended;
}
void WorkerHost::on_region_at(void *host, uint32_t region, uint64_t begin_ns, uint64_t end_ns) {
  auto *self = static_cast<WorkerHost *>(host);
  if (region >= region_count) return;
  self->regions_[region].at_begin_ns = begin_ns;
  self->regions_[region].at_end_ns = end_ns;
}

void WorkerHost::on_log(void *host, int level, const char *message) {
  auto *self = static_cast<WorkerHost *>(host);
  if (level == SGPERF_LOG_ERROR) {
    if (!self->errors_.empty()) self->errors_ += "\n";
    self->errors_ += message;
  } else if (level == SGPERF_LOG_WARNING) {
    self->warnings_.emplace_back(message);
  }
}

Boundary WorkerHost::start_mark(uint32_t n) const {
  if (!meter_.only_ticks()) return start_marks_[n];
  Boundary mark;
  mark.tsc = quick_.begin[n];
  return mark;
}
Boundary WorkerHost::end_mark(uint32_t n) const {
  if (!meter_.only_ticks()) return end_marks_[n];
  Boundary mark;
  mark.tsc = quick_.end[n];
  return mark;
}

std::string WorkerHost::take_errors() {
  return std::exchange(errors_, {});
}
std::vector<std::string> WorkerHost::take_warnings() {
  return std::exchange(warnings_, {});
}

} // namespace sgperf::run
