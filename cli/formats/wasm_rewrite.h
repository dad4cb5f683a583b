// SPDX-License-Identifier: Apache-2.0
// A module with the marks of a benchmark (imports bench.start and bench.end) made into one that runs where nobody
// supplies them: each of the two imports becomes an import of WASI in the same place, so that no index changes, and a
// function is appended that makes the mark; what named the import names that function.
#pragma once

#include "formats/code_offsets.h"
#include "formats/wasm_marks.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

// Of a rewritten module: the name of the call of WASI that its marks are.
inline constexpr std::string_view marks_section = "sgperf.marks";

struct RewrittenModule {
  std::string bytes;
  CodeOffsets offsets;            // the same is in a custom section of the module
  uint32_t calls = 0;             // places that named bench.start or bench.end
  std::vector<std::string> notes; // what the user should know, a sentence each
};

// Is a valid module if `bytes` was.  nullopt: `error` says what was expected, what was found, and what to do.  Indices
// are replaced in LEBs of the same length where they fit; where one does not, what stands behind it moves, and
// `offsets` tells from where.
std::optional<RewrittenModule> replace_bench_imports(std::string_view bytes, const WasmMark &start, const WasmMark &end,
                                                     std::string &error);

} // namespace sgperf::formats
