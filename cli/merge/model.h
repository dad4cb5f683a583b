// SPDX-License-Identifier: Apache-2.0
// What a recording says, put together: every session, sample and remark under one roof, in nanoseconds where that is
// possible.  Reports and exports read this and nothing else.
#pragma once

#include "merge/profile.h"
#include "record/meta.h"
#include "record/sample.h"
#include "record/session.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sgperf::merge {

// ---- regions inside the target ----

enum class Unit { ns, ticks, count };

// The same site when it was the only one that was on (`sgperf record --isolate`).
struct IsolatedScope {
  uint64_t count = 0;
  double total = 0; // same unit as the row
  double average() const { return count ? total / static_cast<double>(count) : 0; }
};

// One site, summed over threads, processes and sessions of the recording; two sites of one name are one row.
struct ScopeRow {
  std::string module; // "threei" of "threei::make_syscall", empty if the name has no "::"
  std::string name;   // whole
  std::string file;
  uint32_t line = 0;
  uint32_t kind = SGPERF_SITE_SCOPE; // or _COUNTER, _GAUGE
  uint32_t flags = 0;                // SGPERF_SITE_*
  bool enabled = false;              // in at least one session
  Unit unit = Unit::ns;              // of total, self, min, max
  uint64_t count = 0;
  double total = 0, self = 0, min = 0, max = 0;
  uint32_t threads = 0, sessions = 0;
  // Log2 histogram, scaled to `unit`: bucket i counts [2^i, 2^(i+1)) * histogram_scale.  Empty = not kept.
  std::vector<uint64_t> histogram;
  double histogram_scale = 1;
  std::optional<IsolatedScope> isolated;
  double average() const { return count ? total / static_cast<double>(count) : 0; }
};

// SGPERF_PHASE and bench regions of the sessions, summed by name.
// A performance counter over the phases of one name (SGPERF_PHASE_PMC): what the threads that ran them counted.
struct PhaseCounter {
  double total = 0;      // of the `measured` phases
  uint64_t measured = 0; // phases in which it was counted; 0 = n/a, `error` says why
  bool scaled = false;   // multiplexed in one of them: extrapolated
  int error = 0;         // errno of its refusal, 0 = not refused
};

struct SessionPhaseRow {
  std::string name;
  bool bench = false;
  Unit unit = Unit::ns;
  uint64_t count = 0, open = 0, aborted = 0;
  double total = 0, min = 0, max = 0; // of those that ended
  std::map<std::string, PhaseCounter> counters;
};

// A function that was compiled at run time.
struct CompiledFunction {
  std::string name, module, tier; // as ProfileFunction's
  bool guest = false;             // WebAssembly; else trampolines and stubs of the engine, JavaScript, ..
  uint32_t pid = 0;
  uint64_t size = 0;                     // bytes
  uint64_t published = 0, withdrawn = 0; // CLOCK_MONOTONIC ns; 0 = not known, still there at the end
};
struct CompiledCode {
  uint64_t functions = 0, bytes = 0;
  std::vector<CompiledFunction> largest; // first; at most 2000
};

struct SessionRow {
  std::string key, comm, exe, note;
  std::vector<std::string> command;
  uint32_t pid = 0, threads = 0;
  record::SessionState state = record::SessionState::exited;
  bool ticks = false, convertible = true;
  double tsc_hz = 0;
  uint64_t started_realtime_ns = 0;
  sgperf_dropped dropped{};
  double empty_scope = 0, scope_cost = 0; // ns, or ticks if not convertible: own reading and cost to the parent
  std::optional<int> exit_code;
  // From its start to its end, or, if that was not seen, to the last event that has a time; 0 = not known.
  uint64_t wall_ns = 0;
  sgperf_usage usage{}; // of the same time; flags & 1: valid
  sgperf_totals totals{};
  std::vector<std::string> remarks;
};

// A whole run with one site on, or with all (`site` empty).
struct IsolatedRun {
  std::string site;
  double wall_ns = 0;
  int exit_code = 0;
};

// ---- bench samples ----

struct Point {
  uint32_t block = 0, process = 0, process_index = 0, iteration = 0;
  record::Role role = record::Role::timed;
  double value = 0;                // of one call: already divided by `inner`
  std::optional<double> corrected; // value less the cost of an empty region
  double running = 1;              // share of the time a multiplexed counter ran
};

struct Failure {
  record::Status status = record::Status::engine_error;
  std::string phase, message, stderr_tail;
  uint64_t count = 1; // samples of the cell with this status
};

// One engine, one workload, one phase.
struct Series {
  std::string engine, workload, phase;
  std::map<std::string, std::vector<Point>> measures; // by name of the measure, in order of the file
  uint64_t inner_min = 0, inner_max = 0;
  std::vector<uint64_t> artefact_bytes, code_bytes;
  uint32_t lazy = 0; // of any sample, as in record::Sample
};

struct Cell {
  std::string engine, workload;
  std::map<std::string, Series> phases;
  std::vector<Failure> failures;
  std::set<std::string> warnings;
  uint64_t samples = 0, disturbed = 0; // timed samples; those with steal, migrations or major faults
  double steal_ns = 0;
};

// ---- the whole ----

struct Model {
  std::filesystem::path source; // the folder, or the session file
  record::Meta meta;            // defaults if there is none
  bool has_meta = false;
  double tsc_hz = 0; // of the machine; 0 = not known

  std::vector<SessionRow> sessions;
  std::vector<ScopeRow> scopes; // by module, then by total, largest first
  std::vector<SessionPhaseRow> session_phases;
  sgperf_dropped dropped{}; // summed
  std::vector<IsolatedRun> isolated_runs;
  CompiledCode compiled;

  std::vector<std::string> engines;   // in the order of meta.json, then of appearance; the first is the reference
  std::vector<std::string> workloads; // without calibration
  std::vector<Cell> cells;            // workload by workload, engine by engine
  uint64_t samples = 0, unreadable_samples = 0;
  bool torn = false; // samples.jsonl has a torn last line

  Profile profile; // what `sgperf record` saw from outside

  std::vector<std::string> remarks; // what could not be read and why

  const Cell *cell(const std::string &workload, const std::string &engine) const;
  const record::WorkloadEntry *workload(const std::string &id) const;
  const record::EngineEntry *engine(const std::string &id) const;
};

// Names of phases in the order in which they happen; unknown ones come last.
const std::vector<std::string> &phase_order();
int phase_rank(const std::string &phase);

} // namespace sgperf::merge
