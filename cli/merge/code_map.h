// SPDX-License-Identifier: Apache-2.0
// What is at an address of a process at one moment: code made at run time, or a mapping.  It is told the records of a
// perf.data in their order, and asked between them.
#pragma once

#include "merge/address_space.h"
#include "merge/code_index.h"

#include <cstdint>
#include <unordered_map>

namespace sgperf::merge {

struct CodePlace {
  // Records of code made at run time own their range: a mapping that is reported later (each mprotect is one) does not
  // cover it.
  const JitCode *jit = nullptr;
  const Mapping *mapping = nullptr; // where there is no `jit`
  explicit operator bool() const { return jit || mapping; }
};

class CodeMap {
public:
  // `index` must live longer.
  explicit CodeMap(const CodeIndex &index) : index_(index) {}

  void mmap(const formats::PerfMmap &mmap);
  void fork(const formats::PerfTask &task);
  void exec(uint32_t pid, uint64_t time);

  // Valid until the next change.
  CodePlace find(uint32_t pid, uint64_t address, uint64_t time) const;

private:
  struct Process {
    uint64_t since = 0; // its last exec
    // The code that it has by fork: the parent's at that time.
    uint32_t parent = 0;
    uint64_t parents_since = 0, forked = 0;
    bool inherits = false;
  };
  const JitCode *jit(uint32_t of, uint64_t address, uint64_t now) const;

  const CodeIndex &index_;
  AddressSpaces spaces_;
  std::unordered_map<uint32_t, Process> processes_;
};

} // namespace sgperf::merge
