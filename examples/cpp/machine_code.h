// SPDX-License-Identifier: Apache-2.0
// Machine code of functions int64_t(int64_t): a chain of operations with a constant, for x86-64 and aarch64.
#pragma once

#include <sgperf/sgperf.hpp>

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <system_error>
#include <vector>

struct operation {
  char op; // + - *
  std::int32_t constant;
};

using machine_code = std::vector<std::uint8_t>;

inline void append(machine_code &code, std::uint32_t word) {
  for (int shift = 0; shift < 32; shift += 8) code.push_back(static_cast<std::uint8_t>(word >> shift));
}

// A site in an inline function: every unit that includes this has a copy of it, and all are one row.
// Encoding takes a few instructions; fenced, none of them runs outside of what the clock is read around.
inline void encode(machine_code &code, const operation &operation) {
  SGPERF_SITE(encode_site, "jobs::encode");
  sgperf::fenced_scope scope(encode_site);
  const auto constant = static_cast<std::uint32_t>(operation.constant);
#if defined(__x86_64__)
  static constexpr std::uint8_t add[] = {0x48, 0x05}, sub[] = {0x48, 0x2d}, mul[] = {0x48, 0x69, 0xc0};
  if (operation.op == '+') code.insert(code.end(), std::begin(add), std::end(add)); // add rax, constant
  if (operation.op == '-') code.insert(code.end(), std::begin(sub), std::end(sub)); // sub rax, constant
  if (operation.op == '*') code.insert(code.end(), std::begin(mul), std::end(mul)); // imul rax, rax, constant
  append(code, constant);
#elif defined(__aarch64__)
  append(code, 0xd2800001u | (constant & 0xffff) << 5); // movz x1, low half
  append(code, 0xf2a00001u | (constant >> 16) << 5);    // movk x1, high half, lsl 16
  append(code, 0x93407c21u);                            // sxtw x1, w1
  append(code, operation.op == '+'   ? 0x8b010000u      // add x0, x0, x1
               : operation.op == '-' ? 0xcb010000u      // sub x0, x0, x1
                                     : 0x9b017c00u);    // mul x0, x0, x1
#else
#error "this example writes machine code of x86-64 and of aarch64 only"
#endif
}

inline machine_code assemble(const std::vector<operation> &operations) {
  machine_code code;
#if defined(__x86_64__)
  code = {0x48, 0x89, 0xf8}; // mov rax, rdi
#endif
  for (const operation &operation : operations) encode(code, operation);
#if defined(__x86_64__)
  code.push_back(0xc3); // ret
#else
  append(code, 0xd65f03c0u);                            // ret
#endif
  return code;
}

// Memory that holds code and may be executed.
class executable_memory {
public:
  explicit executable_memory(const machine_code &code) : size_(code.size()) {
    base_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap of memory for code");
    std::memcpy(base_, code.data(), size_);
    if (mprotect(base_, size_, PROT_READ | PROT_EXEC) != 0) {
      const int error = errno;
      munmap(base_, size_);
      throw std::system_error(error, std::generic_category(), "making code executable");
    }
    __builtin___clear_cache(static_cast<char *>(base_), static_cast<char *>(base_) + size_);
  }
  ~executable_memory() { munmap(base_, size_); }
  executable_memory(const executable_memory &) = delete;
  executable_memory &operator=(const executable_memory &) = delete;

  const void *at(std::size_t offset) const { return static_cast<const std::uint8_t *>(base_) + offset; }

private:
  void *base_;
  std::size_t size_;
};
