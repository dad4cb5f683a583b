// SPDX-License-Identifier: Apache-2.0
// bench_start() and bench_end() for native workloads.
#pragma once

#include "adapter/host.h"

namespace sgperf::native {

// Workloads refer to the plain C symbols bench_start and bench_end, which a plug-in loaded with RTLD_LOCAL does not
// offer to objects loaded later.  So the plug-in opens itself once more with RTLD_GLOBAL; Sightglass's native workloads
// then load unchanged.  SGPERF_ENGINE_OK or ERROR.
int offer_hooks(const engine::Host &host);

// Whom the symbols call; nullptr when no workload runs.
void set_hook_host(const engine::Host *host);

} // namespace sgperf::native
