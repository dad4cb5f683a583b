// SPDX-License-Identifier: Apache-2.0
#include "merge/jit_sources.h"

#include "formats/code_image_frames.h"
#include "formats/demangle.h"
#include "formats/jit_name.h"
#include "formats/jitdump.h"
#include "formats/perf_map.h"
#include "record/file_bytes.h"
#include "record/session_folder.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace sgperf::merge {
namespace fs = std::filesystem;
namespace {

std::string read_whole(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return std::move(out).str();
}

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

// What an engine's text says, in our form.
void name_by_text(JitCode &code, std::string_view text) {
  const formats::JitName name = formats::parse_jit_name(text);
  code.tier = std::string(name.tier);
  code.module = std::string(name.module);
  code.guest = name.kind == formats::JitNameKind::wasm_function;
  if (name.kind == formats::JitNameKind::other) {
    // Ours, from sgperf_jit_register(): "module!function", as the host wrote it.
    code.name = formats::demangle(text, {.parameters = false});
    code.named = !text.empty();
    const size_t mark = code.name.find('!');
    if (mark != std::string::npos) {
      code.guest = true;
      code.module = code.name.substr(0, mark);
    }
    return;
  }
  code.named = !name.function.empty();
  formats::JitName plain = name;
  plain.tier = {};
  const std::string readable = formats::demangle(name.function, {.parameters = false});
  plain.function = readable;
  code.name = formats::canonical_name(plain);
  if (code.guest && code.module.empty()) code.module = "wasm";
}

} // namespace

void JitSources::load_modules(const fs::path &folder, std::vector<std::string> &remarks) {
  for (const fs::path &path : files_like(folder, "module-", ".wasm")) {
    modules_.emplace_back();
    ModuleFile &file = modules_.back();
    file.bytes = read_whole(path);
    std::string error;
    auto module = formats::parse_wasm_module(file.bytes, error);
    if (!module) {
      remarks.push_back(path.string() + ": " + error);
      modules_.pop_back();
      continue;
    }
    file.module = std::move(*module);
    // module-<sha256>-<name>.wasm: the name that the user gave it
    const std::string stem = path.stem();
    const size_t dash = stem.find('-', 7);
    file.title = !file.module.name.empty() ? file.module.name : dash != std::string::npos ? stem.substr(dash + 1) : "wasm";
    std::string why;
    file.lines = formats::WasmLines::open(file.bytes, file.module, why);
    if (!file.lines) remarks.push_back("lines of " + file.title + ": " + why);
    if (const std::string names = formats::missing_names(file.module); !names.empty())
      remarks.push_back("names of " + file.title + ": " + names);
  }
}

void JitSources::add_image(const record::CodeFile &file, const record::CodeRecord &record) {
  std::string error;
  auto parsed = formats::parse_image(bytes_of(record), error);
  if (!parsed) return;
  images_.emplace_back();
  Image &image = images_.back();
  image.image = std::move(*parsed);
  for (ModuleFile &one : modules_)
    if (formats::fits(one.module, image.image).fits) {
      image.module = &one;
      break;
    }
  const int number = static_cast<int>(images_.size()) - 1;
  const uint64_t text = record.base + image.image.text_offset;
  for (const formats::ImageFunction &function : image.image.functions) {
    JitCode code;
    code.pid = file.pid;
    code.start = text + function.offset;
    code.end = code.start + function.size;
    code.loaded = record.time;
    code.image = number;
    code.text_offset = function.offset;
    if (image.image.text_offset + function.offset + function.size <= record.bytes.size())
      code.code = bytes_of(record).substr(image.image.text_offset + function.offset, function.size);
    name_by_text(code, function.symbol);
    if (code.guest && image.module && function.index) {
      const auto name = image.module->module.function_name(*function.index);
      code.module = image.module->title;
      code.named = name.source != formats::WasmNameSource::index;
      code.name = code.module + "!" + formats::demangle(name.name, {.parameters = false});
    } else if (!code.guest)
      code.module = "[engine]";
    index_.add(std::move(code));
  }
}

void JitSources::add_function(const record::CodeFile &file, const record::CodeRecord &record) {
  JitCode code;
  code.pid = file.pid;
  code.start = record.base;
  code.end = record.base + record.length;
  code.loaded = record.time;
  code.code = bytes_of(record);
  name_by_text(code, record.name);
  index_.add(std::move(code));
}

void JitSources::load_code_file(record::CodeFile loaded) {
  code_files_.push_back(std::move(loaded));
  const record::CodeFile &file = code_files_.back();
  for (const record::CodeRecord &record : file.records) {
    switch (record.kind) {
    case SGPERF_CODE_IMAGE: add_image(file, record); break;
    case SGPERF_CODE_FUNCTION: add_function(file, record); break;
    case SGPERF_CODE_UNLOAD: {
      // An image's base stands for all of its functions.
      uint64_t length = 0;
      for (const record::CodeRecord &other : file.records)
        if (other.kind == SGPERF_CODE_IMAGE && other.base == record.base && other.time <= record.time)
          length = other.length;
      index_.unload(file.pid, record.base, record.base + length, record.time);
      break;
    }
    case SGPERF_CODE_FRAMES: {
      const formats::FrameRanges frames = formats::parse_frames(bytes_of(record), record.base);
      for (size_t i = 0; i < frames.ranges.size(); ++i) {
        JitCode code;
        code.pid = file.pid;
        code.start = frames.ranges[i].start;
        code.end = code.start + frames.ranges[i].size;
        code.loaded = record.time;
        code.module = "jit";
        code.named = false;
        code.name = "[jit " + std::to_string(i) + "]";
        index_.add(std::move(code));
      }
      break;
    }
    default: break;
    }
  }
}

void JitSources::load_jitdump(const fs::path &path, std::map<std::string, uint64_t> &odd) {
  dumps_.push_back(read_whole(path));
  std::string error;
  const auto dump = formats::read_jitdump(dumps_.back(), error);
  if (!dump) {
    odd["jitdump files that are none"]++;
    return;
  }
  if (dump->odd.total()) odd["records of jitdumps"] += dump->odd.total();
  for (const formats::JitdumpEvent &event : dump->events) {
    if (event.kind != formats::JitdumpKind::load) continue;
    JitCode code;
    code.pid = event.pid;
    code.start = event.address;
    code.end = event.address + event.size;
    code.loaded = dump->header.arch_time() ? 0 : event.time;
    code.code = event.code;
    name_by_text(code, event.name);
    index_.add(std::move(code));
  }
}

void JitSources::load_perf_map(const fs::path &path, std::map<std::string, uint64_t> &odd) {
  const std::string name = path.stem(); // perf-<pid>
  const auto pid = static_cast<uint32_t>(std::strtoul(name.c_str() + 5, nullptr, 10));
  const std::string text = read_whole(path);
  const formats::PerfMap map = formats::read_perf_map(text);
  if (const uint64_t bad = map.odd[formats::PerfMapOdd::not_a_line]) odd["lines of perf maps"] += bad;
  for (const formats::PerfMapEntry &entry : map.entries) {
    if (entry.superseded || entry.size == 0) continue;
    JitCode code;
    code.pid = pid;
    code.start = entry.address;
    code.end = entry.address + entry.size;
    name_by_text(code, entry.name);
    index_.add(std::move(code));
  }
}

void JitSources::load(const fs::path &folder, std::map<std::string, uint64_t> &odd, std::vector<std::string> &remarks) {
  load_modules(folder, remarks);
  for (const fs::path &path : files_like(folder, "perf-", ".map")) load_perf_map(path, odd);
  for (const fs::path &path : files_like(folder, "jit-", ".dump")) load_jitdump(path, odd);
  for (const fs::path &path : files_like(folder, "code-", ".sgc")) {
    std::string error;
    if (auto file = record::read_code_file(path, error))
      load_code_file(std::move(*file));
    else
      remarks.push_back(error);
  }
  index_.finish();
}

const formats::SourcePlace *JitSources::line(const JitCode &code, uint64_t address) {
  if (code.image < 0) return nullptr;
  const Image &image = images_[static_cast<size_t>(code.image)];
  if (!image.module || !image.module->lines) return nullptr;
  const auto position = image.image.file_position(code.text_offset + (address - code.start));
  return position ? image.module->lines->find(*position) : nullptr;
}

std::vector<CodeLine> JitSources::lines(const JitCode &code) {
  std::vector<CodeLine> out;
  if (code.image < 0) return out;
  const Image &image = images_[static_cast<size_t>(code.image)];
  if (!image.module || !image.module->lines || !image.image.map) return out;
  const auto &entries = image.image.map->entries();
  auto at = std::lower_bound(entries.begin(), entries.end(), code.text_offset,
                             [](const auto &entry, uint64_t value) { return entry.text_offset < value; });
  for (; at != entries.end() && at->text_offset < code.text_offset + (code.end - code.start); ++at) {
    if (at->file_position == formats::AddressMap::none) continue;
    const formats::SourcePlace *place = image.module->lines->find(at->file_position);
    if (!place || place->frames.empty()) continue;
    const formats::SourceFrame &frame = place->frames.front();
    if (!out.empty() && out.back().line == frame.line && out.back().file == frame.file) continue;
    out.push_back({code.start + (at->text_offset - code.text_offset), frame.file, frame.line, frame.column});
  }
  return out;
}

} // namespace sgperf::merge
