// SPDX-License-Identifier: Apache-2.0
#include "merge/code_names.h"

#include "formats/demangle.h"

namespace sgperf::merge {
namespace {

constexpr const char *engine_module = "[engine]", *unknown_module = "[jit]";

// "module!function [tier]": from sgperf_jit_register(), or a jitdump that was normalised.
void take_written_form(CodeName &out, std::string_view text) {
  const size_t blank = text.rfind(" [");
  if (blank != std::string_view::npos && text.ends_with(']') && text.find("[clone") != blank + 1) {
    out.tier = text.substr(blank + 2, text.size() - blank - 3);
    text = text.substr(0, blank);
  }
  const size_t mark = text.find('!');
  if (mark != std::string_view::npos && mark != 0 && mark + 1 < text.size()) {
    out.guest = true;
    out.module = text.substr(0, mark);
    out.name = out.module + "!" + formats::demangle(text.substr(mark + 1), {.parameters = false});
  } else {
    out.module = unknown_module;
    out.name = formats::demangle(text, {.parameters = false});
  }
  out.named = true;
}

} // namespace

CodeName code_name(std::string_view text, formats::JitEngine engine, ModuleFile *made_of, ModuleFiles &modules) {
  CodeName out;
  if (text.empty()) {
    out.module = unknown_module;
    out.name = "[jit]";
    return out;
  }
  formats::JitName name = formats::parse_jit_name(text, engine);
  out.guest = name.kind == formats::JitNameKind::wasm_function;
  if (name.kind == formats::JitNameKind::other) {
    // A bare name, as Wasmtime writes it into perf maps, is a guest's if the only module has it.
    out.file = modules.with(std::nullopt, text);
    if (!out.file) {
      take_written_form(out, text);
      return out;
    }
    out.guest = out.named = true;
    out.module = out.file->title();
    out.name = out.module + "!" + formats::demangle(text, {.parameters = false});
    return out;
  }
  out.tier = name.tier;
  if (out.guest) {
    std::optional<uint32_t> index = name.index;
    out.file = made_of ? made_of : modules.with(index, name.function);
    if (out.file && !index && name.defined_index)
      index = *name.defined_index + static_cast<uint32_t>(out.file->module().imported_functions.size());
    if (out.file && index && out.file->has_function(*index)) {
      const ModuleFile::Name own = out.file->function(*index);
      // Some engines are told more than the module's bytes say.
      if (own.named || name.function.empty()) {
        out.module = out.file->title();
        out.name = out.module + "!" + own.text;
        out.named = own.named;
        return out;
      }
    }
  }
  out.module = !out.guest ? engine_module : out.file ? out.file->title() : name.module.empty() ? "wasm" : name.module;
  out.named = !name.function.empty() || !name.location.empty();
  const std::string readable = formats::demangle(name.function, {.parameters = false});
  name.function = readable;
  name.tier = {};
  if (out.guest && out.file) name.module = out.file->title();
  out.name = formats::canonical_name(name);
  return out;
}

CodeName code_name(ModuleFile *made_of, uint64_t number) {
  CodeName out;
  const auto index = static_cast<uint32_t>(number);
  if (!made_of || !made_of->has_function(index)) {
    out.module = unknown_module;
    out.name = "jit[" + std::to_string(number) + "]";
    return out;
  }
  const ModuleFile::Name own = made_of->function(index);
  if (index < made_of->module().imported_functions.size()) {
    out.module = engine_module;
    out.name = "call of " + own.text;
    return out;
  }
  out.guest = true;
  out.named = own.named;
  out.file = made_of;
  out.module = made_of->title();
  out.name = out.module + "!" + own.text;
  return out;
}

} // namespace sgperf::merge
