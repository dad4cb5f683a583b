// SPDX-License-Identifier: Apache-2.0
// An engine called by its own API and nothing else: what an adapter is held against.  One small file an engine, and a
// line in bare.cc.
#pragma once

#include "bench/adapters/clock.h"

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
  virtual void prepare(std::vector<uint8_t> &) {} // what an adapter does to the bytes before its compile region
  // Exactly the engine's calls that an adapter has inside its compile region.  `bytes` may be written to, and live
  // until drop().
  virtual bool compile(uint8_t *bytes, size_t size) = 0;
  virtual void drop() = 0;        // the module
  virtual bool instantiate() = 0; // a module without imports; finds its exported function "f" without values
  virtual bool call(uint64_t times) = 0;
  // CPU time of call(times) in ns, of the thread that runs it; 0: it failed.
  virtual uint64_t time_call(uint64_t times) {
    const uint64_t begin = thread_cpu_ns();
    return call(times) ? thread_cpu_ns() - begin : 0;
  }
  // For an adapter that loads native code: the file whose function "f" is called, there after compile(); else "".
  virtual std::string native_object() const { return {}; }
  std::string error;

protected:
  bool fail(const std::string &why) {
    error = why;
    return false;
  }
};

// What the adapter has opened.
struct Opened {
  std::string engine, library, tier;
  std::string scratch; // a folder to write to
};
// nullptr: `error` says why.
using MakeBare = std::unique_ptr<Bare> (*)(const Opened &opened, std::string &error);

struct BareEngine {
  const char *name;         // of the plug-in
  const char *tiers;        // whose calls are timed, comma-separated
  const char *compile_tier; // whose compilation is timed: the quickest, since the adapter's share is largest there;
                            // nullptr: it is done by other programs or not at all
  MakeBare make;
};
const std::vector<BareEngine> &bare_engines();

std::unique_ptr<Bare> make_wasmtime(const Opened &opened, std::string &error);
std::unique_ptr<Bare> make_wasmi(const Opened &opened, std::string &error);
std::unique_ptr<Bare> make_wasmer(const Opened &opened, std::string &error);
std::unique_ptr<Bare> make_wasm3(const Opened &opened, std::string &error);
std::unique_ptr<Bare> make_wamr(const Opened &opened, std::string &error);
std::unique_ptr<Bare> make_jsc(const Opened &opened, std::string &error);
std::unique_ptr<Bare> make_wasm2c(const Opened &opened, std::string &error);
std::unique_ptr<Bare> make_native(const Opened &opened, std::string &error);
// Of a shared object beside this program, bench-bare-ENGINE.so: what needs an engine's headers and library.
std::unique_ptr<Bare> make_from_module(const Opened &opened, std::string &error);

// What such an object exports; the caller owns what it returns.
extern "C" Bare *sgperf_bench_make_bare(const Opened &opened, std::string &error);

// The library once more: the adapter has it loaded, so it is the same code.  nullptr: `error`.
inline void *open_again(const std::string &library, std::string &error) {
  void *handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) error = dlerror();
  return handle;
}

// Fills a table of functions as the adapters declare them (X(result, name, parameters..)).
#define SGPERF_BENCH_LOAD(result, name, ...) api.name = reinterpret_cast<decltype(api.name)>(dlsym(handle, #name));

} // namespace sgperf::bench
