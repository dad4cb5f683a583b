// SPDX-License-Identifier: Apache-2.0
#include "probes/lend_pages.h"

#include "probes/session_page.h"
#include "probes/state.h"

#include "libsgperf/session_layout.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

namespace sgperf::probes {

static_assert(offsetof(sgperf_block, phase) == 0 && offsetof(sgperf_block, site) == 4);
static_assert(offsetof(sgperf_session_header, phase_now) == offsetof(sgperf_header_page, phase_now));

namespace {

constexpr unsigned pidfd_thread = O_EXCL; // PIDFD_THREAD, since Linux 6.9

// That the page is the thread's block and not another's: what stands in it is checked, whatever the address said.
bool is_block_of(const void *at, uint32_t tid) {
  sgperf_block_owner owner;
  std::memcpy(&owner, static_cast<const char *>(at) + offsetof(sgperf_block, owner), sizeof owner);
  return owner.tid == tid && owner.state == SGPERF_BLOCK_LIVE;
}

} // namespace

void PageLender::lend(const sgperf_event_asks &asks) {
  const uint32_t pid = asks.header.pid, tid = asks.header.tid;
  auto &[header_address, path] = sessions_[pid];
  if (header_address != asks.header_address) {
    header_address = asks.header_address;
    const auto session = find_session(static_cast<pid_t>(pid));
    path = session && session->header == header_address ? session->path : "";
  }
  if (path.empty()) return;
  const int fd = open_session(static_cast<pid_t>(pid), path);
  if (fd < 0) return;
  const bool with_block = asks.block_address != 0;
  void *header = map_session_page(fd, 0);
  void *block = with_block ? map_session_page(fd, asks.block_address - asks.header_address) : nullptr;
  close(fd);
  const bool good = header && is_header_of(header, pid) && (!with_block || (block && is_block_of(block, tid)));
  if (good) {
    const int thread = static_cast<int>(syscall(SYS_pidfd_open, tid, pidfd_thread));
    if (thread >= 0) {
      const sgperf_lent_pages pages{static_cast<sgperf_block_page *>(block), static_cast<sgperf_header_page *>(header),
                                    asks.block_address, asks.header_address};
      threads_ += bpf_map_update_elem(map_, &thread, &pages, BPF_ANY) == 0 && with_block;
      close(thread);
    }
  }
  // The kernel holds the pages by itself.
  unmap_session_page(header);
  unmap_session_page(block);
}

} // namespace sgperf::probes
