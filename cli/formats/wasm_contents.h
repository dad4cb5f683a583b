// SPDX-License-Identifier: Apache-2.0
// What a module is made of, without running it: sections, imports, functions, memories, segments, instructions, the
// features of WebAssembly that it uses.
#pragma once

#include "formats/wasm_mix.h"
#include "formats/wasm_module.h"
#include "formats/wasm_types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

struct WasmContents {
  struct Section {
    std::string name; // "code"; of a custom section its own
    bool custom = false;
    uint64_t size = 0;    // bytes, without its header
    uint64_t entries = 0; // of its vector; custom sections have none
  };
  struct Import {
    std::string module, name;
    uint8_t kind = 0; // 0 function, 1 table, 2 memory, 3 global, 4 tag
  };

  WasmModule module;             // names, exports, bodies
  std::vector<Section> sections; // in their order
  std::vector<Import> imports;   // all kinds, in their order
  // Defined here, imports not included.
  uint64_t types = 0, functions = 0, tables = 0, memories = 0, globals = 0, tags = 0;
  std::vector<WasmLimits> all_memories, all_tables; // imported ones first
  uint64_t element_segments = 0, elements = 0;
  uint64_t data_segments = 0, data_bytes = 0, passive_segments = 0; // passive: of data and elements
  bool has_start = false;                                           // a function that runs at instantiation
  uint64_t locals = 0;                                              // declared, without parameters
  WasmOperatorCounts operators;
  std::vector<std::string> features;  // used: "simd128", "bulk-memory"; names as LLVM's where it has one
  std::vector<std::string> declared;  // of section target_features: "+simd128"
  std::vector<std::string> producers; // "clang 16.0.6"
  // Code that was not counted: functions with an instruction that is not known, and the first such.
  uint64_t unknown_functions = 0;
  std::string unknown;
  std::vector<std::string> damage; // what could not be read, a line each

  bool has_names() const { return !module.names.empty(); }
  bool has_dwarf() const { return module.custom_section(".debug_info") != nullptr; }
  uint64_t debug_bytes() const; // of all sections .debug_*
  // Bodies by size, largest first: index of the function, at most `count`.
  std::vector<uint32_t> largest(size_t count) const;
};

// nullopt: no core module (formats/wasm_module.h), `error` says so.  Damage further in costs what it damages.
std::optional<WasmContents> read_wasm_contents(std::string_view bytes, std::string &error);

const char *import_kind(uint8_t kind);     // "function"
std::string wasm_section_name(uint8_t id); // "data-count"; of custom sections "custom"

} // namespace sgperf::formats
