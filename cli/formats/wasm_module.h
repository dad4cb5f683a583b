// SPDX-License-Identifier: Apache-2.0
// What names and lines need of a WebAssembly module: functions, imports, exports, names, where code is, which debug
// sections there are.  Nothing is validated or decoded beyond that.  Layout: the core specification's binary format,
// and the tool conventions for custom sections (name, external_debug_info, sourceMappingURL, build_id).
#pragma once

#include "formats/odd_counts.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

// Offsets are into the file, in bytes.
struct WasmBody {
  uint64_t offset = 0; // its first byte after the size: the vector of locals
  uint64_t size = 0;
  bool contains(uint64_t position) const { return position >= offset && position - offset < size; }
};

struct WasmExport {
  std::string name;
  uint8_t kind = 0;   // 0 function, 1 table, 2 memory, 3 global, 4 tag
  uint32_t index = 0; // in the index space of its kind, imports included
};

struct WasmImport { // of a function
  std::string module, name;
};

struct WasmCustomSection {
  std::string name;
  uint64_t offset = 0, size = 0; // of what follows the name
};

enum class WasmNameSource : uint8_t { name_section, export_section, import_section, index };

struct WasmFunctionName {
  std::string name; // as written: may be mangled
  WasmNameSource source = WasmNameSource::index;
};

enum class WasmOdd : uint8_t {
  section_cut,      // it ends beyond the file
  section_repeated, // the first one counts
  type_unknown,     // no function type: the rest of the section is not read
  type,
  import_unknown, // of a kind not known here: the rest of the section is not read
  import,
  body_count, // other than the number of functions
  body,
  export_entry,
  custom_section, // without a name
  build_id,
  url,
  name_subsection,
  name,
  name_of_no_function,
  count
};
const char *to_text(WasmOdd kind);

struct WasmModule {
  uint64_t size = 0;                          // of the file
  std::string name;                           // of the name section; empty if it has none
  std::vector<WasmImport> imported_functions; // they come first in the index space
  std::vector<WasmExport> exports;            // all kinds, in their order
  std::map<uint32_t, uint32_t> export_of;     // function index -> index in `exports` of its first export
  std::vector<WasmBody> bodies;               // by function index minus imported_functions.size(); ascending offsets
  uint64_t code_payload = 0; // offset of the Code section's first byte, its count: DWARF's address 0.  0 = no code
  uint64_t code_size = 0;
  std::map<uint32_t, std::string> names; // of the name section: function index -> name
  std::vector<WasmCustomSection> custom; // in their order
  std::string build_id;                  // hex, empty if none
  std::string external_debug_info;       // URL of a second module that has the debug sections, empty if none
  std::string source_map;                // URL, empty if none
  // Parameter types by function index, one byte each: 0x7f i32, 0x7e i64, 0x7d f32, 0x7c f64, others are references.
  // `types_read` false: the type section has what is not known here, and empty may mean unknown.
  std::vector<std::string> parameters;
  bool types_read = false;
  // What was not read.  A module with such things is usable as far as it goes; `index_space_known` false: which index a
  // body has cannot be told, so it fits no image.
  OddCounts<WasmOdd> odd;
  bool index_space_known = true;

  uint64_t function_count() const { return imported_functions.size() + bodies.size(); }
  // Name section, else import ("module.name"), else export, else "func[index]".
  WasmFunctionName function_name(uint32_t index) const;
  // Index of the function whose body has this file position; nullopt: none has.
  std::optional<uint32_t> function_at(uint64_t position) const;
  // Index of the exported function of that name.
  std::optional<uint32_t> exported_function(std::string_view name) const;
  const WasmCustomSection *custom_section(std::string_view name) const; // the first of that name
};

// nullopt: no core module at all (magic, version, a component); `error` says what was expected and found.  Damage
// further in is counted in `odd`.  Work and memory are bounded by the size of `bytes`.
std::optional<WasmModule> parse_wasm_module(std::string_view bytes, std::string &error);

// "\0asm" at the start: a module or a component.
bool has_wasm_magic(std::string_view bytes);

// Empty if the module has them; else what is missing, why it usually is, and how to build so that it is not.
std::string missing_names(const WasmModule &module);
std::string missing_lines(const WasmModule &module, std::string_view bytes); // the bytes it was parsed from

} // namespace sgperf::formats
