// SPDX-License-Identifier: Apache-2.0
// What a module may import: bench.start, bench.end, and WASI of our shim.
#pragma once

#include "adapter/host.h"
#include "adapter/module.h"
#include "wasi/wasi.h"
#include "wasm3/wasm3_api.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::wasm3 {

// The guest's world of one instance: host functions keep a pointer to it, so it stays where it is.
struct World {
  explicit World(const Api &api) : api(api) {}
  World(const World &) = delete;
  World &operator=(const World &) = delete;
  ~World() { sgperf_wasi_free(wasi); }

  struct Call { // of one import
    World *world;
    sgperf_wasi_entry entry;
    bool result;
  };
  struct Hook {
    void (*call)(void *);
    void *host;
  };

  const Api &api;
  sgperf_wasi *wasi = nullptr;
  std::optional<int> exit_code; // proc_exit was called
  std::vector<std::unique_ptr<Call>> calls;
  Hook start{}, end{};
};

// SGPERF_ENGINE_OK, or IMPORT with module and field in the message.  wasm3 has no WASI set-up of its own in here: it
// only stores pointers.
int check_imports(const engine::Host &host, const std::vector<engine::Import> &imports);
int link_imports(const engine::Host &host, const std::vector<engine::Import> &imports, M3Module *module, World &world);

} // namespace sgperf::wasm3
