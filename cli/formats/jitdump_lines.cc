// SPDX-License-Identifier: Apache-2.0
#include "formats/jitdump_lines.h"

#include "formats/huge_pages.h"

#include <algorithm>

namespace sgperf::formats {
namespace {

constexpr size_t fixed = 16; // of an entry, in front of its name
constexpr std::string_view same_file("\xff\0", 2);
// perf put the code at this offset of the ELF it made until a program header moved it; V8 still adds it to every
// address.
constexpr uint64_t v8_shift = 0x40;
// No name is searched farther than this for the entry behind it.
constexpr size_t longest_garbage = 4096;

// "JS:*name with blanks /path/with blanks.js:8:34": every text from a blank to the two numbers may be the script.
void scripts_in(std::string_view function, std::vector<std::string_view> &out) {
  out.clear();
  for (int i = 0; i < 2; ++i) {
    const size_t colon = function.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == function.size() ||
        function.find_first_not_of("0123456789", colon + 1) != std::string_view::npos)
      return;
    function = function.substr(0, colon);
  }
  for (size_t at = function.find(' '); at != std::string_view::npos && out.size() < 8; at = function.find(' ', at + 1))
    if (at + 1 < function.size()) out.push_back(function.substr(at + 1));
}

bool printable(std::string_view name) {
  return std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

} // namespace

uint32_t JitdumpLineDecoder::file(std::string_view name) {
  if (name.empty()) return 0;
  const auto [at, added] = files_.emplace(name, static_cast<uint32_t>(dump_.files.size()));
  if (added) dump_.files.push_back(name);
  return at->second;
}

// Whether an entry can begin at `at`, or, behind the last one, the record end there (it may be padded).
bool JitdumpLineDecoder::plausible(const JitdumpBytes &body, size_t at, bool last) const {
  if (last) return at <= body.size() && body.size() - at < 16;
  if (at + fixed >= body.size()) return false;
  const uint64_t address = body.u64(at);
  return address >= first_ && address <= last_;
}

// node 20 (V8 11.3) frees the names of scripts before it writes them: the allocator's pointers are over the first 16
// bytes, with zeros in them, so that neither name nor length can be seen.  The length is that of the script's name, and
// the function's name has that one.  Returns where the next entry begins, 0 if there is none.
size_t JitdumpLineDecoder::name_of_v8(const JitdumpBytes &body, size_t at, bool last, uint32_t &file_of_entry) {
  const std::string_view rest = body.bytes.substr(at);
  for (const std::string_view script : scripts_) {
    const size_t length = script.size();
    if (rest.size() <= length || rest[length] != 0 || !plausible(body, at + length + 1, last)) continue;
    const size_t kept = std::min<size_t>(length, 16);
    if (rest.substr(kept, length - kept) != script.substr(kept)) continue;
    if (rest.substr(0, length) != script) {
      if (printable(rest.substr(0, kept))) continue; // another script with an end like this one's
      dump_.odd.add(JitdumpOdd::line_file_repaired);
    }
    file_of_entry = file(script);
    return at + length + 1;
  }
  const size_t end = rest.find('\0');
  if (end != std::string_view::npos && plausible(body, at + end + 1, last) && printable(rest.substr(0, end))) {
    file_of_entry = file(rest.substr(0, end));
    return at + end + 1;
  }
  file_of_entry = 0;
  dump_.odd.add(JitdumpOdd::line_file_unreadable);
  if (last) return body.size();
  const size_t limit = std::min(body.size(), at + longest_garbage);
  for (size_t next = at + 1; next < limit; ++next)
    if (body.bytes[next - 1] == 0 && plausible(body, next, false)) return next;
  return 0;
}

void JitdumpLineDecoder::decode(const JitdumpBytes &body, JitdumpEvent &load) {
  auto &lines = dump_.lines;
  // As many as there can be: pages that are not used cost nothing, and nothing is moved while the lines grow.
  if (lines.capacity() == 0) {
    lines.reserve(input_ / (fixed + 1));
    hint_huge_pages(lines.data(), lines.capacity() * sizeof(JitLine));
  }
  load.first_line = lines.size();
  if (dump_.v8) {
    scripts_in(load.name, scripts_);
    first_ = load.address;
    last_ = std::min(load.address + load.size, UINT64_MAX - v8_shift) + v8_shift;
  }
  const uint64_t entries = body.u64(8);
  const std::string_view bytes = body.bytes;
  uint64_t lowest = UINT64_MAX;
  uint32_t before = 0; // file of the entry before
  size_t at = 16;
  for (uint64_t i = 0; i < entries; ++i) {
    if (bytes.size() - at <= fixed) {
      dump_.odd.add(JitdumpOdd::lines_torn);
      break;
    }
    const uint64_t address = body.u64(at);
    const uint32_t line = body.u32(at + 8), column = body.u32(at + 12);
    at += fixed;
    const std::string_view rest = bytes.substr(at);
    size_t next;
    if (rest.starts_with(same_file)) {
      next = at + same_file.size();
    } else if (!name_.empty() && rest.size() > name_.size() && rest[name_.size()] == 0 && rest.starts_with(name_)) {
      before = file_;
      next = at + name_.size() + 1;
    } else if (dump_.v8) {
      next = name_of_v8(body, at, i + 1 == entries, before);
    } else {
      const size_t end = rest.find('\0');
      next = end == std::string_view::npos ? 0 : at + end + 1;
      if (next) {
        name_ = rest.substr(0, end);
        file_ = before = file(name_);
      }
    }
    if (!next) {
      dump_.odd.add(JitdumpOdd::lines_torn);
      break;
    }
    at = next;
    if (address >= first_ && address <= last_) lowest = std::min(lowest, address);
    lines.push_back({address, before, line, column});
  }
  const uint64_t shift = dump_.v8 && lowest != UINT64_MAX && lowest - first_ >= v8_shift ? v8_shift : 0;
  size_t kept = load.first_line;
  bool sorted = true;
  for (size_t i = load.first_line; i < lines.size(); ++i) {
    JitLine entry = lines[i];
    entry.address -= shift;
    // The end itself is allowed: that is where a table says that it ends.
    if (entry.address - load.address > load.size) {
      dump_.odd.add(JitdumpOdd::line_outside_code);
      continue;
    }
    sorted = sorted && (kept == load.first_line || lines[kept - 1].address <= entry.address);
    lines[kept++] = entry;
  }
  lines.resize(kept);
  load.line_count = kept - load.first_line;
  if (sorted) return;
  dump_.odd.add(JitdumpOdd::lines_unsorted);
  std::stable_sort(lines.begin() + static_cast<ptrdiff_t>(load.first_line), lines.end(),
                   [](const JitLine &a, const JitLine &b) { return a.address < b.address; });
}

} // namespace sgperf::formats
