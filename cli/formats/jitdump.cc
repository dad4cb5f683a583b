// SPDX-License-Identifier: Apache-2.0
#include "formats/jitdump.h"

#include "formats/huge_pages.h"
#include "formats/jitdump_bytes.h"
#include "formats/jitdump_lines.h"

#include <algorithm>
#include <cstdio>

namespace sgperf::formats {
namespace {

constexpr uint32_t magic = 0x4A695444;
constexpr size_t header_size = 40, prefix_size = 16, load_size = 56, move_size = 64;
constexpr uint64_t largest_code = uint64_t{2} << 30; // what a relative call reaches
// Debug info that waits for its load.  One is the rule; several engines in one file write theirs between each other's.
constexpr size_t most_waiting = 8;

// `first_nonsense`: no later version of the format will have come that far; what looks like it is damage.
enum : uint32_t { id_load, id_move, id_debug_info, id_close, id_unwinding, first_nonsense = 64 };

struct Waiting {
  uint64_t address;
  JitdumpBytes body;
};

class Reader {
public:
  Reader(JitdumpBytes input, Jitdump &dump) : in_(input), dump_(dump), lines_(dump, input.size()) {}
  void run();

private:
  bool header(size_t at, JitdumpHeader &out, size_t &length) const;
  bool second_header(size_t &at);
  bool begins_load(size_t at) const;
  bool resume(size_t &at);
  void record(uint32_t id, size_t at, size_t total);
  void load(const JitdumpBytes &record, JitdumpEvent event);
  void move(const JitdumpBytes &record, JitdumpEvent event);
  void lines(JitdumpEvent &event);
  void unwinding(const JitdumpBytes &body);
  bool possible(uint64_t address, uint64_t size);
  void finish();

  const JitdumpBytes in_;
  Jitdump &dump_;
  JitdumpLineDecoder lines_;
  std::vector<Waiting> waiting_;
  uint32_t unwinding_ = 0; // waits for its load
};

bool Reader::header(size_t at, JitdumpHeader &out, size_t &length) const {
  if (in_.size() - at < header_size || in_.u32(at) != magic) return false;
  out.version = in_.u32(at + 4);
  length = in_.u32(at + 8);
  out.elf_machine = in_.u32(at + 12);
  out.pad = in_.u32(at + 16);
  out.pid = in_.u32(at + 20);
  out.time = in_.u64(at + 24);
  out.flags = in_.u64(at + 32);
  return true;
}

// A header where a record should be: what a second writer puts there.  As a record it would be one of id `magic` and of
// a size that is its version.
bool Reader::second_header(size_t &at) {
  JitdumpHeader other;
  size_t length = 0;
  if (!header(at, other, length) || length < header_size || length > in_.size() - at) return false;
  dump_.odd.add(JitdumpOdd::second_header);
  if (other.arch_time() != dump_.header.arch_time() || other.elf_machine != dump_.header.elf_machine)
    dump_.odd.add(JitdumpOdd::header_differs);
  dump_.v8 = dump_.v8 || other.v8();
  at += length;
  return true;
}

// Whether a load, and nothing else, may begin here: for finding the way behind damage.
bool Reader::begins_load(size_t at) const {
  if (in_.size() - at <= load_size || in_.u32(at) != id_load || in_.u32(at + 16) != dump_.header.pid) return false;
  const uint64_t total = in_.u32(at + 4), code = in_.u64(at + 40);
  return total > load_size && total <= in_.size() - at && code < total - load_size &&
         in_.bytes[at + total - code - 1] == 0;
}

// Sets `at` to the next load behind it.  Every byte is looked at once, since reading goes on from there.
bool Reader::resume(size_t &at) {
  if (dump_.header.pid == 0) return false;
  uint32_t pid = dump_.header.pid;
  if (in_.swapped) pid = __builtin_bswap32(pid);
  const std::string_view wanted(reinterpret_cast<const char *>(&pid), sizeof pid);
  for (size_t found = in_.bytes.find(wanted, at + prefix_size + 1); found != std::string_view::npos;
       found = in_.bytes.find(wanted, found + 1)) {
    const size_t begin = found - prefix_size;
    if (!begins_load(begin)) continue;
    dump_.odd.add(JitdumpOdd::resumed);
    dump_.skipped_bytes += begin - at;
    at = begin;
    return true;
  }
  return false;
}

bool Reader::possible(uint64_t address, uint64_t size) {
  if (size <= largest_code && address <= UINT64_MAX - size) return true;
  dump_.odd.add(JitdumpOdd::impossible_range);
  return false;
}

void Reader::lines(JitdumpEvent &event) {
  for (size_t i = waiting_.size(); i-- > 0;) {
    if (waiting_[i].address != event.address) continue;
    lines_.decode(waiting_[i].body, event);
    waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(i));
    return;
  }
}

void Reader::load(const JitdumpBytes &record, JitdumpEvent event) {
  event.pid = record.u32(16);
  event.tid = record.u32(20);
  event.vma = record.u64(24);
  event.address = record.u64(32);
  event.size = record.u64(40);
  event.index = record.u64(48);
  event.unwinding = unwinding_;
  unwinding_ = 0;
  if (!possible(event.address, event.size)) return;
  // As perf has it, the code is the record's end: there may be padding behind the name.
  std::string_view name = record.bytes.substr(load_size);
  if (event.size > name.size()) {
    dump_.odd.add(JitdumpOdd::code_missing);
  } else {
    event.code = name.substr(name.size() - static_cast<size_t>(event.size));
    name.remove_suffix(static_cast<size_t>(event.size));
  }
  if (event.size == 0) dump_.odd.add(JitdumpOdd::code_empty);
  const size_t end = name.find('\0');
  if (end == std::string_view::npos)
    dump_.odd.add(JitdumpOdd::name_unterminated);
  else
    name = name.substr(0, end);
  if (name.empty()) dump_.odd.add(JitdumpOdd::name_empty);
  event.name = name;
  if (!waiting_.empty()) lines(event);
  ++dump_.loads;
  dump_.events.push_back(event);
}

void Reader::move(const JitdumpBytes &record, JitdumpEvent event) {
  event.kind = JitdumpKind::move;
  event.pid = record.u32(16);
  event.tid = record.u32(20);
  event.vma = record.u64(24);
  event.old_address = record.u64(32);
  event.address = record.u64(40);
  event.size = record.u64(48);
  event.index = record.u64(56);
  if (possible(event.address, event.size) && possible(event.old_address, event.size)) dump_.events.push_back(event);
}

void Reader::unwinding(const JitdumpBytes &body) {
  if (unwinding_) dump_.odd.add(JitdumpOdd::unwinding_without_code);
  unwinding_ = 0;
  const uint64_t size = body.u64(0), header = body.u64(8);
  if (size > body.size() - 24 || header > size) {
    dump_.odd.add(JitdumpOdd::unwinding_torn);
    return;
  }
  const std::string_view data = body.bytes.substr(24, static_cast<size_t>(size));
  const size_t length = static_cast<size_t>(header), rest = data.size() - length;
  // The specification has .eh_frame_hdr first; perf reads it, and V8 writes it, behind .eh_frame.  It begins with its
  // version, 1; an .eh_frame begins with a length, and none is so short.
  const bool first = length != 0 && data[0] == 1 && (rest == 0 || data[rest] != 1);
  JitdumpUnwinding unwinding;
  unwinding.eh_frame = first ? data.substr(length) : data.substr(0, rest);
  unwinding.eh_frame_hdr = first ? data.substr(0, length) : data.substr(rest);
  unwinding.mapped_size = body.u64(16);
  unwinding_ = static_cast<uint32_t>(dump_.unwindings.size());
  dump_.unwindings.push_back(unwinding);
}

void Reader::record(uint32_t id, size_t at, size_t total) {
  const JitdumpBytes bytes = in_.part(at, total);
  JitdumpEvent event;
  event.offset = at;
  event.time = bytes.u64(8);
  const auto has = [&](size_t fixed) {
    if (total < fixed) dump_.odd.add(JitdumpOdd::short_record);
    return total >= fixed;
  };
  switch (id) {
  case id_load:
    if (has(load_size)) load(bytes, event);
    break;
  case id_move:
    if (has(move_size)) move(bytes, event);
    break;
  case id_debug_info:
    if (!has(prefix_size + 16)) break;
    if (waiting_.size() == most_waiting) {
      dump_.odd.add(JitdumpOdd::lines_without_code);
      waiting_.erase(waiting_.begin());
    }
    waiting_.push_back({bytes.u64(prefix_size), bytes.part(prefix_size, total - prefix_size)});
    break;
  case id_close:
    event.kind = JitdumpKind::close;
    dump_.events.push_back(event);
    break;
  case id_unwinding:
    if (has(prefix_size + 24)) unwinding(bytes.part(prefix_size, total - prefix_size));
    break;
  default:
    dump_.odd.add(JitdumpOdd::unknown_record);
  }
}

void Reader::finish() {
  dump_.odd.add(JitdumpOdd::lines_without_code, waiting_.size());
  if (unwinding_) dump_.odd.add(JitdumpOdd::unwinding_without_code);
  auto &events = dump_.events;
  uint64_t late = 0;
  bool ascending = true;
  uint64_t index = 0, time = 0;
  for (const JitdumpEvent &event : events) {
    if (event.time < time) ++late;
    time = event.time;
    if (event.kind != JitdumpKind::load) continue;
    ascending = ascending && (index == 0 || event.index >= index);
    // One past it, so that the same again is seen as well.
    index = event.index + 1;
  }
  if (late) {
    dump_.odd.add(JitdumpOdd::out_of_order, late);
    std::stable_sort(events.begin(), events.end(),
                     [](const JitdumpEvent &a, const JitdumpEvent &b) { return a.time < b.time; });
  }
  if (ascending) return;
  std::vector<uint64_t> indices;
  indices.reserve(events.size());
  for (const JitdumpEvent &event : events)
    if (event.kind == JitdumpKind::load) indices.push_back(event.index);
  std::sort(indices.begin(), indices.end());
  for (size_t i = 1; i < indices.size(); ++i)
    if (indices[i] == indices[i - 1]) dump_.odd.add(JitdumpOdd::index_repeated);
}

void Reader::run() {
  size_t length = 0;
  header(0, dump_.header, length);
  dump_.v8 = dump_.header.v8();
  dump_.files.emplace_back();
  dump_.unwindings.emplace_back();
  // Pages that are not used cost nothing.
  dump_.events.reserve(in_.size() / (load_size + 32));
  hint_huge_pages(dump_.events.data(), dump_.events.capacity() * sizeof(JitdumpEvent));
  size_t at = std::clamp(length, header_size, in_.size());
  while (at < in_.size()) {
    const bool prefix = in_.size() - at >= prefix_size;
    const uint32_t id = prefix ? in_.u32(at) : 0;
    const size_t total = prefix ? in_.u32(at + 4) : 0;
    if (prefix && id == magic && second_header(at)) continue;
    const bool whole = prefix && total >= prefix_size && total <= in_.size() - at;
    if (!(whole && id < first_nonsense) && resume(at)) {
      dump_.odd.add(JitdumpOdd::damaged);
      continue;
    }
    if (!whole) {
      dump_.odd.add(prefix && total < prefix_size ? JitdumpOdd::damaged : JitdumpOdd::truncated);
      break;
    }
    record(id, at, total);
    at += total;
  }
  dump_.end = at;
  finish();
}

} // namespace

const char *to_text(JitdumpOdd kind) {
  switch (kind) {
  case JitdumpOdd::truncated:
    return "last record not complete";
  case JitdumpOdd::damaged:
    return "places where no record can begin";
  case JitdumpOdd::resumed:
    return "damaged stretches stepped over";
  case JitdumpOdd::unknown_record:
    return "records of unknown kind";
  case JitdumpOdd::short_record:
    return "records that are too short";
  case JitdumpOdd::second_header:
    return "further writers in the file";
  case JitdumpOdd::header_differs:
    return "writers with another clock or machine";
  case JitdumpOdd::impossible_range:
    return "functions at impossible addresses";
  case JitdumpOdd::code_missing:
    return "functions without their code";
  case JitdumpOdd::code_empty:
    return "functions of size 0";
  case JitdumpOdd::name_unterminated:
    return "names without an end";
  case JitdumpOdd::name_empty:
    return "functions without a name";
  case JitdumpOdd::out_of_order:
    return "records out of order of time";
  case JitdumpOdd::index_repeated:
    return "indices used again";
  case JitdumpOdd::lines_without_code:
    return "line tables without a function";
  case JitdumpOdd::lines_torn:
    return "line tables not complete";
  case JitdumpOdd::line_outside_code:
    return "lines outside their function";
  case JitdumpOdd::line_file_unreadable:
    return "lines whose file name is unreadable";
  case JitdumpOdd::line_file_repaired:
    return "lines whose file name was repaired";
  case JitdumpOdd::lines_unsorted:
    return "line tables not in the order of addresses";
  case JitdumpOdd::unwinding_torn:
    return "unwinding records not complete";
  case JitdumpOdd::unwinding_without_code:
    return "unwinding records without a function";
  case JitdumpOdd::count:
    break;
  }
  return "?";
}

std::optional<Jitdump> read_jitdump(std::string_view bytes, std::string &error) {
  if (bytes.size() < header_size) {
    error = "expected a jitdump's header of 40 bytes, found " + std::to_string(bytes.size()) +
            (bytes.empty() ? ": its writer has not written yet, or keeps it in a buffer" : " bytes");
    return std::nullopt;
  }
  Jitdump dump;
  JitdumpBytes input{bytes, false};
  if (input.u32(0) != magic) {
    input.swapped = true;
    if (input.u32(0) != magic) {
      char found[16];
      snprintf(found, sizeof found, "%08x", input.u32(0));
      error = std::string("expected a jitdump, which begins with 4454694a, found ") + found;
      return std::nullopt;
    }
  }
  dump.swapped = input.swapped;
  Reader(input, dump).run();
  return dump;
}

} // namespace sgperf::formats
