// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_module.h"

#include "formats/byte_cursor.h"
#include "formats/wasm_types.h"

#include <algorithm>
#include <array>

namespace sgperf::formats {
namespace {

constexpr std::string_view magic("\0asm", 4);
constexpr std::string_view core_version("\1\0\0\0", 4);
// A component says layer 1 in the upper half of the same word.
constexpr std::string_view component_layer("\1\0", 2);

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    out += digits[static_cast<uint8_t>(byte) >> 4];
    out += digits[byte & 15];
  }
  return out;
}

class Parser {
public:
  Parser(std::string_view bytes, WasmModule &out) : bytes_(bytes), out_(out) {}

  void sections() {
    ByteCursor all(bytes_, 8);
    while (!all.done()) {
      const WasmSection one = wasm_section(all);
      if (all.bad()) {
        // A cut file: what is there of the section is not read, its counts would lie.
        odd(WasmOdd::section_cut);
        if (one.id != 0) out_.index_space_known = false;
        break;
      }
      // Nothing is read beyond the section, and positions are the file's.
      section(one.id, ByteCursor(bytes_.substr(0, one.end), one.payload), one.payload, one.end - one.payload);
    }
    finish();
  }

private:
  void odd(WasmOdd kind) { out_.odd.add(kind); }

  void section(uint8_t id, ByteCursor c, size_t start, size_t size) {
    if (id != 0 && id < seen_.size()) {
      if (seen_[id]) return odd(WasmOdd::section_repeated);
      seen_[id] = true;
    }
    switch (id) {
    case 0:
      return custom(c, start + size);
    case 1:
      return types(c);
    case 2:
      return imports(c);
    case 3:
      return declarations(c);
    case 7:
      return exports(c);
    case 10:
      return code(c, start, size);
    default:
      return; // tables, memories, globals, elements, data, tags: of no use here
    }
  }

  void types(ByteCursor c) {
    types_whole_ = true;
    for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count) {
      // Recursive groups, structs, arrays: nothing that a caller could pass numbers to, and their indices are lost.
      if (c.u8() != 0x60) {
        types_whole_ = false;
        return odd(WasmOdd::type_unknown);
      }
      std::string params;
      for (uint64_t n = c.uleb(32); n > 0 && !c.bad(); --n) params += wasm_value_type(c);
      for (uint64_t n = c.uleb(32); n > 0 && !c.bad(); --n) wasm_value_type(c);
      if (!c.bad()) types_.push_back(std::move(params));
    }
    if (c.bad()) types_whole_ = false, odd(WasmOdd::type);
  }

  void imports(ByteCursor c) {
    for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count) {
      WasmImport import;
      import.module = wasm_name(c);
      import.name = wasm_name(c);
      const WasmImportType what = wasm_import_type(c);
      if (!what.known) {
        out_.index_space_known = false;
        return odd(WasmOdd::import_unknown);
      }
      if (what.kind != 0 || c.bad()) continue;
      imported_types_.push_back(what.type);
      out_.imported_functions.push_back(std::move(import));
    }
    if (c.bad()) out_.index_space_known = false, odd(WasmOdd::import);
  }

  void declarations(ByteCursor c) {
    const uint64_t count = c.uleb(32);
    for (uint64_t i = 0; i < count && !c.bad(); ++i) {
      const auto type = static_cast<uint32_t>(c.uleb(32));
      if (!c.bad()) declared_types_.push_back(type);
    }
    if (c.bad()) odd(WasmOdd::body_count);
  }

  void exports(ByteCursor c) {
    for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count) {
      WasmExport one;
      one.name = wasm_name(c);
      one.kind = c.u8();
      one.index = static_cast<uint32_t>(c.uleb(32));
      if (c.bad()) break;
      if (one.kind == 0) out_.export_of.try_emplace(one.index, static_cast<uint32_t>(out_.exports.size()));
      out_.exports.push_back(std::move(one));
    }
    if (c.bad()) odd(WasmOdd::export_entry);
  }

  void code(ByteCursor c, size_t start, size_t size) {
    out_.code_payload = start;
    out_.code_size = size;
    for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count) {
      WasmBody body;
      body.size = c.uleb(32);
      body.offset = c.at();
      c.skip(body.size);
      if (!c.bad()) out_.bodies.push_back(body);
    }
    if (c.bad()) out_.index_space_known = false, odd(WasmOdd::body);
  }

  void custom(ByteCursor c, size_t end) {
    WasmCustomSection section;
    section.name = wasm_name(c);
    if (c.bad()) return odd(WasmOdd::custom_section);
    section.offset = c.at();
    section.size = end - c.at();
    if (section.name == "name") {
      names(c);
    } else if (section.name == "build_id") {
      const auto id = wasm_name(c);
      if (c.bad())
        odd(WasmOdd::build_id);
      else
        out_.build_id = hex(id);
    } else if (section.name == "external_debug_info" || section.name == "sourceMappingURL") {
      const auto url = wasm_name(c);
      if (c.bad())
        odd(WasmOdd::url);
      else
        (section.name[0] == 'e' ? out_.external_debug_info : out_.source_map) = url;
    }
    out_.custom.push_back(std::move(section));
  }

  void names(ByteCursor c) {
    while (!c.done()) {
      const uint8_t id = c.u8();
      const uint64_t size = c.uleb(32);
      ByteCursor sub(c.take(size));
      if (c.bad()) return odd(WasmOdd::name_subsection);
      if (id == 0) {
        const auto text = wasm_name(sub);
        if (!sub.bad()) out_.name = text;
      } else if (id == 1) {
        for (uint64_t count = sub.uleb(32); count > 0 && !sub.bad(); --count) {
          const auto index = static_cast<uint32_t>(sub.uleb(32));
          const auto text = wasm_name(sub);
          if (!sub.bad() && !text.empty()) out_.names.insert_or_assign(index, std::string(text));
        }
      } else
        continue; // locals, labels, types, ..
      if (sub.bad()) odd(WasmOdd::name);
    }
  }

  void finish() {
    const uint64_t functions = out_.function_count();
    if (out_.bodies.size() != declared_types_.size()) {
      out_.index_space_known = false;
      odd(WasmOdd::body_count);
    }
    if (out_.index_space_known)
      out_.odd.add(WasmOdd::name_of_no_function,
                   std::erase_if(out_.names, [&](const auto &one) { return one.first >= functions; }));
    out_.types_read = types_whole_ && out_.index_space_known;
    out_.parameters.resize(functions);
    for (uint64_t i = 0; i < functions; ++i) {
      const uint64_t declared = i - imported_types_.size();
      const uint32_t type = i < imported_types_.size()          ? imported_types_[i]
                            : declared < declared_types_.size() ? declared_types_[declared]
                                                                : UINT32_MAX;
      if (type < types_.size())
        out_.parameters[i] = types_[type];
      else
        out_.types_read = false;
    }
  }

  std::string_view bytes_;
  WasmModule &out_;
  std::array<bool, 14> seen_{};
  bool types_whole_ = false;
  std::vector<std::string> types_;
  std::vector<uint32_t> imported_types_, declared_types_;
};

// Bytes of all line programs, without their headers; what is cut is not counted.
uint64_t line_program_bytes(std::string_view section) {
  uint64_t total = 0;
  ByteCursor all(section);
  while (!all.done()) {
    uint64_t length = all.u32();
    const bool wide = length == 0xffffffff;
    if (wide) length = all.u64();
    ByteCursor unit(all.take(length));
    if (all.bad()) break;
    if (unit.u16() >= 5) unit.skip(2); // sizes of an address and of a segment selector
    unit.skip(wide ? unit.u64() : unit.u32());
    total += unit.left();
  }
  return total;
}

} // namespace

const char *to_text(WasmOdd kind) {
  switch (kind) {
  case WasmOdd::section_cut:
    return "section beyond the end of the file";
  case WasmOdd::section_repeated:
    return "section that was there already";
  case WasmOdd::type_unknown:
    return "type that is no function";
  case WasmOdd::type:
    return "damaged type";
  case WasmOdd::import_unknown:
    return "import of an unknown kind";
  case WasmOdd::import:
    return "damaged import";
  case WasmOdd::body_count:
    return "more functions than bodies, or fewer";
  case WasmOdd::body:
    return "damaged function body";
  case WasmOdd::export_entry:
    return "damaged export";
  case WasmOdd::custom_section:
    return "custom section without a name";
  case WasmOdd::build_id:
    return "damaged build id";
  case WasmOdd::url:
    return "damaged URL";
  case WasmOdd::name_subsection:
    return "damaged subsection of names";
  case WasmOdd::name:
    return "damaged name";
  case WasmOdd::name_of_no_function:
    return "name of a function that is not there";
  case WasmOdd::count:
    break;
  }
  return "?";
}

bool has_wasm_magic(std::string_view bytes) {
  return bytes.substr(0, magic.size()) == magic;
}

std::optional<WasmModule> parse_wasm_module(std::string_view bytes, std::string &error) {
  if (!has_wasm_magic(bytes)) {
    error = "expected a WebAssembly module (\\0asm at its start), found " +
            (bytes.empty() ? std::string("an empty file") : "the bytes " + hex(bytes.substr(0, 4)));
    return std::nullopt;
  }
  if (bytes.size() < 8) {
    error = "expected a WebAssembly module, found only " + std::to_string(bytes.size()) + " bytes of one";
    return std::nullopt;
  }
  if (bytes.substr(6, 2) == component_layer) {
    error = "expected a core WebAssembly module, found a component; names and lines are in the core modules inside it";
    return std::nullopt;
  }
  if (bytes.substr(4, 4) != core_version) {
    error = "expected version 1 of the WebAssembly format (01000000), found " + hex(bytes.substr(4, 4));
    return std::nullopt;
  }
  std::optional<WasmModule> out(std::in_place);
  out->size = bytes.size();
  Parser(bytes, *out).sections();
  return out;
}

WasmFunctionName WasmModule::function_name(uint32_t index) const {
  if (const auto it = names.find(index); it != names.end()) return {it->second, WasmNameSource::name_section};
  if (index < imported_functions.size())
    return {imported_functions[index].module + "." + imported_functions[index].name, WasmNameSource::import_section};
  if (const auto it = export_of.find(index); it != export_of.end() && !exports[it->second].name.empty())
    return {exports[it->second].name, WasmNameSource::export_section};
  return {"func[" + std::to_string(index) + "]", WasmNameSource::index};
}

std::optional<uint32_t> WasmModule::function_at(uint64_t position) const {
  auto it = std::upper_bound(bodies.begin(), bodies.end(), position,
                             [](uint64_t at, const WasmBody &b) { return at < b.offset; });
  if (it == bodies.begin() || !(--it)->contains(position)) return std::nullopt;
  return static_cast<uint32_t>(imported_functions.size() + static_cast<size_t>(it - bodies.begin()));
}

std::optional<uint32_t> WasmModule::exported_function(std::string_view wanted) const {
  for (const WasmExport &one : exports)
    if (one.kind == 0 && one.name == wanted) return one.index;
  return std::nullopt;
}

const WasmCustomSection *WasmModule::custom_section(std::string_view wanted) const {
  for (const WasmCustomSection &one : custom)
    if (one.name == wanted) return &one;
  return nullptr;
}

std::string missing_names(const WasmModule &module) {
  if (module.bodies.empty() || !module.names.empty()) return "";
  return "the module has no function names (" + std::to_string(module.bodies.size()) + " functions, " +
         (module.custom_section("name") ? "an empty name section" : "no name section") +
         "): link without -s and --strip-all, and give -g to wasm-opt, which clang's driver runs when it optimises";
}

std::string missing_lines(const WasmModule &module, std::string_view bytes) {
  const auto section = [&](const char *name) -> std::string_view {
    const WasmCustomSection *one = module.custom_section(name);
    if (!one || one->offset > bytes.size()) return {};
    return bytes.substr(one->offset, one->size);
  };
  if (section(".debug_info").empty() && section(".debug_line").empty()) {
    if (!module.external_debug_info.empty())
      return "the module's debug sections are in another file, `" + module.external_debug_info + "`: give that one";
    return "the module has no debug sections: compile and link with -g, and without -s, --strip-debug and --strip-all";
  }
  if (section(".debug_info").empty() || section(".debug_abbrev").empty())
    return "the module has .debug_line but no .debug_info or .debug_abbrev: compile with -g instead of "
           "-gline-tables-only "
           "of an old compiler, and do not strip single sections";
  // Setting an address, a row and the end of a sequence take more than this.
  if (line_program_bytes(section(".debug_line")) < 12)
    return "the module's line table is empty: usually wasm-opt dropped it (clang's driver runs it when it optimises); "
           "give it -g, or link with wasm-ld, or take wasm-opt out of PATH";
  return "";
}

} // namespace sgperf::formats
