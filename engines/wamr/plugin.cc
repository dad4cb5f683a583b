// SPDX-License-Identifier: Apache-2.0
// The WAMR adapter: sgperf_engine_v1.  WASI is WAMR's own.
//
// What the phases hold, by tier:
//   fast-interp, llvm-jit  compile = wasm_runtime_load: parsing, validation and translation are one call of WAMR's
//   aot                    parse = the compiler's reading and validation; compile = LLVM, the .aot file's bytes and
//   their
//                          loading by the runtime; serialize = those bytes written; deserialize = read and loaded
// WAMR changes the bytes that it is given, so each load gets a copy, made outside of the regions as a program's reading
// of the file would be.  (Only the .aot bytes of compile are copied within it: a thousandth of what making them takes.)
#include "adapter/module.h"
#include "adapter/once.h"
#include "adapter/whole_file.h"
#include "sgperf/sgperf.h"
#include "wamr/flags.h"
#include "wamr/library.h"
#include "wamr/world.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace sgperf::wamr {

namespace {

using engine::Host;

constexpr uint32_t max_values = 32; // of a call: no allocation in invoke_many()

// WAMR has one runtime in a process and finds host functions by name in it, so the hooks are the process's as well; and
// a host function without an attachment to look up is its cheapest.
struct Hook {
  void (*call)(void *) = nullptr;
  void *host = nullptr;
} start_hook, end_hook;
void run_start(WASMExecEnv *, uint64_t *) {
  start_hook.call(start_hook.host);
}
void run_end(WASMExecEnv *, uint64_t *) {
  end_hook.call(end_hook.host);
}
NativeSymbol hooks[] = {{"start", reinterpret_cast<void *>(run_start), "()", nullptr},
                        {"end", reinterpret_cast<void *>(run_end), "()", nullptr}};
bool runtime_in_use = false;

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  ~Engine() {
    if (!running) return;
    library.api.wasm_runtime_destroy();
    runtime_in_use = false;
  }
  const Api &api() const { return library.api; }

  Host host;
  Settings settings;
  Library library;
  Compiler compiler; // aot: loaded by the first compile()
  std::string details;
  bool running = false;
};

struct Module {
  explicit Module(Engine &engine) : engine(engine) {}
  ~Module() {
    if (module) engine.api().wasm_runtime_unload(module);
    if (aot) engine.compiler.free_file(aot);
  }
  Engine &engine;
  std::vector<uint8_t> bytes; // WAMR's until it unloads the module
  wasm_module_t module = nullptr;
  uint8_t *aot = nullptr; // as the compiler made it
  uint32_t aot_size = 0;
  uint64_t artefact_size = 0;
};

struct Function {
  wasm_exec_env_t env;
  wasm_function_inst_t function;
  decltype(Api::wasm_runtime_call_wasm) call; // the engine's, beside what it is called with
  struct Instance *instance;
  std::string name;
  uint8_t params[max_values], results[max_values];
  uint32_t n_params = 0, n_results = 0, cells = 0; // of 32 bits, for the parameters
};

struct Instance {
  explicit Instance(Module &module) : module(module) {}
  ~Instance() {
    const Api &api = module.engine.api();
    if (env) api.wasm_runtime_destroy_exec_env(env);
    if (instance) api.wasm_runtime_deinstantiate(instance);
  }
  Module &module;
  World world;
  wasm_module_inst_t instance = nullptr;
  wasm_exec_env_t env = nullptr;
  std::vector<std::unique_ptr<Function>> functions;
};

// ---- engine

extern sgperf_engine table;

int create(const sgperf_engine_config *config, void **out) {
  SGPERF_SCOPE("wamr::create");
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  Settings &settings = engine->settings;
  if (int status = read_settings(host, settings)) return status;
  if (runtime_in_use)
    return host.error(SGPERF_ENGINE_ERROR, "WAMR has one runtime in a process, and it is in use: free the engine that "
                                           "was made first");
  if (int status = load_library(host, settings.tier, engine->library)) return status;
  const Api &api = engine->api();

  RuntimeInitArgs arguments{};
  arguments.mem_alloc_type = Alloc_With_System_Allocator;
  arguments.running_mode = settings.tier == "llvm-jit" ? Mode_LLVM_JIT : Mode_Interp;
  arguments.llvm_jit_opt_level = settings.opt_level;
  arguments.llvm_jit_size_level = settings.size_level;
  arguments.enable_linux_perf = settings.linux_perf;
  if (!api.wasm_runtime_full_init(&arguments))
    return host.error(SGPERF_ENGINE_ERROR, "WAMR cannot set its runtime up (tier %s): wasm_runtime_full_init failed",
                      settings.tier.c_str());
  engine->running = runtime_in_use = true;
  api.wasm_runtime_set_log_level(WASM_LOG_LEVEL_FATAL); // it would write into the guest's output
  start_hook = {host.config().bench_start, host.config().host};
  end_hook = {host.config().bench_end, host.config().host};
  if (!api.wasm_runtime_register_natives_raw("bench", hooks, uint32_t(std::size(hooks))))
    return host.error(SGPERF_ENGINE_ERROR, "WAMR does not take the functions bench.start and bench.end");

  engine->details = settings.tier + ", WAMR's own WASI";
  if (settings.tier == "aot")
    engine->details +=
        ", LLVM 16, parse is a phase of its own, -O" + std::to_string(settings.opt_level) + " for " + settings.cpu;
  if (settings.tier == "llvm-jit")
    engine->details += ", LLVM 16, all functions before the first call, -O" + std::to_string(settings.opt_level);
  if (host.config().preopen_dir && !host.config().preopen_writable && !api.sgperf_wamr_read_only)
    engine->details += ", the guest's directory is NOT read only (a build of somebody's own)";
  if (host.config().flags) engine->details += std::string(", flags ") + host.config().flags;
  table.capabilities = SGPERF_ENGINE_CAP_OWN_WASI | SGPERF_ENGINE_CAP_INVOKE; // of the tier in force, from here on
  if (settings.tier == "aot") table.capabilities |= SGPERF_ENGINE_CAP_PARSE | SGPERF_ENGINE_CAP_SERIALIZE;
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  const Settings &settings = engine->settings;
  info->engine_version = engine->library.version.c_str();
  info->library_path = engine->library.path.c_str();
  info->wasi = "own";
  info->tier = settings.tier.c_str();
  info->details = engine->details.c_str();
  if (info->struct_size >= offsetof(sgperf_engine_info, code_names) + sizeof info->code_names)
    info->code_names = settings.tier == "fast-interp" ? "none: interpreter"
                       : settings.tier == "llvm-jit"  ? "none"
                       : settings.linux_perf          ? "perf map"
                                                      : "none (perf map with --enable-linux-perf)";
  return SGPERF_ENGINE_OK;
}

// ---- module

void free_module(void *object) {
  delete static_cast<Module *>(object);
}

int import_error(const Host &host, const char *module, const char *field, int kind) {
  static constexpr const char *kinds[] = {"function", "table", "memory", "global"};
  return host.error(SGPERF_ENGINE_IMPORT,
                    "unknown import %s.%s (%s): provided are the functions of wasi_snapshot_preview1 and bench.start, "
                    "bench.end, each with its own type",
                    module, field, kind >= 0 && kind < int(std::size(kinds)) ? kinds[kind] : "unknown kind");
}

// "WASM module load failed: type mismatch": what WAMR cannot do is worded like what is wrong.
int load_status(const std::string &why) {
  for (const char *word : {"unsupported", "not supported", "unknown opcode", "must be enabled"})
    if (why.find(word) != std::string::npos) return SGPERF_ENGINE_UNSUPPORTED;
  return SGPERF_ENGINE_INVALID;
}
// Imports of memory are refused here already, in words about something else.
int load_error(const Host &host, const char *path, const uint8_t *wasm, size_t size, const char *why) {
  engine::Interface interface;
  std::string ignored;
  if (engine::read_interface(wasm, size, interface, ignored))
    for (const engine::Import &import : interface.imports)
      if (import.kind != 0) return import_error(host, import.module.c_str(), import.field.c_str(), import.kind);
  return host.error(load_status(why), "%s is not a module that WAMR %s takes: %s", path ? path : "(bytes)",
                    known_version, why);
}

// The runtime's form of module.bytes.
wasm_module_t load(Module &module, char *why, uint32_t size) {
  return module.engine.api().wasm_runtime_load(module.bytes.data(), uint32_t(module.bytes.size()), why, size);
}

int compile_ahead(Module &module, const char *path, const uint8_t *original) {
  Engine &engine = module.engine;
  const Host &host = engine.host;
  if (int status = load_compiler(host, engine.compiler)) return status;
  const Compiler &compiler = engine.compiler;
  const Settings &settings = engine.settings;
  sgperf_wamrc_options options{sizeof options,         settings.opt_level,   settings.size_level,
                               settings.bounds_checks, settings.cpu.c_str(), nullptr};
  if (!settings.cpu_features.empty()) options.cpu_features = settings.cpu_features.c_str();
  std::vector<uint8_t> wasm = std::move(module.bytes);
  char why[512] = "";
  host.begin(SGPERF_REGION_PARSE);
  std::unique_ptr<void, void (*)(void *)> parsed(compiler.parse(wasm.data(), uint32_t(wasm.size()), why, sizeof why),
                                                 compiler.free_module);
  if (!parsed) return load_error(host, path, original, wasm.size(), why);
  host.end(SGPERF_REGION_PARSE);
  host.begin(SGPERF_REGION_COMPILE);
  module.aot = compiler.compile(parsed.get(), &options, &module.aot_size, why, sizeof why);
  if (!module.aot)
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "%s cannot be compiled ahead of time by WAMR: %s",
                      path ? path : "(bytes)", why);
  module.bytes.assign(module.aot, module.aot + module.aot_size);
  module.module = load(module, why, sizeof why);
  if (!module.module)
    return host.error(SGPERF_ENGINE_ERROR, "WAMR cannot load what its compiler made of %s: %s", path ? path : "(bytes)",
                      why);
  host.end(SGPERF_REGION_COMPILE);
  return SGPERF_ENGINE_OK;
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE("wamr::compile");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (int status = engine::check_header(host, path, wasm, size)) return status;
  if (size > UINT32_MAX)
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "%s has %zu bytes: WAMR takes at most 4 GiB", path ? path : "(bytes)",
                      size);
  auto module = std::make_unique<Module>(*engine);
  module->bytes.assign(wasm, wasm + size);
  if (engine->settings.tier == "aot") {
    if (int status = compile_ahead(*module, path, wasm)) return status;
  } else {
    char why[512] = "";
    host.begin(SGPERF_REGION_COMPILE);
    module->module = load(*module, why, sizeof why);
    if (!module->module) return load_error(host, path, wasm, size, why);
    host.end(SGPERF_REGION_COMPILE);
  }
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int unsupported(const Engine &engine) {
  return engine.host.error(SGPERF_ENGINE_UNSUPPORTED, "WAMR's tier %s cannot serialise its code: use the tier aot",
                           engine.settings.tier.c_str());
}

int serialize(void *object, const char *path) {
  SGPERF_SCOPE("wamr::serialize");
  auto *module = static_cast<Module *>(object);
  const Host &host = module->engine.host;
  if (module->engine.settings.tier != "aot") return unsupported(module->engine);
  if (!module->aot)
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "a module that was loaded from an .aot file is not serialised again");
  unlink(path); // an artefact in use is not written over
  host.begin(SGPERF_REGION_SERIALIZE);
  if (!engine::write_file(path, {{module->aot, module->aot_size}}))
    return host.error(SGPERF_ENGINE_ERROR, "cannot write the artefact %s: %s", path, strerror(errno));
  host.end(SGPERF_REGION_SERIALIZE);
  module->artefact_size = module->aot_size;
  return SGPERF_ENGINE_OK;
}

int deserialize(void *object, const char *path, void **out) {
  SGPERF_SCOPE("wamr::deserialize");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (engine->settings.tier != "aot") return unsupported(*engine);
  auto module = std::make_unique<Module>(*engine);
  char why[512] = "";
  host.begin(SGPERF_REGION_DESERIALIZE);
  engine::MappedFile file(path);
  if (!file.ok())
    return host.error(SGPERF_ENGINE_NOT_FOUND, "cannot read the artefact %s: %s", path, strerror(file.error()));
  module->bytes.assign(file.bytes().data, file.bytes().data + file.bytes().size); // WAMR writes into it
  module->artefact_size = module->bytes.size();
  // A .wasm would be loaded as well, and interpreted.
  if (engine->api().wasm_runtime_get_file_package_type(module->bytes.data(), uint32_t(module->bytes.size())) !=
      Wasm_Module_AoT)
    return host.error(SGPERF_ENGINE_INVALID, "%s is not an .aot file of WAMR's", path);
  if (!(module->module = load(*module, why, sizeof why)))
    return host.error(SGPERF_ENGINE_INVALID, "%s cannot be loaded as an .aot file of WAMR %s: %s", path, known_version,
                      why);
  host.end(SGPERF_REGION_DESERIALIZE);
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int describe_module(void *object, sgperf_module_info *info) {
  auto *module = static_cast<Module *>(object);
  const Api &api = module->engine.api();
  info->code_size = api.sgperf_wamr_code_size ? api.sgperf_wamr_code_size(module->module) : 0;
  info->artefact_size = module->artefact_size;
  if (info->struct_size >= offsetof(sgperf_module_info, lazy) + sizeof info->lazy) info->lazy = 0;
  return SGPERF_ENGINE_OK;
}

// ---- instance

void free_instance(void *object) {
  delete static_cast<Instance *>(object);
}

// How a call into the guest ended: with an exception.
[[gnu::noinline, gnu::cold]] int finish(Instance &living, const char *what, int *exit_code) {
  const Api &api = living.module.engine.api();
  const Host &host = living.module.engine.host;
  const char *exception = api.wasm_runtime_get_exception(living.instance);
  std::string why = exception ? exception : "no reason given";
  api.wasm_runtime_clear_exception(living.instance);
  constexpr const char prefix[] = "Exception: ";
  if (why.rfind(prefix, 0) == 0) why.erase(0, sizeof prefix - 1);
  if (why == "wasi proc exit") {
    int code = int(api.wasm_runtime_get_wasi_exit_code(living.instance));
    if (exit_code) *exit_code = code;
    return code ? host.error(SGPERF_ENGINE_EXIT, "%s: the guest left with code %d", what, code) : SGPERF_ENGINE_OK;
  }
  if (why.find("stack overflow") != std::string::npos) why = "call stack exhausted (" + why + ")";
  return host.error(SGPERF_ENGINE_TRAP, "%s: the guest trapped: %s", what, why.c_str());
}

// WAMR instantiates a module with imports that nothing provides, and traps at the call.
int check_imports(const Module &module) {
  const Api &api = module.engine.api();
  int32_t count = api.wasm_runtime_get_import_count(module.module);
  for (int32_t i = 0; i < count; i++) {
    wasm_import_t import{};
    api.wasm_runtime_get_import_type(module.module, i, &import);
    if (import.kind == 0 && import.linked) continue;
    return import_error(module.engine.host, import.module_name, import.name, import.kind);
  }
  return SGPERF_ENGINE_OK;
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("wamr::instantiate");
  auto *module = static_cast<Module *>(object);
  const Engine &engine = module->engine;
  const Host &host = engine.host;
  const Api &api = engine.api();
  if (int status = check_imports(*module)) return status;
  auto living = std::make_unique<Instance>(*module);
  if (int status = living->world.open(host)) return status;
  living->world.give(api, module->module);
  char why[512] = "";
  host.begin(SGPERF_REGION_INSTANTIATE);
  living->instance = api.wasm_runtime_instantiate(module->module, engine.settings.stack_size, engine.settings.heap_size,
                                                  why, sizeof why);
  if (!living->instance)
    return host.error(std::strstr(why, "Exception: ") ? SGPERF_ENGINE_TRAP : SGPERF_ENGINE_ERROR,
                      "cannot instantiate: %s", why);
  living->env = api.wasm_runtime_create_exec_env(living->instance, engine.settings.stack_size);
  if (!living->env) return host.error(SGPERF_ENGINE_ERROR, "WAMR cannot make the guest's stack: no memory");
  host.end(SGPERF_REGION_INSTANTIATE);
  if (host.config().preopen_dir && !host.config().preopen_writable && api.sgperf_wamr_read_only &&
      api.wasm_runtime_is_wasi_mode(living->instance))
    if (uint32_t error = api.sgperf_wamr_read_only(living->instance, 3))
      return host.error(SGPERF_ENGINE_ERROR, "WAMR cannot make the guest's directory read only: WASI error %u", error);
  *out = living.release();
  return SGPERF_ENGINE_OK;
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("wamr::execute");
  auto *living = static_cast<Instance *>(object);
  const Host &host = living->module.engine.host;
  const Api &api = living->module.engine.api();
  wasm_function_inst_t start = api.wasm_runtime_lookup_function(living->instance, "_start");
  if (!start)
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "the module exports no function _start; build a WASI command, or name an exported "
                      "function to call");
  uint32_t none[2] = {};
  host.begin(SGPERF_REGION_CALL);
  bool returned;
  {
    SGPERF_SCOPE("guest::_start");
    returned = api.wasm_runtime_call_wasm(living->env, start, 0, none);
  }
  if (returned) {
    host.end(SGPERF_REGION_CALL);
    if (exit_code) *exit_code = 0;
    return SGPERF_ENGINE_OK;
  }
  const char *exception = api.wasm_runtime_get_exception(living->instance);
  if (exception && std::strstr(exception, "wasi proc exit") &&
      api.wasm_runtime_get_wasi_exit_code(living->instance) == 0)
    host.end(SGPERF_REGION_CALL); // proc_exit(0) is a success
  return finish(*living, "_start", exit_code);
}

// ---- exported functions

bool numbers(const uint8_t *kinds, uint32_t count) {
  return std::all_of(kinds, kinds + count, [](uint8_t kind) { return kind <= 3; });
}
bool wide(uint8_t kind) {
  return kind == 1 || kind == 3;
}

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *living = static_cast<Instance *>(object);
  const Host &host = living->module.engine.host;
  const Api &api = living->module.engine.api();
  auto function = std::make_unique<Function>(Function{living->env,
                                                      api.wasm_runtime_lookup_function(living->instance, name),
                                                      api.wasm_runtime_call_wasm,
                                                      living,
                                                      name,
                                                      {},
                                                      {}});
  if (!function->function) return host.error(SGPERF_ENGINE_NOT_FOUND, "the module exports no function '%s'", name);
  function->n_params = api.wasm_func_get_param_count(function->function, living->instance);
  function->n_results = api.wasm_func_get_result_count(function->function, living->instance);
  bool fits = function->n_params <= max_values && function->n_results <= max_values;
  if (fits) {
    api.wasm_func_get_param_types(function->function, living->instance, function->params);
    api.wasm_func_get_result_types(function->function, living->instance, function->results);
  }
  if (!fits || !numbers(function->params, function->n_params) || !numbers(function->results, function->n_results))
    return host.error(SGPERF_ENGINE_UNSUPPORTED,
                      "'%s' has other parameters or results than i32, i64, f32, f64 (or more than %u)", name,
                      max_values);
  for (uint32_t i = 0; i < function->n_params; i++) function->cells += wide(function->params[i]) ? 2 : 1;
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
  for (uint32_t i = 0; i < n_args; i++)
    if (args[i].kind != function->params[i])
      return engine.host.error(SGPERF_ENGINE_ERROR,
                               "'%s': argument %u has kind %u, expected %u (0 i32, 1 i64, 2 f32, 3 f64)",
                               function->name.c_str(), i, args[i].kind, function->params[i]);
  uint32_t cells[2 * max_values]; // arguments, and results in their place
  for (uint64_t time = 0; time < times; time++) {
    uint32_t *at = cells;
    for (uint32_t i = 0; i < n_args; i++) {
      const size_t bytes = wide(function->params[i]) ? 8 : 4;
      std::memcpy(at, &args[i].of, bytes);
      at += bytes / 4;
    }
    if (!function->call(function->env, function->function, function->cells, cells))
      return finish(*function->instance, function->name.c_str(), nullptr);
  }
  const uint32_t *at = cells;
  for (uint32_t i = 0; times && i < function->n_results; i++) {
    const size_t bytes = wide(function->results[i]) ? 8 : 4;
    results[i].kind = function->results[i];
    results[i].of.i64 = 0;
    std::memcpy(&results[i].of, at, bytes);
    at += bytes / 4;
  }
  return SGPERF_ENGINE_OK;
}

// What has no values takes the short way: the call is of a few nanoseconds.
int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  if (n_args | function->n_params | function->n_results)
    return invoke_with_values(function, args, n_args, results, n_results, times);
  uint32_t none[2];
  for (uint64_t i = 0; i < times; i++)
    if (!function->call(function->env, function->function, 0, none))
      return finish(*function->instance, function->name.c_str(), nullptr);
  return SGPERF_ENGINE_OK;
}

sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_OWN_WASI | SGPERF_ENGINE_CAP_INVOKE,
    "wamr",
    "fast-interp,aot,llvm-jit",
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

} // namespace sgperf::wamr

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::wamr::table : nullptr;
}
