// SPDX-License-Identifier: Apache-2.0
#include "wabt/deep_thread.h"

namespace sgperf::wabt_engine {

namespace {

using wabt::interp::Frame;
using wabt::interp::Thread;
using wabt::interp::Value;

// The interpreter traps when the capacity of its two stacks is reached, and there is no function to set it.  An
// explicit instantiation may name private members ([temp.spec]/6), which is what this uses.
template <typename Member> struct Access {
  static inline Member pointer;
};
template <typename Member, Member member> struct Reveal {
  struct Fill {
    Fill() { Access<Member>::pointer = member; }
  };
  static inline Fill fill;
};
template struct Reveal<std::vector<Frame> Thread::*, &Thread::frames_>;
template struct Reveal<std::vector<Value> Thread::*, &Thread::values_>;

constexpr size_t max_frames = 1u << 20, max_values = 8u << 20;

} // namespace

std::unique_ptr<Thread> make_deep_thread(wabt::interp::Store &store) {
  auto thread = std::make_unique<Thread>(store);
  ((*thread).*(Access<std::vector<Frame> Thread::*>::pointer)).reserve(max_frames);
  ((*thread).*(Access<std::vector<Value> Thread::*>::pointer)).reserve(max_values);
  return thread;
}

} // namespace sgperf::wabt_engine
