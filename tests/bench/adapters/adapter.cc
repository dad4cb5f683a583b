// SPDX-License-Identifier: Apache-2.0
#include "bench/adapters/adapter.h"

#include "bench/adapters/clock.h"
#include "bench/harness_run.h"

#include <cstdlib>
#include <dlfcn.h>

namespace sgperf::bench {
namespace {

const char *const no_words[] = {"module", nullptr};

} // namespace

Adapter::~Adapter() {
  // What an engine keeps is the process's end to take away; several crash when they are freed beside another.
}

bool Adapter::well(int status) {
  if (status == SGPERF_ENGINE_OK) return true;
  if (error.empty()) error = "status " + std::to_string(status) + " without a message";
  return false;
}

Adapter::Made Adapter::open(const std::string &name, const std::string &tier, const std::string &scratch) {
  plugin_ = build_folder() / "engines" / name / ("libsgperf-engine-" + name + ".so");
  scratch_ = scratch;
  tier_ = tier;
  const char *cache = std::getenv("SGPERF_CACHE"), *xdg = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  cache_ = cache ? cache : xdg ? std::string(xdg) + "/sgperf" : std::string(home ? home : "/tmp") + "/.cache/sgperf";
  void *handle = dlopen(plugin_.c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto entry = handle ? reinterpret_cast<sgperf_engine_entry>(dlsym(handle, SGPERF_ENGINE_ENTRY)) : nullptr;
  if (!entry) {
    error = handle ? plugin_ + " is no plug-in" : dlerror();
    return Made::missing;
  }
  engine_ = entry(SGPERF_ENGINE_VERSION);
  config_.struct_size = sizeof config_;
  config_.host = this;
  config_.log = [](void *host, int level, const char *message) {
    if (level == SGPERF_LOG_ERROR) static_cast<Adapter *>(host)->error = message;
  };
  config_.region_begin = [](void *host, uint32_t region) {
    if (region == SGPERF_REGION_COMPILE) static_cast<Adapter *>(host)->begin_ns_ = process_cpu_ns();
  };
  config_.region_end = [](void *host, uint32_t region) {
    if (region == SGPERF_REGION_COMPILE) static_cast<Adapter *>(host)->end_ns_ = process_cpu_ns();
  };
  config_.bench_start = config_.bench_end = [](void *) {};
  config_.tier = tier_.c_str();
  config_.cache_dir = cache_.c_str();
  config_.work_dir = scratch_.c_str();
  config_.args = no_words;
  config_.env = no_words + 1;
  const int status = engine_->create(&config_, &created_);
  if (status == SGPERF_ENGINE_NOT_FOUND) return Made::missing;
  sgperf_engine_info info{};
  info.struct_size = sizeof info;
  if (!well(status) || !well(engine_->describe(created_, &info))) return Made::failed;
  library_ = info.library_path ? info.library_path : "";
  return Made::well;
}

bool Adapter::compile(const char *path, const uint8_t *bytes, size_t size) {
  return well(engine_->compile(created_, path, bytes, size, &module_));
}

void Adapter::drop() {
  if (module_) engine_->free_module(module_);
  module_ = nullptr;
}

bool Adapter::instantiate() {
  uint32_t params = 0, results = 0;
  return well(engine_->instantiate(module_, &instance_)) &&
         well(engine_->resolve(instance_, "f", &function_, &params, &results));
}

uint64_t Adapter::time_call(uint64_t times) {
  const uint64_t begin = thread_cpu_ns();
  const int status = engine_->invoke_many(function_, nullptr, 0, nullptr, 0, times);
  const uint64_t end = thread_cpu_ns();
  return well(status) ? end - begin : 0;
}

} // namespace sgperf::bench
