// SPDX-License-Identifier: Apache-2.0
// The memory of another process.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

namespace sgperf::run {

// All `size` bytes at `address`, or false.
inline bool read_process_memory(pid_t pid, uint64_t address, void *out, size_t size) {
  const iovec to{out, size}, from{reinterpret_cast<void *>(address), size};
  return process_vm_readv(pid, &to, 1, &from, 1, 0) == static_cast<ssize_t>(size);
}

} // namespace sgperf::run
