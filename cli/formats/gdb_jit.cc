// SPDX-License-Identifier: Apache-2.0
#include "formats/gdb_jit.h"

#include <algorithm>
#include <cstdio>
#include <unordered_set>

namespace sgperf::formats {
namespace {

struct Descriptor {
  uint32_t version, action;
  uint64_t relevant, first;
  bool operator==(const Descriptor &) const = default;
};
static_assert(sizeof(Descriptor) == 24);

struct Entry {
  uint64_t next, prev, symfile, size;
};
static_assert(sizeof(Entry) == 32);

// A size that is a lie ends at the first piece that is not there.
constexpr size_t piece = size_t{1} << 20;

bool copy(const ReadMemory &read, uint64_t address, uint64_t size, std::string &out) {
  while (out.size() < size) {
    const size_t at = out.size(), length = static_cast<size_t>(std::min<uint64_t>(piece, size - at));
    out.resize(at + length);
    if (read(address + at, out.data() + at, length)) continue;
    out = {};
    return false;
  }
  return true;
}

} // namespace

const char *to_text(GdbJitOdd kind) {
  switch (kind) {
  case GdbJitOdd::version:
    return "interface of another version than 1";
  case GdbJitOdd::action:
    return "unknown action";
  case GdbJitOdd::entry_unreadable:
    return "list ends in unreadable memory";
  case GdbJitOdd::loop:
    return "list leads back into itself";
  case GdbJitOdd::too_many_entries:
    return "list longer than the limit";
  case GdbJitOdd::bad_back_link:
    return "entries that do not link back";
  case GdbJitOdd::symfile_empty:
    return "entries without a symbol file";
  case GdbJitOdd::symfile_too_large:
    return "symbol files over the limit";
  case GdbJitOdd::symfile_unreadable:
    return "symbol files that cannot be read";
  case GdbJitOdd::symfile_not_elf:
    return "symbol files that are not ELF";
  case GdbJitOdd::count:
    break;
  }
  return "?";
}

std::optional<GdbJit> read_gdb_jit(uint64_t address, const ReadMemory &read, std::string &error,
                                   const GdbJitLimits &limits, const std::function<bool(const GdbJitEntry &)> &wanted) {
  Descriptor before;
  if (!read(address, &before, sizeof before)) {
    char text[96];
    snprintf(text, sizeof text, "expected __jit_debug_descriptor at %#llx, found memory that cannot be read",
             static_cast<unsigned long long>(address));
    error = text;
    return std::nullopt;
  }
  GdbJit out;
  out.version = before.version;
  out.action = before.action;
  if (before.version != 1) out.odd.add(GdbJitOdd::version);
  if (before.action > 2) out.odd.add(GdbJitOdd::action);

  std::unordered_set<uint64_t> seen;
  uint64_t bytes = 0, previous = 0;
  for (uint64_t at = before.first; at != 0;) {
    if (seen.size() == limits.entries) {
      out.odd.add(GdbJitOdd::too_many_entries);
      break;
    }
    if (!seen.insert(at).second) {
      out.odd.add(GdbJitOdd::loop);
      break;
    }
    Entry entry;
    if (!read(at, &entry, sizeof entry)) {
      out.odd.add(GdbJitOdd::entry_unreadable);
      break;
    }
    if (entry.prev != previous) out.odd.add(GdbJitOdd::bad_back_link);
    previous = at;
    GdbJitEntry found{at, entry.symfile, entry.size, {}};
    at = entry.next;
    if (!found.symfile_address || !found.symfile_size) {
      out.odd.add(GdbJitOdd::symfile_empty);
      continue;
    }
    if (found.symfile_size > limits.symfile_bytes || found.symfile_size > limits.all_bytes - bytes ||
        found.symfile_size > UINT64_MAX - found.symfile_address) {
      out.odd.add(GdbJitOdd::symfile_too_large);
    } else if (!wanted || wanted(found)) {
      if (!copy(read, found.symfile_address, found.symfile_size, found.symfile))
        out.odd.add(GdbJitOdd::symfile_unreadable);
      else if (!found.symfile.starts_with("\177ELF"))
        out.odd.add(GdbJitOdd::symfile_not_elf);
      bytes += found.symfile.size();
    }
    out.entries.push_back(std::move(found));
  }
  Descriptor after;
  out.changed = !read(address, &after, sizeof after) || after != before;
  return out;
}

} // namespace sgperf::formats
