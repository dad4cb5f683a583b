// SPDX-License-Identifier: Apache-2.0
#include "merge/leaf_repair.h"

#include <cstring>

namespace sgperf::merge {

std::optional<uint64_t> lost_caller(std::string_view code, uint64_t offset, std::string_view stack) {
  if (offset >= code.size()) return std::nullopt;
  const auto byte = [&](uint64_t at) { return static_cast<unsigned char>(code[at]); };
  // push %rbp; mov %rsp,%rbp, wherever in the function's first bytes: engines check their stack limit in front of it.
  const size_t prologue = code.substr(0, 64).find(std::string_view("\x55\x48\x89\xe5", 4));
  size_t at = 0;
  if (prologue != std::string_view::npos && offset <= prologue)
    at = 0; // not pushed yet
  else if (prologue != std::string_view::npos && offset == prologue + 1)
    at = 8; // pushed, not set
  else if (byte(offset) == 0xc3 || byte(offset) == 0xc2)
    at = 0; // popped: the return is next
  else
    return std::nullopt;
  if (stack.size() < at + 8) return std::nullopt;
  uint64_t address = 0;
  std::memcpy(&address, stack.data() + at, 8);
  return address;
}

NativeLeaf native_caller(const formats::NativeFrame &frame, uint64_t sp, uint64_t fp, std::string_view stack) {
  NativeLeaf out;
  if (frame.base != formats::NativeFrame::Base::stack_pointer || !frame.return_address_at) return out;
  // From the stack pointer.  Sums of two numbers of a file may wrap, and what is below it is a large number.
  const auto offset = [&](int64_t from_cfa) {
    return static_cast<uint64_t>(frame.cfa_offset) + static_cast<uint64_t>(from_cfa);
  };
  const auto word = [&](int64_t from_cfa) -> std::optional<uint64_t> {
    const uint64_t at = offset(from_cfa);
    if (at >= stack.size() || stack.size() - at < 8) return std::nullopt;
    uint64_t value = 0;
    std::memcpy(&value, stack.data() + at, 8);
    return value;
  };
  const auto caller = word(*frame.return_address_at);
  if (!caller) return out;
  // Below the stack pointer it has been popped again; compilers do not write that down.
  if (frame.frame_pointer_at && offset(*frame.frame_pointer_at) < uint64_t{1} << 32) {
    // Pushed.  It may already be this function's own (then the chain is right), or stand for something else.
    if (fp == sp + offset(*frame.frame_pointer_at)) return out;
    const auto saved = word(*frame.frame_pointer_at);
    if (!saved) return out;
    out.chain = *saved == fp ? NativeLeaf::Chain::skips : NativeLeaf::Chain::garbage;
  } else
    out.chain = NativeLeaf::Chain::skips;
  out.caller = *caller;
  return out;
}

} // namespace sgperf::merge
