// SPDX-License-Identifier: Apache-2.0
// The other side of a plug-in, as every adapter sees it: a copy of its configuration, its log and its clocks.
#pragma once

#include "sgperf/engine.h"

#include <string>
#include <vector>

namespace sgperf::engine {

class Host {
public:
  explicit Host(const sgperf_engine_config &config);

  // Members that an older host does not know are zero.
  const sgperf_engine_config &config() const { return config_; }
  std::string tier(const char *default_tier) const { return config_.tier ? config_.tier : default_tier; }
  std::vector<std::string> flags() const; // split on blanks

  // Logs an error and returns `status`, so that a failure is one line.
  [[gnu::format(printf, 3, 4)]] int error(int status, const char *format, ...) const;
  [[gnu::format(printf, 2, 3)]] void warn(const char *format, ...) const;

  void begin(sgperf_region region) const {
    if (config_.region_begin) config_.region_begin(config_.host, region);
  }
  void end(sgperf_region region) const {
    if (config_.region_end) config_.region_end(config_.host, region);
  }
  void bench_start() const { config_.bench_start(config_.host); }
  void bench_end() const { config_.bench_end(config_.host); }

private:
  void log(int level, const char *format, __builtin_va_list arguments) const;
  sgperf_engine_config config_;
};

} // namespace sgperf::engine
