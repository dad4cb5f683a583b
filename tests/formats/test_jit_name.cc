// SPDX-License-Identifier: Apache-2.0
// The names that engines give their code, as they were seen, and what they mean.
#include "formats/jit_name.h"

#include <gtest/gtest.h>

#include <ostream>

namespace sgperf::formats {
namespace {

using enum JitNameKind;
using enum JitEngine;

struct Case {
  const char *text;
  JitNameKind kind;
  const char *module, *function, *tier;
  int64_t index; // -1: none
  const char *canonical;
  JitEngine engine = unknown;
};

// Wasm in V8: name, index of the function (imports counted), tier.
const Case v8_cases[] = {
    {"JS:fib-20001-liftoff", wasm_function, "", "fib", "liftoff", 20001, "wasm!fib [liftoff]"},
    {"JS:fib-1-turbofan", wasm_function, "", "fib", "turbofan", 1, "wasm!fib [turbofan]"},
    {"JS:wasm-function[17]-17-liftoff", wasm_function, "", "", "liftoff", 17, "wasm!wasm-function[17] [liftoff]"},
    {"JS:a-1-liftoff-2-turbofan", wasm_function, "", "a-1-liftoff", "turbofan", 2, "wasm!a-1-liftoff [turbofan]"},
    {"JS:core::fmt::write::h0123-40-liftoff", wasm_function, "", "core::fmt::write::h0123", "liftoff", 40,
     "wasm!core::fmt::write::h0123 [liftoff]"},
    {"JS:operator new(unsigned long)-7-liftoff", wasm_function, "", "operator new(unsigned long)", "liftoff", 7,
     "wasm!operator new(unsigned long) [liftoff]"},
    {"JS:wasm-to-js:i:-log-0-turbofan", trampoline, "", "wasm-to-js:i:-log", "turbofan", 0,
     "wasm!wasm-to-js:i:-log [turbofan]"},
    {"JS:wasm-to-js:iiii:i-<anonymous>-turbofan", trampoline, "", "wasm-to-js:iiii:i", "turbofan", -1,
     "wasm!wasm-to-js:iiii:i [turbofan]"},
    {"JS:jump-table-<anonymous>-none", trampoline, "", "jump-table", "", -1, "wasm!jump-table"},
    {"Stub:js-to-wasm:i:i", trampoline, "", "js-to-wasm:i:i", "", -1, "wasm!js-to-wasm:i:i"},
    {"Builtin:GenericJSToWasmWrapper", trampoline, "", "GenericJSToWasmWrapper", "", -1, "wasm!GenericJSToWasmWrapper"},
    {"Builtin:WasmCompileLazy", stub, "v8", "WasmCompileLazy", "", -1, "v8!WasmCompileLazy"},
    {"BytecodeHandler:LdaZero", stub, "v8", "BytecodeHandler:LdaZero", "", -1, "v8!BytecodeHandler:LdaZero"},
    {"RegExp:a+b", stub, "v8", "RegExp:a+b", "", -1, "v8!RegExp:a+b"},
    {"JS:*hot /x/run.js:4:13", javascript, "/x/run.js", "hot", "turbofan", -1, "/x/run.js!hot [turbofan]"},
    {"JS:^resolve node:path:1217:10", javascript, "node:path", "resolve", "sparkplug", -1,
     "node:path!resolve [sparkplug]"},
    {"JS:+f /a b/run.js:4:13", javascript, "/a b/run.js", "f", "maglev", -1, "/a b/run.js!f [maglev]"},
    {"JS:~ node:path:1208:10", javascript, "node:path", "", "ignition", -1, "node:path!(anonymous):1208:10 [ignition]"},
    {"LazyCompile:*old /x/run.js:4:13", javascript, "/x/run.js", "old", "turbofan", -1, "/x/run.js!old [turbofan]"},
    {"Eval:~ /x/run.js:1:1", javascript, "/x/run.js", "(eval)", "ignition", -1, "/x/run.js!(eval) [ignition]"},
    {"Script:~ [eval]:1:1", javascript, "[eval]", "(script)", "ignition", -1, "[eval]!(script) [ignition]"},
    {"JS:o*js file:///x/run.js:3:12", javascript, "file:///x/run.js", "js", "turbofan", -1,
     "file:///x/run.js!js [turbofan]"},
    {"JS:+'js /x/run.js:3:12", javascript, "/x/run.js", "js", "maglev", -1, "/x/run.js!js [maglev]"},
    {"JS:*o /x/run.js:3:12", javascript, "/x/run.js", "o", "turbofan", -1, "/x/run.js!o [turbofan]"},
    {"JS:o /x/run.js:3:12", javascript, "/x/run.js", "o", "", -1, "/x/run.js!o"},
    {"JS:~native", javascript, "", "native", "ignition", -1, "native [ignition]"},
};

const Case jsc_cases[] = {
    {"JSC-WasmBBQ: <?>.wasm-function[fib]", wasm_function, "", "fib", "bbq", -1, "wasm!fib [bbq]"},
    {"JSC-WasmOMG: demo.wasm-function[fib]", wasm_function, "demo", "fib", "omg", -1, "demo!fib [omg]"},
    {"JSC-WasmOMG: <?>.wasm-function[2]", wasm_function, "", "", "omg", 2, "wasm!wasm-function[2] [omg]"},
    {"JSC-WasmOMG: demo.wasm-function[fib]#BPUKfC", wasm_function, "demo", "fib", "omg", -1, "demo!fib [omg]"},
    {"JSC-WasmOMG: demo.wasm-function[a]#b]", wasm_function, "demo", "a]#b", "omg", -1, "demo!a]#b [omg]"},
    {"JSC-WasmBBQ: demo.wasm-function[]", wasm_function, "demo", "", "bbq", -1, "demo!(anonymous) [bbq]"},
    {"JSC-WasmBBQ: a.b.wasm-function[T::operator[](int)]", wasm_function, "a.b", "T::operator[](int)", "bbq", -1,
     "a.b!T::operator[](int) [bbq]"},
    {"JSC-WasmThunk: JSToWasm", trampoline, "", "JSToWasm", "", -1, "wasm!JSToWasm"},
    {"JSC-WasmThunk: unspecified", stub, "jsc", "WasmThunk: unspecified", "", -1, "jsc!WasmThunk: unspecified"},
    {"JSC-InlineCache: GetById Load handler", stub, "jsc", "InlineCache: GetById Load handler", "", -1,
     "jsc!InlineCache: GetById Load handler"},
    {"JSC-Baseline: hot#AnrGDa", javascript, "", "hot", "baseline", -1, "hot [baseline]"},
    {"JSC-DFG: a b#A2g6oP", javascript, "", "a b", "dfg", -1, "a b [dfg]"},
    {"JSC-FTL: #B2qLSD", javascript, "", "", "ftl", -1, "(anonymous) [ftl]"},
    {"JSC-DFGOSREntry: unspecified", stub, "jsc", "DFGOSREntry: unspecified", "", -1, "jsc!DFGOSREntry: unspecified"},
};

const Case wasmtime_cases[] = {
    {"wasm[0]::function[6]::fib", wasm_function, "", "fib", "", 6, "wasm!fib"},
    {"wasm[0]::function[4]::my-n$ame.x", wasm_function, "", "my-n$ame.x", "", 4, "wasm!my-n$ame.x"},
    {"wasm[0]::function[3]", wasm_function, "", "", "", 3, "wasm!wasm-function[3]"},
    {"wasm[1]::function[1]::g", wasm_function, "", "g", "", 1, "wasm[1]!g"},
    {"wasm[0]::function[1]::a::b[0]", wasm_function, "", "a::b[0]", "", 1, "wasm!a::b[0]"},
    {"wasm[0]::array_to_wasm_trampoline[3]", trampoline, "", "array_to_wasm_trampoline[3]", "", 3,
     "wasm!array_to_wasm_trampoline[3]"},
    {"signatures[0]::wasm_to_array_trampoline", trampoline, "", "signatures[0]::wasm_to_array_trampoline", "", -1,
     "wasm!signatures[0]::wasm_to_array_trampoline"},
    {"wasmtime_builtin_memory_grow", stub, "wasmtime", "wasmtime_builtin_memory_grow", "", -1,
     "wasmtime!wasmtime_builtin_memory_grow"},
    // In its jitdump and perf map a function with a name has only that.
    {"fib", wasm_function, "", "fib", "", -1, "wasm!fib", wasmtime},
    {"core::fmt::write", wasm_function, "", "core::fmt::write", "", -1, "wasm!core::fmt::write", wasmtime},
    {"JS:x", wasm_function, "", "JS:x", "", -1, "wasm!JS:x", wasmtime},
    {"add_two", wasm_function, "", "add_two", "", -1, "wasm!add_two", wasmer},
    {"wasm-function[9]", wasm_function, "", "", "", 9, "wasm!wasm-function[9]", wasmer},
};

const Case other_cases[] = {
    {"fib", other, "", "fib", "", -1, "fib"},
    {"", other, "", "", "", -1, "(anonymous)"},
    {"Function::call", other, "", "Function::call", "", -1, "Function::call"},
    {"std::vector<int>: x", other, "", "std::vector<int>: x", "", -1, "std::vector<int>: x"},
    {"wasm[0]", other, "", "wasm[0]", "", -1, "wasm[0]"},
    {"wasm[99999999999]::function[1]", other, "", "wasm[99999999999]::function[1]", "", -1,
     "wasm[99999999999]::function[1]"},
    {"[app]aot_func#1", other, "", "[app]aot_func#1", "", -1, "[app]aot_func#1"},
    {"JSC-", other, "", "JSC-", "", -1, "JSC-"},
    {"line\nbreak \xff", other, "", "line\nbreak \xff", "", -1, "line?break \xef\xbf\xbd"},
};

void check(const Case &one) {
  SCOPED_TRACE(one.text);
  const JitName name = parse_jit_name(one.text, one.engine);
  EXPECT_EQ(name.kind, one.kind);
  EXPECT_EQ(name.module, one.module);
  EXPECT_EQ(name.function, one.function);
  EXPECT_EQ(name.tier, one.tier);
  EXPECT_EQ(name.index ? static_cast<int64_t>(*name.index) : -1, one.index);
  EXPECT_EQ(canonical_name(name), one.canonical);
}

TEST(JitNames, OfV8) {
  for (const Case &one : v8_cases) check(one);
  EXPECT_EQ(parse_jit_name("JS:~ node:path:1208:10").location, "1208:10");
}

TEST(JitNames, OfJavaScriptCore) {
  for (const Case &one : jsc_cases) check(one);
}

TEST(JitNames, OfWasmtimeAndWasmer) {
  for (const Case &one : wasmtime_cases) check(one);
  EXPECT_EQ(parse_jit_name("wasm[2]::function[6]::fib").module_number, 2u);
}

TEST(JitNames, OfWamr) {
  for (const char *text : {"[app.wasm]#aot_func#12", "[app.wasm]#aot_func_internal#12"}) {
    const JitName name = parse_jit_name(text);
    EXPECT_EQ(name.kind, wasm_function);
    EXPECT_EQ(name.module, "app.wasm");
    EXPECT_EQ(name.tier, "aot");
    EXPECT_FALSE(name.index) << "it does not count imports";
    EXPECT_EQ(name.defined_index, 12u);
    EXPECT_EQ(canonical_name(name), "app.wasm!wasm-function[imports+12] [aot]");
  }
  EXPECT_EQ(canonical_name(parse_jit_name("aot_func#3")), "wasm!wasm-function[imports+3] [aot]");
}

TEST(JitNames, OfNobody) {
  for (const Case &one : other_cases) check(one);
}

// The pieces may be set before the name is shown: a demangled function, a module that was found otherwise.
TEST(JitNames, PiecesCanBeReplaced) {
  JitName name = parse_jit_name("wasm[0]::function[6]::_Z3fibi");
  name.function = "fib(int)";
  name.module = "app";
  name.tier = "cranelift";
  EXPECT_EQ(canonical_name(name), "app!fib(int) [cranelift]");
}

} // namespace
} // namespace sgperf::formats
