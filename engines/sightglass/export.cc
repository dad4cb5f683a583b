// SPDX-License-Identifier: Apache-2.0
// wasm_bench_* on top of a plug-in's own table, linked into each of our plug-ins, so that Sightglass can load them.
//
// create -> compile -> { instantiate -> [execute] }* -> free.  compile drops the module before it, execute consumes the
// instance.  The compilation and instantiation timers are called by the engine, the execution timers by the guest
// through bench.start and bench.end.  After an error the end of a timer is never called, as in Sightglass's reference.
#include "sightglass/wasm_bench.h"

#include "sgperf/engine.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

extern "C" const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version);

namespace {

constexpr int failed = -1; // what Sightglass's reference returns

std::optional<std::string> text(const uint8_t *begin, size_t length) {
  if (!begin || !length) return std::nullopt;
  return std::string(reinterpret_cast<const char *>(begin), length);
}

const char *c_str(const std::optional<std::string> &text) {
  return text ? text->c_str() : nullptr;
}

std::string cache_directory() {
  auto variable = [](const char *name) { return std::string(std::getenv(name) ? std::getenv(name) : ""); };
  if (!variable("SGPERF_CACHE").empty()) return variable("SGPERF_CACHE");
  if (!variable("XDG_CACHE_HOME").empty()) return variable("XDG_CACHE_HOME") + "/sgperf";
  if (!variable("HOME").empty()) return variable("HOME") + "/.cache/sgperf";
  return "/tmp/sgperf-cache";
}

struct State {
  wasm_bench_config timers;
  std::optional<std::string> working_dir, stdout_path, stderr_path, stdin_path, flags;
  std::string cache_dir, work_dir, program_path, small_workload;
  std::vector<const char *> env;
  const char *no_args[1] = {nullptr};
  bool compile_timed = false;

  const sgperf_engine *engine = nullptr;
  void *handle = nullptr, *module = nullptr, *instance = nullptr;
  std::vector<uint8_t> wasm; // stays until the module is freed

  ~State() {
    drop_module();
    if (handle) engine->free(handle);
    std::error_code ignored;
    if (!work_dir.empty()) std::filesystem::remove_all(work_dir, ignored);
  }
  void drop_instance() {
    if (instance) engine->free_instance(instance);
    instance = nullptr;
  }
  void drop_module() {
    drop_instance();
    if (module) engine->free_module(module);
    module = nullptr;
  }
};

void log(void *, int level, const char *message) {
  if (level <= SGPERF_LOG_WARNING) std::fprintf(stderr, "%s\n", message);
}

// Parse and compile are one interval for Sightglass.
void region_begin(void *host, uint32_t region) {
  auto *state = static_cast<State *>(host);
  if (region == SGPERF_REGION_PARSE || (region == SGPERF_REGION_COMPILE && !state->compile_timed)) {
    state->compile_timed = true;
    state->timers.compilation_start(state->timers.compilation_timer);
  }
  if (region == SGPERF_REGION_INSTANTIATE) state->timers.instantiation_start(state->timers.instantiation_timer);
}

void region_end(void *host, uint32_t region) {
  auto *state = static_cast<State *>(host);
  if (region == SGPERF_REGION_COMPILE) state->timers.compilation_end(state->timers.compilation_timer);
  if (region == SGPERF_REGION_INSTANTIATE) state->timers.instantiation_end(state->timers.instantiation_timer);
}

void bench_start(void *host) {
  auto *state = static_cast<State *>(host);
  state->timers.execution_start(state->timers.execution_timer);
}

void bench_end(void *host) {
  auto *state = static_cast<State *>(host);
  state->timers.execution_end(state->timers.execution_timer);
}

int create(const wasm_bench_config &config, void **out) {
  auto state = std::make_unique<State>();
  state->timers = config;
  state->working_dir = text(config.working_dir, config.working_dir_length);
  state->stdout_path = text(config.stdout_path, config.stdout_path_length);
  state->stderr_path = text(config.stderr_path, config.stderr_path_length);
  state->stdin_path = text(config.stdin_path, config.stdin_path_length);
  state->flags = text(config.execution_flags, config.execution_flags_length);
  state->cache_dir = cache_directory();
  std::string work = (std::filesystem::temp_directory_path() / "sgperf-engine-XXXXXX").string();
  if (!mkdtemp(work.data())) {
    std::fprintf(stderr, "cannot create a scratch folder %s\n", work.c_str());
    return failed;
  }
  state->work_dir = work;
  if (const char *small = std::getenv("WASM_BENCH_USE_SMALL_WORKLOAD")) {
    state->small_workload = std::string("WASM_BENCH_USE_SMALL_WORKLOAD=") + small;
    state->env.push_back(state->small_workload.c_str());
  }
  state->env.push_back(nullptr);

  sgperf_engine_config engine_config{};
  engine_config.struct_size = sizeof engine_config;
  engine_config.host = state.get();
  engine_config.log = log;
  engine_config.region_begin = region_begin;
  engine_config.region_end = region_end;
  engine_config.bench_start = bench_start;
  engine_config.bench_end = bench_end;
  engine_config.flags = c_str(state->flags);
  engine_config.cache_dir = state->cache_dir.c_str();
  engine_config.work_dir = state->work_dir.c_str();
  engine_config.preopen_dir = c_str(state->working_dir);
  engine_config.stdin_path = c_str(state->stdin_path);
  engine_config.stdout_path = c_str(state->stdout_path);
  engine_config.stderr_path = c_str(state->stderr_path);
  engine_config.args = state->no_args;
  engine_config.env = state->env.data();

  state->engine = sgperf_engine_v1(SGPERF_ENGINE_VERSION);
  // A native workload is a file: Sightglass's is called benchmark.so and stands in the working directory.
  if (state->engine->capabilities & SGPERF_ENGINE_CAP_NATIVE)
    state->program_path = state->working_dir.value_or(".") + "/benchmark.so";
  if (state->engine->create(&engine_config, &state->handle)) return failed;
  *out = state.release();
  return 0;
}

int compile(State *state, const uint8_t *wasm, size_t size) {
  state->drop_module();
  state->wasm.assign(wasm, wasm + size);
  state->compile_timed = false;
  const char *path = state->program_path.empty() ? nullptr : state->program_path.c_str();
  if (state->engine->compile(state->handle, path, state->wasm.data(), size, &state->module)) return failed;
  if (!state->compile_timed) { // nothing to compile, a native object
    state->timers.compilation_start(state->timers.compilation_timer);
    state->timers.compilation_end(state->timers.compilation_timer);
  }
  return 0;
}

int instantiate(State *state) {
  state->drop_instance();
  if (!state->module) {
    std::fprintf(stderr, "wasm_bench_instantiate: expected a compiled module; call wasm_bench_compile first\n");
    return failed;
  }
  return state->engine->instantiate(state->module, &state->instance) ? failed : 0;
}

int execute(State *state) {
  if (!state->instance) {
    std::fprintf(stderr,
                 "wasm_bench_execute: expected an instance; call wasm_bench_instantiate before each execution\n");
    return failed;
  }
  int code = 0;
  int status = state->engine->execute(state->instance, &code);
  state->drop_instance();
  return status ? failed : 0;
}

// No exception leaves the library.
template <typename Body> int guarded(Body body) {
  try {
    return body();
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return failed;
  }
}

} // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int wasm_bench_create(wasm_bench_config config, void **state) {
  return guarded([&] { return create(config, state); });
}
EXPORT void wasm_bench_free(void *state) {
  delete static_cast<State *>(state);
}
EXPORT int wasm_bench_compile(void *state, const uint8_t *wasm, size_t size) {
  return guarded([&] { return compile(static_cast<State *>(state), wasm, size); });
}
EXPORT int wasm_bench_instantiate(void *state) {
  return guarded([&] { return instantiate(static_cast<State *>(state)); });
}
EXPORT int wasm_bench_execute(void *state) {
  return guarded([&] { return execute(static_cast<State *>(state)); });
}
