// SPDX-License-Identifier: Apache-2.0
// What adapters of JavaScript engines share: these engines hide a module's types, take imports by name without
// checking them and know no exit, so all of that is decided here.  Values and calls are each engine's own.
#pragma once

#include "adapter/module.h"
#include "wasi/wasi.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::javascript {

// The guest's world of one instance: host functions keep a pointer to it.
struct World {
  World() = default;
  ~World() { sgperf_wasi_free(wasi); }
  World(const World &) = delete;
  World &operator=(const World &) = delete;
  sgperf_wasi *wasi = nullptr;
  std::optional<int> exit_code; // proc_exit was called
};

enum class Provider { bench_start, bench_end, proc_exit, wasi };

// One import and what stands behind it.
struct Provided {
  std::string module, field;
  Provider by;
  const sgperf_wasi_function *function; // of proc_exit and wasi
};

// Every import of the module, in order.  SGPERF_ENGINE_OK, or IMPORT with module and field in the message.
int provide_imports(const engine::Host &host, const engine::Interface &module, std::vector<Provided> &out);

// The types of an exported function.  NOT_FOUND, or UNSUPPORTED if it has others than the four number types.
int find_function(const engine::Host &host, const engine::Interface &module, const char *name, engine::Signature &out);

// 'i' -> 0 and so on: the kinds of sgperf_value.
inline uint32_t kind_of(char letter) {
  return letter == 'i' ? 0 : letter == 'I' ? 1 : letter == 'f' ? 2 : 3;
}

// Logs what does not fit.
int wrong_call(const engine::Host &host, const char *name, const engine::Signature &signature, const sgperf_value *args,
               uint32_t n_args, uint32_t n_results);

// Before a call: do the values fit the signature?  Here, since it is part of every call that is measured.
inline int check_call(const engine::Host &host, const char *name, const engine::Signature &signature,
                      const sgperf_value *args, uint32_t n_args, uint32_t n_results) {
  bool fits = n_args == signature.params.size() && n_results >= signature.results.size();
  for (uint32_t i = 0; fits && i < n_args; i++) fits = args[i].kind == kind_of(signature.params[i]);
  return fits ? SGPERF_ENGINE_OK : wrong_call(host, name, signature, args, n_args, n_results);
}

// What the specification calls a trap, and how an engine says it.
struct TrapName {
  std::string_view says, means;
};
// The specification's name in front of the engine's own words where a part of them is in `names`.
template <size_t count> std::string named_trap(const TrapName (&names)[count], const std::string &message) {
  for (const TrapName &name : names)
    if (message.find(name.says) != std::string::npos) return std::string(name.means) + " (" + message + ")";
  return message;
}

// After a call that did not return: SGPERF_ENGINE_OK for proc_exit(0), else EXIT or TRAP, logged.
int finish(const engine::Host &host, World &world, const char *what, const std::string &trap, int *exit_code);

} // namespace sgperf::javascript
