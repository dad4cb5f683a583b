// SPDX-License-Identifier: Apache-2.0
#include "emit/perf_export.h"

#include "emit/perf_export_maps.h"
#include "emit/profile_rows.h"
#include "formats/jit_elf.h"
#include "formats/perf_data_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <tuple>

namespace sgperf::emit {
namespace fs = std::filesystem;
namespace {

// All of a process's code, as one ELF.
struct ProcessCode {
  std::vector<const merge::ExportFunction *> functions;
  formats::JitElf elf;
  fs::path path;
};

// perf forgets a process's mappings at the fork that makes it: nothing of it may be older.
std::map<uint32_t, uint64_t> starts(const merge::ProfileExport &from) {
  std::map<uint32_t, uint64_t> out;
  for (const merge::ExportTask &task : from.tasks)
    if (!task.exit && task.task.pid == task.task.tid) out.try_emplace(task.task.pid, task.task.time);
  return out;
}

std::map<uint32_t, ProcessCode> build_code(const merge::ProfileExport &from, const fs::path &out) {
  std::map<uint32_t, ProcessCode> all;
  for (const merge::ExportFunction &function : from.functions) all[function.pid].functions.push_back(&function);
  const auto begins = starts(from);
  for (auto &[pid, code] : all) {
    const auto start = begins.find(pid);
    const uint64_t earliest = start == begins.end() ? 0 : start->second;
    std::vector<std::string> names;
    names.reserve(code.functions.size());
    std::vector<formats::JitFunction> functions;
    functions.reserve(code.functions.size());
    for (const merge::ExportFunction *one : code.functions) {
      names.push_back(shown_name(one->name, one->tier));
      functions.push_back({names.back(), one->address, one->size, std::max(one->load_time, earliest), one->unload_time,
                           one->code, std::span(from.lines).subspan(one->first_line, one->line_count)});
    }
    formats::JitElfInput input;
    input.functions = functions;
    input.files = from.files;
    input.directory = from.directory;
    code.elf = formats::build_jit_elf(input);
    code.path = fs::path(out.string() + ".jit-" + std::to_string(pid) + ".so");
  }
  std::erase_if(all, [](const auto &entry) { return entry.second.elf.functions == 0; });
  return all;
}

bool write_file(const fs::path &path, const std::string &bytes, std::string &error) {
  // A program may have the old one mapped: a new file, not new bytes in it.
  std::error_code ignored;
  fs::remove(path, ignored);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (file) return true;
  error = path.string() + ": cannot be written: " + std::strerror(errno);
  return false;
}

// Parts of a sample that a profile needs; registers, stack bytes and our own tag stay in the recording.
formats::PerfEvent event_of(formats::PerfEvent event) {
  perf_event_attr &attr = event.attr;
  attr.sample_type &= PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID |
                      PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD | PERF_SAMPLE_CALLCHAIN;
  attr.sample_type |= PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD;
  attr.sample_regs_user = attr.sample_regs_intr = 0;
  attr.sample_stack_user = 0;
  attr.branch_sample_type = 0;
  attr.read_format = 0;
  attr.sample_id_all = 1;
  return event;
}

// Order of records that have one time: what a sample needs to be named comes in front of it.
enum Kind : uint8_t { ksymbol, fork, comm, mapping, code, sample, exit };

struct Entry {
  uint64_t time;
  Kind kind;
  size_t index;
};

// Records of code, and of what must be said again after a mapping of the kernel's.
struct CodeRecord {
  uint32_t pid;
  formats::JitMapping mapping;
};

class Writing {
public:
  Writing(const merge::ProfileExport &from, const std::map<uint32_t, ProcessCode> &code,
          formats::PerfDataWriter &writer)
      : from_(from), code_(code), writer_(writer) {}

  void collect(PerfExport &result) {
    for (const auto &[pid, process] : code_)
      for (const formats::JitMapping &mapping : process.elf.mappings) add(pid, mapping);
    for (size_t i = 0; i < from_.ksymbols.size(); ++i) entries_.push_back({from_.ksymbols[i].time, ksymbol, i});
    for (size_t i = 0; i < from_.comms.size(); ++i) entries_.push_back({from_.comms[i].time, comm, i});
    for (size_t i = 0; i < from_.tasks.size(); ++i)
      entries_.push_back({from_.tasks[i].task.time, from_.tasks[i].exit ? exit : fork, i});
    collect_mappings();
    for (size_t i = 0; i < from_.samples.size(); ++i) entries_.push_back({from_.samples[i].time, sample, i});
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry &a, const Entry &b) {
      return std::tuple(a.time, a.kind) < std::tuple(b.time, b.kind);
    });
    for (const Entry &entry : entries_) result.mappings += entry.kind == mapping || entry.kind == code;
  }

  void write(PerfExport &result) {
    size_t written = 0;
    uint64_t last = 0;
    for (const Entry &entry : entries_) {
      write(entry, result);
      last = entry.time;
      // In order of time already: perf need not keep more than two of these rounds in memory.
      if (++written % 65536 == 0) writer_.finished_round();
    }
    if (from_.lost) writer_.lost_samples(from_.lost, {.time = last});
  }

private:
  void add(uint32_t pid, const formats::JitMapping &mapping) {
    entries_.push_back({mapping.time, code, records_.size()});
    records_.push_back({pid, mapping});
  }

  void collect_mappings() {
    std::map<uint32_t, LiveCode> live;
    for (const auto &[pid, process] : code_) live.emplace(pid, LiveCode(process.functions));
    for (size_t i = 0; i < from_.mappings.size(); ++i) {
      const auto &[time, mmap] = from_.mappings[i];
      const auto process = code_.find(mmap.pid);
      const bool user = (mmap.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
      const uint64_t begin = mmap.address, end = begin + mmap.length;
      if (user && process != code_.end()) {
        LiveCode &alive = live.at(mmap.pid);
        if (is_anonymous(mmap.path)) {
          // Tells perf nothing, but would hide the code.  `perf inject` leaves them out as well.
          if (alive.any_at(time, begin, end)) continue;
        } else if (const auto ranges = alive.at(time, begin, end); !ranges.empty())
          for (const formats::JitMapping &one : again(process->second.elf.mappings, time, ranges)) add(mmap.pid, one);
      }
      entries_.push_back({time, mapping, i});
    }
  }

  void write(const Entry &entry, PerfExport &result) {
    const auto who = [&](uint32_t pid, uint32_t tid) {
      return formats::PerfSampleId{.pid = pid, .tid = tid, .time = entry.time};
    };
    switch (entry.kind) {
    case ksymbol:
      return writer_.ksymbol(from_.ksymbols[entry.index].symbol, who(0, 0));
    case comm: {
      const formats::PerfComm &one = from_.comms[entry.index].comm;
      return writer_.comm(one, who(one.pid, one.tid));
    }
    case fork: {
      const formats::PerfTask &one = from_.tasks[entry.index].task;
      return writer_.fork(one, who(one.parent_pid, one.parent_tid));
    }
    case exit: {
      const formats::PerfTask &one = from_.tasks[entry.index].task;
      return writer_.exit(one, who(one.pid, one.tid));
    }
    case mapping: {
      const formats::PerfMmap &one = from_.mappings[entry.index].mmap;
      return writer_.mmap(one, who(one.pid, one.tid));
    }
    case code: {
      const auto &[pid, one] = records_[entry.index];
      const ProcessCode &process = code_.at(pid);
      return writer_.mmap(formats::to_perf_mmap(one, pid, process.elf, process.path.native()), who(pid, pid));
    }
    case sample: {
      const merge::ExportSample &one = from_.samples[entry.index];
      formats::PerfSample out;
      out.event = one.event;
      out.misc = one.misc;
      out.ip = one.ip;
      out.pid = one.pid;
      out.tid = one.tid;
      out.time = one.time;
      out.cpu = one.cpu;
      out.period = one.period;
      out.callchain = std::span(from_.chains).subspan(one.chain, one.chain_length);
      ++(writer_.sample(out) ? result.samples : result.left_out);
      return;
    }
    }
  }

  const merge::ProfileExport &from_;
  const std::map<uint32_t, ProcessCode> &code_;
  formats::PerfDataWriter &writer_;
  std::vector<Entry> entries_;
  std::vector<CodeRecord> records_;
};

} // namespace

std::optional<PerfExport> export_perf(const merge::ProfileExport &from, const fs::path &out, std::string &error) {
  std::error_code code_of_path;
  const fs::path absolute = fs::absolute(out, code_of_path).lexically_normal();
  if (code_of_path) {
    error = out.string() + ": " + code_of_path.message();
    return std::nullopt;
  }
  if (fs::is_directory(absolute, code_of_path)) {
    error = out.string() + ": expected the name of a file to write, found a folder";
    return std::nullopt;
  }
  PerfExport result;
  const auto code = build_code(from, absolute);
  std::vector<formats::PerfEvent> events;
  for (const formats::PerfEvent &event : from.events) events.push_back(event_of(event));
  auto writer = formats::PerfDataWriter::create(absolute, std::move(events), error, true);
  if (!writer) return std::nullopt;
  formats::PerfFeatures features = from.features;
  features.compressed_chunk = 0;
  for (const auto &[pid, process] : code) {
    if (!write_file(process.path, process.elf.bytes, error)) return std::nullopt;
    result.code_files.push_back(process.path);
    result.functions += process.elf.functions;
    result.left_out += process.elf.left_out;
    features.build_ids.push_back({.pid = static_cast<int32_t>(pid),
                                  .misc = PERF_RECORD_MISC_USER,
                                  .id = process.elf.build_id,
                                  .path = process.path.string()});
  }
  Writing writing(from, code, *writer);
  writing.collect(result);
  writing.write(result);
  if (!writer->finish(features, error)) return std::nullopt;
  return result;
}

} // namespace sgperf::emit
