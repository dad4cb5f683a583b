// SPDX-License-Identifier: Apache-2.0
// The two objects of the V8 adapter, and what passes between them.
//
// V8 has a C++ API only, whose symbols must be bound when an object is loaded.  So the plug-in (plugin.cc) knows
// nothing of V8: it finds libnode, checks its version, and then loads the implementation, whose DT_NEEDED libnode the
// dynamic linker finds loaded already, by its name.
#pragma once

#include "sgperf/engine.h"

namespace sgperf::v8_engine {

// Stands beside the plug-in; not named libsgperf-engine-*.so, since it is no plug-in.
constexpr const char *implementation_file = "libsgperf-v8-libnode.so";
constexpr const char *implementation_symbol = "sgperf_v8_implementation";

struct Implementation {
  const char *built_for; // V8_MAJOR.MINOR.BUILD.PATCH of the headers
  // `library` lives as long as the engine: path of the libnode that is loaded.
  int (*create)(const sgperf_engine_config *config, const char *library, void **out);
  const sgperf_engine *table; // all else
};

constexpr const char *known_version = "10.2"; // whose headers and library belong together
constexpr const char *tiers = "tier-up,liftoff,turbofan";

} // namespace sgperf::v8_engine
