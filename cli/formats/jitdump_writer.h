// SPDX-License-Identifier: Apache-2.0
// Writing a jitdump that every reader understands (`sgperf export --jitdump`): our byte order, unique code indices,
// line addresses as they are, every line with its file's name, .eh_frame in front of .eh_frame_hdr as perf reads it.
#pragma once

#include "formats/jitdump.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sgperf::formats {

// Borrowed for the call.
struct JitdumpFunction {
  uint32_t pid = 0, tid = 0;
  uint64_t time = 0, address = 0, size = 0;
  std::string_view name; // up to its first NUL
  std::string_view code; // shorter than `size` (a perf map has none): the rest is zeros
  std::span<const JitLine> lines;
  std::span<const std::string_view> files; // of the lines
  const JitdumpUnwinding *unwinding = nullptr;
};

// A size that is a mistake is not to become a file of zeros.
constexpr uint64_t most_unknown_code = uint64_t{1} << 20;

// Appends to a string that the caller may write out and clear between two calls.
class JitdumpWriter {
public:
  // Writes the header; of `header`, pid, time, machine and the clock's flag are used.
  JitdumpWriter(std::string &out, const JitdumpHeader &header);

  // The index of the function, which a move names.  nullopt, and nothing written: larger than a record may be (4 GiB),
  // or more than `most_unknown_code` of its code is not there.
  std::optional<uint64_t> load(const JitdumpFunction &function);
  void move(uint32_t pid, uint32_t tid, uint64_t time, uint64_t old_address, uint64_t new_address, uint64_t size,
            uint64_t index);
  void close(uint64_t time);

private:
  std::string &out_;
  uint64_t next_index_ = 0;
};

// What was read, normalised: events in the order of time.  Moves of code that was never loaded are left out.
std::string to_jitdump(const Jitdump &dump);

} // namespace sgperf::formats
