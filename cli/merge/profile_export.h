// SPDX-License-Identifier: Apache-2.0
// What an export needs beyond the Model: addresses.  Samples with their stacks, the tree's own records, and all code
// that was made at run time, with its bytes.  Filled on demand only: it holds every sample's stack and a copy of the
// code.
#pragma once

#include "formats/jit_elf.h"
#include "formats/perf_data.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::merge {

// All times are the samples' clock (CLOCK_MONOTONIC ns), all pids and tids those of perf.data.

// The same samples, in the same order, as Profile::samples of the Model.
struct ExportSample {
  uint64_t time = 0, period = 1, ip = 0;
  uint32_t pid = 0, tid = 0, cpu = 0;
  uint16_t misc = 0;  // PERF_RECORD_MISC_USER, _KERNEL
  uint16_t event = 0; // index into ProfileExport::events
  // ProfileExport::chains[chain, chain + chain_length): with PERF_CONTEXT_* markers, innermost first, as in perf.data,
  // with the caller that leaf repair put back.  Length 0: no stack.
  size_t chain = 0;
  uint32_t chain_length = 0;
};

// As the kernel (or the recorder, for what ran already) reported it; kernel mappings too.
struct ExportMapping {
  uint64_t time = 0;
  formats::PerfMmap mmap; // path and build_id: views into `storage`
};

struct ExportComm {
  uint64_t time = 0;
  formats::PerfComm comm; // name: a view into `storage`
};

struct ExportTask {
  formats::PerfTask task; // with its time
  bool exit = false;      // else a fork
};

struct ExportKsymbol {
  uint64_t time = 0;
  formats::PerfKsymbol symbol; // name: a view into `storage`
};

// One function for one stretch of time at one place: code that was moved, or loaded again, is another one.
struct ExportFunction {
  uint32_t pid = 0, tid = 0; // tid: who made it; pid where that is not known
  std::string_view name;     // ProfileFunction::name
  std::string_view tier;     // ProfileFunction::tier
  uint64_t address = 0, size = 0;
  // The times between which the Model gives samples at these addresses to this function.
  uint64_t load_time = 0, unload_time = UINT64_MAX;
  std::string_view code;                 // of `size` bytes; empty: not known
  size_t first_line = 0, line_count = 0; // ProfileExport::lines, by address
};

struct ProfileExport {
  ProfileExport() = default;
  // The views point into `storage`.
  ProfileExport(const ProfileExport &) = delete;
  ProfileExport &operator=(const ProfileExport &) = delete;
  ProfileExport(ProfileExport &&) = default;
  ProfileExport &operator=(ProfileExport &&) = default;

  std::vector<formats::PerfEvent> events; // as in perf.data
  formats::PerfFeatures features;         // as in perf.data; the machine and the command that was recorded
  std::vector<ExportSample> samples;      // by time
  std::vector<uint64_t> chains;
  std::vector<ExportMapping> mappings; // by time, and so on
  std::vector<ExportComm> comms;
  std::vector<ExportTask> tasks;
  std::vector<ExportKsymbol> ksymbols;
  uint64_t lost = 0; // records and samples that found no room

  std::vector<ExportFunction> functions; // code made at run time: by load time, those of one time by what covers whom
  std::vector<formats::JitLine> lines;
  std::vector<std::string_view> files; // of lines, absolute or relative to `directory`
  std::string_view directory;
  // Owns what the views point into; a deque, since its members stay where they are.
  std::deque<std::string> storage;

  std::string_view keep(std::string text) { return storage.emplace_back(std::move(text)); }
};

// Of a recording (a folder).  nullopt: it has no samples, or they cannot be read; `error` says what was expected, found
// and what to do.
std::optional<ProfileExport> load_for_export(const std::filesystem::path &recording, std::string &error);

} // namespace sgperf::merge
