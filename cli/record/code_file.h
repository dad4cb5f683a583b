// SPDX-License-Identifier: Apache-2.0
// Reader and writer of code files (libsgperf/session_layout.h): code that was found in the target's memory.
#pragma once

#include "libsgperf/session_layout.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::record {

struct CodeRecord {
  uint32_t kind = 0; // SGPERF_CODE_*
  uint64_t time = 0; // CLOCK_MONOTONIC ns
  uint64_t base = 0, length = 0;
  uint32_t tid = 0, flags = 0;
  std::string name;
  std::vector<std::byte> bytes;
};

struct CodeFile {
  uint32_t pid = 0;
  uint64_t dropped = 0;
  uint64_t torn_bytes = 0; // at the end: used, but no whole record
  std::vector<CodeRecord> records;
};

// nullopt: not a code file; `error` says what was expected and found.  A torn tail is left out and counted.
std::optional<CodeFile> read_code_file(const std::filesystem::path &path, std::string &error);

// A new file, in the form that the library writes.  False: `error` says why.
bool write_code_file(const std::filesystem::path &path, const CodeFile &file, std::string &error);

} // namespace sgperf::record
