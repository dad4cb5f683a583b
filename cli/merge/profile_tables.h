// SPDX-License-Identifier: Apache-2.0
// The tables of a Profile while they grow: functions, lines and the tree of stacks, each row made once.
#pragma once

#include "formats/dwarf_lines.h"
#include "merge/code_map.h"
#include "merge/jit_sources.h"
#include "merge/native_names.h"
#include "merge/profile.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sgperf::merge {

struct PairHash {
  size_t operator()(const std::pair<uint64_t, uint64_t> &pair) const {
    return static_cast<size_t>((pair.first * 0x9e3779b97f4a7c15u) ^ (pair.second * 0xc2b2ae3d27d4eb4fu));
  }
};

class ProfileTables {
public:
  // All must live longer.
  ProfileTables(Profile &profile, JitSources &jit, NativeNames &native)
      : profile_(profile), jit_(jit), native_(native) {}

  // Index of the function of an address.  `place`: what is there; of the kernel's addresses nothing.
  uint32_t user_function(const CodePlace &place, uint64_t address);
  uint32_t kernel_function(uint64_t address);
  // Whether the function is one that nobody of the thread called.
  bool starts_thread(uint32_t function) const { return starts_thread_[function]; }
  // Index of the line, counted once more.
  uint32_t line(uint32_t function, const formats::SourceFrame &frame);
  // Of the frame `function` below `parent` (0: the root).
  uint32_t node(uint32_t parent, uint32_t function);

private:
  uint32_t function(ProfileFunction made, bool starts_thread);
  uint32_t native_function(const Mapping *mapping, uint64_t address);

  Profile &profile_;
  JitSources &jit_;
  NativeNames &native_;
  std::vector<bool> starts_thread_;
  std::unordered_map<std::string, uint32_t> functions_; // by all that makes them one
  std::unordered_map<const JitCode *, uint32_t> of_jit_;
  std::unordered_map<std::pair<uint64_t, uint64_t>, uint32_t, PairHash> of_native_; // file and offset
  std::unordered_map<uint64_t, uint32_t> of_kernel_;                                // address
  std::unordered_map<std::string, uint32_t> lines_;
  std::unordered_map<uint64_t, uint32_t> nodes_; // parent and function
};

} // namespace sgperf::merge
