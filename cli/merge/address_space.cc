// SPDX-License-Identifier: Apache-2.0
#include "merge/address_space.h"

namespace sgperf::merge {

bool MappedFile::on_disk() const {
  if (path.size() < 2 || path[0] != '/') return false;
  for (const char *memory : {"//", "/memfd:", "/dev/zero", "/SYSV", "/anon_hugepage"})
    if (path.starts_with(memory)) return false;
  return true;
}

void AddressSpaces::map(const formats::PerfMmap &mmap) {
  if (mmap.length == 0 || mmap.address + mmap.length < mmap.address) return;
  MappedFile file;
  file.path = std::string(mmap.path);
  static constexpr char digits[] = "0123456789abcdef";
  for (const uint8_t byte : mmap.build_id) {
    file.build_id += digits[byte >> 4];
    file.build_id += digits[byte & 15];
  }
  Mapping added;
  added.start = mmap.address;
  added.end = mmap.address + mmap.length;
  added.offset = mmap.page_offset;
  added.file = &*files_.insert(std::move(file)).first;
  auto &space = spaces_[mmap.pid];
  // What the new mapping covers of older ones is gone; what stands out stays.
  auto at = space.upper_bound(added.start);
  if (at != space.begin()) --at;
  while (at != space.end() && at->second.start < added.end) {
    if (at->second.end <= added.start) {
      ++at;
      continue;
    }
    const Mapping old = at->second;
    at = space.erase(at);
    if (old.start < added.start) {
      Mapping left = old;
      left.end = added.start;
      space[left.start] = left;
    }
    if (old.end > added.end) {
      Mapping right = old;
      right.offset += added.end - old.start;
      right.start = added.end;
      space[right.start] = right;
    }
  }
  space[added.start] = added;
}

void AddressSpaces::fork(uint32_t child, uint32_t parent) {
  if (child == parent) return;
  const auto at = spaces_.find(parent);
  if (at == spaces_.end()) {
    spaces_.erase(child); // of another process that had the number before
    return;
  }
  auto copy = at->second;
  spaces_[child] = std::move(copy);
}

void AddressSpaces::clear(uint32_t pid) {
  spaces_.erase(pid);
}

const Mapping *AddressSpaces::find(uint32_t pid, uint64_t address) const {
  const auto space = spaces_.find(pid);
  if (space == spaces_.end()) return nullptr;
  auto at = space->second.upper_bound(address);
  if (at == space->second.begin()) return nullptr;
  --at;
  return address < at->second.end ? &at->second : nullptr;
}

} // namespace sgperf::merge
