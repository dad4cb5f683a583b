// SPDX-License-Identifier: Apache-2.0
// wasm2c: ahead of time, module -> C -> shared object.  WASI is the shim's.
//
// compile really compiles every time: wasm2c, the C compiler, and dlopen of what they made.  Only wasm-rt, which is the
// same for all modules, is kept in the cache.  The artefact is the shared object.
// Tiers are the C compiler's levels.  Flags: cc=PROGRAM, and switches of the C compiler that begin with -f, -m, -O, -g
// or -D.
#include "adapter/elf_file.h"
#include "adapter/module.h"
#include "adapter/once.h"
#include "adapter/shim.h"
#include "sgperf/sgperf.h"
#include "wasm2c/aot.h"
#include "wasm2c/glue.h"
#include "wasm2c/runtime_source.h"
#include "wasm2c/tools.h"
#include "wasm2c/world.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace sgperf::wasm2c {

namespace {

using engine::Host;
namespace fs = std::filesystem;

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  Host host;
  Tools tools;
  std::string tier, runtime, details;
  std::vector<std::string> switches;
  unsigned count = 0; // of things in work_dir
  std::string work(const std::string &name) {
    return std::string(host.config().work_dir) + "/" + name + std::to_string(count++);
  }
};

// Whose guest the process's fault handlers belong to.
const sgperf_aot *active = nullptr;

struct Module {
  explicit Module(Engine &engine) : engine(engine) {}
  ~Module() {
    if (aot == active) active = nullptr;
    if (handle) dlclose(handle);
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }
  Engine &engine;
  std::string folder; // in work_dir: what was generated, or the link that was loaded
  std::string object; // the artefact
  void *handle = nullptr;
  const sgperf_aot *aot = nullptr;
  uint64_t artefact_size = 0;
};

struct Function {
  struct Instance *instance;
  const sgperf_aot_export *item;
};

struct Instance {
  explicit Instance(Module &module) : module(module) {}
  Module &module;
  World world;
  void *memory = nullptr; // aot->instance_size bytes
  bool complete = false;  // instantiate() came to its end
  std::vector<std::unique_ptr<Function>> functions;
};

// ---- engine

int read_flags(Engine &engine, std::string &cc) {
  // The last three are those of wabt's own spec tests: endless recursion has to exhaust the stack and not become a
  // loop, and NaNs keep their bits.  Flags come after them and may undo them.
  engine.switches = {"-" + engine.tier, "-fno-optimize-sibling-calls", "-frounding-math", "-fsignaling-nans"};
  for (const std::string &flag : engine.host.flags()) {
    if (flag.starts_with("cc=") && flag.size() > 3)
      cc = flag.substr(3);
    else if (flag.size() > 2 && flag[0] == '-' && std::strchr("fmOgD", flag[1]))
      engine.switches.push_back(flag);
    else
      return engine.host.error(
          SGPERF_ENGINE_FLAGS,
          "engine flag '%s' is not understood: expected cc=PROGRAM, or a switch of the C compiler that "
          "begins with -f, -m, -O, -g or -D",
          flag.c_str());
  }
  return SGPERF_ENGINE_OK;
}

int create(const sgperf_engine_config *config, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  engine->tier = host.tier("O2");
  if (engine->tier != "O1" && engine->tier != "O2" && engine->tier != "O3")
    return host.error(SGPERF_ENGINE_FLAGS, "wasm2c has no tier '%s': expected O1, O2 or O3", engine->tier.c_str());
  std::string cc = "cc";
  if (int status = read_flags(*engine, cc)) return status;
  if (int status = find_tools(host, cc, engine->tools)) return status;
  if (int status = runtime_object(host, engine->tools, engine->switches, engine->runtime)) return status;
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  if (engine->details.empty()) {
    std::string log = engine->work("cc-version-");
    run_tool({engine->tools.cc, "--version"}, log);
    std::string version = read_text(log);
    engine->details = version.substr(0, version.find('\n'));
    for (const std::string &option : engine->switches) engine->details += " " + option;
  }
  info->engine_version = engine->tools.version.c_str();
  info->library_path = engine->tools.wasm2c.c_str();
  info->wasi = "sgperf shim";
  info->tier = engine->tier.c_str();
  info->details = engine->details.c_str();
  if (info->struct_size > offsetof(sgperf_engine_info, code_names)) info->code_names = "symbols of the artefact";
  return SGPERF_ENGINE_OK;
}

// ---- module

// Function imports are bound at instantiation; other kinds cannot be: nobody provides them.
int check_imports(const Host &host, const engine::Interface &interface) {
  static const char *const kinds[] = {"function", "table", "memory", "global", "tag"};
  for (const engine::Import &import : interface.imports) {
    bool callable = import.signature.params.find('?') == std::string::npos && import.signature.results.size() <= 1 &&
                    import.signature.results != "?";
    if (import.kind || !callable)
      return host.error(SGPERF_ENGINE_IMPORT,
                        "unknown import %s.%s (%s): provided are the functions of %s and bench.start, bench.end",
                        import.module.c_str(), import.field.c_str(), kinds[import.kind], SGPERF_WASI_MODULE);
  }
  return SGPERF_ENGINE_OK;
}

int load(Module &module, const std::string &file) {
  const Host &host = module.engine.host;
  module.handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!module.handle) return host.error(SGPERF_ENGINE_INVALID, "cannot load the artefact: %s", dlerror());
  module.aot = static_cast<const sgperf_aot *>(dlsym(module.handle, SGPERF_AOT_SYMBOL));
  if (!module.aot || module.aot->version != SGPERF_AOT_VERSION)
    return host.error(SGPERF_ENGINE_INVALID, "%s is no artefact of this wasm2c plug-in (%s %s); compile it again",
                      file.c_str(), SGPERF_AOT_SYMBOL, module.aot ? "of another version" : "missing");
  return SGPERF_ENGINE_OK;
}

int build(Module &module, const char *path, const uint8_t *wasm, size_t size) {
  Engine &engine = module.engine;
  const Host &host = engine.host;
  const std::string &folder = module.folder;
  std::string log = folder + "/log", input = folder + "/m.wasm";
  if (!std::ofstream(input, std::ios::binary)
           .write(reinterpret_cast<const char *>(wasm), std::streamsize(size))
           .flush())
    return host.error(SGPERF_ENGINE_ERROR, "cannot write %s: %s", input.c_str(), strerror(errno));
  engine::Interface interface;
  std::string why;
  if (!engine::read_interface(wasm, size, interface, why))
    return host.error(SGPERF_ENGINE_INVALID, "%s is not a valid module: %s", path ? path : "(bytes)", why.c_str());
  if (run_tool({engine.tools.wasm2c, "-n", "m", "-o", folder + "/m.c", input}, log))
    return host.error(SGPERF_ENGINE_INVALID, "%s is not a module that wasm2c %s takes: %.2000s",
                      path ? path : "(bytes)", known_version, read_text(log).c_str());
  if (int status = check_imports(host, interface)) return status;
  std::ofstream(folder + "/aot.h") << aot_header;
  std::ofstream(folder + "/glue.c") << make_glue(interface, read_text(folder + "/m.h"));
  std::vector<std::string> argv = {engine.tools.cc, "-shared", "-fPIC", "-w", "-fvisibility=hidden", "-pipe"};
  argv.insert(argv.end(), engine.switches.begin(), engine.switches.end());
  for (const char *file : {"/m.c", "/glue.c"}) argv.push_back(folder + file);
  for (const std::string &arg :
       {engine.runtime, std::string("-o"), module.object, std::string("-lm"), std::string("-Wl,-Bsymbolic,-z,now")})
    argv.push_back(arg);
  if (run_tool(argv, log))
    return host.error(SGPERF_ENGINE_ERROR, "%s cannot compile the C of %s: %.2000s", engine.tools.cc.c_str(),
                      path ? path : "(bytes)", read_text(log).c_str());
  return SGPERF_ENGINE_OK;
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE("wasm2c::compile");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (int status = engine::check_header(host, path, wasm, size)) return status;
  auto module = std::make_unique<Module>(*engine);
  module->folder = engine->work("module-");
  module->object = module->folder + "/m" + std::to_string(engine->count) + ".so";
  std::error_code error;
  fs::create_directory(module->folder, error);
  if (error)
    return host.error(SGPERF_ENGINE_ERROR, "cannot create %s: %s", module->folder.c_str(), error.message().c_str());
  host.begin(SGPERF_REGION_COMPILE);
  if (int status = build(*module, path, wasm, size)) return status;
  if (int status = load(*module, module->object)) return status;
  host.end(SGPERF_REGION_COMPILE);
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int serialize(void *object, const char *path) {
  SGPERF_SCOPE("wasm2c::serialize");
  auto *module = static_cast<Module *>(object);
  const Host &host = module->engine.host;
  std::string fresh = std::string(path) + ".new"; // an artefact in use is mapped: never written over
  std::error_code error;
  host.begin(SGPERF_REGION_SERIALIZE);
  fs::copy_file(module->object, fresh, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(fresh, path, error);
  if (error) return host.error(SGPERF_ENGINE_ERROR, "cannot write the artefact %s: %s", path, error.message().c_str());
  host.end(SGPERF_REGION_SERIALIZE);
  module->artefact_size = fs::file_size(path, error);
  return SGPERF_ENGINE_OK;
}

int deserialize(void *object, const char *path, void **out) {
  SGPERF_SCOPE("wasm2c::deserialize");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  std::error_code error;
  auto module = std::make_unique<Module>(*engine);
  module->artefact_size = fs::file_size(path, error);
  if (error)
    return host.error(SGPERF_ENGINE_NOT_FOUND, "cannot open the artefact %s: %s", path, error.message().c_str());
  // ld.so gives back an object that it has under the same name: a link gives each load a name of its own.
  module->folder = engine->work("artefact-");
  std::string link = module->folder + "/m" + std::to_string(engine->count) + ".so";
  fs::create_directory(module->folder, error);
  fs::create_symlink(fs::absolute(path), link, error);
  if (error) return host.error(SGPERF_ENGINE_ERROR, "cannot create %s: %s", link.c_str(), error.message().c_str());
  host.begin(SGPERF_REGION_DESERIALIZE);
  if (int status = load(*module, link)) return status;
  host.end(SGPERF_REGION_DESERIALIZE);
  module->object = path;
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int describe_module(void *object, sgperf_module_info *info) {
  auto *module = static_cast<Module *>(object);
  info->code_size = engine::elf_text_size(module->object);
  info->artefact_size = module->artefact_size;
  // The C compiler leaves nothing for later.
  if (info->struct_size > offsetof(sgperf_module_info, lazy)) info->lazy = 0;
  return SGPERF_ENGINE_OK;
}

void free_module(void *object) {
  delete static_cast<Module *>(object);
}

// ---- instance

void free_instance(void *object) {
  auto *instance = static_cast<Instance *>(object);
  if (!instance) return;
  if (instance->complete) instance->module.aot->free_instance(instance->memory);
  std::free(instance->memory);
  delete instance;
}

int try_call(const Module &module, void (*body)(void *), void *argument) {
  if (active != module.aot) module.aot->activate();
  active = module.aot;
  return module.aot->try_call(body, argument);
}

int finish(Instance &instance, const char *what, int result, int *exit_code) {
  const Host &host = instance.module.engine.host;
  if (result == SGPERF_AOT_EXITED) {
    int code = instance.world.exit_code;
    if (exit_code) *exit_code = code;
    return code ? host.error(SGPERF_ENGINE_EXIT, "%s: the guest left with code %d", what, code) : SGPERF_ENGINE_OK;
  }
  return host.error(SGPERF_ENGINE_TRAP, "%s: the guest trapped: %s", what, instance.module.aot->trap_text(result));
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("wasm2c::instantiate");
  auto *module = static_cast<Module *>(object);
  const Host &host = module->engine.host;
  std::unique_ptr<Instance, void (*)(void *)> instance(new Instance(*module), free_instance);
  if (int status = engine::open_shim(host, &instance->world.wasi)) return status;
  host.begin(SGPERF_REGION_INSTANTIATE);
  if (int status = bind_imports(host, *module->aot, instance->world)) return status;
  instance->memory = std::calloc(1, module->aot->instance_size);
  auto body = [](void *argument) {
    auto *at = static_cast<Instance *>(argument);
    at->module.aot->instantiate(at->memory, at->world.bindings.data());
  };
  if (int result = try_call(*module, body, instance.get())) return finish(*instance, "start function", result, nullptr);
  host.end(SGPERF_REGION_INSTANTIATE);
  instance->complete = true;
  *out = instance.release();
  return SGPERF_ENGINE_OK;
}

const sgperf_aot_export *find_export(const Module &module, const char *name) {
  for (uint32_t i = 0; i < module.aot->export_count; i++)
    if (!std::strcmp(module.aot->exports[i].name, name)) return &module.aot->exports[i];
  return nullptr;
}

struct Call {
  const sgperf_aot_export *item;
  void *memory;
  uint64_t args[64], result, times = 1;
};
void run_calls(void *argument) {
  auto *call = static_cast<Call *>(argument);
  call->item->call(call->memory, call->args, &call->result, call->times);
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("wasm2c::execute");
  auto *instance = static_cast<Instance *>(object);
  const Module &module = instance->module;
  const Host &host = module.engine.host;
  Call call;
  call.item = find_export(module, "_start");
  call.memory = instance->memory;
  if (!call.item || std::strcmp(call.item->signature, ">"))
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "the module exports no function _start; build a WASI command, or name an exported "
                      "function to call");
  host.begin(SGPERF_REGION_CALL);
  int result;
  {
    SGPERF_SCOPE("guest::_start"); // outside of what a trap or an exit jumps over
    result = try_call(module, run_calls, &call);
  }
  if (!result || (result == SGPERF_AOT_EXITED && !instance->world.exit_code)) host.end(SGPERF_REGION_CALL);
  if (result) return finish(*instance, "_start", result, exit_code);
  if (exit_code) *exit_code = 0;
  return SGPERF_ENGINE_OK;
}

// ---- exported functions

uint32_t kind_of(char letter) {
  return letter == 'i' ? 0 : letter == 'I' ? 1 : letter == 'f' ? 2 : 3;
}
size_t param_count(const sgperf_aot_export &item) {
  return size_t(std::strchr(item.signature, '>') - item.signature);
}

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *instance = static_cast<Instance *>(object);
  const Host &host = instance->module.engine.host;
  const sgperf_aot_export *item = find_export(instance->module, name);
  if (!item)
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "the module exports no function '%s' (with i32, i64, f32, f64 and at most one result)", name);
  size_t count = param_count(*item);
  if (count > std::size(Call{}.args))
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "'%s' has %zu parameters, expected at most 64", name, count);
  *n_params = uint32_t(count);
  *n_results = item->signature[count + 1] ? 1 : 0;
  instance->functions.push_back(std::make_unique<Function>(Function{instance, item}));
  *out = instance->functions.back().get();
  return SGPERF_ENGINE_OK;
}

int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  const sgperf_aot_export &item = *function->item;
  const Host &host = function->instance->module.engine.host;
  size_t count = param_count(item);
  char result_letter = item.signature[count + 1];
  if (n_args != count || n_results < (result_letter ? 1u : 0u))
    return host.error(SGPERF_ENGINE_ERROR, "'%s' takes %zu values and gives %d: found %u and room for %u", item.name,
                      count, result_letter ? 1 : 0, n_args, n_results);
  Call call;
  call.item = &item;
  call.memory = function->instance->memory;
  call.times = times;
  for (uint32_t i = 0; i < n_args; i++) {
    if (args[i].kind != kind_of(item.signature[i]))
      return host.error(SGPERF_ENGINE_ERROR, "'%s': argument %u has kind %u, expected %u (0 i32, 1 i64, 2 f32, 3 f64)",
                        item.name, i, args[i].kind, kind_of(item.signature[i]));
    call.args[i] = uint64_t(args[i].of.i64);
  }
  if (int result = try_call(function->instance->module, run_calls, &call))
    return finish(*function->instance, item.name, result, nullptr);
  if (result_letter && times) {
    results[0].kind = kind_of(result_letter);
    results[0].of.i64 = int64_t(call.result);
  }
  return SGPERF_ENGINE_OK;
}

const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_SERIALIZE | SGPERF_ENGINE_CAP_INVOKE,
    "wasm2c",
    "O2,O1,O3",
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

} // namespace sgperf::wasm2c

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::wasm2c::table : nullptr;
}
