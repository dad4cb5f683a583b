// SPDX-License-Identifier: Apache-2.0
#include "record/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sgperf::record {

FileBytes::~FileBytes() {
  if (fd_ >= 0) close(fd_);
}

bool FileBytes::open(const std::filesystem::path &path, std::string &error) {
  const auto fail = [&](const std::string &what) {
    error = path.string() + ": " + what;
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    return false;
  };
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd_ < 0) {
    if (errno == ELOOP) return fail("expected a regular file, found a symbolic link; it is not followed");
    return fail(std::string("cannot open: ") + std::strerror(errno));
  }
  struct stat status {};
  if (fstat(fd_, &status) != 0) return fail(std::string("cannot stat: ") + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return fail("expected a regular file, found something else");
  size_ = static_cast<uint64_t>(status.st_size);
  owner_ = status.st_uid;
  return true;
}

size_t FileBytes::read(uint64_t offset, void *out, size_t length) const {
  size_t done = 0;
  while (done < length && offset + done <= INT64_MAX) {
    const ssize_t n = pread(fd_, static_cast<char *>(out) + done, length - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

std::vector<std::byte> FileBytes::read(uint64_t offset, size_t length) const {
  // Never more memory than the file has bytes.
  if (offset >= size_) return {};
  if (length > size_ - offset) length = static_cast<size_t>(size_ - offset);
  std::vector<std::byte> bytes(length);
  bytes.resize(read(offset, bytes.data(), length));
  return bytes;
}

} // namespace sgperf::record
