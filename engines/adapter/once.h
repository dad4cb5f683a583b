// SPDX-License-Identifier: Apache-2.0
// invoke() of an adapter whose invoke_many() has the loop: one call of it.
#pragma once

#include "sgperf/engine.h"

namespace sgperf::engine {

using InvokeMany = int(void *, const sgperf_value *, uint32_t, sgperf_value *, uint32_t, uint64_t);

template <InvokeMany many>
int once(void *function, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results) {
  return many(function, args, n_args, results, n_results, 1);
}

} // namespace sgperf::engine
