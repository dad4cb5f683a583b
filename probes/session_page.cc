// SPDX-License-Identifier: Apache-2.0
#include "probes/session_page.h"

#include "libsgperf/session_layout.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace sgperf::probes {
namespace {

constexpr size_t page_bytes = 4096;

} // namespace

int open_session(pid_t pid, const std::string &path) {
  return open(("/proc/" + std::to_string(pid) + "/root" + path).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
}

void *map_session_page(int fd, uint64_t offset) {
  // Beyond the end of the file a read would be SIGBUS.
  const off_t size = lseek(fd, 0, SEEK_END);
  if (size < static_cast<off_t>(page_bytes) || offset % page_bytes != 0 ||
      offset > static_cast<uint64_t>(size) - page_bytes)
    return nullptr;
  void *at = mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  return at == MAP_FAILED ? nullptr : at;
}

void unmap_session_page(void *page) {
  if (page) munmap(page, page_bytes);
}

bool is_header_of(const void *page, uint32_t pid) {
  return page && std::memcmp(page, SGPERF_SESSION_MAGIC, 8) == 0 &&
         static_cast<const sgperf_session_header *>(page)->pid == pid;
}

} // namespace sgperf::probes
