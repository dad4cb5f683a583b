// SPDX-License-Identifier: Apache-2.0
// Code that one process registers for debuggers (GDB's JIT interface: LLVM and what is built on it), seen from outside.
//
// The list has no times, and an engine calls a function of its own at each change, which only a breakpoint could see.
// So its head and its newest entry are looked at often, and all of it when they are others.
#pragma once

#include "formats/code_image.h"
#include "record/code_file.h"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sgperf::run {

// Which files have a list, and where in them: read once each, for all processes.
class GdbJitFiles {
public:
  // `file`: as the process calls it; `root`: of the process, /proc/PID/root.
  std::optional<uint64_t> descriptor(const std::filesystem::path &root, const std::string &file);

private:
  std::map<std::pair<uint64_t, uint64_t>, std::optional<uint64_t>> known_; // device and inode
};

class GdbJitWatch {
public:
  // All of it, with the mappings as they are now.  Functions that came go into `out` as SGPERF_CODE_FUNCTION with their
  // bytes, those that went as SGPERF_CODE_UNLOAD, both with the time of the look before: rather too early than without
  // a name.
  void look(pid_t pid, const std::vector<formats::MemoryRange> &maps, GdbJitFiles &files, record::CodeFile &out);
  // Only what changed since, if anything did; cheap.
  void look_again(pid_t pid, record::CodeFile &out);
  bool has_lists() const { return !lists_.empty(); }

private:
  struct Known {
    uint64_t symfile = 0, size = 0;
    size_t digest = 0;               // of the symbol file; 0: it is too large to be looked at each time
    std::vector<uint64_t> functions; // their addresses
    bool operator==(const Known &other) const {
      return symfile == other.symfile && size == other.size && digest == other.digest;
    }
  };
  struct Head {
    uint32_t version, action;
    uint64_t relevant, first;
    bool operator==(const Head &) const = default;
  };

  bool newest_is_known(pid_t pid, uint64_t entry) const;
  void read_lists(pid_t pid, record::CodeFile &out);
  void load(pid_t pid, Known &known, std::string symfile, record::CodeFile &out);
  void unload(const Known &known, record::CodeFile &out);
  record::CodeRecord &add(record::CodeFile &out, uint32_t kind, uint64_t base, uint64_t length) const;

  std::map<uint64_t, Head> lists_;    // by address of the descriptor, as it was last
  std::map<uint64_t, Known> entries_; // by their address
  std::set<uint64_t> functions_;      // addresses of all that are loaded
  uint64_t before_ = 0, now_ = 0;     // CLOCK_MONOTONIC ns of the last look and of this one; 0 = there was none
};

} // namespace sgperf::run
