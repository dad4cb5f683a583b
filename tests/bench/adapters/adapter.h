// SPDX-License-Identifier: Apache-2.0
// A plug-in driven as the worker drives it, without the worker's clocks.
#pragma once

#include "sgperf/engine.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace sgperf::bench {

class Adapter {
public:
  enum class Made { well, missing, failed }; // missing: not installed

  ~Adapter();
  // Loads the plug-in of that name from this build.  `scratch` is a folder that it may write to.
  Made open(const std::string &name, const std::string &tier, const std::string &scratch);
  // `path` is a name only; for native code the file, and there are no bytes.
  bool compile(const char *path, const uint8_t *bytes, size_t size);
  void drop();                        // the module
  bool instantiate();                 // and finds "f"
  uint64_t time_call(uint64_t times); // as the worker's inner loop does it: CPU time of this thread, ns; 0: it failed

  const std::string &library() const { return library_; }
  uint64_t compile_ns() const { return end_ns_ - begin_ns_; } // of its compile region: CPU time of the process
  std::string error;

private:
  bool well(int status);
  std::string library_, plugin_, scratch_, cache_, tier_;
  sgperf_engine_config config_{};
  const sgperf_engine *engine_ = nullptr;
  void *created_ = nullptr, *module_ = nullptr, *instance_ = nullptr, *function_ = nullptr;
  uint64_t begin_ns_ = 0, end_ns_ = 0;
};

} // namespace sgperf::bench
