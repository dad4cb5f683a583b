// SPDX-License-Identifier: Apache-2.0
// Any library with the standard wasm-c-api, named with lib=PATH: its default configuration, our shim.
#include "adapter/child_answer.h"
#include "wasm-c-api/kind.h"
#include "wasm-c-api/library.h"
#include "wasm-c-api/switches.h"

namespace sgperf::wasm_c_api {

namespace {

// In a child: some libraries abort (Wasmi), some hang.
std::string try_to_serialize(void *library) {
  Api api;
#define SGPERF_WASM_LOAD(result, name, ...) api.name = reinterpret_cast<decltype(api.name)>(symbol(library, #name));
  SGPERF_WASM_REQUIRED(SGPERF_WASM_LOAD)
  SGPERF_WASM_OPTIONAL(SGPERF_WASM_LOAD)
#undef SGPERF_WASM_LOAD
  if (!api.wasm_module_serialize || !api.wasm_module_deserialize) return {};
  char empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  const wasm_byte_vec_t bytes{sizeof empty, empty};
  wasm_store_t *store = api.wasm_store_new(api.wasm_engine_new_with_config(api.wasm_config_new()));
  wasm_module_t *module = store ? api.wasm_module_new(store, &bytes) : nullptr;
  wasm_byte_vec_t artefact{};
  if (module) api.wasm_module_serialize(module, &artefact);
  return artefact.size && api.wasm_module_deserialize(store, &artefact) ? "yes" : "";
}

class Any final : public Flavour {
public:
  int choose(const engine::Host &host, std::string &path) override {
    if (host.tier("default") != "default")
      return host.error(SGPERF_ENGINE_FLAGS, "wasm-c-api has no tier '%s': expected default, the library's own choice",
                        host.config().tier);
    for (const Flag &flag : read_flags(host))
      return host.error(SGPERF_ENGINE_FLAGS, "engine flag '%s' is not understood: the standard C API has no settings",
                        flag.text().c_str());
    if (path.empty())
      return host.error(SGPERF_ENGINE_NOT_FOUND,
                        "wasm-c-api has no library of its own: expected lib=PATH with a library that has the "
                        "functions of wasm.h");
    return SGPERF_ENGINE_OK;
  }
  int check(const engine::Host &host, const std::string &path, void *library, std::string &version) override {
    Api api; // refused before anything is tried in a child
    if (int status = load_api(host, path, library, api)) return status;
    version = "unknown";
    std::string why;
    if (engine::answer_of_child([library] { return try_to_serialize(library); }, "to serialise an empty module", 10,
                                why)
            .empty())
      cannot_serialize_ = path + " cannot serialise: it " + why;
    return SGPERF_ENGINE_OK;
  }
  const char *tier() const override { return "default"; }
  std::string details() const override { return "wasm-c-api, default configuration"; }
  std::string cannot_serialize() const override { return cannot_serialize_; }

private:
  std::string cannot_serialize_;
};

} // namespace

const Kind kind = {"wasm-c-api", "default", SGPERF_ENGINE_CAP_SERIALIZE,
                   [] { return std::unique_ptr<Flavour>(std::make_unique<Any>()); }};

} // namespace sgperf::wasm_c_api
