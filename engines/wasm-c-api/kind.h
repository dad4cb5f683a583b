// SPDX-License-Identifier: Apache-2.0
// What one engine adds to the generic adapter for the standard wasm-c-api.
//
// A plug-in is the sources of engines/wasm-c-api (`wasm_c_api_sources`), compiled once more with
// -DSGPERF_ENGINE_NAME="name", and one file of the engine's own that defines `kind` and derives from Flavour.
#pragma once

#include "adapter/host.h"
#include "wasm-c-api/api.h"
#include "wasm-c-api/world.h"

#include <memory>
#include <string>

namespace sgperf::wasm_c_api {

struct Kind;
extern const Kind kind; // the plug-in's one

// Everything is called from the engine's one thread.  Functions that return a status have logged the reason.
class Flavour {
public:
  virtual ~Flavour() = default;

  // Reads tier and flags, and finds the file; nothing is loaded yet.  `path` comes in as lib=PATH or empty.
  virtual int choose(const engine::Host &host, std::string &path) = 0;
  // What `sgperf engines install` calls it.
  virtual const char *install_name() const;
  // Own functions and the version, before anything of wasm.h is called.
  virtual int check(const engine::Host &host, const std::string &path, void *library, std::string &version) = 0;
  // Sets tier and flags.
  virtual int configure(const engine::Host &, const Api &, wasm_config_t *) { return SGPERF_ENGINE_OK; }

  virtual const char *tier() const = 0;
  virtual const char *wasi() const { return "sgperf shim"; }
  virtual std::string details() const { return "wasm-c-api"; }
  virtual const char *code_names() const { return nullptr; }
  virtual uint32_t lazy() const { return 0; } // as in sgperf_module_info
  // Machine code is in executable mappings, whose growth at compile() is the code's size.
  virtual bool maps_code() const { return true; }
  // Empty, or why wasm_module_serialize must not be called.
  virtual std::string cannot_serialize() const { return {}; }
  // A module may be instantiated in any store of its engine; else it is shared, which costs more.
  virtual bool any_store() const { return false; }

  // Why the last call returned nothing; empty where the API does not say.
  virtual std::string last_error() const { return {}; }
  // A trap's message as a person reads it.
  virtual std::string trap_text(std::string message) const { return message; }
  // The guest's world of one instance; by default our shim's.
  virtual std::unique_ptr<World> make_world(const engine::Host &host, const Api &api, const Interface &interface);
};

struct Kind {
  const char *name, *tiers; // as in sgperf_engine
  uint32_t capabilities;
  std::unique_ptr<Flavour> (*make)();
};

} // namespace sgperf::wasm_c_api
