// SPDX-License-Identifier: Apache-2.0
// Calling a C function whose signature is only known at run time.
#pragma once

#include "sgperf/engine.h"

#include <string>

namespace sgperf::native {

// In the System V x86-64 convention (and that of AArch64) integers and floating-point numbers are passed in registers
// of their own, each in order.  So one call that fills the first six of the one and eight of the other is right for
// every signature that needs no more than those; what a function does not take it does not see.
constexpr unsigned max_integers = 6, max_floats = 8;

struct Callee {
  void (*address)(void) = nullptr;
  std::string params, results; // letters i I f F
};

bool callable(const Callee &callee); // by the limits above, at most one result
void call(const Callee &callee, const sgperf_value *args, sgperf_value *result);

} // namespace sgperf::native
