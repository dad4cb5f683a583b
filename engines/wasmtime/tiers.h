// SPDX-License-Identifier: Apache-2.0
// What Wasmtime can be told to make of a module: machine code by Cranelift or Winch, or Pulley's bytecode.
#pragma once

#include "adapter/host.h"
#include "wasmtime/flags.h"
#include "wasmtime/wasmtime_api.h"

#include <string>

namespace sgperf::wasmtime {

// cranelift: optimised for speed, Wasmtime's default; cranelift-none: without optimisations; winch: its compiler of one
// pass; pulley: Cranelift's code for Wasmtime's interpreter.
inline constexpr const char *tier_names = "cranelift,cranelift-none,winch,pulley";
bool is_tier(const std::string &tier);

// What flags may change (-O opt-level), then what they may not.  SGPERF_ENGINE_OK or an error that was logged.
int before_flags(const engine::Host &host, const Api &api, wasm_config_t *config, const std::string &tier);
int after_flags(const engine::Host &host, const Api &api, wasm_config_t *config, const std::string &tier);

// How a profiler gets the names, as in sgperf_engine_info.
const char *code_names(const Settings &settings);

} // namespace sgperf::wasmtime
