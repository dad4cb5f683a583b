// SPDX-License-Identifier: Apache-2.0
// wabt's interpreter by its C++ API.  The library is a static one: this is a copy of its own of the same code.
#include "bench/adapters/bare.h"

#include <wabt/binary-reader.h>
#include <wabt/error.h>
#include <wabt/feature.h>
#include <wabt/interp/binary-reader-interp.h>
#include <wabt/interp/interp.h>

#include <optional>

namespace sgperf::bench {
namespace {

using namespace wabt::interp;

class Wabt final : public Bare {
public:
  bool compile(uint8_t *bytes, size_t size) override {
    const wabt::Features features;
    store_.emplace(features);
    wabt::Errors errors;
    ModuleDesc desc;
    const wabt::ReadBinaryOptions options(features, nullptr, false, true, false);
    if (wabt::Failed(ReadBinaryInterp("module.wasm", bytes, size, options, &errors, &desc)))
      return fail("ReadBinaryInterp failed");
    module_ = Module::New(*store_, std::move(desc));
    return true;
  }
  void drop() override {
    module_.reset();
    store_.reset();
  }
  bool instantiate() override {
    Trap::Ptr trap;
    instance_ = Instance::Instantiate(*store_, module_.ref(), {}, &trap);
    if (!instance_) return fail("Instantiate failed");
    function_ = store_->UnsafeGet<Func>(instance_->exports()[0]); // f is the only one
    thread_ = std::make_unique<Thread>(*store_);
    return true;
  }
  bool call(uint64_t times) override {
    const Values none;
    Values results;
    Trap::Ptr trap;
    for (uint64_t i = 0; i < times; ++i)
      if (wabt::Failed(function_->Call(*thread_, none, results, &trap))) return fail("the call trapped");
    return true;
  }

private:
  std::optional<Store> store_;
  Module::Ptr module_;
  Instance::Ptr instance_;
  Func::Ptr function_;
  std::unique_ptr<Thread> thread_;
};

} // namespace

extern "C" __attribute__((visibility("default"))) Bare *sgperf_bench_make_bare(const Opened &, std::string &) {
  return new Wabt;
}

} // namespace sgperf::bench
