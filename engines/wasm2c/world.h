// SPDX-License-Identifier: Apache-2.0
// What an artefact's imports are bound to.
#pragma once

#include "adapter/host.h"
#include "wasi/wasi.h"
#include "wasm2c/aot.h"

#include <vector>

namespace sgperf::wasm2c {

struct World {
  ~World() { sgperf_wasi_free(wasi); }
  const sgperf_aot *aot = nullptr;
  sgperf_wasi *wasi = nullptr;
  int exit_code = 0; // valid when try_call returned SGPERF_AOT_EXITED
  std::vector<sgperf_aot_binding> bindings;
};

// SGPERF_ENGINE_OK, or IMPORT with module and field in the message.
int bind_imports(const engine::Host &host, const sgperf_aot &aot, World &world);

} // namespace sgperf::wasm2c
