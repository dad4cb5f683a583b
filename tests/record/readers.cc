// SPDX-License-Identifier: Apache-2.0
#include "record/readers.h"

#include "record/readers_file.h"

#include "emit/report.h"
#include "formats/gdb_jit.h"
#include "formats/jit_name.h"
#include "formats/jitdump_writer.h"
#include "formats/perf_map.h"
#include "formats/sightglass.h"
#include "merge/sessions.h"
#include "record/code_file.h"
#include "record/meta.h"
#include "record/sample_file.h"
#include "record/session.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace sgperf::test {
const std::string &as_file(const std::string &bytes, const char *name) {
  static const std::string folder = [] {
    std::string path = "/dev/shm/sgperf-readers-XXXXXX";
    if (!mkdtemp(path.data())) throw std::runtime_error("cannot make a folder in /dev/shm");
    return path;
  }();
  static std::string path;
  static const struct Cleaner {
    ~Cleaner() {
      unlink(path.c_str());
      rmdir(folder.c_str());
    }
  } cleaner;
  if (!path.empty()) unlink(path.c_str());
  path = folder + "/" + name;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return path;
}

bool read_as_session(const std::string &bytes) {
  std::string error;
  auto session = record::Session::read(as_file(bytes, "session-x-1-2.sgp"), error);
  if (!session) return false;
  // On through the report: numbers that make no sense must not hurt there either.
  merge::Model model;
  merge::add_session(model, std::move(*session));
  merge::finish_sessions(model);
  emit::ReportOptions options;
  options.all_sites = true;
  emit::to_text(model, options);
  emit::to_json(model);
  return true;
}

bool read_as_code_file(const std::string &bytes) {
  std::string error;
  return record::read_code_file(as_file(bytes, "code-x-1-2.sgc"), error).has_value();
}

bool read_as_samples(const std::string &bytes) {
  const auto counts = record::parse_samples(bytes, [](record::Sample &&sample) {
    // What was read can be written, and reads as the same.
    const auto line = record::to_line(sample);
    const auto back = record::sample_from_line(line);
    if (!back || record::to_line(*back) != line) std::abort();
  });
  return counts.samples > 0;
}

bool read_as_meta(const std::string &bytes) {
  std::string error;
  if (const auto meta = record::meta_from_json(bytes, error)) {
    const auto text = record::to_json(*meta);
    if (!record::meta_from_json(text, error)) std::abort();
  } else
    return false;
  return true;
}

bool read_as_sightglass_json(const std::string &bytes) {
  std::string error;
  if (const auto rows = formats::parse_sightglass(formats::SightglassFormat::json, bytes, error)) {
    const auto text = formats::to_sightglass(formats::SightglassFormat::json, *rows);
    const auto back = formats::parse_sightglass(formats::SightglassFormat::json, text, error);
    if (!back || back->size() != rows->size()) std::abort();
  } else
    return false;
  return true;
}

bool read_as_sightglass_csv(const std::string &bytes) {
  std::string error;
  if (const auto rows = formats::parse_sightglass(formats::SightglassFormat::csv, bytes, error)) {
    const auto text = formats::to_sightglass(formats::SightglassFormat::csv, *rows);
    const auto back = formats::parse_sightglass(formats::SightglassFormat::csv, text, error);
    if (!back || *back != *rows) std::abort();
  } else
    return false;
  return true;
}

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_within(std::string_view part, std::string_view whole) {
  require(part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()));
}

} // namespace

bool read_as_jitdump(const std::string &bytes) {
  using namespace formats;
  std::string error;
  const auto dump = read_jitdump(bytes, error);
  if (!dump) return false;
  require(dump->end <= bytes.size() && dump->skipped_bytes <= bytes.size());
  uint64_t before = 0;
  for (const JitdumpEvent &event : dump->events) {
    require(before <= event.time && event.offset < bytes.size());
    before = event.time;
    require(event.address + event.size >= event.address);
    require(event.code.empty() || event.code.size() == event.size);
    require_within(event.name, bytes);
    require_within(event.code, bytes);
    require_within(dump->unwindings.at(event.unwinding).eh_frame, bytes);
    require_within(dump->unwindings.at(event.unwinding).eh_frame_hdr, bytes);
    const auto lines = dump->lines_of(event);
    require(std::is_sorted(lines.begin(), lines.end(),
                           [](const JitLine &a, const JitLine &b) { return a.address < b.address; }));
    for (const JitLine &line : lines) {
      require(line.address >= event.address && line.address - event.address <= event.size);
      require_within(dump->files.at(line.file), bytes);
    }
  }
  if (dump->odd[JitdumpOdd::code_missing]) return true; // would be written as zeros, however many it says
  const std::string written = to_jitdump(*dump);
  const auto back = read_jitdump(written, error);
  require(back && back->end == written.size());
  require(back->loads == dump->loads && back->lines.size() == dump->lines.size());
  // Which part of odd unwinding data is the header is a guess; all the rest is the same again.
  if (dump->unwindings.size() == 1) require(to_jitdump(*back) == written);
  return true;
}

bool read_as_perf_map(const std::string &bytes) {
  using namespace formats;
  const PerfMap map = read_perf_map(bytes);
  std::string written;
  for (const PerfMapEntry &entry : map.entries) {
    require(entry.line >= 1 && entry.line <= map.lines && entry.name.size() <= longest_perf_map_name);
    require_within(entry.name, bytes);
    append_perf_map_line(written, entry.address, entry.size, entry.name);
  }
  const PerfMap back = read_perf_map(written);
  require(back.entries.size() == map.entries.size() && back.lines == map.entries.size());
  for (size_t i = 0; i < map.entries.size(); ++i) {
    require(back.entries[i].address == map.entries[i].address && back.entries[i].size == map.entries[i].size);
    require(back.entries[i].superseded == map.entries[i].superseded);
  }
  return !map.entries.empty();
}

bool read_as_gdb_jit(const std::string &bytes) {
  using namespace formats;
  constexpr uint64_t base = 0x10000;
  const ReadMemory memory = [&](uint64_t address, void *to, size_t size) {
    if (address < base || address - base > bytes.size() || bytes.size() - (address - base) < size) return false;
    std::memcpy(to, bytes.data() + (address - base), size);
    return true;
  };
  std::string error;
  // Pieces of memory may be symbol files of many entries: bounded, or a small input would copy for ever.
  const auto list = read_gdb_jit(base, memory, error, {.all_bytes = 1 << 20});
  if (!list) return false;
  require(!list->changed && list->entries.size() <= bytes.size());
  for (const GdbJitEntry &entry : list->entries)
    require(entry.symfile.empty() || entry.symfile.size() == entry.symfile_size);
  return true;
}

bool read_as_jit_name(const std::string &bytes) {
  using namespace formats;
  for (const auto engine :
       {JitEngine::unknown, JitEngine::v8, JitEngine::jsc, JitEngine::wasmtime, JitEngine::wasmer, JitEngine::wamr}) {
    const JitName name = parse_jit_name(bytes, engine);
    const std::string shown = canonical_name(name);
    require(!shown.empty());
    for (const char c : shown) require(static_cast<unsigned char>(c) >= ' ');
  }
  return true;
}

} // namespace sgperf::test
