// SPDX-License-Identifier: Apache-2.0
// The forms were read off what node 20 (V8 11.3), jsc 2.50, wasmtime 49 and their sources write, and off WAMR's
// aot_perf_map.c; tests/formats/test_jit_name.cc has a table of them.
#include "formats/jit_name.h"

#include "formats/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sgperf::formats {
namespace {

bool eat(std::string_view &text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool eat_number(std::string_view &text, uint32_t &out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

// "[12]"
bool eat_index(std::string_view &text, uint32_t &out) {
  std::string_view rest = text;
  if (!eat(rest, "[") || !eat_number(rest, out) || !eat(rest, "]")) return false;
  text = rest;
  return true;
}

std::optional<uint32_t> whole_number(std::string_view text) {
  uint32_t out = 0;
  if (!eat_number(text, out) || !text.empty()) return std::nullopt;
  return out;
}

// wasm-function[17], the Web's name for a function that has none.
std::optional<uint32_t> nameless(std::string_view text) {
  uint32_t index = 0;
  if (!eat(text, "wasm-function") || !eat_index(text, index) || !text.empty()) return std::nullopt;
  return index;
}

JitName plain(JitNameKind kind, std::string_view module, std::string_view function) {
  JitName name;
  name.kind = kind;
  name.module = module;
  name.function = function;
  return name;
}

void set_function(JitName &name, std::string_view function) {
  if (const auto index = nameless(function))
    name.index = index;
  else
    name.function = function;
}

// --- V8: TAG:name, Wasm functions and wrappers as JS:name-index-tier

// Cuts "-index-tier" off the end; tiers are those of V8's ExecutionTierToString().
bool cut_v8_tier(std::string_view &text, JitName &name) {
  for (const std::string_view tier : {"liftoff", "turbofan", "none", "interpreter"}) {
    if (text.size() <= tier.size() || !text.ends_with(tier)) continue;
    std::string_view rest = text.substr(0, text.size() - tier.size());
    if (!rest.ends_with('-')) continue;
    rest.remove_suffix(1);
    const size_t dash = rest.rfind('-');
    if (dash == std::string_view::npos) continue;
    const std::string_view index = rest.substr(dash + 1);
    const auto number = whole_number(index);
    if (!number && index != "<anonymous>") continue;
    name.index = number;
    name.tier = tier == "none" ? std::string_view() : tier;
    text = rest.substr(0, dash);
    return true;
  }
  return false;
}

bool v8_wrapper(std::string_view text) {
  for (const std::string_view prefix : {"wasm-to-", "js-to-wasm", "c-wasm-entry", "jump-table", "interpreter entry"})
    if (text.starts_with(prefix)) return true;
  return false;
}

std::string_view v8_tier_of_mark(char mark) {
  switch (mark) {
  case '~':
    return "ignition";
  case '^':
    return "sparkplug";
  case '+':
    return "maglev";
  case '*':
    return "turbofan";
  default:
    return {};
  }
}

// "*name script:line:column"; the script may have blanks, a name hardly ever has (computed ones may).
JitName v8_javascript(std::string_view text) {
  JitName name = plain(JitNameKind::javascript, {}, text);
  // Newer than V8 11.3, read off deno 2.9.6: an `o` in front (code that is entered in a loop), a `'` behind.
  if (text.starts_with("o+") || text.starts_with("o*")) text.remove_prefix(1);
  if (!text.empty()) name.tier = v8_tier_of_mark(text[0]);
  if (!name.tier.empty()) {
    text.remove_prefix(1);
    eat(text, "'");
  }
  name.function = text;
  const size_t column = text.rfind(':');
  if (column == std::string_view::npos || column == 0 || !whole_number(text.substr(column + 1))) return name;
  const size_t line = text.rfind(':', column - 1);
  if (line == std::string_view::npos || !whole_number(text.substr(line + 1, column - line - 1))) return name;
  name.location = text.substr(line + 1);
  text = text.substr(0, line);
  const size_t blank = text.find(' ');
  name.function = text.substr(0, blank);
  if (blank != std::string_view::npos) name.module = text.substr(blank + 1);
  return name;
}

bool parse_v8(std::string_view text, JitName &name) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view tag = text.substr(0, colon);
  std::string_view rest = text.substr(colon + 1);
  if (rest.starts_with(':')) return false; // a Rust or C++ name
  if (tag == "JS" || tag == "LazyCompile" || tag == "Function") {
    if (cut_v8_tier(rest, name)) {
      name.kind = v8_wrapper(rest) ? JitNameKind::trampoline : JitNameKind::wasm_function;
      const auto index = name.index;
      set_function(name, rest);
      if (index) name.index = index;
    } else
      name = v8_javascript(rest);
    return true;
  }
  if (tag == "Eval" || tag == "Script") {
    name = v8_javascript(rest);
    if (name.function.empty()) name.function = tag == "Eval" ? "(eval)" : "(script)";
    return true;
  }
  if (tag == "Builtin" || tag == "Stub" || tag == "RegExp" || tag == "BytecodeHandler" || tag == "Handler" ||
      tag == "Callback") {
    const bool wrapper = v8_wrapper(rest) || rest == "GenericJSToWasmWrapper" || rest == "JSToWasmWrapper" ||
                         rest == "JSToWasmWrapperAsm" || rest == "WasmToJsWrapperCSA" || rest == "WasmToJsWrapperAsm";
    const bool common = tag == "Builtin" || tag == "Stub";
    name = plain(wrapper ? JitNameKind::trampoline : JitNameKind::stub, wrapper ? "" : "v8", common ? rest : text);
    return true;
  }
  return false;
}

// --- JavaScriptCore: JSC-PROFILE: rest

struct JscTier {
  std::string_view profile, tier;
  bool javascript;
};
constexpr std::array<JscTier, 8> jsc_tiers{{{"Baseline", "baseline", true},
                                            {"DFG", "dfg", true},
                                            {"FTL", "ftl", true},
                                            {"DFGOSREntry", "dfg", true},
                                            {"WasmBBQ", "bbq", false},
                                            {"WasmOMG", "omg", false},
                                            {"WasmOMGForOSREntry", "omg", false},
                                            {"WasmIPInt", "ipint", false}}};

bool parse_jsc(std::string_view text, JitName &name) {
  std::string_view rest = text;
  if (!eat(rest, "JSC-")) return false;
  const size_t colon = rest.find(": ");
  if (colon == std::string_view::npos) return false;
  const std::string_view profile = rest.substr(0, colon);
  rest.remove_prefix(colon + 2);
  const auto known =
      std::find_if(jsc_tiers.begin(), jsc_tiers.end(), [&](const JscTier &t) { return t.profile == profile; });
  constexpr std::string_view wasm = ".wasm-function[";
  const size_t begin = rest.find(wasm);
  // module.wasm-function[f]#HASH, as functions of JavaScript have it: newer than jsc 2.50, read off bun 1.4.5.
  if (const size_t hash = rest.rfind("]#");
      begin != std::string_view::npos && hash != std::string_view::npos && hash > begin && !rest.ends_with(']'))
    rest = rest.substr(0, hash + 1);
  if (begin != std::string_view::npos && rest.ends_with(']')) {
    name = plain(JitNameKind::wasm_function, rest.substr(0, begin), rest.substr(begin + wasm.size()));
    name.function.remove_suffix(1);
    if (name.module == "<?>") name.module = {};
    // A function without a name has its index there, if the module has no name section at all.
    if (const auto index = whole_number(name.function)) {
      name.index = index;
      name.function = {};
    }
    if (known != jsc_tiers.end()) name.tier = known->tier;
    return true;
  }
  if (known != jsc_tiers.end() && known->javascript && rest != "unspecified") {
    // name#HASH: the hash tells code of functions with the same name apart.
    const size_t hash = rest.rfind('#');
    name = plain(JitNameKind::javascript, {}, hash == std::string_view::npos ? rest : rest.substr(0, hash));
    name.tier = known->tier;
    return true;
  }
  if (profile == "WasmThunk" && (rest == "JSToWasm" || rest == "WasmToJS")) {
    name = plain(JitNameKind::trampoline, {}, rest);
    return true;
  }
  // The profile belongs to the name: "unspecified" says nothing.
  name = plain(JitNameKind::stub, "jsc", text.substr(4));
  return true;
}

// --- wasmtime: symbols of its code images

bool parse_wasmtime(std::string_view text, JitName &name) {
  std::string_view rest = text;
  uint32_t number = 0;
  if (eat(rest, "wasm") && eat_index(rest, number) && eat(rest, "::")) {
    name.module_number = number;
    uint32_t index = 0;
    std::string_view function = rest;
    if (eat(function, "function") && eat_index(function, index) && (function.empty() || eat(function, "::"))) {
      name.kind = JitNameKind::wasm_function;
      name.index = index;
      name.function = function;
      return true;
    }
    name.kind = rest.find("trampoline") == std::string_view::npos ? JitNameKind::stub : JitNameKind::trampoline;
    name.function = rest;
    const size_t bracket = rest.find('[');
    if (bracket != std::string_view::npos) {
      std::string_view tail = rest.substr(bracket);
      if (eat_index(tail, index) && tail.empty()) name.index = index;
    }
    return true;
  }
  if (text.starts_with("signatures[") || text.starts_with("component_trampoline") ||
      text.starts_with("component-trampoline") || text.starts_with("component[")) {
    name = plain(JitNameKind::trampoline, {}, text);
    return true;
  }
  if (text.starts_with("wasmtime_builtin_")) {
    name = plain(JitNameKind::stub, "wasmtime", text);
    return true;
  }
  return false;
}

// --- WAMR: [module]#aot_func#N, aot_func#N

bool parse_wamr(std::string_view text, JitName &name) {
  const size_t mark = text.rfind("aot_func");
  if (mark == std::string_view::npos) return false;
  std::string_view module = text.substr(0, mark), rest = text.substr(mark);
  const bool known = eat(rest, "aot_func#") || eat(rest, "aot_func_internal#");
  const auto index = known ? whole_number(rest) : std::nullopt;
  if (!index) return false;
  if (!module.empty()) {
    if (!eat(module, "[") || !module.ends_with("]#")) return false;
    module.remove_suffix(2);
  }
  name = plain(JitNameKind::wasm_function, module, {});
  name.tier = "aot";
  name.defined_index = index;
  return true;
}

std::string shown(std::string_view text) {
  std::string out = valid_utf8(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '?');
  return out;
}

} // namespace

JitName parse_jit_name(std::string_view text, JitEngine engine) {
  JitName name;
  if (parse_wasmtime(text, name) || parse_wamr(text, name) || parse_jsc(text, name)) return name;
  if (engine != JitEngine::wasmtime && engine != JitEngine::wasmer && parse_v8(text, name)) return name;
  name = {};
  const auto index = nameless(text);
  if (index || engine == JitEngine::wasmtime || engine == JitEngine::wasmer) {
    name.kind = JitNameKind::wasm_function;
    set_function(name, text);
    return name;
  }
  name.function = text;
  return name;
}

std::string canonical_name(const JitName &name) {
  std::string out;
  const bool wasm = name.kind == JitNameKind::wasm_function || name.kind == JitNameKind::trampoline;
  if (!name.module.empty())
    out.append(shown(name.module)).push_back('!');
  else if (wasm && name.module_number.value_or(0))
    out.append("wasm[").append(std::to_string(*name.module_number)).append("]!");
  else if (wasm)
    out.append("wasm!");
  if (!name.function.empty())
    out.append(shown(name.function));
  else if (wasm && name.index)
    out.append("wasm-function[").append(std::to_string(*name.index)).append("]");
  else if (wasm && name.defined_index)
    out.append("wasm-function[imports+").append(std::to_string(*name.defined_index)).append("]");
  else
    out.append("(anonymous)");
  if (name.function.empty() && !name.location.empty()) out.append(":").append(shown(name.location));
  if (!name.tier.empty()) out.append(" [").append(shown(name.tier)).append("]");
  return out;
}

} // namespace sgperf::formats
