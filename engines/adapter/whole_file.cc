// SPDX-License-Identifier: Apache-2.0
#include "adapter/whole_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sgperf::engine {

bool write_file(const char *path, std::initializer_list<Bytes> parts) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  bool whole = true;
  for (const Bytes &part : parts) {
    size_t done = 0;
    while (whole && done < part.size) {
      ssize_t n = write(fd, part.data + done, part.size - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0)
        whole = false;
      else
        done += size_t(n);
    }
  }
  return close(fd) == 0 && whole;
}

MappedFile::MappedFile(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st)) {
    error_ = errno;
  } else if (!S_ISREG(st.st_mode)) {
    error_ = EINVAL;
  } else if (st.st_size) {
    void *map = mmap(nullptr, size_t(st.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
      error_ = errno;
    else
      bytes_ = {static_cast<const uint8_t *>(map), size_t(st.st_size)};
  }
  if (fd >= 0) close(fd);
}

MappedFile::~MappedFile() {
  if (bytes_.data) munmap(const_cast<uint8_t *>(bytes_.data), bytes_.size);
}

} // namespace sgperf::engine
