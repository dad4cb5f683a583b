// SPDX-License-Identifier: Apache-2.0
// A thread of the interpreter with room for deep recursion.
#pragma once

#include <wabt/interp/interp.h>

#include <memory>

namespace sgperf::wabt_engine {

// wabt's own limits are 4096 values and about 1200 calls, fixed when the library was built; ackermann(3, 7) and CPython
// need more.  The room is address space until it is used.
std::unique_ptr<wabt::interp::Thread> make_deep_thread(wabt::interp::Store &store);

} // namespace sgperf::wabt_engine
