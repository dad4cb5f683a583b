// SPDX-License-Identifier: Apache-2.0
#include "merge/jit_sources.h"

#include "formats/code_image_frames.h"
#include "formats/perf_map.h"
#include "record/session.h" // kinds of records

#include <algorithm>
#include <charconv>
#include <set>

namespace sgperf::merge {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> files_like(const fs::path &folder, std::string_view start, std::string_view end) {
  std::vector<fs::path> out;
  std::error_code code;
  for (const auto &entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(start) && name.ends_with(end)) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string_view bytes_of(const record::CodeRecord &record) {
  return {reinterpret_cast<const char *>(record.bytes.data()), record.bytes.size()};
}

// Of a record: an end beyond the address space is none.
bool range(JitCode &code, uint64_t start, uint64_t size) {
  code.start = start;
  code.end = start + size;
  return code.end > start;
}

} // namespace

// ---- code files ----

void JitSources::add_image(const record::CodeFile &file, const record::CodeRecord &record, Counts &odd) {
  std::string error;
  const std::string_view bytes = bytes_of(record);
  auto parsed = formats::parse_image(bytes, error);
  if (!parsed) {
    ++odd["code images that are none"];
    return;
  }
  with_images_.insert(file.pid);
  images_.push_back({std::move(*parsed), nullptr});
  Image &image = images_.back();
  image.module = modules_.made_into(image.image);
  const uint64_t text = record.base + image.image.text_offset;
  for (const formats::ImageFunction &function : image.image.functions) {
    JitCode code;
    code.pid = file.pid;
    code.origin = static_cast<uint32_t>(images_.size() - 1);
    code.source = CodeSource::image;
    code.loaded = record.time;
    code.place = function.offset;
    code.lines = image.module && image.module->has_lines() && image.image.map &&
                 function.kind == formats::JitNameKind::wasm_function;
    code.text = function.symbol;
    if (!range(code, text + function.offset, function.size)) continue;
    const uint64_t at = image.image.text_offset + function.offset; // parse_image() keeps symbols inside .text
    if (at <= bytes.size() && function.size <= bytes.size() - at) code.code = bytes.substr(at, function.size);
    index_.add(code);
  }
}

void JitSources::add_function(const record::CodeFile &file, const record::CodeRecord &record) {
  JitCode code;
  code.pid = file.pid;
  code.source = record.flags & SGPERF_FUNCTION_GDB_JIT ? CodeSource::gdb_jit : CodeSource::registered;
  code.loaded = record.time;
  code.text = record.name;
  code.code = bytes_of(record);
  if (range(code, record.base, record.length)) index_.add(code);
}

// Wasmer tells the functions of a module in the order of their indices: its Cranelift and Singlepass by one record of
// those that the module defines, its LLVM by a record for each function, those in front that call the imports (seen
// with 7.4.2).  The numbers fit one module only, or none is taken.
std::unordered_map<const record::CodeRecord *, JitSources::Frames>
JitSources::number_frames(const record::CodeFile &file) {
  std::unordered_map<const record::CodeRecord *, Frames> out;
  std::vector<Frames *> run; // records that follow each other
  const auto close = [&] {
    size_t total = 0;
    for (const Frames *one : run) total += one->ranges.ranges.size();
    ModuleFile *module = run.size() > 1 ? modules_.of_functions(total, true) : nullptr;
    uint32_t next = 0;
    for (Frames *one : run) {
      const auto count = static_cast<uint32_t>(one->ranges.ranges.size());
      if (ModuleFile *whole = module ? nullptr : modules_.of_functions(count, false)) {
        one->module = whole;
        one->first = static_cast<uint32_t>(whole->module().imported_functions.size());
        continue;
      }
      one->module = module;
      one->first = module ? next : unknown_[file.pid];
      (module ? next : unknown_[file.pid]) += count;
    }
    run.clear();
  };
  for (const record::CodeRecord &record : file.records) {
    if (record.kind == SGPERF_CODE_HIT) continue;
    if (record.kind == SGPERF_CODE_FRAMES) {
      Frames &frames = out[&record];
      frames.ranges = formats::parse_frames(bytes_of(record), record.base);
      run.push_back(&frames);
    } else
      close();
  }
  close();
  return out;
}

void JitSources::add_frames(const record::CodeFile &file, const record::CodeRecord &record, const Frames &frames,
                            Counts &odd) {
  if (frames.ranges.odd.total()) odd["entries of .eh_frame"] += frames.ranges.odd.total();
  framed_.push_back(frames.module);
  uint64_t number = frames.first;
  for (const formats::FrameRanges::Range &one : frames.ranges.ranges) {
    JitCode code;
    code.pid = file.pid;
    code.source = CodeSource::frames;
    code.loaded = record.time;
    code.origin = static_cast<uint32_t>(framed_.size() - 1);
    code.place = number++;
    if (range(code, one.start, one.size)) index_.add(code);
  }
}

void JitSources::load_code_file(record::CodeFile loaded, Counts &odd) {
  code_files_.push_back(std::move(loaded));
  const record::CodeFile &file = code_files_.back();
  if (file.dropped) odd["records of code that found no room in the target's code file"] += file.dropped;
  if (file.torn_bytes) ++odd["code files with a torn end"];
  // What is alive, by its base: entries [first, second) are of one record.
  std::unordered_map<uint64_t, std::pair<size_t, size_t>> alive;
  const auto frames = number_frames(file);
  for (const record::CodeRecord &record : file.records) {
    if (record.kind == SGPERF_CODE_UNLOAD) {
      const auto at = alive.find(record.base);
      if (at == alive.end()) {
        ++odd["unloads of code that was not loaded"];
        continue;
      }
      index_.unload(at->second.first, at->second.second, record.time);
      alive.erase(at);
      continue;
    }
    const size_t first = index_.entries().size();
    if (record.kind == SGPERF_CODE_IMAGE)
      add_image(file, record, odd);
    else if (record.kind == SGPERF_CODE_FUNCTION)
      add_function(file, record);
    else if (record.kind == SGPERF_CODE_FRAMES)
      add_frames(file, record, frames.at(&record), odd);
    else if (record.kind == SGPERF_CODE_HIT)
      continue; // merge/entry_hits.h
    else
      ++odd["records of code of a kind not known here"];
    alive[record.base] = {first, index_.entries().size()};
  }
}

// ---- what engines write for perf ----

void JitSources::load_jitdump(const fs::path &path, Counts &odd, std::vector<std::string> &remarks) {
  std::string error;
  auto file = formats::InputFile::read(path, error);
  auto read = file ? formats::read_jitdump(file->bytes(), error) : std::nullopt;
  if (!read) {
    remarks.push_back(path.string() + ": " + error);
    return;
  }
  dumps_.push_back({std::move(*file), std::move(*read)});
  const formats::Jitdump &dump = dumps_.back().dump;
  for (size_t i = 0; i < formats::OddCounts<formats::JitdumpOdd>::kinds; ++i) {
    const auto kind = static_cast<formats::JitdumpOdd>(i);
    // Not odd but usual: a writer that was killed, JSC's order, V8's way with names.
    if (kind == formats::JitdumpOdd::truncated || kind == formats::JitdumpOdd::out_of_order) continue;
    if (dump.odd[kind]) odd[std::string("jitdump: ") + to_text(kind)] += dump.odd[kind];
  }
  // The processor's time stamps cannot be placed among the samples: that code is taken to have been there always.
  const bool timed = !dump.header.arch_time();
  const bool moves = std::any_of(dump.events.begin(), dump.events.end(),
                                 [](const auto &event) { return event.kind == formats::JitdumpKind::move; });
  index_.reserve(dump.events.size());
  std::map<std::pair<uint32_t, uint64_t>, size_t> alive; // pid and address -> entry; if there are moves
  for (size_t i = 0; i < dump.events.size(); ++i) {
    const formats::JitdumpEvent &event = dump.events[i];
    JitCode code;
    if (event.kind == formats::JitdumpKind::load) {
      code.pid = event.pid;
      code.origin = static_cast<uint32_t>(dumps_.size() - 1);
      code.source = CodeSource::jitdump;
      code.lines = event.line_count > 0;
      code.place = i;
      code.text = event.name;
      code.code = event.code;
    } else if (event.kind == formats::JitdumpKind::move) {
      const auto at = alive.find({event.pid, event.old_address});
      if (at == alive.end()) {
        ++odd["jitdump: moves of code that was not loaded"];
        continue;
      }
      code = index_.entries()[at->second];
      index_.unload(at->second, at->second + 1, timed ? event.time : 0);
      alive.erase(at);
    } else
      continue;
    code.loaded = timed ? event.time : 0;
    if (!range(code, event.address, event.size)) continue;
    const size_t entry = index_.add(code);
    if (moves) alive[{event.pid, event.address}] = entry;
  }
}

void JitSources::load_perf_map(const fs::path &path, Counts &odd, std::vector<std::string> &remarks) {
  const std::string name = path.stem(); // perf-<pid>
  uint32_t pid = 0;
  const char *digits = name.data() + std::string_view("perf-").size(), *end = name.data() + name.size();
  if (const auto [stopped, problem] = std::from_chars(digits, end, pid); problem != std::errc() || stopped != end)
    return;
  std::string error;
  auto file = formats::InputFile::read(path, error);
  if (!file) {
    remarks.push_back(error);
    return;
  }
  maps_.push_back(std::move(*file));
  const formats::PerfMap map = formats::read_perf_map(maps_.back().bytes());
  for (const auto kind : {formats::PerfMapOdd::not_a_line, formats::PerfMapOdd::number_too_large,
                          formats::PerfMapOdd::impossible_range, formats::PerfMapOdd::over_long})
    if (map.odd[kind]) odd[std::string("perf map: ") + to_text(kind)] += map.odd[kind];
  index_.reserve(map.entries.size());
  for (const formats::PerfMapEntry &entry : map.entries) {
    if (entry.superseded) continue;
    JitCode code;
    code.pid = pid;
    code.source = CodeSource::perf_map;
    code.text = entry.name;
    if (range(code, entry.address, entry.size)) index_.add(code);
  }
}

void JitSources::load(const fs::path &folder, Counts &odd, std::vector<std::string> &remarks) {
  modules_.load(folder, remarks);
  for (const fs::path &path : files_like(folder, "perf-", ".map")) load_perf_map(path, odd, remarks);
  for (const fs::path &path : files_like(folder, "jit-", ".dump")) load_jitdump(path, odd, remarks);
  for (const fs::path &path : files_like(folder, "code-", ".sgc")) read_code_file(path, odd, remarks);
  finish();
}

void JitSources::load_files(const std::vector<fs::path> &code_files, const std::vector<fs::path> &modules, Counts &odd,
                            std::vector<std::string> &remarks) {
  for (const fs::path &path : modules) modules_.add(path);
  for (const fs::path &path : code_files) read_code_file(path, odd, remarks);
  finish();
}

void JitSources::read_code_file(const fs::path &path, Counts &odd, std::vector<std::string> &remarks) {
  std::string error;
  if (auto file = record::read_code_file(path, error))
    load_code_file(std::move(*file), odd);
  else
    remarks.push_back(error);
}

void JitSources::finish() {
  index_.finish();
  names_.resize(index_.entries().size());
}

// ---- names and lines ----

formats::JitEngine JitSources::engine(const JitCode &code) const {
  if (code.source == CodeSource::jitdump && dumps_[code.origin].dump.v8) return formats::JitEngine::v8;
  return code.source != CodeSource::registered && with_images_.contains(code.pid) ? formats::JitEngine::wasmtime
                                                                                  : formats::JitEngine::unknown;
}

const CodeName &JitSources::name(const JitCode &code) {
  auto &name = names_[index_.index_of(code)];
  if (!name) {
    ModuleFile *made_of = code.source == CodeSource::image ? images_[code.origin].module : nullptr;
    name = std::make_unique<CodeName>(code.source == CodeSource::frames
                                          ? code_name(framed_[code.origin], code.place)
                                          : code_name(code.text, engine(code), made_of, modules_));
  }
  return *name;
}

const formats::SourceFrame *JitSources::jitdump_line(const JitCode &code, uint64_t address) {
  const formats::Jitdump &dump = dumps_[code.origin].dump;
  const formats::JitdumpEvent &event = dump.events[code.place];
  const auto lines = dump.lines_of(event);
  // Lines are where the code was loaded; it may have been moved since.
  const uint64_t there = address - code.start + event.address;
  const auto later =
      std::upper_bound(lines.begin(), lines.end(), there,
                       [](uint64_t value, const formats::JitLine &line) { return value < line.address; });
  if (later == lines.begin() || (later - 1)->line == 0) return nullptr;
  const formats::JitLine &line = *(later - 1);
  const auto [at, added] = frames_.try_emplace(&line);
  if (added) {
    at->second.file = dump.files[line.file];
    at->second.line = line.line;
    at->second.column = line.column;
  }
  return &at->second;
}

const formats::SourceFrame *JitSources::line(const JitCode &code, uint64_t address, bool *near) {
  if (near) *near = false;
  if (!code.lines) return nullptr;
  if (code.source == CodeSource::jitdump) return jitdump_line(code, address);
  const Image &image = images_[code.origin];
  const uint64_t offset = code.place + (address - code.start);
  const auto position = image.image.position_near(offset);
  if (near) *near = position && !image.image.file_position(offset);
  const formats::SourcePlace *place = position ? image.module->line(*position) : nullptr;
  return place && !place->frames.empty() && place->frames.front().line ? &place->frames.front() : nullptr;
}

std::vector<CodeLine> JitSources::lines(const JitCode &code) {
  std::vector<CodeLine> out;
  if (!code.lines) return out;
  const auto add = [&](uint64_t address, const formats::SourceFrame *frame) {
    const std::string_view file = frame ? std::string_view(frame->file) : std::string_view();
    const uint32_t line = frame ? frame->line : 0;
    if (!out.empty() && out.back().line == line && out.back().file == file) return;
    if (out.empty() && !frame) return;
    out.push_back({address, std::string(file), line, frame ? frame->column : 0});
  };
  if (code.source == CodeSource::jitdump) {
    const formats::JitdumpEvent &event = dumps_[code.origin].dump.events[code.place];
    for (const formats::JitLine &line : dumps_[code.origin].dump.lines_of(event)) {
      const uint64_t address = line.address - event.address + code.start;
      add(address, jitdump_line(code, address));
    }
    return out;
  }
  const auto &entries = images_[code.origin].image.map->entries();
  auto at = std::lower_bound(entries.begin(), entries.end(), code.place,
                             [](const auto &entry, uint64_t value) { return entry.text_offset < value; });
  for (; at != entries.end() && at->text_offset - code.place < code.end - code.start; ++at) {
    const uint64_t address = code.start + (at->text_offset - code.place);
    add(address, line(code, address));
  }
  return out;
}

std::vector<std::string> JitSources::missing() const {
  std::set<std::string> out; // one sentence each, however many functions
  bool no_module = false;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (!names_[i] || !names_[i]->guest) continue;
    const JitCode &code = index_.entries()[i];
    const ModuleFile *file = code.source == CodeSource::image ? images_[code.origin].module : names_[i]->file;
    if (file)
      for (const std::string &what : file->missing()) out.insert(what);
    else if (code.source == CodeSource::image)
      no_module = true;
  }
  if (no_module)
    out.insert(
        "lines of wasm code: the module that the code was made of is not in the recording; get it: name its .wasm "
        "file on the command line of the program");
  return {out.begin(), out.end()};
}

} // namespace sgperf::merge
