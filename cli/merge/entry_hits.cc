// SPDX-License-Identifier: Apache-2.0
#include "merge/entry_hits.h"

#include "formats/clamped.h"
#include "record/code_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <string>

namespace sgperf::merge {
namespace {

// preload/code_phases.c
constexpr const char *uncut = "instantiate+execute", *last = "teardown";

struct Hits {
  std::vector<record::BreakpointHit> hits; // by time
  std::optional<int> refused;              // errno
};

Hits hits_of(const record::Session &session, const std::vector<record::BreakpointHit> &recorded) {
  Hits out;
  const uint32_t pid = session.header.pid;
  for (const record::BreakpointHit &hit : recorded)
    if (hit.pid == pid && hit.role >= SGPERF_HIT_ENTRY && hit.role <= SGPERF_HIT_UNWIND) out.hits.push_back(hit);
  std::string ignored; // who shows code says what is wrong with the file
  const auto file =
      session.path.empty()
          ? std::nullopt
          : record::read_code_file(session.path.parent_path() / ("code-" + session.key + ".sgc"), ignored);
  if (file)
    for (const record::CodeRecord &record : file->records) {
      if (record.kind != SGPERF_CODE_HIT) continue;
      if (record.flags == SGPERF_HIT_REFUSED)
        out.refused = static_cast<int>(std::min<uint64_t>(record.length, INT32_MAX));
      else
        out.hits.push_back({pid, record.tid, record.flags, record.time, record.base});
    }
  std::stable_sort(out.hits.begin(), out.hits.end(), [](const auto &a, const auto &b) { return a.time < b.time; });
  return out;
}

std::string why_refused(int error) {
  std::string out = fmt::format("instantiate and execute are one phase: a breakpoint on the guest's entry was refused: "
                                "{}; ",
                                std::strerror(error));
  switch (error) {
  case EACCES:
  case EPERM:
    return out + "allow it with sysctl kernel.perf_event_paranoid=2 (or less; Debian's is 3), in a container with a "
                 "seccomp profile that has perf_event_open, or record as root";
  case ENOSPC:
    return out + "the processor's breakpoint registers are taken; is a debugger attached?";
  case ENOSYS:
    return out + "a seccomp filter or the kernel has no perf_event_open";
  default:
    return out + "does this machine have execute breakpoints?";
  }
}

class Cutter {
public:
  Cutter(record::Session &session, const std::vector<record::BreakpointHit> &hits) : session_(session), hits_(hits) {}

  void run() {
    std::vector<record::SessionPhase> out;
    for (const record::SessionPhase &phase : session_.phases) {
      // Threads' own phases and marks stand in between.
      const auto before = std::find_if(out.rbegin(), out.rend(), [](const auto &one) { return one.process; });
      if (phase.process && phase.name == last && before != out.rend() && before->name == last) {
        // The guest had returned before its code went away: one phase.
        before->t1 = phase.t1;
        before->state = phase.state;
        before->end_tid = phase.end_tid;
        before->after = phase.after;
      } else if (phase.process && phase.name == uncut)
        cut(phase, out);
      else
        out.push_back(phase);
    }
    session_.phases = std::move(out);
  }
  bool any() const { return executions_ != 0; }
  std::string remark() const {
    std::string out = fmt::format("execute: by breakpoints on the guest's entry; ended by {}", end_);
    if (executions_ > 1) out += fmt::format(" (the last of {} calls)", executions_);
    return out;
  }

private:
  void cut(const record::SessionPhase &whole, std::vector<record::SessionPhase> &out) {
    record::SessionPhase part = whole;
    part.name = "instantiate";
    bool entered = false;
    for (const record::BreakpointHit &hit : hits_) {
      const uint64_t at = session_.moment(static_cast<double>(hit.time));
      if (at <= whole.t0 || (whole.t1 && at >= whole.t1)) continue;
      const bool entry = hit.role == SGPERF_HIT_ENTRY;
      // A guest on two threads, a call within a call: the first entry and the first return count.
      if (entry == (part.name == "execute") || (!entry && !entered)) continue;
      record::SessionPhase next = part;
      next.name = entry ? "execute" : last;
      part.t1 = next.t0 = at;
      part.state = 2;
      part.end_tid = next.tid = hit.tid;
      forget_usage(part.after);
      forget_usage(next.before);
      part.pmc_flags = next.pmc_flags = 0;
      out.push_back(std::move(part));
      part = std::move(next);
      entered = true;
      if (entry)
        ++executions_;
      else
        end_ = hit.role == SGPERF_HIT_UNWIND ? "its unwinding return (a trap, or proc_exit)" : "its normal return";
    }
    if (part.name == "execute") end_ = whole.t1 ? "the removal of its code" : "the end of the process, or not seen";
    if (!entered) part.name = uncut;
    out.push_back(std::move(part));
  }
  static void forget_usage(sgperf_usage &usage) { usage = {}; }

  record::Session &session_;
  const std::vector<record::BreakpointHit> &hits_;
  size_t executions_ = 0;
  std::string end_;
};

} // namespace

void cut_at_hits(record::Session &session, const std::vector<record::BreakpointHit> &recorded) {
  const bool uncut_phase = std::any_of(session.phases.begin(), session.phases.end(),
                                       [](const auto &phase) { return phase.process && phase.name == uncut; });
  if (!uncut_phase) return;
  const Hits found = hits_of(session, recorded);
  Cutter cutter(session, found.hits);
  if (!found.hits.empty() && session.convertible()) cutter.run();
  if (cutter.any())
    session.remarks.push_back(cutter.remark());
  else if (found.refused)
    session.remarks.push_back(why_refused(*found.refused));
  else
    session.remarks.push_back("instantiate and execute are one phase: no entry of the guest (_start) was found in its "
                              "code, or it was never called");
}

void add_heard_marks(record::Session &session, const std::vector<record::BreakpointHit> &recorded) {
  const bool heard = std::any_of(recorded.begin(), recorded.end(), [&](const auto &hit) {
    return hit.pid == session.header.pid && hit.role == record::hit_bench_start;
  });
  if (!heard || !session.convertible()) return;
  std::map<uint32_t, size_t> open; // thread -> its phase
  const auto index = [&] { return static_cast<uint32_t>(session.phases.size()); };
  for (const record::BreakpointHit &hit : recorded) {
    if (hit.pid != session.header.pid || hit.time < session.header.start.monotonic) continue;
    if (session.header.end.uncertainty != 0 && hit.time > session.header.end.monotonic) continue;
    const uint64_t at = session.moment(static_cast<double>(hit.time));
    if (hit.role == record::hit_bench_start && !open.contains(hit.tid)) {
      record::SessionPhase phase;
      phase.index = index();
      phase.name = "bench";
      phase.bench = true;
      phase.tid = hit.tid;
      phase.t0 = at;
      phase.state = 1;
      open[hit.tid] = session.phases.size();
      session.phases.push_back(std::move(phase));
    } else if (const auto begun = open.find(hit.tid); hit.role == record::hit_bench_end && begun != open.end()) {
      record::SessionPhase &phase = session.phases[begun->second];
      phase.t1 = at;
      phase.state = 2;
      phase.end_tid = hit.tid;
      open.erase(begun);
    }
  }
  std::stable_sort(session.phases.begin(), session.phases.end(),
                   [](const auto &a, const auto &b) { return a.t0 < b.t0; });
}

} // namespace sgperf::merge
