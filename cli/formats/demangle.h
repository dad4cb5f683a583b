// SPDX-License-Identifier: Apache-2.0
// Names of C++ and Rust functions as their authors wrote them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sgperf::formats {

enum class Mangling : uint8_t {
  none,
  cpp,         // _Z..
  rust_legacy, // _ZN..17h<16 hex digits>E
  rust_v0,     // _R..
};
Mangling mangling_of(std::string_view name);

struct DemangleOptions {
  bool parameters = true; // of C++ functions: "f(int)", else "f"
};

// By libiberty.  The name itself where it is not mangled, where it is damaged, or where the readable form would be
// longer than `demangled_limit`: short names may stand for gigabytes.  The hash of Rust names and what LTO adds
// (".llvm.123") are left out; other suffixes of compilers follow as " [clone .cold]".  Thread-safe.
inline constexpr size_t demangled_limit = 16384;
std::string demangle(std::string_view name, const DemangleOptions &options = {});

} // namespace sgperf::formats
