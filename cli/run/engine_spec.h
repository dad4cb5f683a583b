// SPDX-License-Identifier: Apache-2.0
// `-e ENGINE[:TIER][,flag=F]..[,lib=PATH][,name=NAME]`, `-e PATH.so[:TIER][,..]`, `-e native:./program`,
// `-e 'process:COMMAND'[,flag=..][,name=..]`, and for several cells at once `-e ENGINE:*` (every tier), `-e all` (every
// tier of every engine), `-e all:default`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::run {

struct EngineSpec {
  std::string given;  // as typed
  std::string engine; // "wasmtime", or the file's stem
  std::string plugin; // path of the plug-in; empty = not installed: `missing` says how to get it
  std::string missing;
  std::string tier, flags, library, name;
  std::string program;     // native:./program
  std::string command;     // process:COMMAND; the tier as well
  std::string abi;         // "" = found out
  uint32_t iterations = 0; // timed ones in a process, exactly; 0 = as the run has them
  uint32_t processes = 0;  // blocks in which it takes part; 0 = all
  bool eager = false;      // nothing may be left for the first call
  std::string id;          // unique in the run; set by name_engines()
  bool given_as_path = false;
  bool all_tiers() const { return tier == "*"; }
};

// False: `error` says what was expected.
bool parse_engine(const std::string &text, EngineSpec &spec, std::string &error);

// Ids: the name given, else "engine:tier"; where two would be equal, flags, then the library, then a number tell them
// apart.  `default_tiers[i]` is used where the spec names none.
void name_engines(std::vector<EngineSpec> &specs, const std::vector<std::string> &default_tiers);

} // namespace sgperf::run
