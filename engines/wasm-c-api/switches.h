// SPDX-License-Identifier: Apache-2.0
// Engine flags of adapters on the standard wasm-c-api: features as Wasmtime's command line names them, and pairs.
//
//   -W NAME[=y|n][,NAME..]     NAME=VALUE
#pragma once

#include "adapter/host.h"

#include <string>
#include <vector>

namespace sgperf::wasm_c_api {

struct Flag {
  std::string name, value;
  bool feature; // given with -W
  bool on() const { return value == "y" || value == "yes" || value == "true"; }
  bool off() const { return value == "n" || value == "no" || value == "false"; }
  std::string text() const { return (feature ? "-W " : "") + name + (value.empty() ? "" : "=" + value); }
};

// A feature without a value has the value "y".  Whatever has another form is a pair without a value.
std::vector<Flag> read_flags(const engine::Host &host);

// SGPERF_ENGINE_FLAGS, logged; `understood` is the list of what is.
int refuse_flag(const engine::Host &host, const Flag &flag, const std::string &understood);

} // namespace sgperf::wasm_c_api
