// SPDX-License-Identifier: Apache-2.0
#include "probes/answer_knock.h"

#include "probes/session_page.h"

#include "libsgperf/session_layout.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace sgperf::probes {

bool answer_knock(pid_t pid, uint32_t sequence, uint32_t answer) {
  const auto session = find_session(pid);
  if (!session) return false;
  const int fd = open_session(pid, session->path);
  if (fd < 0) return false;
  void *page = map_session_page(fd, 0);
  close(fd);
  const bool good = page && is_header_of(page, static_cast<uint32_t>(pid));
  if (good) {
    auto *header = static_cast<sgperf_session_header *>(page);
    header->answer = answer;
    __atomic_store_n(&header->answered, sequence, __ATOMIC_RELEASE);
    syscall(SYS_futex, &header->answered, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); // shared: not FUTEX_PRIVATE_FLAG
  }
  unmap_session_page(page);
  return good;
}

} // namespace sgperf::probes
