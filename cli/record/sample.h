// SPDX-License-Identifier: Apache-2.0
// samples.jsonl: one line per (cell, block, process, iteration, phase).
//
// Append-only and complete line by line, so that a recording is readable after kill -9 of anybody: a torn last line is
// counted and skipped.  Schema version is in meta.json; unknown members are kept out of the way, missing ones read as
// their default.  docs/format.md shows one of each.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::record {

// Why a sample has no values.  The text form is the one in the file.
enum class Status {
  ok,
  trap,         // the guest trapped
  exit_code,    // the guest left with a code != 0
  timeout,      // printed as "> 600 s"
  crash,        // the worker died by a signal
  wrong_output, // stdout or stderr differ from what is expected
  unknown_import,
  invalid_module, // not wasm, or does not validate
  component,
  unsupported, // the engine or tier cannot do that
  hooks,       // bench.start missing, or start/end doubled
  engine_error,
  engine_missing,
  version_refused, // a library whose layouts the adapter does not know
};
const char *to_text(Status status);
std::optional<Status> status_from_text(const std::string &text);

enum class Role {
  cold, // first iteration of a process: its own rows, never averaged in
  warmup,
  timed,
  calibration, // noop module or empty loop, in processes of its own
};
const char *to_text(Role role);
std::optional<Role> role_from_text(const std::string &text);

// Names of the phases in `Sample::phase`: parse compile serialize deserialize instantiate execute call, first-call (of
// an exported function in a fresh instance; execute and call are the later ones), and the totals that are one interval
// in one process: jit aot-compile aot-execute aot-total.  `empty-loop` is a calibration.
//
// Names of the values (unit in the name where it is not a count); a measure that was not available is absent, and
// meta.json says why:
//   wall_ns tsc_ticks task_clock_ns user_ns system_ns minor_faults major_faults context_switches_voluntary
//   context_switches_involuntary migrations peak_rss_bytes
//   cycles_user cycles_kernel instructions_user instructions_kernel cache_accesses_user cache_accesses_kernel
//   cache_misses_user cache_misses_kernel branch_misses_user branch_misses_kernel
using Values = std::map<std::string, double>;

struct Sample {
  std::string engine;    // "wasmtime:cranelift", unique in the recording: flags and builds get a suffix or a --name
  std::string workload;  // "fibonacci", "./x.wasm", "x.wasm#export"
  uint32_t block = 0;    // one pass over all cells
  uint32_t position = 0; // order inside the block
  uint32_t process = 0;  // pid of the worker
  uint32_t process_index = 0; // 0-based within (cell, block)
  uint32_t iteration = 0;
  Role role = Role::timed;
  std::string phase;
  uint64_t inner = 1;    // calls per value: values are of all of them together, divide to get one
  uint64_t start_ns = 0; // CLOCK_MONOTONIC
  Status status = Status::ok;
  std::string message; // status != ok: what was expected, found, to do; the target's stderr is in `stderr_tail`
  std::string stderr_tail;
  Values values;    // raw
  Values corrected; // raw less the cost of an empty region of this engine and measure set; only what is known
  std::map<std::string, double> running; // share of the time that a multiplexed counter was scheduled, only if < 1
  Values
      disturbed; // steal_ns softirq_ns psi_cpu_some_us nivcsw migrations major_faults mhz, differences over the sample
  std::vector<std::string> warnings; // e.g. "bench.end missing: region closed at return"
  uint64_t artefact_bytes = 0;       // serialize: size of the artefact
  uint64_t code_bytes = 0;           // compile: size of the machine code, 0 = not known
  uint32_t lazy =
      0; // compile: 1 = functions are compiled when first called, 2 = again while they run (tier-up), 3 = both
};

std::string to_line(const Sample &sample); // without the newline
// nullopt: not a sample (torn, foreign or of a newer major); never throws.
std::optional<Sample> sample_from_line(const std::string &line);

} // namespace sgperf::record
