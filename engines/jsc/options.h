// SPDX-License-Identifier: Apache-2.0
// Tiers and --engine-flags as options of JavaScriptCore, which are read once in a process: when its first context is
// made.
#pragma once

#include "adapter/host.h"
#include "jsc/jsc_api.h"

#include <string>

namespace sgperf::jsc {

inline constexpr const char *tiers = "tier-up,interp,bbq,omg";

// Before the first context.  Flags are --NAME=VALUE for any option that `JSC_dumpOptions=2 jsc` prints.  Fails if this
// process already runs with others.  SGPERF_ENGINE_OK, FLAGS or VERSION_REFUSED, logged.
int set_options(const engine::Host &host, const Api &api, const std::string &tier);

// After the first context: is the tier in force?  Where the machine allows no code to be made at run time the engine
// has switched its compilers off.  SGPERF_ENGINE_OK or UNSUPPORTED, logged.
int check_options(const engine::Host &host, const Api &api, const std::string &tier);

// False also for an option that this version does not have.
bool is_on(const Api &api, const char *option);

} // namespace sgperf::jsc
