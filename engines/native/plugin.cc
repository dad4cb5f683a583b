// SPDX-License-Identifier: Apache-2.0
// The native adapter: what the same work costs without WebAssembly.
//
// A workload is an object that exports `int native_entry(void)` and calls bench_start() and bench_end(), or a program
// that includes sgperf.h and marks its region with SGPERF_BENCH_START and SGPERF_BENCH_END.
//   fibonacci.wasm      the object fibonacci.so beside it
//   fibonacci.so        itself
//   ./program           run as a child process; so is every workload under the tier ./program (native:./program)
// An object runs in the worker itself: if it calls exit() or crashes, the worker ends with it, which the host sees.
// Nothing is compiled, so there is no compile phase; instantiate is dlopen.
#include "adapter/elf_file.h"
#include "adapter/module.h"
#include "adapter/once.h"
#include "adapter/redirect.h"
#include "native/call.h"
#include "native/hooks.h"
#include "native/program.h"
#include "sgperf/sgperf.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <unistd.h>

namespace sgperf::native {

namespace {

using engine::Host;
namespace fs = std::filesystem;

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  Host host;
  std::string program; // of the tier
  std::string tier;
  unsigned copies = 0;
};

struct Module {
  Engine *engine;
  std::string path;
  bool program = false;
  engine::Interface interface; // of the module beside it: the signatures of exported functions
};

struct Function {
  const Host *host;
  std::string name;
  Callee callee;
};

struct Instance {
  Module *module;
  void *handle = nullptr;
  int (*entry)(void) = nullptr;
  std::vector<std::unique_ptr<Function>> functions;
};

int create(const sgperf_engine_config *config, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  engine->tier = host.tier("so");
  if (engine->tier.find('/') != std::string::npos) {
    if (access(engine->tier.c_str(), X_OK))
      return host.error(SGPERF_ENGINE_NOT_FOUND, "native:%s: expected a program, found %s; build it first",
                        engine->tier.c_str(), strerror(errno));
    engine->program = engine->tier;
  } else if (engine->tier != "so") {
    return host.error(SGPERF_ENGINE_FLAGS,
                      "native has no tier '%s': expected so, or the path of a program (native:./program)",
                      engine->tier.c_str());
  }
  if (!host.flags().empty())
    return host.error(SGPERF_ENGINE_FLAGS,
                      "native takes no engine flags, found '%s'; give them to the compiler that builds the workload",
                      host.config().flags);
  if (int status = offer_hooks(host)) return status;
  set_hook_host(&engine->host);
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  if (object) set_hook_host(nullptr);
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  info->engine_version = "1";
  info->library_path = nullptr;
  info->wasi = "none";
  info->tier = engine->tier.c_str();
  info->details = engine->program.empty() ? "native object, dlopen" : "native program, child process";
  if (info->struct_size > offsetof(sgperf_engine_info, code_names)) info->code_names = "symbols of the file";
  return SGPERF_ENGINE_OK;
}

// ---- module

std::vector<uint8_t> read_bytes(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

int find_workload(Engine &engine, const char *path, const uint8_t *bytes, size_t size, Module &module) {
  const Host &host = engine.host;
  fs::path given = path ? path : "";
  module.path = given.string();
  if (!engine.program.empty()) {
    module.path = engine.program;
  } else if (given.extension() == ".wasm") {
    module.path = fs::path(given).replace_extension(".so").string();
    if (access(module.path.c_str(), R_OK))
      return host.error(SGPERF_ENGINE_NOT_FOUND,
                        "%s has no native counterpart: expected %s beside it; build one that exports native_entry",
                        path, module.path.c_str());
  } else if (access(module.path.c_str(), R_OK) && bytes && size > 4 && !std::memcmp(bytes, "\177ELF", 4)) {
    module.path = std::string(host.config().work_dir) + "/workload-" + std::to_string(engine.copies++) +
                  ".so"; // given as bytes alone
    std::ofstream(module.path, std::ios::binary).write(reinterpret_cast<const char *>(bytes), std::streamsize(size));
  }
  switch (engine::elf_kind(module.path)) {
  case engine::ElfKind::object:
    return SGPERF_ENGINE_OK;
  case engine::ElfKind::program:
    module.program = true;
    return SGPERF_ENGINE_OK;
  case engine::ElfKind::none:
    break;
  }
  if (!access(module.path.c_str(), X_OK) && fs::is_regular_file(module.path)) { // a script
    std::vector<uint8_t> head = read_bytes(module.path);
    if (head.size() > 2 && head[0] == '#' && head[1] == '!') {
      module.program = true;
      return SGPERF_ENGINE_OK;
    }
  }
  return host.error(SGPERF_ENGINE_INVALID,
                    "%s is no native workload: expected a shared object for this machine, a program, or a .wasm with "
                    "a .so beside it",
                    module.path.c_str());
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  auto *engine = static_cast<Engine *>(object);
  auto module = std::make_unique<Module>(Module{engine, {}, false, {}});
  if (int status = find_workload(*engine, path, wasm, size, *module)) return status;
  // Signatures for exported functions: from the module itself or the one beside the object; without one none is
  // callable.
  std::string ignored;
  if (wasm && size > 8 && !std::memcmp(wasm, "\0asm", 4)) {
    engine::read_interface(wasm, size, module->interface, ignored);
  } else {
    std::vector<uint8_t> beside = read_bytes(fs::path(module->path).replace_extension(".wasm"));
    if (beside.size() > 8 && !std::memcmp(beside.data(), "\0asm", 4))
      engine::read_interface(beside.data(), beside.size(), module->interface, ignored);
  }
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int unsupported(const Host &host) {
  return host.error(SGPERF_ENGINE_UNSUPPORTED,
                    "native has nothing to serialise: the workload is an object file already");
}
int serialize(void *object, const char *) {
  return unsupported(static_cast<Module *>(object)->engine->host);
}
int deserialize(void *object, const char *, void **) {
  return unsupported(static_cast<Engine *>(object)->host);
}

int describe_module(void *object, sgperf_module_info *info) {
  info->code_size = engine::elf_text_size(static_cast<Module *>(object)->path);
  info->artefact_size = 0;
  // Compiled before.
  if (info->struct_size > offsetof(sgperf_module_info, lazy)) info->lazy = 0;
  return SGPERF_ENGINE_OK;
}

void free_module(void *object) {
  delete static_cast<Module *>(object);
}

// ---- instance

void free_instance(void *object) {
  auto *instance = static_cast<Instance *>(object);
  if (instance && instance->handle) dlclose(instance->handle);
  delete instance;
}

// Each instance starts with fresh data.  An object that is still loaded (another instance, or one that the linker does
// not unload) is loaded from a copy.
std::string fresh_object(const Module &module) {
  std::string path = fs::absolute(module.path);
  void *loaded = dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (!loaded) return path;
  dlclose(loaded);
  fs::path copy = fs::path(module.engine->host.config().work_dir) /
                  ("copy-" + std::to_string(module.engine->copies++) + "-" + fs::path(path).filename().string());
  std::error_code error;
  fs::copy_file(path, copy, fs::copy_options::overwrite_existing, error);
  return error ? path : copy.string();
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("native::instantiate");
  auto *module = static_cast<Module *>(object);
  const Host &host = module->engine->host;
  std::unique_ptr<Instance, void (*)(void *)> instance(new Instance{module, nullptr, nullptr, {}}, free_instance);
  if (int status = engine::truncate_outputs(host)) return status;
  if (module->program) { // exists when it is executed, not before: no region
    *out = instance.release();
    return SGPERF_ENGINE_OK;
  }
  std::string path = fresh_object(*module);
  host.begin(SGPERF_REGION_INSTANTIATE);
  instance->handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!instance->handle) {
    std::string why = dlerror();
    return host.error(why.find("undefined symbol") != std::string::npos ? SGPERF_ENGINE_IMPORT : SGPERF_ENGINE_INVALID,
                      "cannot load the native workload: %s", why.c_str());
  }
  host.end(SGPERF_REGION_INSTANTIATE);
  instance->entry = reinterpret_cast<int (*)(void)>(dlsym(instance->handle, "native_entry"));
  *out = instance.release();
  return SGPERF_ENGINE_OK;
}

int execute(void *object, int *exit_code) {
  auto *instance = static_cast<Instance *>(object);
  const Host &host = instance->module->engine->host;
  if (instance->module->program) return run_program(host, instance->module->path, exit_code);
  if (!instance->entry)
    return host.error(SGPERF_ENGINE_NOT_FOUND, "%s exports no native_entry; compile its main with -Dmain=native_entry",
                      instance->module->path.c_str());
  int code;
  {
    engine::Redirect redirect(host, false);
    if (redirect.status()) return redirect.status();
    host.begin(SGPERF_REGION_CALL);
    {
      SGPERF_SCOPE("guest::native_entry");
      code = instance->entry();
    }
    std::fflush(stdout); // a wasm guest's libc does that before _start returns
    if (!code) host.end(SGPERF_REGION_CALL);
  }
  if (exit_code) *exit_code = code;
  return code ? host.error(SGPERF_ENGINE_EXIT, "native_entry of %s returned %d", instance->module->path.c_str(), code)
              : SGPERF_ENGINE_OK;
}

// ---- exported functions

const engine::Signature *signature(const Module &module, const char *name) {
  for (const engine::Export &item : module.interface.exports)
    if (item.kind == 0 && item.name == name) return &item.signature;
  return nullptr;
}

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *instance = static_cast<Instance *>(object);
  const Host &host = instance->module->engine->host;
  if (!instance->handle)
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "'%s': a program's functions cannot be called", name);
  auto function = std::make_unique<Function>(Function{&host, name, {}});
  function->callee.address = reinterpret_cast<void (*)(void)>(dlsym(instance->handle, name));
  if (!function->callee.address)
    return host.error(SGPERF_ENGINE_NOT_FOUND, "%s exports no function '%s'", instance->module->path.c_str(), name);
  const engine::Signature *types = signature(*instance->module, name);
  if (!types)
    return host.error(SGPERF_ENGINE_UNSUPPORTED,
                      "the parameters of '%s' are not known: expected a module with an export of that name beside %s",
                      name, instance->module->path.c_str());
  function->callee.params = types->params;
  function->callee.results = types->results;
  if (!callable(function->callee))
    return host.error(SGPERF_ENGINE_UNSUPPORTED,
                      "'%s' (%s) cannot be called: expected at most %u integers, %u floating-point numbers and one "
                      "result",
                      name, types->text().c_str(), max_integers, max_floats);
  *n_params = uint32_t(types->params.size());
  *n_results = uint32_t(types->results.size());
  *out = function.get();
  instance->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

uint32_t kind_of(char letter) {
  return letter == 'i' ? 0 : letter == 'I' ? 1 : letter == 'f' ? 2 : 3;
}

int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  const Callee &callee = function->callee;
  if (n_args != callee.params.size() || n_results < callee.results.size())
    return function->host->error(SGPERF_ENGINE_ERROR, "'%s' takes %zu values and gives %zu: found %u and room for %u",
                                 function->name.c_str(), callee.params.size(), callee.results.size(), n_args,
                                 n_results);
  for (uint32_t i = 0; i < n_args; i++)
    if (args[i].kind != kind_of(callee.params[i]))
      return function->host->error(SGPERF_ENGINE_ERROR,
                                   "'%s': argument %u has kind %u, expected %u (0 i32, 1 i64, 2 f32, 3 f64)",
                                   function->name.c_str(), i, args[i].kind, kind_of(callee.params[i]));
  if (callee.params.empty() && callee.results.empty())
    for (uint64_t i = 0; i < times; i++) callee.address();
  else
    for (uint64_t i = 0; i < times; i++) call(callee, args, results);
  return SGPERF_ENGINE_OK;
}

const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_INVOKE | SGPERF_ENGINE_CAP_NATIVE,
    "native",
    "so",
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

} // namespace sgperf::native

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::native::table : nullptr;
}
