// SPDX-License-Identifier: Apache-2.0
// C text that is compiled into artefacts.
#pragma once

namespace sgperf::wasm2c {

extern const char *const aot_header; // aot.h
extern const char
    *const runtime_source; // traps and exits; includes wasm-rt-impl.c; compiled once and kept in the cache

} // namespace sgperf::wasm2c
