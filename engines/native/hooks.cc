// SPDX-License-Identifier: Apache-2.0
#include "native/hooks.h"

#include <dlfcn.h>

namespace {
const sgperf::engine::Host *hook_host = nullptr;
} // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT void bench_start(void);
EXPORT void bench_end(void);

EXPORT void bench_start(void) {
  if (hook_host) hook_host->bench_start();
}
EXPORT void bench_end(void) {
  if (hook_host) hook_host->bench_end();
}

namespace sgperf::native {

int offer_hooks(const engine::Host &host) {
  Dl_info self;
  if (!dladdr(reinterpret_cast<void *>(&bench_start), &self) ||
      !dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL))
    return host.error(SGPERF_ENGINE_ERROR, "cannot offer bench_start and bench_end to native workloads: %s", dlerror());
  return SGPERF_ENGINE_OK;
}

void set_hook_host(const engine::Host *host) {
  hook_host = host;
}

} // namespace sgperf::native
