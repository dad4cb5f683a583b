// SPDX-License-Identifier: Apache-2.0
// What a module imports, as host functions of the interpreter.
#pragma once

#include "adapter/host.h"
#include "wasi/wasi.h"

#include <wabt/interp/interp.h>

#include <optional>

namespace sgperf::wabt_engine {

// The guest's world of one instance: host functions keep a pointer to it.
struct World {
  ~World() { sgperf_wasi_free(wasi); }
  sgperf_wasi *wasi = nullptr;
  wabt::interp::Memory *memory = nullptr; // set after instantiation; nullptr while a start function runs
  std::optional<int> exit_code;           // proc_exit was called
};

// One host function for each import, in order.  SGPERF_ENGINE_OK, or IMPORT with module and field in the message.
int make_imports(const engine::Host &host, const wabt::interp::Module &module, World &world, wabt::interp::Store &store,
                 wabt::interp::RefVec &out);

} // namespace sgperf::wabt_engine
