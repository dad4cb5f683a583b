// SPDX-License-Identifier: Apache-2.0
// The skeleton that bpftool makes of the programs, with the types it expects to be there.
#pragma once

#include "probes/state.h"

#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "probes.skel.h"
#pragma GCC diagnostic pop
