// SPDX-License-Identifier: Apache-2.0
// What is mapped where in each process, as the records of a perf.data say, in the order of their times.
#pragma once

#include "formats/perf_event.h"

#include <cstdint>
#include <map>
#include <string>

namespace sgperf::merge {

struct Mapping {
  uint64_t start = 0, end = 0, offset = 0; // offset: of `start` in the file
  std::string path;                        // "//anon", "[vdso]" and the like for memory without a file
  std::string build_id;                    // hex, empty = not known
  bool has_file() const { return !path.empty() && path[0] == '/' && path.compare(0, 2, "//") != 0; }
};

class AddressSpaces {
public:
  void map(const formats::PerfMmap &mmap);
  void fork(uint32_t child, uint32_t parent); // a copy of the parent's
  void exec(uint32_t pid);                    // nothing of before
  const Mapping *find(uint32_t pid, uint64_t address) const;

private:
  std::map<uint32_t, std::map<uint64_t, Mapping>> spaces_; // pid -> start -> mapping
};

} // namespace sgperf::merge
