// SPDX-License-Identifier: Apache-2.0
// Real images in this process: the fetched Wasmtime library, and what it gives to __register_frame().  The program
// that links this is exported dynamically, so the library's calls come here first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::test {

// One engine a process.  Empty `why_not()`: it is usable.
class Wasmtime {
public:
  static Wasmtime &get();
  const std::string &why_not() const { return why_not_; }

  // A module, nullptr: `error` says why.
  void *compile(const std::string &wasm, std::string &error);
  void *deserialize(const std::filesystem::path &artefact, std::string &error);
  std::string serialize(void *module);
  void remove(void *module);

private:
  Wasmtime();
  std::string why_not_;
  void *library_ = nullptr, *engine_ = nullptr;
};

// Pointers that are registered now, in the order of their registration.
std::vector<uint64_t> registered_frames();

} // namespace sgperf::test
