// SPDX-License-Identifier: Apache-2.0
// What is mapped where in each process, as the records of a perf.data say, in the order of their times.
#pragma once

#include "formats/perf_event.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

namespace sgperf::merge {

struct MappedFile {
  std::string path;     // "//anon", "[vdso]" and the like for memory without a file
  std::string build_id; // hex, empty = not known
  bool on_disk() const; // else the file is memory, or there is none
  // Code in it was made at run time: not a file's, and not the kernel's ("[vdso]").
  bool anonymous() const { return !on_disk() && !path.starts_with("["); }
  auto operator<=>(const MappedFile &) const = default;
};

struct Mapping {
  uint64_t start = 0, end = 0, offset = 0; // offset: of `start` in the file
  const MappedFile *file = nullptr;        // never null; one object a file, as long as the AddressSpaces
  uint64_t file_offset(uint64_t address) const { return address - start + offset; }
};

class AddressSpaces {
public:
  void map(const formats::PerfMmap &mmap);
  void fork(uint32_t child, uint32_t parent); // a copy of the parent's
  void clear(uint32_t pid);                   // exec, and the end
  // nullptr: nothing.  Valid until the next change.
  const Mapping *find(uint32_t pid, uint64_t address) const;

private:
  std::set<MappedFile> files_;
  std::unordered_map<uint32_t, std::map<uint64_t, Mapping>> spaces_; // pid -> start -> mapping
};

} // namespace sgperf::merge
