// SPDX-License-Identifier: Apache-2.0
// What a mark in a rewritten module does: one call of WASI that reaches the kernel with numbers that nothing else has,
// and changes nothing.  Which calls do on which runtime: docs/instrumenting-modules.md.
#pragma once

#include <cstdint>
#include <string>

namespace sgperf::formats {

struct WasmMark {
  enum class Call {
    write, // fd_write(2, three empty buffers): becomes writev() in uvwasi (node) and in wasm3
    sleep  // poll_oneoff() of one clock: becomes clock_nanosleep() in Wasmtime
  };
  Call call = Call::write;
  uint64_t number = 0; // write: bytes from the second buffer to the third; sleep: nanoseconds
  uint64_t common = 0; // write: bytes from the first buffer to the second
};

// Of module wasi_snapshot_preview1.  Both have the type (i32 i32 i32 i32) -> i32.
const char *wasi_name(WasmMark::Call call);

// The body of a function () -> (), locals included, that makes the call and leaves memory as it was: bytes 16 to 103 of
// memory 0 are used meanwhile.  `function`: index of the import.  The numbers of `write` are addresses of memory: they,
// added, must be inside its first page.
std::string mark_body(const WasmMark &mark, uint32_t function);

} // namespace sgperf::formats
