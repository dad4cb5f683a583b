// SPDX-License-Identifier: Apache-2.0
#include "run/worker_chain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sgperf::run {

// Bytes are copied into memory of our own and touched, so that no page of the file faults inside a region.
bool WorkerChain::load_module() {
  const bool native = engine_.capabilities & SGPERF_ENGINE_CAP_NATIVE;
  if (native) return true;
  const int fd = open(plan_.module.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) {
    const int error = errno;
    if (fd >= 0) close(fd);
    throw ChainError{"invalid_module", "load", plan_.module + ": " + strerror(error)};
  }
  wasm_size_ = static_cast<size_t>(info.st_size);
  auto *memory = static_cast<uint8_t *>(mmap(nullptr, wasm_size_ ? wasm_size_ : 1, PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
  if (memory == MAP_FAILED) {
    close(fd);
    wasm_size_ = 0;
    throw ChainError{"engine_error", "load", plan_.module + ": no memory for its bytes"};
  }
  wasm_ = memory;
  size_t have = 0;
  for (ssize_t n; have < wasm_size_ && (n = read(fd, memory + have, wasm_size_ - have)) > 0;)
    have += static_cast<size_t>(n);
  close(fd);
  if (have != wasm_size_) throw ChainError{"invalid_module", "load", plan_.module + ": shorter than its size says"};
  // Said here once for all engines, in the same words.
  if (have < 4 || memcmp(memory, "\0asm", 4) != 0)
    throw ChainError{"invalid_module", "load",
                     plan_.module + " is not a WebAssembly module: expected it to begin with \\0asm"};
  if (have >= 8 && (memory[6] != 0 || memory[7] != 0))
    throw ChainError{
        "component", "load",
        plan_.module +
            " is a component (layer 1); expected a core module (layer 0): the phases measured here are those "
            "of a core module with WASI preview 1, and no adapter instantiates a component's "
            "many.  Build it for wasm32-wasip1, or measure a runtime that runs components "
            "from outside: sgperf record -- wasmtime " +
            plan_.module};
  return true;
}

} // namespace sgperf::run
