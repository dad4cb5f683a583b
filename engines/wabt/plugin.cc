// SPDX-License-Identifier: Apache-2.0
// The wabt interpreter: what a plain interpreter costs.  WASI is the shim's.
//
// Flags: --enable-FEATURE and --disable-FEATURE, as wasm-interp has them (--enable-memory64, --disable-simd, ..).
#include "adapter/module.h"
#include "adapter/once.h"
#include "adapter/shim.h"
#include "sgperf/sgperf.h"
#include "wabt/deep_thread.h"
#include "wabt/imports.h"

#include <wabt/binary-reader.h>
#include <wabt/error-formatter.h>
#include <wabt/interp/binary-reader-interp.h>

#include <cstddef>
#include <cstring>
#include <memory>

namespace sgperf::wabt_engine {

namespace {

using engine::Host;
using namespace wabt::interp;

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  Host host;
  wabt::Features features;
};

// A store for each module: its instances share it, as those of one embedding do.
struct Compiled {
  explicit Compiled(Engine &engine) : engine(engine), store(engine.features) {}
  Engine &engine;
  Store store;
  Module::Ptr module;
};

struct Function {
  struct Living *instance;
  std::string name;
  Func::Ptr func;
};

struct Living {
  explicit Living(Compiled &module) : module(module) {}
  Compiled &module;
  World world;
  Instance::Ptr instance;
  std::unique_ptr<Thread> thread;
  std::vector<std::unique_ptr<Function>> functions;
};

// ---- engine

bool set_feature(wabt::Features &features, const std::string &name, bool on) {
#define WABT_FEATURE(variable, flag, default_, help)                                                                   \
  if (name == flag) {                                                                                                  \
    features.set_##variable##_enabled(on);                                                                             \
    return true;                                                                                                       \
  }
#include <wabt/feature.def>
#undef WABT_FEATURE
  return false;
}

int create(const sgperf_engine_config *config, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  if (host.tier("interp") != "interp")
    return host.error(SGPERF_ENGINE_FLAGS, "wabt has no tier '%s': expected interp", host.config().tier);
  if (host.config().library)
    return host.error(SGPERF_ENGINE_FLAGS,
                      "wabt is linked into its plug-in: lib=%s cannot be used; build a plug-in against that wabt",
                      host.config().library);
  for (const std::string &flag : host.flags()) {
    bool on = flag.rfind("--enable-", 0) == 0, off = flag.rfind("--disable-", 0) == 0;
    if (!(on || off) || !set_feature(engine->features, flag.substr(on ? 9 : 10), on))
      return host.error(SGPERF_ENGINE_FLAGS,
                        "engine flag '%s' is not understood: expected --enable-FEATURE or --disable-FEATURE as in "
                        "wasm-interp --help",
                        flag.c_str());
  }
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *, sgperf_engine_info *info) {
  info->engine_version = SGPERF_WABT_VERSION;
  info->library_path = nullptr;
  info->wasi = "sgperf shim";
  info->tier = "interp";
  info->details = "wabt interpreter, libwabt.a, stacks enlarged";
  if (info->struct_size > offsetof(sgperf_engine_info, code_names)) info->code_names = "none: interpreter";
  return SGPERF_ENGINE_OK;
}

// ---- module

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE("wabt::compile");
  auto *engine = static_cast<Engine *>(object);
  if (int status = engine::check_header(engine->host, path, wasm, size)) return status;
  auto compiled = std::make_unique<Compiled>(*engine);
  wabt::Errors errors;
  const bool debug_names = false, stop_on_first = true, fail_on_custom = false;
  engine->host.begin(SGPERF_REGION_COMPILE);
  ModuleDesc desc;
  wabt::ReadBinaryOptions options(engine->features, nullptr, debug_names, stop_on_first, fail_on_custom);
  if (wabt::Failed(ReadBinaryInterp(path ? path : "(bytes)", wasm, size, options, &errors, &desc))) {
    std::string why = wabt::FormatErrorsToString(errors, wabt::Location::Type::Binary);
    while (!why.empty() && why.back() == '\n') why.pop_back();
    return engine->host.error(SGPERF_ENGINE_INVALID, "%s is not a module that wabt %s takes: %s",
                              path ? path : "(bytes)", SGPERF_WABT_VERSION, why.c_str());
  }
  compiled->module = Module::New(compiled->store, std::move(desc));
  engine->host.end(SGPERF_REGION_COMPILE);
  *out = compiled.release();
  return SGPERF_ENGINE_OK;
}

int unsupported(const Host &host) {
  return host.error(SGPERF_ENGINE_UNSUPPORTED, "wabt's interpreter cannot serialise its internal code");
}
int serialize(void *object, const char *) {
  return unsupported(static_cast<Compiled *>(object)->engine.host);
}
int deserialize(void *object, const char *, void **) {
  return unsupported(static_cast<Engine *>(object)->host);
}

int describe_module(void *object, sgperf_module_info *info) {
  info->code_size = static_cast<Compiled *>(object)->module->desc().istream.end();
  info->artefact_size = 0;
  // Translated as a whole when it is read.
  if (info->struct_size > offsetof(sgperf_module_info, lazy)) info->lazy = 0;
  return SGPERF_ENGINE_OK;
}

void free_module(void *object) {
  delete static_cast<Compiled *>(object);
}

// ---- instance

void free_instance(void *object) {
  auto *living = static_cast<Living *>(object);
  if (!living) return;
  Store &store = living->module.store;
  delete living;
  store.Collect(); // linear memory goes now, not with the module
}

int finish(Living &living, const char *what, const Trap::Ptr &trap, int *exit_code) {
  const Host &host = living.module.engine.host;
  living.thread.reset(); // its stacks still hold the guest's frames
  if (living.world.exit_code) {
    int code = *living.world.exit_code;
    living.world.exit_code.reset();
    if (exit_code) *exit_code = code;
    return code ? host.error(SGPERF_ENGINE_EXIT, "%s: the guest left with code %d", what, code) : SGPERF_ENGINE_OK;
  }
  return host.error(SGPERF_ENGINE_TRAP, "%s: the guest trapped: %s", what,
                    trap ? trap->message().c_str() : "uncaught exception");
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("wabt::instantiate");
  auto *compiled = static_cast<Compiled *>(object);
  const Host &host = compiled->engine.host;
  std::unique_ptr<Living, void (*)(void *)> living(new Living(*compiled), free_instance);
  if (int status = engine::open_shim(host, &living->world.wasi)) return status;
  Store &store = compiled->store;
  host.begin(SGPERF_REGION_INSTANTIATE);
  RefVec imports;
  if (int status = make_imports(host, *compiled->module, living->world, store, imports)) return status;
  Trap::Ptr trap;
  living->instance = Instance::Instantiate(store, compiled->module.ref(), imports, &trap);
  if (!living->instance) return finish(*living, "start function", trap, nullptr);
  if (!living->instance->memories().empty())
    living->world.memory = store.UnsafeGet<Memory>(living->instance->memories()[0]).get();
  living->thread = make_deep_thread(store);
  host.end(SGPERF_REGION_INSTANTIATE);
  *out = living.release();
  return SGPERF_ENGINE_OK;
}

Func::Ptr find_function(Living &living, const char *name) {
  const std::vector<ExportDesc> &exports = living.module.module->desc().exports;
  for (size_t i = 0; i < exports.size(); i++)
    if (exports[i].type.name == name && exports[i].type.type->kind == ExternKind::Func)
      return living.module.store.UnsafeGet<Func>(living.instance->exports()[i]);
  return {};
}

// The interpreter's thread of this instance: a new one after a trap.
Thread &thread_of(Living &living) {
  if (!living.thread) living.thread = make_deep_thread(living.module.store);
  return *living.thread;
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("wabt::execute");
  auto *living = static_cast<Living *>(object);
  const Host &host = living->module.engine.host;
  Func::Ptr start = find_function(*living, "_start");
  if (!start)
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "the module exports no function _start; build a WASI command, or name an exported "
                      "function to call");
  Thread &thread = thread_of(*living);
  Values none, results;
  Trap::Ptr trap;
  host.begin(SGPERF_REGION_CALL);
  wabt::Result result;
  {
    SGPERF_SCOPE("guest::_start");
    result = start->Call(thread, none, results, &trap);
  }
  bool success = wabt::Succeeded(result) || (living->world.exit_code && *living->world.exit_code == 0);
  if (success) host.end(SGPERF_REGION_CALL);
  if (wabt::Failed(result)) return finish(*living, "_start", trap, exit_code);
  if (exit_code) *exit_code = 0;
  return SGPERF_ENGINE_OK;
}

// ---- exported functions

bool numbers(const ValueTypes &types) {
  for (ValueType type : types)
    if (type != wabt::Type::I32 && type != wabt::Type::I64 && type != wabt::Type::F32 && type != wabt::Type::F64)
      return false;
  return true;
}

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *living = static_cast<Living *>(object);
  const Host &host = living->module.engine.host;
  Func::Ptr func = find_function(*living, name);
  if (!func) return host.error(SGPERF_ENGINE_NOT_FOUND, "the module exports no function '%s'", name);
  if (!numbers(func->type().params) || !numbers(func->type().results))
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "'%s' has other parameters or results than i32, i64, f32, f64", name);
  auto function = std::make_unique<Function>();
  function->instance = living;
  function->name = name;
  function->func = func;
  *n_params = uint32_t(func->type().params.size());
  *n_results = uint32_t(func->type().results.size());
  *out = function.get();
  living->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

uint32_t kind_of(ValueType type) {
  return type == wabt::Type::I32 ? 0 : type == wabt::Type::I64 ? 1 : type == wabt::Type::F32 ? 2 : 3;
}

int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  const Host &host = function->instance->module.engine.host;
  const FuncType &type = function->func->type();
  if (n_args != type.params.size() || n_results < type.results.size())
    return host.error(SGPERF_ENGINE_ERROR, "'%s' takes %zu values and gives %zu: found %u and room for %u",
                      function->name.c_str(), type.params.size(), type.results.size(), n_args, n_results);
  Values params(n_args), taken(type.results.size());
  for (uint32_t i = 0; i < n_args; i++) {
    if (args[i].kind != kind_of(type.params[i]))
      return host.error(SGPERF_ENGINE_ERROR, "'%s': argument %u has kind %u, expected %u (0 i32, 1 i64, 2 f32, 3 f64)",
                        function->name.c_str(), i, args[i].kind, kind_of(type.params[i]));
    params[i].Set(u64(args[i].of.i64));
  }
  Trap::Ptr trap;
  Thread &thread = thread_of(*function->instance);
  Func &func = *function->func;
  for (uint64_t i = 0; i < times; i++)
    if (wabt::Failed(func.Call(thread, params, taken, &trap)))
      return finish(*function->instance, function->name.c_str(), trap, nullptr);
  for (size_t i = 0; times && i < type.results.size(); i++) {
    results[i].kind = kind_of(type.results[i]);
    switch (results[i].kind) {
    case 0:
      results[i].of.i32 = int32_t(taken[i].Get<u32>());
      break;
    case 1:
      results[i].of.i64 = int64_t(taken[i].Get<u64>());
      break;
    case 2:
      results[i].of.f32 = taken[i].Get<f32>();
      break;
    default:
      results[i].of.f64 = taken[i].Get<f64>();
      break;
    }
  }
  return SGPERF_ENGINE_OK;
}

const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_INVOKE,
    "wabt",
    "interp",
    create,
    free_engine,
    describe,
    compile,
    serialize,
    deserialize,
    describe_module,
    free_module,
    instantiate,
    execute,
    resolve,
    engine::once<invoke_many>,
    free_instance,
    invoke_many,
};

} // namespace

} // namespace sgperf::wabt_engine

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::wabt_engine::table : nullptr;
}
