// SPDX-License-Identifier: Apache-2.0
// The guest's world of one instance: who answers its imports of WASI.
#pragma once

#include "adapter/host.h"
#include "wasm-c-api/api.h"

#include <optional>
#include <string>
#include <vector>

namespace sgperf::wasm_c_api {

// One import of a module.
struct Import {
  std::string module, field;
  uint8_t kind = extern_func;
  const wasm_functype_t *type = nullptr; // of a function; the module's
  std::string signature;                 // letters as in engines/wasi/wasi.h: "ii>i"; '?' = no number
};

struct Export {
  std::string name;
  uint8_t kind;
  std::string signature; // of a function, as in Import
};

// What a module wants and gives, in its own order.
struct Interface {
  std::vector<Import> imports;
  std::vector<Export> exports;
};

class World {
public:
  virtual ~World() = default; // before the store goes

  // Opens the guest's files.  Outside of every region.
  virtual int open() = 0;
  // In the region instantiate: before the first import.  SGPERF_ENGINE_OK, or an error that was logged.
  virtual int begin(wasm_store_t *, const wasm_module_t *) { return SGPERF_ENGINE_OK; }
  // What answers the import, owned by the world; nullptr: nothing, and `why` may say more.
  virtual wasm_extern_t *provide(wasm_store_t *store, const Import &import, std::string &why) = 0;
  // In the region instantiate: after instantiation, before the first call.
  virtual int attach(wasm_store_t *, wasm_instance_t *) { return SGPERF_ENGINE_OK; }
  // The instance's memory, nullptr = it exports none.
  virtual void remember(wasm_memory_t *) {}
  // Around calls of the guest, start functions too, outside of regions; not called unless guarded().
  virtual bool guarded() const { return false; }
  virtual int enter() { return SGPERF_ENGINE_OK; }
  virtual void leave() {}
  // A call has ended with a trap: it is known at once, without the trap's message, to be an exit with code 0.
  virtual bool exited_well() const { return false; }
  // A call has ended with a trap: the guest's exit code if it was an exit.
  virtual std::optional<int> exited(const std::string &trap) = 0;
};

} // namespace sgperf::wasm_c_api
