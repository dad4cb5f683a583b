// SPDX-License-Identifier: Apache-2.0
// Reading files that somebody else may be writing, cutting or planting.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::record {

// Read-only, regular files only; never follows a symbolic link, never blocks on a FIFO.
class FileBytes {
public:
  FileBytes() = default;
  FileBytes(const FileBytes &) = delete;
  FileBytes &operator=(const FileBytes &) = delete;
  ~FileBytes();

  bool open(const std::filesystem::path &path, std::string &error);
  uint64_t size() const { return size_; }
  uid_t owner() const { return owner_; }
  // Bytes [offset, offset + length), as many as there are.
  size_t read(uint64_t offset, void *out, size_t length) const;
  std::vector<std::byte> read(uint64_t offset, size_t length) const;

private:
  int fd_ = -1;
  uint64_t size_ = 0;
  uid_t owner_ = 0;
};

} // namespace sgperf::record
