// SPDX-License-Identifier: Apache-2.0
// sgperf_engine_v1 of every plug-in on the standard wasm-c-api.
#include "wasm-c-api/objects.h"

#include "adapter/once.h"
#include "sgperf/sgperf.h"
#include "wasm-c-api/shim_world.h"

#include <cstddef>

namespace sgperf::wasm_c_api {

const char *Flavour::install_name() const {
  return kind.name;
}

std::unique_ptr<World> Flavour::make_world(const engine::Host &host, const Api &api, const Interface &) {
  return std::make_unique<ShimWorld>(host, api);
}

int create(const sgperf_engine_config *config, void **out) {
  SGPERF_SCOPE(SGPERF_ENGINE_NAME "::create");
  auto engine = std::make_unique<Engine>(*config);
  const engine::Host &host = engine->host;
  Flavour &flavour = *engine->flavour;
  if (host.config().library) engine->path = host.config().library;
  if (int status = flavour.choose(host, engine->path)) return status;
  void *library = nullptr;
  if (int status = open_library(host, kind.name, flavour.install_name(), engine->path, &library)) return status;
  if (int status = flavour.check(host, engine->path, library, engine->version)) return status;
  if (int status = load_api(host, engine->path, library, engine->api)) return status;
  const Api &api = engine->api;

  wasm_config_t *settings = api.wasm_config_new();
  if (int status = flavour.configure(host, api, settings)) return status; // a new config is nothing worth freeing
  engine->engine = api.wasm_engine_new_with_config(settings);
  if (engine->engine) engine->store = api.wasm_store_new(engine->engine);
  if (!engine->store)
    return host.error(SGPERF_ENGINE_ERROR, "%s refused its configuration (tier %s, flags '%s'): %s", kind.name,
                      flavour.tier(), host.config().flags ? host.config().flags : "", flavour.last_error().c_str());
  engine->start = {host.config().bench_start, host.config().host};
  engine->end = {host.config().bench_end, host.config().host};
  engine->details = flavour.details();
  if (host.config().flags) engine->details += std::string(", flags ") + host.config().flags;
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  info->engine_version = engine->version.c_str();
  info->library_path = engine->path.c_str();
  info->wasi = engine->flavour->wasi();
  info->tier = engine->flavour->tier();
  info->details = engine->details.c_str();
  if (info->struct_size >= offsetof(sgperf_engine_info, code_names) + sizeof info->code_names)
    info->code_names = engine->flavour->code_names();
  return SGPERF_ENGINE_OK;
}

namespace {
const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    kind.capabilities | SGPERF_ENGINE_CAP_INVOKE,
    kind.name,
    kind.tiers,
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

} // namespace sgperf::wasm_c_api

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::wasm_c_api::table : nullptr;
}
