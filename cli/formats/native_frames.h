// SPDX-License-Identifier: Apache-2.0
// Where a function of a native file keeps its return address, instruction by instruction: from the call frame
// information that unwinders use (.eh_frame, or .debug_frame of the file or its debug file), by libdw.  x86-64.
#pragma once

#include "formats/code_image_frames.h"
#include "formats/elf_symbols_debug.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace sgperf::formats {

// In front of an instruction.  CFA: the stack pointer's value before the call that entered the function.
struct NativeFrame {
  enum class Base : uint8_t { stack_pointer, frame_pointer, other };
  Base base = Base::other; // CFA = base + cfa_offset
  int64_t cfa_offset = 0;
  // Where, from the CFA, they were stored; nullopt: the frame pointer is still the caller's, the return address is
  // nowhere (a thread's first function) or elsewhere.
  std::optional<int64_t> frame_pointer_at, return_address_at;
  bool outermost = false; // it says itself that nobody called it
};

class NativeFrames {
public:
  explicit NativeFrames(DebugFolders folders = {});
  ~NativeFrames();
  NativeFrames(const NativeFrames &) = delete;
  NativeFrames &operator=(const NativeFrames &) = delete;

  // `path`: "[vdso]" is this process's own.  `build_id` as in NativeLines::find().  `address` as in the file.  nullptr:
  // nothing is known; valid as long as this object, answers are cached.
  const NativeFrame *find(const std::string &path, const std::string &build_id, uint64_t address);
  // The function that has the address, where there are no symbols: from its .eh_frame.  nullptr: nothing is known.
  const FrameRanges::Range *function(const std::string &path, const std::string &build_id, uint64_t address);

private:
  struct File;
  File &file(const std::string &path, const std::string &build_id);
  DebugFolders folders_;
  std::map<std::string, std::unique_ptr<File>> files_;
};

} // namespace sgperf::formats
