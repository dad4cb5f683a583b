// SPDX-License-Identifier: Apache-2.0
// The smallest host: argv[1] calls of argv[2] through the table of functions, in a scope of its own, as an engine's
// adapter would.  Prints the last errno.
#include "engines/wasi/wasi.h"
#include "sgperf/sgperf.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const long calls = atol(argv[1]);
  const sgperf_wasi_function *function = sgperf_wasi_find(argv[2]);
  if (!function) return 2;
  sgperf_wasi_config config{};
  config.struct_size = sizeof config;
  sgperf_wasi *wasi = nullptr;
  if (sgperf_wasi_create(&config, &wasi, nullptr, 0)) return 3;
  std::vector<uint8_t> memory(65536);
  // fd_close(-1); clock_time_get(monotonic, 1, 8) ; fd_read(0, [], 0, 8)
  uint64_t args[4] = {0xffffffff, 0, 0, 8};
  if (argv[2][0] == 'c') args[0] = 1, args[1] = 1, args[2] = 8;
  if (argv[2][3] == 'r') args[0] = 0;
  uint32_t error = 0;
  for (long i = 0; i < calls; i++) {
    SGPERF_SCOPE("adapter::import");
    error = function->call(wasi, memory.data(), memory.size(), args);
  }
  sgperf_wasi_free(wasi);
  printf("%s\n", sgperf_wasi_errno_name(error));
}
