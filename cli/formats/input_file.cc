// SPDX-License-Identifier: Apache-2.0
#include "formats/input_file.h"

#include "formats/huge_pages.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sgperf::formats {

InputFile::~InputFile() {
  if (data_) munmap(data_, capacity_);
}

std::optional<InputFile> InputFile::read(const std::filesystem::path &path, std::string &error) {
  InputFile file;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  const auto fail = [&](const std::string &why) {
    error = path.string() + ": " + why;
    if (fd >= 0) close(fd);
    return std::nullopt;
  };
  if (fd < 0) {
    const int problem = errno;
    return fail(problem == ELOOP ? "expected a file, found a symbolic link" : std::strerror(problem));
  }
  struct stat status;
  if (fstat(fd, &status) != 0) return fail(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return fail("expected a regular file, found something else");
  if (status.st_size == 0) {
    close(fd);
    return file;
  }
  // Not by malloc and not cleared: the pages come one by one as read() fills them.
  file.capacity_ = static_cast<size_t>(status.st_size);
  void *memory = mmap(nullptr, file.capacity_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    file.capacity_ = 0;
    return fail("not enough memory for its " + std::to_string(status.st_size) + " bytes");
  }
  file.data_ = static_cast<char *>(memory);
  hint_huge_pages(memory, file.capacity_);
  while (file.size_ < file.capacity_) {
    const ssize_t got = ::read(fd, file.data_ + file.size_, file.capacity_ - file.size_);
    if (got == 0) break; // it was cut meanwhile
    if (got > 0)
      file.size_ += static_cast<size_t>(got);
    else if (errno != EINTR)
      return fail(std::strerror(errno));
  }
  close(fd);
  return file;
}

} // namespace sgperf::formats
