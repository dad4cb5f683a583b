// SPDX-License-Identifier: Apache-2.0
#include "wasmer/own_world.h"

#include "wasm-c-api/library.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace sgperf::wasmer {

std::string last_error(const WasmerApi &wasmer) {
  const int length = wasmer.wasmer_last_error_length();
  if (length <= 0) return {};
  std::string text(size_t(length), '\0');
  wasmer.wasmer_last_error_message(text.data(), length);
  text.resize(std::strlen(text.c_str()));
  return text;
}

bool OwnWorld::wanted(const Interface &interface) {
  return std::any_of(interface.imports.begin(), interface.imports.end(),
                     [](const Import &import) { return import.module.starts_with("wasi"); });
}

OwnWorld::~OwnWorld() {
  if (named_.data) wasmer_.wasmer_named_extern_vec_delete(&named_);
  if (env_) wasmer_.wasi_env_delete(env_); // the API has no way to free a config that became no environment
}

int OwnWorld::open() {
  const bool memory = std::any_of(interface_.exports.begin(), interface_.exports.end(), [](const Export &item) {
    return item.kind == extern_memory && item.name == "memory";
  });
  if (!memory) // wasi_env_initialize_instance would abort
    return host_.error(SGPERF_ENGINE_ERROR, "the module imports WASI and exports no memory named 'memory', which "
                                            "Wasmer's own WASI needs; export one, or use wasi=shim");
  if (int status = engine::truncate_outputs(host_)) return status;
  const sgperf_engine_config &world = host_.config();
  const char *const *args = world.args;
  config_ = wasmer_.wasi_config_new(args && *args ? *args : "");
  if (!config_) return host_.error(SGPERF_ENGINE_ERROR, "Wasmer cannot set up WASI: %s", last_error(wasmer_).c_str());
  for (size_t i = 1; args && args[0] && args[i]; i++) wasmer_.wasi_config_arg(config_, args[i]);
  for (const char *const *entry = world.env; entry && *entry; entry++) {
    const char *equals = std::strchr(*entry, '=');
    const std::string name(*entry, equals ? size_t(equals - *entry) : std::strlen(*entry));
    wasmer_.wasi_config_env(config_, name.c_str(), equals ? equals + 1 : "");
  }
  if (!directory_.empty() && !wasmer_.wasi_config_mapdir(config_, ".", directory_.c_str()))
    return host_.error(SGPERF_ENGINE_ERROR, "Wasmer cannot give the guest the directory %s: %s", directory_.c_str(),
                       last_error(wasmer_).c_str());
  return SGPERF_ENGINE_OK;
}

int OwnWorld::begin(wasm_store_t *store, const wasm_module_t *module) {
  env_ = wasmer_.wasi_env_new(store, config_);
  if (!env_ || !wasmer_.wasi_get_unordered_imports(env_, module, &named_))
    return host_.error(SGPERF_ENGINE_ERROR, "Wasmer cannot make its WASI: %s", last_error(wasmer_).c_str());
  for (size_t i = 0; i < named_.size; i++) {
    const wasmer_named_extern_t *item = named_.data[i];
    by_name_[text_of(*wasmer_.wasmer_named_extern_module(item)) + "." +
             text_of(*wasmer_.wasmer_named_extern_name(item))] =
        const_cast<wasm_extern_t *>(wasmer_.wasmer_named_extern_unwrap(item)); // the standard's imports are not const
  }
  return SGPERF_ENGINE_OK;
}

wasm_extern_t *OwnWorld::provide(wasm_store_t *, const Import &import, std::string &) {
  auto found = by_name_.find(import.module + "." + import.field);
  return found == by_name_.end() ? nullptr : found->second;
}

int OwnWorld::attach(wasm_store_t *store, wasm_instance_t *instance) {
  if (wasmer_.wasi_env_initialize_instance(env_, store, instance)) return SGPERF_ENGINE_OK;
  return host_.error(SGPERF_ENGINE_ERROR, "Wasmer's WASI refused the instance: %s", last_error(wasmer_).c_str());
}

int OwnWorld::enter() {
  redirect_.emplace(host_, false);
  const int status = redirect_->status();
  if (status) redirect_.reset();
  return status;
}

// "WASI exited with code: ExitCode::42": sixteen bits, whatever the guest gave.
std::optional<int> OwnWorld::exited(const std::string &trap) {
  constexpr const char *start = "WASI exited with code: ExitCode::";
  const size_t at = trap.find(start);
  if (at == std::string::npos) return std::nullopt;
  return std::atoi(trap.c_str() + at + std::strlen(start));
}

} // namespace sgperf::wasmer
