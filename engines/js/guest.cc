// SPDX-License-Identifier: Apache-2.0
#include "js/guest.h"

#include <cstring>

namespace sgperf::javascript {

namespace {

constexpr const char *import_kinds[] = {"func", "table", "memory", "global", "tag"};

// False: nothing provides it.  `signature` is what the provider has.
bool provide(const engine::Import &import, Provided &out, std::string &signature) {
  signature = ">";
  if (import.kind != 0) return false;
  if (import.module == "bench" && (import.field == "start" || import.field == "end")) {
    out.by = import.field == "start" ? Provider::bench_start : Provider::bench_end;
    return true;
  }
  if (import.module != SGPERF_WASI_MODULE) return false;
  out.function = sgperf_wasi_find(import.field.c_str());
  if (!out.function) return false;
  out.by = import.field == "proc_exit" ? Provider::proc_exit : Provider::wasi;
  signature = out.function->signature;
  return true;
}

// "iI>i" as "(i32 i64) -> (i32)".
std::string readable(std::string_view signature) {
  std::string text = "(";
  for (char letter : signature) {
    if (letter == '>') {
      text += ") -> (";
      continue;
    }
    if (text.back() != '(') text += ' ';
    text += letter == 'i' ? "i32" : letter == 'I' ? "i64" : letter == 'f' ? "f32" : letter == 'F' ? "f64" : "?";
  }
  text += ')';
  return text;
}

} // namespace

int provide_imports(const engine::Host &host, const engine::Interface &module, std::vector<Provided> &out) {
  for (const engine::Import &import : module.imports) {
    Provided provided{import.module, import.field, Provider::wasi, nullptr};
    std::string signature;
    if (!provide(import, provided, signature))
      return host.error(SGPERF_ENGINE_IMPORT,
                        "unknown import %s.%s (%s): provided are the functions of %s and bench.start, bench.end",
                        import.module.c_str(), import.field.c_str(),
                        import.kind < std::size(import_kinds) ? import_kinds[import.kind] : "?", SGPERF_WASI_MODULE);
    if (import.signature.text() != signature)
      return host.error(SGPERF_ENGINE_IMPORT, "import %s.%s has type %s, expected %s", import.module.c_str(),
                        import.field.c_str(), readable(import.signature.text()).c_str(), readable(signature).c_str());
    out.push_back(std::move(provided));
  }
  return SGPERF_ENGINE_OK;
}

int find_function(const engine::Host &host, const engine::Interface &module, const char *name, engine::Signature &out) {
  for (const engine::Export &item : module.exports) {
    if (item.kind != 0 || item.name != name) continue;
    if (item.signature.text().find('?') != std::string::npos)
      return host.error(SGPERF_ENGINE_UNSUPPORTED, "'%s' has other parameters or results than i32, i64, f32, f64",
                        name);
    out = item.signature;
    return SGPERF_ENGINE_OK;
  }
  if (!std::strcmp(name, "_start"))
    return host.error(SGPERF_ENGINE_NOT_FOUND, "the module exports no function _start; build a WASI command, or name "
                                               "an exported function to call");
  return host.error(SGPERF_ENGINE_NOT_FOUND, "the module exports no function '%s'", name);
}

int wrong_call(const engine::Host &host, const char *name, const engine::Signature &signature, const sgperf_value *args,
               uint32_t n_args, uint32_t n_results) {
  if (n_args != signature.params.size() || n_results < signature.results.size())
    return host.error(SGPERF_ENGINE_ERROR, "'%s' takes %zu values and gives %zu: found %u and room for %u", name,
                      signature.params.size(), signature.results.size(), n_args, n_results);
  uint32_t i = 0;
  while (args[i].kind == kind_of(signature.params[i])) i++;
  return host.error(SGPERF_ENGINE_ERROR, "'%s': argument %u has kind %u, expected %u (0 i32, 1 i64, 2 f32, 3 f64)",
                    name, i, args[i].kind, kind_of(signature.params[i]));
}

int finish(const engine::Host &host, World &world, const char *what, const std::string &trap, int *exit_code) {
  if (world.exit_code) {
    int code = *world.exit_code;
    world.exit_code.reset();
    if (exit_code) *exit_code = code;
    return code ? host.error(SGPERF_ENGINE_EXIT, "%s: the guest left with code %d", what, code) : SGPERF_ENGINE_OK;
  }
  return host.error(SGPERF_ENGINE_TRAP, "%s: the guest trapped: %s", what, trap.c_str());
}

} // namespace sgperf::javascript
