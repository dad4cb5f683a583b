// SPDX-License-Identifier: Apache-2.0
#include "wasm3/imports.h"

#include "sgperf/sgperf.h"

#include <cstring>

namespace sgperf::wasm3 {

namespace {

// An exit is a trap to the interpreter: it unwinds the guest's frames and nothing else.
const char leaving[] = "[trap] proc_exit";

const void *run_hook(M3Runtime *, M3ImportContext *context, uint64_t *, void *) {
  auto *hook = static_cast<const World::Hook *>(context->userdata);
  hook->call(hook->host);
  return nullptr;
}

const void *run_wasi(M3Runtime *runtime, M3ImportContext *context, uint64_t *sp, void *memory) {
  SGPERF_SCOPE("wasm3::import");
  auto *call = static_cast<const World::Call *>(context->userdata);
  // The shim takes parameters as wasm3 keeps them: a slot of 64 bits each, an i32 in its low half.
  uint32_t code = call->entry(call->world->wasi, static_cast<uint8_t *>(memory),
                              call->world->api.m3_GetMemorySize(runtime), sp + call->result);
  if (call->result) *sp = code;
  return nullptr;
}

const void *leave(M3Runtime *, M3ImportContext *context, uint64_t *sp, void *) {
  static_cast<const World::Call *>(context->userdata)->world->exit_code = int(uint32_t(*sp));
  return leaving;
}

// "iIi>i" in wasm3's letters: "i(iIi)".
std::string signature(const char *shim) {
  const char *result = std::strchr(shim, '>');
  return std::string(result[1] ? "i(" : "v(") + std::string(shim, result) + ")";
}

const char *kind_name(uint8_t kind) {
  static constexpr const char *names[] = {"function", "table", "memory", "global", "tag"};
  return kind < std::size(names) ? names[kind] : "unknown kind";
}

bool is_hook(const engine::Import &import) {
  return import.module == "bench" && (import.field == "start" || import.field == "end");
}
const sgperf_wasi_function *find(const engine::Import &import) {
  return import.module == SGPERF_WASI_MODULE ? sgperf_wasi_find(import.field.c_str()) : nullptr;
}

} // namespace

int check_imports(const engine::Host &host, const std::vector<engine::Import> &imports) {
  for (const engine::Import &import : imports) {
    const sgperf_wasi_function *function = find(import);
    if (import.kind != 0 || (!function && !is_hook(import)))
      return host.error(SGPERF_ENGINE_IMPORT,
                        "unknown import %s.%s (%s): provided are the functions of %s and bench.start, bench.end",
                        import.module.c_str(), import.field.c_str(), kind_name(import.kind), SGPERF_WASI_MODULE);
    const char *expected = function ? function->signature : ">";
    if (import.signature.text() != expected)
      return host.error(SGPERF_ENGINE_IMPORT, "import %s.%s has type %s, expected %s (i i32, I i64, f f32, F f64)",
                        import.module.c_str(), import.field.c_str(), import.signature.text().c_str(), expected);
  }
  return SGPERF_ENGINE_OK;
}

int link_imports(const engine::Host &host, const std::vector<engine::Import> &imports, M3Module *module, World &world) {
  const Api &api = world.api;
  for (const engine::Import &import : imports) {
    M3Result failed;
    if (const sgperf_wasi_function *function = find(import)) {
      bool exits = import.field == "proc_exit";
      world.calls.push_back(std::make_unique<World::Call>(World::Call{&world, function->call, !exits}));
      failed = api.m3_LinkRawFunctionEx(module, import.module.c_str(), import.field.c_str(),
                                        signature(function->signature).c_str(), exits ? leave : run_wasi,
                                        world.calls.back().get());
    } else {
      World::Hook &hook = import.field == "start" ? world.start : world.end;
      hook = {import.field == "start" ? host.config().bench_start : host.config().bench_end, host.config().host};
      failed = api.m3_LinkRawFunctionEx(module, import.module.c_str(), import.field.c_str(), "v()", run_hook, &hook);
    }
    if (failed)
      return host.error(SGPERF_ENGINE_IMPORT, "wasm3 cannot link import %s.%s: %s", import.module.c_str(),
                        import.field.c_str(), failed);
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wasm3
