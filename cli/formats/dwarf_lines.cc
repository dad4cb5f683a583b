// SPDX-License-Identifier: Apache-2.0
#include "formats/dwarf_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace sgperf::formats {
namespace {

// Ranges of units that overlap do not occur but where a linker left removed code at one address.
constexpr int most_overlaps = 16;
constexpr size_t most_inlined = 256; // depth of a chain

struct Range {
  uint64_t start = 0, end = 0; // [start, end)
  size_t what = 0;             // index
  bool holds(uint64_t address) const { return address >= start && address < end; }
};

void sort(std::vector<Range> &ranges) {
  std::stable_sort(ranges.begin(), ranges.end(), [](const Range &a, const Range &b) { return a.start < b.start; });
}

// The ranges that hold the address, the one that begins last first.
template <typename Take> void each_at(const std::vector<Range> &ranges, uint64_t address, Take take) {
  auto it = std::upper_bound(ranges.begin(), ranges.end(), address,
                             [](uint64_t at, const Range &range) { return at < range.start; });
  for (int looked = 0; it != ranges.begin() && looked < most_overlaps; ++looked) {
    --it;
    if (it->holds(address) && take(it->what)) return;
  }
}

bool add_ranges(Dwarf_Die &die, size_t what, std::vector<Range> &out) {
  Dwarf_Addr base = 0, start = 0, end = 0;
  bool any = false;
  for (ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &start, &end)) > 0;) {
    any = true;
    if (start < end) out.push_back({start, end, what});
  }
  return any;
}

// The next one in the file's order only: references of damaged data may go in circles.
bool next_sibling(Dwarf_Die &die) {
  Dwarf_Die next;
  if (dwarf_siblingof(&die, &next) != 0 || dwarf_dieoffset(&next) <= dwarf_dieoffset(&die)) return false;
  die = next;
  return true;
}

bool first_child(Dwarf_Die &die, Dwarf_Die &out) {
  return dwarf_child(&die, &out) == 0 && dwarf_dieoffset(&out) > dwarf_dieoffset(&die);
}

std::string text(const char *from) {
  return from ? from : "";
}

std::string function_name(Dwarf_Die &die) {
  Dwarf_Attribute attribute;
  for (const unsigned name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name})
    if (dwarf_attr_integrate(&die, name, &attribute))
      if (const char *found = dwarf_formstring(&attribute); found && *found) return found;
  return "";
}

uint32_t number(Dwarf_Die &die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (!dwarf_attr(&die, name, &attribute) || dwarf_formudata(&attribute, &value) != 0 || value > UINT32_MAX) return 0;
  return static_cast<uint32_t>(value);
}

struct Unit {
  Dwarf_Die die;
  bool loaded = false;
  std::vector<Range> ranges; // of functions
  std::vector<Dwarf_Die> functions;

  void load() {
    if (loaded) return;
    loaded = true;
    // Functions stand at the top and in namespaces and types; what is inside a function is looked at when it is asked
    // for.
    std::vector<Dwarf_Die> open;
    Dwarf_Die at;
    if (!first_child(die, at)) return;
    for (;;) {
      Dwarf_Die child;
      bool down = false;
      switch (dwarf_tag(&at)) {
      case DW_TAG_subprogram:
        functions.push_back(at);
        if (!add_ranges(at, functions.size() - 1, ranges)) functions.pop_back(); // a declaration
        break;
      case DW_TAG_namespace:
      case DW_TAG_module:
      case DW_TAG_class_type:
      case DW_TAG_structure_type:
      case DW_TAG_union_type:
      case DW_TAG_enumeration_type: // of Rust, with its methods
        down = first_child(at, child);
        break;
      default:
        break;
      }
      if (down) {
        open.push_back(at);
        at = child;
        continue;
      }
      while (!next_sibling(at)) {
        if (open.empty()) return finish();
        at = open.back();
        open.pop_back();
      }
    }
  }
  void finish() { sort(ranges); }
};

// What was inlined at the address, the outermost first; `at` is the function.
std::vector<Dwarf_Die> inlined_at(Dwarf_Die at, uint64_t address) {
  std::vector<Dwarf_Die> out;
  Dwarf_Die child;
  for (bool more = first_child(at, child); more && out.size() < most_inlined;) {
    const int tag = dwarf_tag(&child);
    if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) && dwarf_haspc(&child, address) > 0) {
      if (tag == DW_TAG_inlined_subroutine) out.push_back(child);
      at = child;
      more = first_child(at, child);
    } else
      more = next_sibling(child);
  }
  return out;
}

} // namespace

struct DwarfLines::Index {
  std::vector<Unit> units;
  std::vector<Range> ranges;   // of units
  std::vector<size_t> unbound; // units that do not say where their code is
  bool unbound_loaded = false;
  std::unordered_map<uint64_t, SourcePlace> known; // no frames: nothing is known

  Index(Dwarf *dwarf, bool split) {
    Dwarf_CU *cu = nullptr;
    Dwarf_Half version = 0;
    uint8_t type = 0;
    Dwarf_Die die, sub;
    while (dwarf && dwarf_get_units(dwarf, cu, &cu, &version, &type, &die, split ? &sub : nullptr) == 0) {
      if (type == DW_UT_type || type == DW_UT_split_type) continue;
      // A skeleton has the ranges, its split half the functions; without that half there are at least lines.
      Unit unit;
      unit.die = split && type == DW_UT_skeleton && dwarf_tag(&sub) == DW_TAG_compile_unit ? sub : die;
      const size_t index = units.size();
      if (!add_ranges(die, index, ranges)) unbound.push_back(index);
      units.push_back(std::move(unit));
    }
    sort(ranges);
  }

  void load_unbound() {
    if (unbound_loaded) return;
    unbound_loaded = true;
    for (const size_t index : unbound) {
      units[index].load();
      for (const Range &range : units[index].ranges) ranges.push_back({range.start, range.end, index});
    }
    sort(ranges);
  }

  bool look(Unit &unit, uint64_t address, SourcePlace &out) {
    unit.load();
    std::optional<Dwarf_Die> function;
    each_at(unit.ranges, address, [&](size_t which) {
      function = unit.functions[which];
      return true;
    });
    SourceFrame here;
    if (Dwarf_Line *line = dwarf_getsrc_die(&unit.die, address)) {
      int value = 0;
      here.file = text(dwarf_linesrc(line, nullptr, nullptr));
      if (dwarf_lineno(line, &value) == 0 && value > 0) here.line = static_cast<uint32_t>(value);
      if (dwarf_linecol(line, &value) == 0 && value > 0) here.column = static_cast<uint32_t>(value);
    }
    if (!function) {
      if (here.file.empty()) return false;
      out.frames.push_back(std::move(here));
      return true;
    }
    auto chain = inlined_at(*function, address);
    chain.insert(chain.begin(), *function);
    Dwarf_Files *files = nullptr;
    size_t file_count = 0;
    if (dwarf_getsrcfiles(&unit.die, &files, &file_count) != 0) file_count = 0;
    for (size_t i = chain.size(); i-- > 0;) {
      here.function = function_name(chain[i]);
      out.frames.push_back(std::move(here));
      here = {};
      // Where it was called from: a place in the function around it.
      const uint32_t file = number(chain[i], DW_AT_call_file);
      if (file < file_count) here.file = text(dwarf_filesrc(files, file, nullptr, nullptr));
      here.line = number(chain[i], DW_AT_call_line);
      here.column = number(chain[i], DW_AT_call_column);
    }
    return true;
  }

  bool look_everywhere(uint64_t address, SourcePlace &out) {
    bool found = false;
    each_at(ranges, address, [&](size_t which) { return found = look(units[which], address, out); });
    return found;
  }
};

DwarfLines::DwarfLines(Dwarf *dwarf, bool split) : index_(std::make_unique<Index>(dwarf, split)) {}
DwarfLines::~DwarfLines() = default;

const SourcePlace *DwarfLines::find(uint64_t address) {
  const auto [it, fresh] = index_->known.try_emplace(address);
  SourcePlace &place = it->second;
  if (fresh && !index_->look_everywhere(address, place)) {
    index_->load_unbound();
    index_->look_everywhere(address, place);
  }
  return place.frames.empty() ? nullptr : &place;
}

} // namespace sgperf::formats
