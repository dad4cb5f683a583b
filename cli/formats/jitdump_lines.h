// SPDX-License-Identifier: Apache-2.0
// Debug info of a jitdump (record id 2) to lines.  For the reader only.
#pragma once

#include "formats/jitdump.h"
#include "formats/jitdump_bytes.h"

#include <string_view>
#include <unordered_map>
#include <vector>

namespace sgperf::formats {

class JitdumpLineDecoder {
public:
  // `input` is the size of the whole file.
  JitdumpLineDecoder(Jitdump &dump, size_t input) : dump_(dump), input_(input) {}
  // `body`: u64 code address, u64 number of entries, entries {u64 address, u32 line, u32 column, name, NUL}.  Appends
  // to dump.lines what belongs into the code of `load`, and tells `load` where.
  void decode(const JitdumpBytes &body, JitdumpEvent &load);

private:
  uint32_t file(std::string_view name);
  bool plausible(const JitdumpBytes &body, size_t at, bool last) const;
  size_t name_of_v8(const JitdumpBytes &body, size_t at, bool last, uint32_t &file);

  Jitdump &dump_;
  size_t input_;
  std::unordered_map<std::string_view, uint32_t> files_;
  std::string_view name_; // of the entry before, and its index
  uint32_t file_ = 0;
  // Of the load that is being decoded.
  uint64_t first_ = 0, last_ = 0;         // V8: entries are in [first_, last_]
  std::vector<std::string_view> scripts_; // V8: what may be the script in the function's name
};

} // namespace sgperf::formats
