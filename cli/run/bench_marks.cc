// SPDX-License-Identifier: Apache-2.0
#include "run/bench_marks.h"

#include "formats/input_file.h"
#include "formats/wasm_module.h"
#include "libsgperf/mark_layout.h"
#include "run/instrument.h"

#include <fmt/format.h>

#include <string_view>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

// (module (func (export "start")) (func (export "end")))
constexpr std::string_view silent("\0asm\1\0\0\0"
                                  "\1\4\1\x60\0\0"
                                  "\3\3\2\0\0"
                                  "\7\x0f\2\5start\0\0\3end\0\1"
                                  "\x0a\7\2\2\0\x0b\2\0\x0b",
                                  8 + 6 + 5 + 17 + 9);
// (module (import "bench" "start" (func)) (import "bench" "end" (func)) (export "start" (func 0)) (export "end" (func
// 1)))
constexpr std::string_view passing("\0asm\1\0\0\0"
                                   "\1\4\1\x60\0\0"
                                   "\2\x1b\2\5bench\5start\0\0\5bench\3end\0\0"
                                   "\7\x0f\2\5start\0\0\3end\0\1",
                                   8 + 6 + 29 + 17);

} // namespace

std::optional<MarkedModule> marked_module(const std::vector<std::string> &command, size_t program_at,
                                          const fs::path &folder) {
  for (size_t i = program_at + 1; i < command.size(); ++i) {
    std::error_code code;
    if (!fs::is_regular_file(folder / command[i], code)) continue;
    std::string error;
    const auto target = fs::canonical(folder / command[i], code);
    const auto file = formats::InputFile::read(target, error);
    const auto module = file ? formats::parse_wasm_module(file->bytes(), error) : std::nullopt;
    if (!module) continue;
    MarkedModule out;
    out.path = command[i];
    for (const formats::WasmImport &import : module->imported_functions)
      out.imports |= import.module == "bench" && (import.name == "start" || import.name == "end");
    if (const auto *section = module->custom_section(formats::marks_section))
      out.call = file->bytes().substr(section->offset, section->size);
    if (out.imports || !out.call.empty()) return out;
  }
  return std::nullopt;
}

std::string bench_module(bool marks) {
  std::string error;
  const auto made = marks ? instrument(passing, formats::WasmMark::Call::sleep, error) : std::nullopt;
  return made ? made->bytes : std::string(silent);
}

std::string bench_script() {
  return fmt::format(R"('use strict';
// Made by sgperf record: bench.start and bench.end for modules that import them.  Each is a writev() of three empty
// buffers, whose distances the preloaded library knows.
const {{ writevSync }} = require('fs');
const memory = new Uint8Array(65536);
const mark = (last) => {{
  const buffers = [0, {0}, {0} + last].map((at) => memory.subarray(at, at));
  return () => {{ writevSync(2, buffers); }};
}};
const start = mark({1}), end = mark({2});
const supply = (imports) => {{
  if (imports !== undefined && (imports === null || typeof imports !== 'object')) return imports;
  const own = imports && imports.bench;
  if (own && own.start && own.end) return imports;
  return Object.create(imports || null, {{ bench: {{ value: {{ start, end, ...own }}, enumerable: true }} }});
}};
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {{
  construct: (target, [module, imports], made) => Reflect.construct(target, [module, supply(imports)], made),
}});
for (const name of ['instantiate', 'instantiateStreaming']) {{
  const plain = WebAssembly[name];
  if (plain) WebAssembly[name] = (source, imports, ...more) => plain(source, supply(imports), ...more);
}}
)",
                     SGPERF_MARK_COMMON, SGPERF_MARK_START, SGPERF_MARK_END);
}

std::string marks_refusal(const MarkedModule &module, const std::string &engine, bool supplied) {
  const std::string name = module.path.string();
  const bool sleeps = engine == "wasmtime";
  // A host may supply the two itself, and call the library in them; if it does not, that is seen in the end.
  if (engine.empty() || (module.imports && (supplied || engine == "python"))) return "";
  if (engine == "wasm-interp")
    return fmt::format(
        "no mark of {} would be seen: this interpreter has no WASI unless it was built with it (Debian's "
        "was not), and nothing else in it reaches the kernel; take wasm3, node or wasmtime",
        name);
  if (module.imports)
    return fmt::format("{} imports bench.start and bench.end, which sgperf cannot supply to {}: make a module without "
                       "them by `sgperf instrument {} -o NEW.wasm{}` and record that",
                       name, engine, name, sleeps ? " --call sleep" : "");
  if (engine == "python")
    return fmt::format("no mark of {} would be seen: calls of WASI in an engine's wheel need not reach the kernel; "
                       "define bench.start and bench.end in its linker, and call sgperf_bench_start() and "
                       "sgperf_bench_end() in them (docs/instrumenting-ffi.md)",
                       name);
  const char *seen = sleeps ? "poll_oneoff" : "fd_write";
  if ((sleeps || engine == "node" || engine == "wasm3") && module.call != seen)
    return fmt::format("the marks of {} are calls of {}, which do not reach the kernel as they are in {}: make it anew "
                       "by `sgperf instrument .. --call {}`",
                       name, module.call, engine, sleeps ? "sleep" : "write");
  return "";
}

} // namespace sgperf::run
