// SPDX-License-Identifier: Apache-2.0
// What engines call their code, taken apart, and the one form in which sgperf shows it: `module!function [tier]`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sgperf::formats {

enum class JitEngine : uint8_t { unknown, v8, jsc, wasmtime, wasmer, wamr };

enum class JitNameKind : uint8_t {
  wasm_function,
  trampoline, // between Wasm and the host, in either direction
  stub,       // code of the engine's own: builtins, thunks, inline caches, bytecode handlers
  javascript,
  other, // nothing was recognized: the text is the name
};

// Views into the text that was parsed, or into constants.
struct JitName {
  JitNameKind kind = JitNameKind::other;
  std::string_view module;       // Wasm: name of the module; JavaScript: the script; stub: the engine; empty: not known
  std::string_view function;     // without index and tier; empty: it has no name
  std::string_view tier;         // as the engine calls it, in lower case; empty: not known
  std::string_view location;     // JavaScript: "line:column" of the function in its script
  std::optional<uint32_t> index; // of the function in its module, imports counted; of a trampoline: of its function
  std::optional<uint32_t> defined_index; // imports not counted (WAMR)
  std::optional<uint32_t> module_number; // wasmtime: of the module in its component; 0 is the only one elsewhere
  bool operator==(const JitName &) const = default;
};

// `engine`: who wrote the text.  Most forms are recognized without; the bare names that wasmtime and wasmer write are
// not: with these engines, what has no form of its own is a Wasm function's name.
JitName parse_jit_name(std::string_view text, JitEngine engine = JitEngine::unknown);

// "module!function [tier]".  A Wasm module whose name is not known is `wasm` (of a component's: `wasm[1]`), a function
// without a name is `wasm-function[index]`, as the Web's convention has it.  Control characters and bytes that are not
// UTF-8 are replaced: the text is to be shown.
std::string canonical_name(const JitName &name);

} // namespace sgperf::formats
