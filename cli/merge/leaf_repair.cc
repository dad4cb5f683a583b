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

} // namespace sgperf::merge
