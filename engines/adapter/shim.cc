// SPDX-License-Identifier: Apache-2.0
#include "adapter/shim.h"

namespace sgperf::engine {

int open_shim(const Host &host, sgperf_wasi **out) {
  const sgperf_engine_config &own = host.config();
  sgperf_wasi_preopen preopen{".", own.preopen_dir, own.preopen_writable, 0};
  sgperf_wasi_config config{};
  config.struct_size = sizeof config;
  config.args = own.args;
  config.env = own.env;
  config.preopens = &preopen;
  config.preopen_count = own.preopen_dir ? 1 : 0;
  config.stdin_path = own.stdin_path;
  config.stdout_path = own.stdout_path;
  config.stderr_path = own.stderr_path;
  char why[512];
  if (sgperf_wasi_create(&config, out, why, sizeof why)) return host.error(SGPERF_ENGINE_ERROR, "WASI: %s", why);
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::engine
