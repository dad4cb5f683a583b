// SPDX-License-Identifier: Apache-2.0
// An engine called by its own API and nothing else: what an adapter is held against.  One small file an engine, and a
// line in bare.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <dlfcn.h>
#include <memory>
#include <string>
#include <vector>

namespace sgperf::bench {

// All calls come from one thread.  False: `error` says what the engine said, as far as it says anything.
class Bare {
public:
  virtual ~Bare() = default;
  // Exactly the engine's calls that an adapter has inside its compile region.  `bytes` may be written to, and live
  // until drop().
  virtual bool compile(uint8_t *bytes, size_t size) = 0;
  virtual void drop() = 0;        // the module
  virtual bool instantiate() = 0; // a module without imports; finds its exported function "f" without values
  virtual bool call(uint64_t times) = 0;
  std::string error;

protected:
  bool fail(const char *why) {
    error = why;
    return false;
  }
};

struct BareEngine {
  const char *name;         // of the plug-in
  const char *tiers;        // whose calls are timed, comma-separated
  const char *compile_tier; // whose compilation is timed: the quickest, since the adapter's share is largest there
  // `library`: what the adapter loaded, and is called again.  nullptr: `error` says why.
  std::unique_ptr<Bare> (*make)(const std::string &library, const std::string &tier, std::string &error);
};
const std::vector<BareEngine> &bare_engines();

std::unique_ptr<Bare> make_wasmtime(const std::string &library, const std::string &tier, std::string &error);
std::unique_ptr<Bare> make_wasmi(const std::string &library, const std::string &tier, std::string &error);
std::unique_ptr<Bare> make_wasmer(const std::string &library, const std::string &tier, std::string &error);
std::unique_ptr<Bare> make_wasm3(const std::string &library, const std::string &tier, std::string &error);
std::unique_ptr<Bare> make_wamr(const std::string &library, const std::string &tier, std::string &error);
std::unique_ptr<Bare> make_jsc(const std::string &library, const std::string &tier, std::string &error);

// The library once more: the adapter has it loaded, so it is the same code.  nullptr: `error`.
inline void *open_again(const std::string &library, std::string &error) {
  void *handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) error = dlerror();
  return handle;
}

// Fills a table of functions as the adapters declare them (X(result, name, parameters..)).
#define SGPERF_BENCH_LOAD(result, name, ...) api.name = reinterpret_cast<decltype(api.name)>(dlsym(handle, #name));

} // namespace sgperf::bench
