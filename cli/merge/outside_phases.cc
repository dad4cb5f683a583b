// SPDX-License-Identifier: Apache-2.0
#include "merge/outside_phases.h"

#include "merge/entry_hits.h"

#include <algorithm>
#include <map>

namespace sgperf::merge {
namespace {

// CLOCK_MONOTONIC is the clock of all times here: timer units and anchors are the same number.
record::Session empty_session(uint32_t pid, uint64_t start, uint64_t end) {
  record::Session out;
  out.header.pid = pid;
  out.header.timer = SGPERF_TIMER_CLOCK;
  out.header.start.monotonic = out.header.start.monotonic_raw = start;
  out.header.start.uncertainty = 1;
  if (end) {
    out.header.end.monotonic = out.header.end.monotonic_raw = end;
    out.header.end.uncertainty = 1;
  }
  return out;
}

void add(record::Session &session, const char *name, uint64_t begin, uint64_t end) {
  record::SessionPhase phase;
  phase.index = static_cast<uint32_t>(session.phases.size());
  phase.name = name;
  phase.process = true;
  phase.t0 = begin;
  phase.t1 = end;
  phase.state = end ? 2 : 1;
  session.phases.push_back(std::move(phase));
}

// When the program that ran at `time` was executed; 0 = it ran when the recorder came.
uint64_t begin_of(const record::KernelSums &sums, uint32_t pid, uint64_t time) {
  uint64_t out = 0;
  for (const record::ProcessImage &image : sums.images)
    if (image.pid == pid && image.time <= time) out = std::max(out, image.time);
  return out;
}

uint64_t end_of(const record::KernelSums &sums, uint32_t pid, uint64_t time) {
  uint64_t out = 0;
  const auto take = [&](uint64_t when) {
    if (when > time && (out == 0 || when < out)) out = when;
  };
  for (const record::ProcessEnd &end : sums.ends)
    if (end.pid == pid) take(end.time);
  for (const record::ProcessImage &image : sums.images)
    if (image.pid == pid) take(image.time);
  return out;
}

} // namespace

std::vector<record::Session> sessions_from_outside(const record::KernelSums &sums,
                                                   const std::set<uint32_t> &with_session) {
  struct Seen {
    uint64_t published = 0, gone = 0; // the first; the last
    uint64_t marked = 0;              // the first bench.start
  };
  std::map<uint32_t, Seen> seen;
  for (const record::BreakpointHit &hit : sums.hits) {
    if (with_session.contains(hit.pid)) continue;
    if (hit.role == record::hit_published && seen[hit.pid].published == 0) seen[hit.pid].published = hit.time;
    if (hit.role == record::hit_bench_start && seen[hit.pid].marked == 0) seen[hit.pid].marked = hit.time;
    if (hit.role == record::hit_gone) seen[hit.pid].gone = std::max(seen[hit.pid].gone, hit.time);
  }
  std::vector<record::Session> out;
  for (const auto &[pid, when] : seen) {
    const uint64_t known = when.published ? when.published : when.marked;
    if (known == 0) continue;
    const uint64_t begin = begin_of(sums, pid, known), end = end_of(sums, pid, known);
    record::Session session = empty_session(pid, begin ? begin : known, end);
    if (when.published == 0) { // an interpreter, or a program that says nothing of its code
      add_heard_marks(session, sums.hits);
      out.push_back(std::move(session));
      continue;
    }
    const uint64_t gone = when.gone > when.published ? when.gone : 0;
    if (begin) add(session, "start-up+compile", begin, when.published);
    add(session, "instantiate+execute", when.published, gone ? gone : end);
    if (gone) add(session, "teardown", gone, end);
    cut_at_hits(session, sums.hits);
    add_heard_marks(session, sums.hits);
    out.push_back(std::move(session));
  }
  return out;
}

} // namespace sgperf::merge
