// SPDX-License-Identifier: Apache-2.0
#include "wasm-c-api/objects.h"

#include "adapter/code_pages.h"
#include "adapter/module.h"
#include "adapter/whole_file.h"
#include "sgperf/sgperf.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <unistd.h>

namespace sgperf::wasm_c_api {

namespace {

std::string letters(const Api &api, const wasm_valtype_vec_t &types) {
  std::string out;
  for (size_t i = 0; i < types.size; i++) {
    const uint8_t kind = api.wasm_valtype_kind(types.data[i]);
    out += kind < 4 ? "iIfF"[kind] : '?';
  }
  return out;
}

std::string signature(const Api &api, const wasm_functype_t *type) {
  return letters(api, *api.wasm_functype_params(type)) + ">" + letters(api, *api.wasm_functype_results(type));
}

// Names and types, once a module: instances only use them.
void read_interface(Module &module) {
  const Api &api = module.engine.api;
  const auto text = [](const wasm_byte_vec_t *name) { return std::string(name->size ? name->data : "", name->size); };
  api.wasm_module_imports(module.module, &module.import_types);
  for (size_t i = 0; i < module.import_types.size; i++) {
    const wasm_importtype_t *type = module.import_types.data[i];
    Import import;
    import.module = text(api.wasm_importtype_module(type));
    import.field = text(api.wasm_importtype_name(type));
    import.kind = api.wasm_externtype_kind(api.wasm_importtype_type(type));
    if (import.kind == extern_func) {
      import.type = api.wasm_externtype_as_functype_const(api.wasm_importtype_type(type));
      import.signature = signature(api, import.type);
    }
    module.interface.imports.push_back(std::move(import));
  }
  wasm_exporttype_vec_t types{};
  api.wasm_module_exports(module.module, &types);
  for (size_t i = 0; i < types.size; i++) {
    const wasm_externtype_t *type = api.wasm_exporttype_type(types.data[i]);
    Export out{text(api.wasm_exporttype_name(types.data[i])), api.wasm_externtype_kind(type), {}};
    if (out.kind == extern_func) out.signature = signature(api, api.wasm_externtype_as_functype_const(type));
    module.interface.exports.push_back(std::move(out));
  }
  api.wasm_exporttype_vec_delete(&types);
}

void made(Module &module) {
  const Api &api = module.engine.api;
  read_interface(module);
  if (!module.engine.flavour->any_store() && api.wasm_module_share && api.wasm_module_obtain &&
      api.wasm_shared_module_delete)
    module.shared = api.wasm_module_share(module.module);
}

// Growth of the process's code, in whole pages.
class CodeGrowth {
public:
  explicit CodeGrowth(bool wanted) : wanted_(wanted), before_(wanted ? engine::code_pages_size() : 0) {}
  uint64_t size() const {
    const uint64_t after = wanted_ ? engine::code_pages_size() : 0;
    return after > before_ ? after - before_ : 0;
  }

private:
  bool wanted_;
  uint64_t before_;
};

std::string because(const Engine &engine) {
  const std::string why = engine.flavour->last_error();
  return why.empty() ? "its C API gives no reason" : why;
}

} // namespace

Module::~Module() {
  const Api &api = engine.api;
  if (import_types.data) api.wasm_importtype_vec_delete(&import_types);
  if (shared) api.wasm_shared_module_delete(shared);
  if (module) api.wasm_module_delete(module);
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE(SGPERF_ENGINE_NAME "::compile");
  auto *engine = static_cast<Engine *>(object);
  const engine::Host &host = engine->host;
  if (int status = engine::check_header(host, path, wasm, size)) return status;
  auto module = std::make_unique<Module>(*engine);
  const wasm_byte_vec_t bytes{size, const_cast<char *>(reinterpret_cast<const char *>(wasm))}; // not written to
  const CodeGrowth code(engine->flavour->maps_code());
  host.begin(SGPERF_REGION_COMPILE);
  module->module = engine->api.wasm_module_new(engine->store, &bytes);
  if (!module->module) {
    const std::string why = because(*engine);
    // A module that validates was refused by the compiler: singlepass lacks proposals, for instance.
    const bool valid = engine->api.wasm_module_validate(engine->store, &bytes);
    return host.error(
        valid ? SGPERF_ENGINE_UNSUPPORTED : SGPERF_ENGINE_INVALID, "%s %s %s: %s", path ? path : "(bytes)",
        valid ? "cannot be compiled by this tier of" : "is not a module that is valid to", kind.name, why.c_str());
  }
  host.end(SGPERF_REGION_COMPILE);
  module->code_size = code.size();
  made(*module);
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int serialize(void *object, const char *path) {
  SGPERF_SCOPE(SGPERF_ENGINE_NAME "::serialize");
  auto *module = static_cast<Module *>(object);
  const engine::Host &host = module->engine.host;
  const Api &api = module->engine.api;
  if (const std::string why = module->engine.flavour->cannot_serialize(); !why.empty())
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "%s", why.c_str());
  unlink(path); // an artefact in use may be mapped: never written over
  wasm_byte_vec_t bytes{};
  host.begin(SGPERF_REGION_SERIALIZE);
  api.wasm_module_serialize(module->module, &bytes);
  const auto *data = reinterpret_cast<const uint8_t *>(bytes.data);
  const bool written = bytes.size && engine::write_file(path, {{data, bytes.size}});
  const int reason = errno;
  if (written) host.end(SGPERF_REGION_SERIALIZE);
  const size_t size = bytes.size;
  if (bytes.data) api.wasm_byte_vec_delete(&bytes);
  if (!size)
    return host.error(SGPERF_ENGINE_ERROR, "%s cannot serialise the module: %s", kind.name,
                      because(module->engine).c_str());
  if (!written) return host.error(SGPERF_ENGINE_ERROR, "cannot write the artefact %s: %s", path, strerror(reason));
  module->artefact_size = size;
  return SGPERF_ENGINE_OK;
}

int deserialize(void *object, const char *path, void **out) {
  SGPERF_SCOPE(SGPERF_ENGINE_NAME "::deserialize");
  auto *engine = static_cast<Engine *>(object);
  const engine::Host &host = engine->host;
  if (const std::string why = engine->flavour->cannot_serialize(); !why.empty())
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "%s", why.c_str());
  auto module = std::make_unique<Module>(*engine);
  const CodeGrowth code(engine->flavour->maps_code());
  host.begin(SGPERF_REGION_DESERIALIZE);
  const engine::MappedFile file(path);
  if (!file.ok())
    return host.error(SGPERF_ENGINE_NOT_FOUND, "cannot open the artefact %s: %s", path, strerror(file.error()));
  const wasm_byte_vec_t bytes{file.bytes().size, const_cast<char *>(reinterpret_cast<const char *>(file.bytes().data))};
  if (bytes.size) module->module = engine->api.wasm_module_deserialize(engine->store, &bytes);
  if (!module->module)
    return host.error(SGPERF_ENGINE_INVALID,
                      "%s cannot be loaded as a module serialised by this %s with this tier and these flags: %s", path,
                      kind.name, because(*engine).c_str());
  host.end(SGPERF_REGION_DESERIALIZE);
  module->code_size = code.size();
  module->artefact_size = bytes.size;
  made(*module);
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int describe_module(void *object, sgperf_module_info *info) {
  auto *module = static_cast<Module *>(object);
  info->code_size = module->code_size;
  info->artefact_size = module->artefact_size;
  if (info->struct_size >= offsetof(sgperf_module_info, lazy) + sizeof info->lazy)
    info->lazy = module->engine.flavour->lazy();
  return SGPERF_ENGINE_OK;
}

void free_module(void *object) {
  delete static_cast<Module *>(object);
}

} // namespace sgperf::wasm_c_api
