// SPDX-License-Identifier: Apache-2.0
// The wasm3 adapter: sgperf_engine_v1.  WASI is the shim's: wasm3's own leaves the directory it is given, knows no
// read-only ones and takes the process's own descriptors.
//
// wasm3 parses a module for one instance: m3_ParseModule, m3_LoadModule (memory, globals, data), link, and then
// translates functions, each when it is first called and into code that belongs to that instance.  So:
//   lazy (as wasm3 does it)  compile = parse;  instantiate = load and link, and a parse before it, outside of the
//   region,
//                            for every instance but the first;  translation is part of the guest's run.
//   eager                    compile = parse, load, link and m3_CompileModule: the module's first instance, which
//                            instantiate hands out;  later ones are made in the instantiate phase and translated after
//                            it.
// Function bodies are validated when they are translated, so parsing is no phase of its own.
#include "adapter/module.h"
#include "adapter/once.h"
#include "adapter/shim.h"
#include "sgperf/sgperf.h"
#include "wasm3/imports.h"
#include "wasm3/library.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace sgperf::wasm3 {

namespace {

using engine::Host;

// Of values; native frames are limited by wasm3 itself.  Address space until it is used.
constexpr uint32_t stack_bytes = 4u << 20;
constexpr uint32_t max_values = 32; // of a call: no allocation in invoke_many()

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  ~Engine() {
    if (environment) library.api.m3_FreeEnvironment(environment);
  }
  const Api &api() const { return library.api; }
  bool eager() const { return host.config().eager != 0; }

  Host host;
  Library library;
  M3Environment *environment = nullptr;
  std::string details;
};

struct Function {
  M3Function *function;
  decltype(Api::m3_Call) call; // the engine's, beside what it is called with
  struct Living *instance;
  std::string name;
  uint8_t params[max_values], results[max_values]; // kinds of sgperf_value
  uint32_t n_params = 0, n_results = 0;
};

// wasm3's runtime with the one module in it.
struct Living {
  explicit Living(struct Compiled &module);
  ~Living();
  struct Compiled &module;
  World world;
  M3Runtime *runtime = nullptr;
  M3Module *loaded = nullptr;
  std::vector<std::unique_ptr<Function>> functions;
};

struct Compiled {
  explicit Compiled(Engine &engine) : engine(engine) {}
  ~Compiled() {
    first.reset();
    if (parsed) engine.api().m3_FreeModule(parsed);
  }
  Engine &engine;
  std::string path;
  const uint8_t *wasm = nullptr; // the caller's, until free_module
  size_t size = 0;
  engine::Interface interface;
  M3Module *parsed = nullptr;    // not loaded yet
  std::unique_ptr<Living> first; // eager: what compile made
  uint64_t code_size = 0;
};

Living::Living(Compiled &module) : module(module), world(module.engine.api()) {}
Living::~Living() {
  if (runtime) module.engine.api().m3_FreeRuntime(runtime); // and the module that was loaded into it
}

// ---- engine

int create(const sgperf_engine_config *config, void **out) {
  SGPERF_SCOPE("wasm3::create");
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  if (host.tier("interp") != "interp")
    return host.error(SGPERF_ENGINE_FLAGS, "wasm3 has no tier '%s': expected interp", host.config().tier);
  if (!host.flags().empty())
    return host.error(SGPERF_ENGINE_FLAGS,
                      "engine flag '%s' is not understood: wasm3 has none, its switches are those of its build",
                      host.flags()[0].c_str());
  if (int status = load_library(host, engine->library)) return status;
  if (!(engine->environment = engine->api().m3_NewEnvironment()))
    return host.error(SGPERF_ENGINE_ERROR, "wasm3 could not make its environment: no memory");
  engine->details = std::string("m3 API, functions translated ") +
                    (engine->eager() ? "in the compile phase, with the first instance" : "when first called");
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  info->engine_version = engine->library.version.c_str();
  info->library_path = engine->library.path.c_str();
  info->wasi = "sgperf shim";
  info->tier = "interp";
  info->details = engine->details.c_str();
  if (info->struct_size >= offsetof(sgperf_engine_info, code_names) + sizeof info->code_names)
    info->code_names = "none: interpreter";
  return SGPERF_ENGINE_OK;
}

// ---- module

bool is(M3Result result, const char *text) {
  return std::strstr(result, text) != nullptr;
}

// wasm3 says what it does not know in the same way as what is wrong.
int refused(const Compiled &module, const Living *living, M3Result result) {
  const Host &host = module.engine.host;
  M3ErrorInfo info{};
  if (living && living->runtime) module.engine.api().m3_GetErrorInfo(living->runtime, &info);
  bool unknown = is(result, "unknown opcode") || is(result, "no compiler found");
  return host.error(unknown ? SGPERF_ENGINE_UNSUPPORTED : SGPERF_ENGINE_INVALID,
                    "%s is not a module that wasm3 %s %s: %s%s%s", module.path.c_str(),
                    module.engine.library.version.c_str(), unknown ? "can run" : "takes", result,
                    info.message && *info.message ? ", " : "", info.message ? info.message : "");
}

int parse(Compiled &module) {
  M3Result failed =
      module.engine.api().m3_ParseModule(module.engine.environment, &module.parsed, module.wasm, uint32_t(module.size));
  if (!failed) return SGPERF_ENGINE_OK;
  module.parsed = nullptr; // wasm3 freed it
  return refused(module, nullptr, failed);
}

// Store, memory, imports: of the parsed module, which belongs to the runtime then.
int load(Compiled &module, Living &living) {
  const Api &api = module.engine.api();
  living.runtime = api.m3_NewRuntime(module.engine.environment, stack_bytes, nullptr);
  if (!living.runtime)
    return module.engine.host.error(SGPERF_ENGINE_ERROR, "wasm3 could not make its stack: no memory");
  if (M3Result failed = api.m3_LoadModule(living.runtime, module.parsed))
    return module.engine.host.error(SGPERF_ENGINE_ERROR, "%s: wasm3 cannot load the module: %s", module.path.c_str(),
                                    failed);
  living.loaded = module.parsed;
  module.parsed = nullptr;
  return link_imports(module.engine.host, module.interface.imports, living.loaded, living.world);
}

int translate(Compiled &module, const Living &living) {
  M3Result failed = module.engine.api().m3_CompileModule(living.loaded);
  return failed ? refused(module, &living, failed) : SGPERF_ENGINE_OK;
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE("wasm3::compile");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (int status = engine::check_header(host, path, wasm, size)) return status;
  auto module = std::make_unique<Compiled>(*engine);
  module->path = path ? path : "(bytes)";
  module->wasm = wasm;
  module->size = size;
  std::string malformed;
  if (!engine::read_interface(wasm, size, module->interface, malformed))
    return host.error(SGPERF_ENGINE_INVALID, "%s is not a valid module: %s", module->path.c_str(), malformed.c_str());
  if (size > UINT32_MAX)
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "%s has %zu bytes: wasm3 takes at most 4 GiB", module->path.c_str(),
                      size);
  if (engine->eager())
    if (int status = check_imports(host, module->interface.imports)) return status;

  auto first = engine->eager() ? std::make_unique<Living>(*module) : nullptr;
  host.begin(SGPERF_REGION_COMPILE);
  int status = parse(*module);
  if (!status && first) status = load(*module, *first);
  if (!status && first) status = translate(*module, *first);
  if (status) return status;
  host.end(SGPERF_REGION_COMPILE);
  if (first && engine->api().sgperf_wasm3_code_bytes)
    module->code_size = engine->api().sgperf_wasm3_code_bytes(first->runtime);
  module->first = std::move(first);
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int unsupported(const Host &host) {
  return host.error(SGPERF_ENGINE_UNSUPPORTED, "wasm3 cannot serialise its internal code");
}
int serialize(void *object, const char *) {
  return unsupported(static_cast<Compiled *>(object)->engine.host);
}
int deserialize(void *object, const char *, void **) {
  return unsupported(static_cast<Engine *>(object)->host);
}

int describe_module(void *object, sgperf_module_info *info) {
  auto *module = static_cast<Compiled *>(object);
  info->code_size = module->code_size;
  info->artefact_size = 0;
  if (info->struct_size >= offsetof(sgperf_module_info, lazy) + sizeof info->lazy)
    info->lazy = module->engine.eager() ? 0 : 1;
  return SGPERF_ENGINE_OK;
}

void free_module(void *object) {
  delete static_cast<Compiled *>(object);
}

// ---- instance

void note_code_size(Living &living) {
  Compiled &module = living.module;
  if (module.engine.api().sgperf_wasm3_code_bytes)
    module.code_size =
        std::max<uint64_t>(module.code_size, module.engine.api().sgperf_wasm3_code_bytes(living.runtime));
}

void free_instance(void *object) {
  delete static_cast<Living *>(object);
}

// How a call into the guest ended; `result` is not nullptr.
[[gnu::noinline, gnu::cold]] int finish(Living &living, const char *what, M3Result result, int *exit_code) {
  const Host &host = living.module.engine.host;
  if (living.world.exit_code) {
    int code = *living.world.exit_code;
    living.world.exit_code.reset();
    if (exit_code) *exit_code = code;
    return code ? host.error(SGPERF_ENGINE_EXIT, "%s: the guest left with code %d", what, code) : SGPERF_ENGINE_OK;
  }
  if (!is(result, "[trap]")) return refused(living.module, &living, result); // found when a function was translated
  return host.error(SGPERF_ENGINE_TRAP, "%s: the guest trapped: %s", what,
                    is(result, "stack overflow") ? "call stack exhausted ([trap] stack overflow)" : result);
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("wasm3::instantiate");
  auto *module = static_cast<Compiled *>(object);
  const Host &host = module->engine.host;
  const Api &api = module->engine.api();
  if (int status = check_imports(host, module->interface.imports)) return status;
  std::unique_ptr<Living> living = std::move(module->first);
  bool made = living != nullptr;
  if (!made) {
    living = std::make_unique<Living>(*module);
    if (!module->parsed)
      if (int status = parse(*module)) return status;
  }
  if (int status = engine::open_shim(host, &living->world.wasi)) return status;
  host.begin(SGPERF_REGION_INSTANTIATE);
  if (!made)
    if (int status = load(*module, *living)) return status;
  if (M3Result failed = api.m3_RunStart(living->loaded)) return finish(*living, "start function", failed, nullptr);
  host.end(SGPERF_REGION_INSTANTIATE);
  if (!made && module->engine.eager())
    if (int status = translate(*module, *living)) return status;
  *out = living.release();
  return SGPERF_ENGINE_OK;
}

// m3_FindFunction takes names of functions that are not exported as well.
bool exports(const Compiled &module, const char *name) {
  for (const engine::Export &item : module.interface.exports)
    if (item.kind == 0 && item.name == name) return true;
  return false;
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("wasm3::execute");
  auto *living = static_cast<Living *>(object);
  const Host &host = living->module.engine.host;
  const Api &api = living->module.engine.api();
  if (!exports(living->module, "_start"))
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "the module exports no function _start; build a WASI command, or name an exported "
                      "function to call");
  M3Function *start = nullptr;
  host.begin(SGPERF_REGION_CALL);
  M3Result result;
  {
    SGPERF_SCOPE("guest::_start");
    result = api.m3_FindFunction(&start, living->runtime, "_start"); // translates it, if that was not done yet
    if (!result) result = api.m3_Call(start, 0, nullptr);
  }
  bool success = !result || (living->world.exit_code && *living->world.exit_code == 0);
  if (success) host.end(SGPERF_REGION_CALL);
  note_code_size(*living);
  if (result) return finish(*living, "_start", result, exit_code);
  if (exit_code) *exit_code = 0;
  return SGPERF_ENGINE_OK;
}

// ---- exported functions

// False: something else than i32, i64, f32, f64, or too many.
bool kinds(uint32_t count, int (*type)(M3Function *, uint32_t), M3Function *function, uint8_t *out) {
  if (count > max_values) return false;
  for (uint32_t i = 0; i < count; i++) {
    int at = type(function, i);
    if (at < 1 || at > 4) return false;
    out[i] = uint8_t(at - 1);
  }
  return true;
}

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *living = static_cast<Living *>(object);
  const Host &host = living->module.engine.host;
  const Api &api = living->module.engine.api();
  if (!exports(living->module, name))
    return host.error(SGPERF_ENGINE_NOT_FOUND, "the module exports no function '%s'", name);
  auto function = std::make_unique<Function>(Function{nullptr, api.m3_Call, living, name, {}, {}});
  if (M3Result failed = api.m3_FindFunction(&function->function, living->runtime, name))
    return refused(living->module, living, failed);
  function->n_params = api.m3_GetArgCount(function->function);
  function->n_results = api.m3_GetRetCount(function->function);
  if (!kinds(function->n_params, api.m3_GetArgType, function->function, function->params) ||
      !kinds(function->n_results, api.m3_GetRetType, function->function, function->results))
    return host.error(SGPERF_ENGINE_UNSUPPORTED,
                      "'%s' has other parameters or results than i32, i64, f32, f64 (or more than %u)", name,
                      max_values);
  *n_params = function->n_params;
  *n_results = function->n_results;
  *out = function.get();
  living->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

int invoke_with_values(Function *function, const sgperf_value *args, uint32_t n_args, sgperf_value *results,
                       uint32_t n_results, uint64_t times) {
  const Engine &engine = function->instance->module.engine;
  if (n_args != function->n_params || n_results < function->n_results)
    return engine.host.error(SGPERF_ENGINE_ERROR, "'%s' takes %u values and gives %u: found %u and room for %u",
                             function->name.c_str(), function->n_params, function->n_results, n_args, n_results);
  const void *pointers[max_values];
  for (uint32_t i = 0; i < n_args; i++) {
    if (args[i].kind != function->params[i])
      return engine.host.error(SGPERF_ENGINE_ERROR,
                               "'%s': argument %u has kind %u, expected %u (0 i32, 1 i64, 2 f32, 3 f64)",
                               function->name.c_str(), i, args[i].kind, function->params[i]);
    pointers[i] = &args[i].of;
  }
  for (uint64_t i = 0; i < times; i++)
    if (M3Result failed = function->call(function->function, n_args, pointers))
      return finish(*function->instance, function->name.c_str(), failed, nullptr);
  if (function->n_results == 0 || times == 0) return SGPERF_ENGINE_OK;
  for (uint32_t i = 0; i < function->n_results; i++) {
    results[i].kind = function->results[i];
    results[i].of.i64 = 0;
    pointers[i] = &results[i].of;
  }
  if (M3Result failed = engine.api().m3_GetResults(function->function, function->n_results, pointers))
    return engine.host.error(SGPERF_ENGINE_ERROR, "'%s': wasm3 gives no results: %s", function->name.c_str(), failed);
  return SGPERF_ENGINE_OK;
}

// What has no values takes the short way: the call is of a few nanoseconds.
int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  if (n_args | function->n_params | function->n_results)
    return invoke_with_values(function, args, n_args, results, n_results, times);
  for (uint64_t i = 0; i < times; i++)
    if (M3Result failed = function->call(function->function, 0, nullptr))
      return finish(*function->instance, function->name.c_str(), failed, nullptr);
  return SGPERF_ENGINE_OK;
}

const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_INVOKE,
    "wasm3",
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

} // namespace sgperf::wasm3

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::wasm3::table : nullptr;
}
