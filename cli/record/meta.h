// SPDX-License-Identifier: Apache-2.0
// meta.json: what a recording is of.  Written once before the first sample and again (atomically, by rename) at the
// end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::record {

inline constexpr int schema_version = 1;

struct Measure {
  std::string name; // as in Sample::values
  std::string unit; // "ns", "ticks", "bytes", ""
  bool available = false;
  std::string reason; // why not, and how to get it
};

struct EngineEntry {
  std::string id;                                   // key of Sample::engine
  std::string name, tier, flags, library, build_id; // build id = GNU build id or sha256 of the library
  std::string version;                              // of the engine
  std::string wasi;                                 // "own", "sgperf shim", "none"
  std::string details;
  std::string abi; // "sgperf-1", "wasm_bench-5", "engine-0"
  uint32_t capabilities = 0;
  std::string error;                      // could not be used: why
  bool eager = false;                     // asked to leave nothing for a first call
  uint32_t iterations = 0, processes = 0; // its own numbers; 0 = those of the run
};

// An engine or tier that `-e all` found and left out.
struct LeftOut {
  std::string engine; // "wasmer:llvm"
  std::string reason;
};

struct WorkloadEntry {
  std::string id; // key of Sample::workload
  std::string path, sha256;
  uint64_t size = 0;  // bytes of the module
  std::string invoke; // exported function, empty = _start
  std::vector<std::string> args;
  bool calibration = false;
  uint64_t calls = 0; // of the function under test in one execution, from `<stem>.calls`; 0 = not that kind of workload
};

struct Warning {
  std::string id;       // "W001": stable, listed in docs/methods.md
  std::string severity; // "info", "warning"
  std::string subject;  // cell, engine or "machine"
  std::string text;
};

// Cost of an empty region of one engine with one measure set, from noop processes of its own.
struct Correction {
  std::string engine, phase, measure;
  double median = 0, low = 0, high = 0; // quartiles in low and high
  uint64_t samples = 0, processes = 0;
};

struct Meta {
  int schema = schema_version;
  std::string kind; // "bench", "record", "import"
  std::string sgperf_version;
  std::vector<std::string> command;
  std::string working_directory;
  uint64_t started_realtime_ns = 0, ended_realtime_ns = 0; // ended 0 = interrupted
  // Clocks at start and end: {tsc, monotonic_raw, monotonic, boottime, realtime}.
  std::vector<std::map<std::string, uint64_t>> anchors;
  std::string timer; // "tsc" or "clock"
  double tsc_hz = 0; // 0 = not known
  uint64_t seed = 0;
  uint32_t blocks = 0, processes = 0, iterations = 0, warmups = 0;
  double timeout_s = 0;
  std::vector<std::string> phases; // asked for
  std::vector<Measure> measures;
  std::vector<EngineEntry> engines; // the first is the reference of ratios
  std::vector<LeftOut> left_out;
  std::vector<WorkloadEntry> workloads;
  std::vector<Correction> corrections;
  std::map<std::string, std::string>
      machine; // fingerprint: cpu, microcode, kernel, cmdline, libc, ..., and state: aslr, governor, load
  std::vector<Warning> warnings;
  std::map<std::string, std::string> environment; // SGPERF_*, and what else changes results; never secrets
  int exit_code = 0;                              // kind record: of the command; 128 + signal
};

std::string to_json(const Meta &meta);
// Error text in `error` when nullopt.
std::optional<Meta> meta_from_json(const std::string &text, std::string &error);

bool write_meta(const std::filesystem::path &recording, const Meta &meta, std::string &error);
std::optional<Meta> read_meta(const std::filesystem::path &recording, std::string &error);

} // namespace sgperf::record
