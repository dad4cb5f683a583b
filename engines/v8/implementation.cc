// SPDX-License-Identifier: Apache-2.0
// What the plug-in gets from this object.
#include "v8/implementation.h"

#include "adapter/once.h"
#include "sgperf/sgperf.h"
#include "v8/engine.h"

#include <v8-version.h>

namespace sgperf::v8_engine {

namespace {

int create(const sgperf_engine_config *config, const char *library, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  engine->library = library;
  engine->tier = engine->host.tier("tier-up");
  if (int status = open_isolate(*engine)) return status;
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  const auto *engine = static_cast<Engine *>(object);
  info->engine_version = engine->version.c_str();
  info->library_path = engine->library.c_str();
  info->wasi = "sgperf shim";
  info->tier = engine->tier.c_str();
  info->details = engine->details.c_str();
  if (info->struct_size >= offsetof(sgperf_engine_info, code_names) + sizeof info->code_names)
    info->code_names = engine->names.c_str();
  return SGPERF_ENGINE_OK;
}

// Only the members that the plug-in copies are set.
const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    0,
    "v8",
    tiers,
    nullptr,
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

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
constexpr const char *headers =
    TEXT(V8_MAJOR_VERSION) "." TEXT(V8_MINOR_VERSION) "." TEXT(V8_BUILD_NUMBER) "." TEXT(V8_PATCH_LEVEL);

} // namespace

} // namespace sgperf::v8_engine

extern "C" __attribute__((visibility("default"))) const sgperf::v8_engine::Implementation sgperf_v8_implementation;
const sgperf::v8_engine::Implementation sgperf_v8_implementation = {
    sgperf::v8_engine::headers, sgperf::v8_engine::create, &sgperf::v8_engine::table};
