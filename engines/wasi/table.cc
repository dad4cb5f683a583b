// SPDX-License-Identifier: Apache-2.0
#include "engines/wasi/table.h"
#include "engines/wasi/kernel.h"

#include <new>
#include <utility>

namespace sgperf::wasi {

Table::~Table() {
  for (Descriptor &descriptor : slots_)
    if (descriptor.host >= 0) ::close(descriptor.host);
}

Descriptor *Table::lookup(uint32_t fd) {
  SGPERF_SCOPE("wasi_table::lookup");
  return fd < slots_.size() && slots_[fd].host >= 0 ? &slots_[fd] : nullptr;
}

Errno Table::lookup(uint32_t fd, uint64_t rights, Descriptor *&out) {
  out = lookup(fd);
  if (!out) return Errno::badf;
  return (out->base & rights) == rights ? Errno::success : Errno::notcapable;
}

Errno Table::insert(Descriptor &&descriptor, uint32_t &fd) {
  SGPERF_SCOPE("wasi_table::insert");
  uint32_t at = lowest_free_;
  while (at < slots_.size() && slots_[at].host >= 0) at++;
  if (at == slots_.size()) {
    try {
      slots_.emplace_back();
    } catch (const std::bad_alloc &) {
      kernel::close(descriptor.host);
      return Errno::nomem;
    }
  }
  slots_[at] = std::move(descriptor);
  lowest_free_ = at + 1;
  fd = at;
  return Errno::success;
}

int Table::remove(uint32_t fd) {
  SGPERF_SCOPE("wasi_table::remove");
  if (fd >= slots_.size() || slots_[fd].host < 0) return -1;
  int host = slots_[fd].host;
  slots_[fd] = Descriptor{};
  if (fd < lowest_free_) lowest_free_ = fd;
  return host;
}

Errno Table::move(uint32_t fd, uint32_t to, int &replaced) {
  SGPERF_SCOPE("wasi_table::move");
  replaced = -1;
  if (fd >= slots_.size() || slots_[fd].host < 0 || to >= slots_.size() || slots_[to].host < 0) return Errno::badf;
  if (fd == to) return Errno::success;
  replaced = slots_[to].host;
  slots_[to] = std::move(slots_[fd]);
  slots_[fd] = Descriptor{};
  if (fd < lowest_free_) lowest_free_ = fd;
  return Errno::success;
}

Errno settle_type(Descriptor &descriptor) {
  if (descriptor.typed) return Errno::success;
  struct stat st;
  if (kernel::fstat(descriptor.host, &st)) return last_error();
  descriptor.type = filetype_of_mode(st.st_mode);
  descriptor.typed = true;
  if (descriptor.type == filetype::directory) {
    descriptor.base &= right::directory;
  } else {
    descriptor.base &= right::file;
    descriptor.inheriting = 0;
  }
  return Errno::success;
}

} // namespace sgperf::wasi
