// SPDX-License-Identifier: Apache-2.0
// A small profile, made by hand: every table has rows, and every number can be checked by counting.
#pragma once

#include "merge/model.h"

namespace sgperf::test {

// 200 samples at 999 Hz of two threads of "engine" (pid 100) and of its child "helper" (pid 101).
merge::Model profile_model();

} // namespace sgperf::test
