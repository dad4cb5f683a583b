// SPDX-License-Identifier: Apache-2.0
#include "wabt/imports.h"

#include "sgperf/sgperf.h"

#include <cstring>

namespace sgperf::wabt_engine {

namespace {

using namespace wabt::interp;

ValueTypes types(const char *&letters) {
  ValueTypes out;
  for (; *letters && *letters != '>'; letters++) out.push_back(*letters == 'I' ? wabt::Type::I64 : wabt::Type::I32);
  if (*letters) letters++;
  return out;
}

FuncType function_type(const char *signature) {
  ValueTypes params = types(signature), results = types(signature);
  return FuncType(params, results);
}

std::string text(const ValueTypes &types) {
  std::string out;
  for (ValueType type : types) out += (out.empty() ? "" : " ") + wabt::interp::GetName(type);
  return out;
}

HostFunc::Callback hook(const engine::Host &host, void (engine::Host::*call)() const) {
  return [&host, call](Thread &, const Values &, Values &, Trap::Ptr *) {
    (host.*call)();
    return wabt::Result::Ok;
  };
}

// An exit is a trap to the interpreter: it unwinds the guest's frames and nothing else.
HostFunc::Callback leave(World &world) {
  return [&world](Thread &thread, const Values &params, Values &, Trap::Ptr *trap) {
    world.exit_code = int(params[0].Get<u32>());
    *trap = Trap::New(thread.store(), "proc_exit");
    return wabt::Result::Error;
  };
}

HostFunc::Callback wasi_call(World &world, const sgperf_wasi_function &function) {
  const char *signature = function.signature;
  size_t count = size_t(std::strchr(signature, '>') - signature);
  bool result = signature[count + 1] != 0;
  return [&world, call = function.call, signature, count, result](Thread &, const Values &params, Values &results,
                                                                  Trap::Ptr *) {
    SGPERF_SCOPE("wabt::import");
    uint64_t args[16];
    for (size_t i = 0; i < count; i++) args[i] = signature[i] == 'I' ? params[i].Get<u64>() : params[i].Get<u32>();
    uint8_t *memory = world.memory ? world.memory->UnsafeData() : nullptr;
    uint32_t code = call(world.wasi, memory, world.memory ? world.memory->ByteSize() : 0, args);
    if (result) results[0].Set(code);
    return wabt::Result::Ok;
  };
}

// nullptr: nothing provides it.
HostFunc::Ptr provide(const engine::Host &host, const ImportType &import, World &world, Store &store) {
  if (import.module == "bench" && import.name == "start")
    return HostFunc::New(store, function_type(">"), hook(host, &engine::Host::bench_start));
  if (import.module == "bench" && import.name == "end")
    return HostFunc::New(store, function_type(">"), hook(host, &engine::Host::bench_end));
  if (import.module != SGPERF_WASI_MODULE) return {};
  const sgperf_wasi_function *function = sgperf_wasi_find(import.name.c_str());
  if (!function) return {};
  if (import.name == "proc_exit") return HostFunc::New(store, function_type(function->signature), leave(world));
  return HostFunc::New(store, function_type(function->signature), wasi_call(world, *function));
}

} // namespace

int make_imports(const engine::Host &host, const Module &module, World &world, Store &store, RefVec &out) {
  for (const ImportType &import : module.import_types()) {
    HostFunc::Ptr function;
    if (import.type->kind == ExternKind::Func) function = provide(host, import, world, store);
    if (!function)
      return host.error(SGPERF_ENGINE_IMPORT,
                        "unknown import %s.%s (%s): provided are the functions of %s and bench.start, bench.end",
                        import.module.c_str(), import.name.c_str(), wabt::interp::GetName(import.type->kind),
                        SGPERF_WASI_MODULE);
    auto *wanted = static_cast<const FuncType *>(import.type.get());
    if (wanted->params != function->type().params || wanted->results != function->type().results)
      return host.error(SGPERF_ENGINE_IMPORT, "import %s.%s has type (%s) -> (%s), expected (%s) -> (%s)",
                        import.module.c_str(), import.name.c_str(), text(wanted->params).c_str(),
                        text(wanted->results).c_str(), text(function->type().params).c_str(),
                        text(function->type().results).c_str());
    out.push_back(function.ref());
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wabt_engine
