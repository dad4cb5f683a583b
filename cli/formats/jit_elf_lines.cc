// SPDX-License-Identifier: Apache-2.0
// DWARF 4, sections 6.2 (line table), 7.5 (units) and 6.1.2 (address ranges); constants from <dwarf.h> of libdw.
#include "formats/jit_elf_lines.h"

#include "formats/leb_writer.h"

#include <dwarf.h>

#include <cstring>
#include <initializer_list>
#include <utility>

namespace sgperf::formats {
namespace {

constexpr int line_base = -5, line_range = 14, opcode_base = 13;

template <class Int> void put(std::string &out, Int value) {
  out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void put_byte(std::string &out, uint64_t value) {
  out.push_back(static_cast<char>(value));
}

void put_text(std::string &out, std::string_view text) {
  out.append(text.substr(0, text.find('\0'))).push_back('\0');
}

// A length that is known only when what it counts has been written.
class Length {
public:
  explicit Length(std::string &out) : out_(out), at_(out.size()) { put(out, uint32_t{0}); }
  void close() {
    const uint32_t length = static_cast<uint32_t>(out_.size() - at_ - 4);
    std::memcpy(out_.data() + at_, &length, sizeof length);
  }

private:
  std::string &out_;
  size_t at_;
};

// One sequence: the rows of a function.
void put_sequence(std::string &out, const JitElfInput &input, const JitPlacedLines &placed) {
  const JitFunction &function = *placed.function;
  uint64_t address = 0, last_line = 1, file = 1, column = 0;
  bool started = false;
  for (const JitLine &row : function.lines) {
    if (row.address < function.address || row.address - function.address >= function.size) continue;
    const uint64_t at = placed.at + (row.address - function.address);
    if (started && at < address) continue; // rows of a sequence never go back
    if (!started) {
      put_byte(out, 0);
      put_uleb(out, 9);
      put_byte(out, DW_LNE_set_address);
      put(out, at);
      address = at;
      started = true;
    }
    const bool known = row.line != 0 && row.file < input.files.size();
    if (known && row.file + uint64_t{1} != file) {
      put_byte(out, DW_LNS_set_file);
      put_uleb(out, file = row.file + uint64_t{1});
    }
    if (row.column != column) {
      put_byte(out, DW_LNS_set_column);
      put_uleb(out, column = row.column);
    }
    const int64_t line_step = static_cast<int64_t>(known ? row.line : 0) - static_cast<int64_t>(last_line);
    const uint64_t step = at - address;
    const bool small = line_step >= line_base && line_step < line_base + line_range;
    if (small && step <= 17 && (line_step - line_base) + line_range * static_cast<int64_t>(step) + opcode_base <= 255) {
      put_byte(out,
               static_cast<uint64_t>((line_step - line_base) + line_range * static_cast<int64_t>(step)) + opcode_base);
    } else {
      if (step) {
        put_byte(out, DW_LNS_advance_pc);
        put_uleb(out, step);
      }
      if (line_step) {
        put_byte(out, DW_LNS_advance_line);
        put_sleb(out, line_step);
      }
      put_byte(out, DW_LNS_copy);
    }
    address = at;
    last_line = known ? row.line : 0;
  }
  if (!started) return;
  put_byte(out, DW_LNS_advance_pc);
  put_uleb(out, placed.at + function.size - address);
  put_byte(out, 0);
  put_uleb(out, 1);
  put_byte(out, DW_LNE_end_sequence);
}

void put_abbreviation(std::string &out, uint64_t code, uint64_t tag, bool children,
                      std::initializer_list<std::pair<uint64_t, uint64_t>> attributes) {
  put_uleb(out, code);
  put_uleb(out, tag);
  put_byte(out, children ? DW_CHILDREN_yes : DW_CHILDREN_no);
  for (const auto &[attribute, form] : attributes) {
    put_uleb(out, attribute);
    put_uleb(out, form);
  }
  put_uleb(out, 0);
  put_uleb(out, 0);
}

std::string line_table(const JitElfInput &input, const std::vector<JitPlacedLines> &functions) {
  std::string out;
  size_t rows = 0;
  for (const JitPlacedLines &placed : functions) rows += placed.function->lines.size();
  out.reserve(256 + functions.size() * 24 + rows * 4);
  Length unit(out);
  put(out, uint16_t{4});
  Length header(out);
  put_byte(out, 1); // minimum_instruction_length
  put_byte(out, 1); // maximum_operations_per_instruction
  put_byte(out, 1); // default_is_stmt
  put_byte(out, static_cast<uint8_t>(line_base));
  put_byte(out, line_range);
  put_byte(out, opcode_base);
  for (const char operands : {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1}) out.push_back(operands);
  put_byte(out, 0); // no include directories: names are relative to DW_AT_comp_dir
  for (const std::string_view name : input.files) {
    put_text(out, name.empty() ? "?" : name);
    put_uleb(out, 0);
    put_uleb(out, 0);
    put_uleb(out, 0);
  }
  put_byte(out, 0);
  header.close();
  for (const JitPlacedLines &placed : functions) put_sequence(out, input, placed);
  unit.close();
  return out;
}

} // namespace

JitLineSections encode_jit_lines(const JitElfInput &input, const std::vector<JitPlacedLines> &functions,
                                 uint64_t text_start, uint64_t text_end) {
  JitLineSections sections;
  if (functions.empty()) return sections;
  sections.line = line_table(input, functions);
  if (sections.line.size() > UINT32_MAX - 16) return {}; // 32-bit DWARF; names stay without lines

  constexpr uint64_t unit = 1, subprogram = 2;
  put_abbreviation(sections.abbrev, unit, DW_TAG_compile_unit, true,
                   {{DW_AT_producer, DW_FORM_string},
                    {DW_AT_language, DW_FORM_data2},
                    {DW_AT_name, DW_FORM_string},
                    {DW_AT_comp_dir, DW_FORM_string},
                    {DW_AT_stmt_list, DW_FORM_sec_offset},
                    {DW_AT_low_pc, DW_FORM_addr},
                    {DW_AT_high_pc, DW_FORM_data8}});
  // Hotspot takes the name of code with lines from here, and without it has that of the unit for all.
  put_abbreviation(sections.abbrev, subprogram, DW_TAG_subprogram, false,
                   {{DW_AT_name, DW_FORM_string}, {DW_AT_low_pc, DW_FORM_addr}, {DW_AT_high_pc, DW_FORM_data8}});
  put_uleb(sections.abbrev, 0);

  Length info(sections.info);
  put(sections.info, uint16_t{4});
  put(sections.info, uint32_t{0}); // offset in .debug_abbrev
  put_byte(sections.info, 8);
  put_uleb(sections.info, unit);
  put_text(sections.info, "sgperf");
  put(sections.info, uint16_t{DW_LANG_C99});
  put_text(sections.info, "code made at run time");
  put_text(sections.info, input.directory);
  put(sections.info, uint32_t{0}); // offset in .debug_line
  put(sections.info, text_start);
  put(sections.info, text_end - text_start);
  for (const JitPlacedLines &placed : functions) {
    put_uleb(sections.info, subprogram);
    put_text(sections.info, placed.function->name);
    put(sections.info, placed.at);
    put(sections.info, placed.function->size);
  }
  put_byte(sections.info, 0); // no more children
  info.close();
  if (sections.info.size() > UINT32_MAX - 16) return {}; // 32-bit DWARF

  Length ranges(sections.ranges);
  put(sections.ranges, uint16_t{2});
  put(sections.ranges, uint32_t{0}); // offset in .debug_info
  put_byte(sections.ranges, 8);
  put_byte(sections.ranges, 0);
  put(sections.ranges, uint32_t{0}); // tuples are aligned to their size
  for (const uint64_t value : {text_start, text_end - text_start, uint64_t{0}, uint64_t{0}})
    put(sections.ranges, value);
  ranges.close();
  return sections;
}

} // namespace sgperf::formats
