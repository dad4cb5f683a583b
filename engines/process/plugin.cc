// SPDX-License-Identifier: Apache-2.0
// Any runtime with a command line, as a process: `process:wasmtime run {}`.
//
// The tier is the command (template.h).  A process loads, compiles and runs, and nobody outside can tell these apart:
// what is measured is `call`, from fork to the end of the process.  compile() only looks whether the
// module can be read, and raises no region.
#include "adapter/child.h"
#include "adapter/find_program.h"
#include "adapter/kept_answer.h"
#include "adapter/module.h"
#include "adapter/redirect.h"
#include "process/loader_source.h"
#include "process/template.h"
#include "sgperf/sgperf.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <unistd.h>

namespace sgperf::process {

namespace {

using engine::Host;
namespace fs = std::filesystem;

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  Host host;
  std::string command; // as given
  std::vector<std::string> words;
  std::string program, version, loader;
  unsigned copies = 0;
};

struct Module {
  Engine *engine;
  std::string path;
};

// With the environment that the program was meant for.
std::vector<std::string> environment(const Host &host) {
  std::vector<std::string> out = engine::child_environment(host);
  if (const char *preload = std::getenv("LD_PRELOAD"); preload && *preload && !std::strstr(preload, "libsgperf"))
    out.push_back(std::string("LD_PRELOAD=") + preload);
  return out;
}

// The first line of `PROGRAM --version`.
std::string ask_version(const Engine &engine) {
  const std::string file = std::string(engine.host.config().work_dir) + "/version";
  sgperf_engine_config config = engine.host.config();
  config.struct_size = sizeof config;
  config.stdin_path = config.stderr_path = nullptr;
  config.stdout_path = file.c_str();
  config.log = nullptr; // a program may well have no --version
  const Host quiet(config);
  // Some wait for a module instead: they get 10 seconds.
  engine::Child child(quiet, "/bin/sh", {"sh", "-c", "exec timeout 10 \"$@\"", "sh", engine.program, "--version"},
                      environment(quiet));
  std::string line;
  if (!child.open() && !child.run() && child.succeeded()) std::getline(std::ifstream(file), line);
  unlink(file.c_str());
  return line.empty() ? "version not told" : line;
}

bool some_text(const std::string &line) {
  return !line.empty();
}

int create(const sgperf_engine_config *config, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  engine->command = host.tier("");
  const std::optional<std::vector<std::string>> words = split_words(engine->command);
  if (!words)
    return host.error(SGPERF_ENGINE_FLAGS,
                      "process:%s: expected words as a shell has them, found a quote that is not "
                      "closed",
                      engine->command.c_str());
  if (words->empty()) { // can be described, and nothing else
    *out = engine.release();
    return SGPERF_ENGINE_OK;
  }
  if (const std::string place = unknown_place(*words); !place.empty())
    return host.error(
        SGPERF_ENGINE_FLAGS,
        "process:%s: expected the places {} (module), {args} and {flags} (words of their own), {dir} or {loader}, "
        "found %s",
        engine->command.c_str(), place.c_str());
  if (host.config().library)
    return host.error(SGPERF_ENGINE_FLAGS, "process takes no lib=%s: give the program's path in the command",
                      host.config().library);
  if (!host.config().region_at)
    return host.error(SGPERF_ENGINE_UNSUPPORTED,
                      "process: this host takes no times of other processes (region_at); use sgperf bench");
  engine->words = *words;
  if (!host.flags().empty() && !has_place(engine->words, "{flags}"))
    return host.error(SGPERF_ENGINE_FLAGS,
                      "process:%s: no place for the engine flags '%s'; write them into the command, or {flags} where "
                      "they belong",
                      engine->command.c_str(), host.config().flags);
  engine->program = engine::find_program(engine->words[0]);
  if (engine->program.empty())
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "process:%s: expected the program %s in PATH, or its path; found none that can be executed",
                      engine->command.c_str(), engine->words[0].c_str());
  if (has_place(engine->words, "{loader}")) {
    engine->loader = fs::absolute(std::string(host.config().work_dir) + "/loader.mjs").string();
    if (!(std::ofstream(engine->loader) << loader_source).flush())
      return host.error(SGPERF_ENGINE_ERROR, "cannot write %s: %s", engine->loader.c_str(), strerror(errno));
  }
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  if (engine->words.empty()) {
    info->engine_version = "1";
    info->library_path = nullptr;
    info->wasi = "own";
    info->tier = "";
    info->details = "any runtime with a command line: -e 'process:wasmtime run {}'";
    return SGPERF_ENGINE_OK;
  }
  if (engine->version.empty())
    engine->version =
        engine::kept_answer(engine->host, "process", engine->program, some_text, [&] { return ask_version(*engine); });
  info->engine_version = engine->version.c_str();
  info->library_path = engine->program.c_str();
  info->wasi = "own";
  info->tier = engine->command.c_str();
  info->details = "one process a run: its phases cannot be told apart, `call` is all of it";
  return SGPERF_ENGINE_OK;
}

// ---- module

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (engine->words.empty())
    return host.error(SGPERF_ENGINE_FLAGS,
                      "process: expected the command of a runtime, as in -e 'process:wasmtime run {}', found none");
  if (int status = engine::check_header(host, path, wasm, size)) return status;
  auto module = std::make_unique<Module>(Module{engine, path ? fs::absolute(path).string() : std::string()});
  if (module->path.empty()) { // given as bytes alone
    module->path =
        fs::absolute(std::string(host.config().work_dir) + "/module-" + std::to_string(engine->copies++) + ".wasm")
            .string();
    std::ofstream file(module->path, std::ios::binary);
    if (!file.write(reinterpret_cast<const char *>(wasm), std::streamsize(size)).flush())
      return host.error(SGPERF_ENGINE_ERROR, "cannot write %s: %s", module->path.c_str(), strerror(errno));
  }
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int unsupported(const Host &host, const char *what) {
  return host.error(SGPERF_ENGINE_UNSUPPORTED, "a process is not %s: give the command of the step in question", what);
}
int serialize(void *object, const char *) {
  return unsupported(static_cast<Module *>(object)->engine->host, "serialised");
}
int deserialize(void *object, const char *, void **) {
  return unsupported(static_cast<Engine *>(object)->host, "deserialised");
}

int describe_module(void *, sgperf_module_info *info) {
  info->code_size = 0;
  info->artefact_size = 0;
  return SGPERF_ENGINE_OK;
}

void free_module(void *object) {
  delete static_cast<Module *>(object);
}

// ---- instance: the process exists in execute() alone

int instantiate(void *object, void **out) {
  if (int status = engine::truncate_outputs(static_cast<Module *>(object)->engine->host)) return status;
  *out = object;
  return SGPERF_ENGINE_OK;
}
void free_instance(void *) {}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("process::execute");
  const Module &module = *static_cast<Module *>(object);
  const Engine &engine = *module.engine;
  const Host &host = engine.host;
  const sgperf_engine_config &config = host.config();
  Places places;
  places.module = module.path;
  for (const char *const *arg = config.args; arg && *arg; arg++) places.args.push_back(*arg);
  if (!places.args.empty()) places.args.erase(places.args.begin()); // the guest's own name: runtimes take the module's
  places.flags = host.flags();
  places.directory = fs::absolute(config.preopen_dir ? config.preopen_dir : ".").string();
  places.loader = engine.loader;
  engine::Child child(host, engine.program, fill(engine.words, places), environment(host));
  if (int status = child.open()) return status;
  host.begin(SGPERF_REGION_CALL); // for what the child uses; its time is what region_at() says
  if (int status = child.run()) return status;
  if (child.succeeded()) host.end(SGPERF_REGION_CALL);
  if (child.succeeded()) config.region_at(config.host, SGPERF_REGION_CALL, child.begin_ns(), child.end_ns());
  return child.finish(exit_code);
}

int resolve(void *object, const char *name, void **, uint32_t *, uint32_t *) {
  return static_cast<Module *>(object)->engine->host.error(
      SGPERF_ENGINE_UNSUPPORTED, "'%s': a process's functions cannot be called; name the function in the command",
      name);
}

const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_OWN_WASI | SGPERF_ENGINE_CAP_ONLY_CALL,
    "process",
    "",
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
    nullptr,
    free_instance,
    nullptr,
};

} // namespace

} // namespace sgperf::process

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::process::table : nullptr;
}
