// SPDX-License-Identifier: Apache-2.0
// A file of somebody else's, copied into memory as it is at one moment.  Not mapped: a program that starts again under
// the same pid truncates its jitdump, and a mapping of what is no longer there kills the reader (SIGBUS).
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sgperf::formats {

class InputFile {
public:
  // Regular files only; never follows a symbolic link, never blocks on a FIFO.  nullopt: `error` says why.
  static std::optional<InputFile> read(const std::filesystem::path &path, std::string &error);

  InputFile(InputFile &&other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  InputFile &operator=(InputFile &&other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~InputFile();

  // Valid while the object, or the one it was moved to, lives.
  std::string_view bytes() const { return {data_, size_}; }

private:
  InputFile() = default;

  char *data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

} // namespace sgperf::formats
