// SPDX-License-Identifier: Apache-2.0
// One guest's world.
#pragma once

#include "engines/wasi/memory.h"
#include "engines/wasi/table.h"
#include "engines/wasi/wasi.h"
#include "sgperf/sgperf.h"

#include <string>
#include <vector>

// Opens the outer scope of a call: the first layer.  Every entry but proc_exit begins with it.
#define SGPERF_WASI_CALL(name) SGPERF_SCOPE("wasi::" #name)

struct sgperf_wasi {
  sgperf::wasi::Table table;
  std::vector<std::string> args, env;
  bool use_openat2 = false;
  void *host = nullptr;
  void (*exit)(void *host, uint32_t code) = nullptr;
};

namespace sgperf::wasi {

inline uint32_t result(Errno error) {
  return static_cast<uint32_t>(error);
}
// Of a system call that returns 0 or -1.
inline uint32_t result_of(int returned) {
  return result(returned == 0 ? Errno::success : last_error());
}

} // namespace sgperf::wasi
