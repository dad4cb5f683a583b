// SPDX-License-Identifier: Apache-2.0
// The machine code that the programs of a recording made, whether a sample hit it or not.
#pragma once

#include "merge/jit_sources.h"
#include "merge/model.h"

namespace sgperf::merge {

CompiledCode compiled_code(JitSources &sources);

} // namespace sgperf::merge
