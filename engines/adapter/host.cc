// SPDX-License-Identifier: Apache-2.0
#include "adapter/host.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <sstream>

namespace sgperf::engine {

namespace {
void nothing(void *) {}
} // namespace

Host::Host(const sgperf_engine_config &config) : config_{} {
  std::memcpy(&config_, &config, std::min(config.struct_size, sizeof config_));
  if (!config_.bench_start) config_.bench_start = nothing;
  if (!config_.bench_end) config_.bench_end = nothing;
}

std::vector<std::string> Host::flags() const {
  std::vector<std::string> words;
  std::istringstream text(config_.flags ? config_.flags : "");
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

void Host::log(int level, const char *format, va_list arguments) const {
  if (!config_.log) return;
  char message[4096];
  std::vsnprintf(message, sizeof message, format, arguments);
  config_.log(config_.host, level, message);
}

int Host::error(int status, const char *format, ...) const {
  va_list arguments;
  va_start(arguments, format);
  log(SGPERF_LOG_ERROR, format, arguments);
  va_end(arguments);
  return status;
}

void Host::warn(const char *format, ...) const {
  va_list arguments;
  va_start(arguments, format);
  log(SGPERF_LOG_WARNING, format, arguments);
  va_end(arguments);
}

} // namespace sgperf::engine
