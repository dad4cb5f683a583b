// SPDX-License-Identifier: Apache-2.0
// Wasmer's own WASI (WASIX) as the guest's world of one instance.
#pragma once

#include "adapter/redirect.h"
#include "wasm-c-api/world.h"
#include "wasmer/wasmer_api.h"

#include <map>
#include <optional>

namespace sgperf::wasmer {

// Its C API takes arguments, environment and directories that the guest may write to.  Standard input and output are
// the process's, so they are pointed to the guest's files around each call.
class OwnWorld final : public World {
public:
  // `directory`: what the guest gets as "."; empty = nothing.
  OwnWorld(const engine::Host &host, const Api &api, const WasmerApi &wasmer, const Interface &interface,
           std::string directory)
      : host_(host), api_(api), wasmer_(wasmer), interface_(interface), directory_(std::move(directory)) {}
  ~OwnWorld() override;

  int open() override;
  int begin(wasm_store_t *store, const wasm_module_t *module) override;
  wasm_extern_t *provide(wasm_store_t *, const Import &import, std::string &) override;
  int attach(wasm_store_t *store, wasm_instance_t *instance) override;
  bool guarded() const override { return true; }
  int enter() override;
  void leave() override { redirect_.reset(); }
  std::optional<int> exited(const std::string &trap) override;

  // Does a module ask for WASI at all?
  static bool wanted(const Interface &interface);

private:
  const engine::Host &host_;
  const Api &api_;
  const WasmerApi &wasmer_;
  const Interface &interface_;
  std::string directory_;
  wasi_config_t *config_ = nullptr; // taken over by env_
  wasi_env_t *env_ = nullptr;
  wasmer_named_extern_vec_t named_{};
  std::map<std::string, wasm_extern_t *> by_name_; // "module.field", owned by named_
  std::optional<engine::Redirect> redirect_;
};

// What Wasmer's API says about the last failure; empty = nothing.
std::string last_error(const WasmerApi &wasmer);

} // namespace sgperf::wasmer
