// SPDX-License-Identifier: Apache-2.0
// What WAMR's own WASI is told of the guest's world.
#pragma once

#include "adapter/host.h"
#include "wamr/wamr_api.h"

#include <string>
#include <vector>

namespace sgperf::wamr {

// Owns what a module's WASI arguments point to: until the instance is freed.
class World {
public:
  World() = default;
  World(const World &) = delete;
  World &operator=(const World &) = delete;
  ~World();

  // Opens the files.  SGPERF_ENGINE_OK, or an error that was logged.
  int open(const engine::Host &host);
  // For the next instance of the module.
  void give(const Api &api, wasm_module_t module);

private:
  int descriptors_[3] = {-1, -1, -1};
  std::string directory_;
  std::vector<const char *> directories_, env_;
  std::vector<char *> args_;
};

} // namespace sgperf::wamr
