// SPDX-License-Identifier: Apache-2.0
// The caller that a frame-pointer chain has lost: where the innermost function has not (or not any more) a frame of its
// own, the chain begins with its caller's caller.  Measured on V8 and JSC: 10 to 16 % of the leaf samples in wasm code.
// x86-64 only.
#pragma once

#include "formats/native_frames.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sgperf::merge {

// Code without unwind information, by its bytes.  The return address to insert behind the leaf; nullopt: the chain is
// right, or it cannot be told.  `code` are the function's bytes from its start, `offset` that of the sample's ip in it,
// `stack` what was copied from the stack pointer upwards.
std::optional<uint64_t> lost_caller(std::string_view code, uint64_t offset, std::string_view stack);

struct NativeLeaf {
  enum class Chain : uint8_t {
    right,   // nothing is lost, or it cannot be told
    skips,   // `caller` belongs behind the leaf
    garbage, // the frame pointer was something else: `caller` is right, what the chain says is not
  };
  Chain chain = Chain::right;
  uint64_t caller = 0;
};
// Native code, by its unwind information.  `sp`, `fp`: the registers.
NativeLeaf native_caller(const formats::NativeFrame &frame, uint64_t sp, uint64_t fp, std::string_view stack);

} // namespace sgperf::merge
