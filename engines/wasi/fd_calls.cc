// SPDX-License-Identifier: Apache-2.0
// fd_*: open descriptors, their state and their content.
#include "engines/wasi/context.h"
#include "engines/wasi/kernel.h"
#include "engines/wasi/times.h"

#include <algorithm>
#include <climits>
#include <optional>

using namespace sgperf::wasi;

namespace {

// The guest's vector as the kernel wants it.  More than IOV_MAX entries: the first ones, a short transfer is allowed.
class Vector {
public:
  Errno read(const Memory &memory, uint32_t p_iovs, uint32_t count) {
    if (!memory.at(p_iovs, uint64_t{count} * sizeof(Iovec))) return Errno::fault;
    count_ = static_cast<int>(std::min<uint32_t>(count, IOV_MAX));
    uint64_t total = 0;
    for (int i = 0; i < count_; i++) {
      Iovec one;
      if (!memory.load(p_iovs + static_cast<uint64_t>(i) * sizeof one, one)) return Errno::fault;
      uint8_t *base = memory.at(one.p_buf, one.size);
      if (!base) return Errno::fault;
      total += one.size;
      if (total > INT32_MAX) { // the kernel's limit of one transfer; more would not fit the guest's count either
        count_ = i;
        if (i == 0) {
          iovs_[0] = {base, INT32_MAX};
          count_ = 1;
        }
        break;
      }
      iovs_[i] = {base, one.size};
    }
    return Errno::success;
  }
  const iovec *data() const { return iovs_; }
  int size() const { return count_; }

private:
  int count_ = 0;
  iovec iovs_[IOV_MAX]; // 16 KiB of stack, written only as far as used
};

uint32_t transferred(const Memory &memory, ssize_t n, uint32_t p_count) {
  if (n < 0) return result(last_error());
  return result(memory.store(p_count, static_cast<uint32_t>(n)) ? Errno::success : Errno::fault);
}

uint32_t fdflags_of(int flags) {
  uint32_t out = 0;
  if (flags & O_APPEND) out |= fdflag::append;
  if (flags & O_NONBLOCK) out |= fdflag::nonblock;
  if ((flags & O_SYNC) == O_SYNC)
    out |= fdflag::sync | fdflag::rsync;
  else if (flags & O_DSYNC)
    out |= fdflag::dsync;
  return out;
}

// u64 of the guest as a file offset; beyond 2^63 there is none.
bool offset_of(uint64_t value, off_t &out) {
  out = static_cast<off_t>(value);
  return out >= 0;
}

} // namespace

uint32_t sgperf_wasi_fd_close(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd) {
  SGPERF_WASI_CALL(fd_close);
  // A descriptor that is not open is -1 below, whatever number the guest used, and close(-1) harms nobody: the
  // answer is the kernel's.  That keeps fd_close(-1), the smallest call there is, a way through every layer.
  const int host = wasi->table.lookup(fd) ? wasi->table.remove(fd) : -1;
  return result_of(kernel::close(host));
}

uint32_t sgperf_wasi_fd_read(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd, uint32_t p_iovs,
                             uint32_t count, uint32_t p_nread) {
  SGPERF_WASI_CALL(fd_read);
  const Memory mem(memory, memory_size);
  Descriptor *file;
  Vector vector;
  Errno error = wasi->table.lookup(fd, right::fd_read, file);
  if (error == Errno::success) error = vector.read(mem, p_iovs, count);
  if (error == Errno::success && !mem.at(p_nread, 4)) error = Errno::fault;
  if (error != Errno::success) return result(error);
  return transferred(mem, kernel::readv(file->host, vector.data(), vector.size()), p_nread);
}

uint32_t sgperf_wasi_fd_write(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd, uint32_t p_iovs,
                              uint32_t count, uint32_t p_nwritten) {
  SGPERF_WASI_CALL(fd_write);
  const Memory mem(memory, memory_size);
  Descriptor *file;
  Vector vector;
  Errno error = wasi->table.lookup(fd, right::fd_write, file);
  if (error == Errno::success) error = vector.read(mem, p_iovs, count);
  if (error == Errno::success && !mem.at(p_nwritten, 4)) error = Errno::fault;
  if (error != Errno::success) return result(error);
  return transferred(mem, kernel::writev(file->host, vector.data(), vector.size()), p_nwritten);
}

uint32_t sgperf_wasi_fd_pread(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd, uint32_t p_iovs,
                              uint32_t count, uint64_t offset, uint32_t p_nread) {
  SGPERF_WASI_CALL(fd_pread);
  const Memory mem(memory, memory_size);
  Descriptor *file;
  Vector vector;
  off_t at;
  Errno error = wasi->table.lookup(fd, right::fd_read | right::fd_seek, file);
  if (error == Errno::success) error = vector.read(mem, p_iovs, count);
  if (error == Errno::success && !mem.at(p_nread, 4)) error = Errno::fault;
  if (error == Errno::success && !offset_of(offset, at)) error = Errno::inval;
  if (error != Errno::success) return result(error);
  return transferred(mem, kernel::preadv(file->host, vector.data(), vector.size(), at), p_nread);
}

uint32_t sgperf_wasi_fd_pwrite(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd, uint32_t p_iovs,
                               uint32_t count, uint64_t offset, uint32_t p_nwritten) {
  SGPERF_WASI_CALL(fd_pwrite);
  const Memory mem(memory, memory_size);
  Descriptor *file;
  Vector vector;
  off_t at;
  Errno error = wasi->table.lookup(fd, right::fd_write | right::fd_seek, file);
  if (error == Errno::success) error = vector.read(mem, p_iovs, count);
  if (error == Errno::success && !mem.at(p_nwritten, 4)) error = Errno::fault;
  if (error == Errno::success && !offset_of(offset, at)) error = Errno::inval;
  if (error != Errno::success) return result(error);
  return transferred(mem, kernel::pwritev(file->host, vector.data(), vector.size(), at), p_nwritten);
}

uint32_t sgperf_wasi_fd_seek(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd, uint64_t offset,
                             uint32_t whence, uint32_t p_position) {
  SGPERF_WASI_CALL(fd_seek);
  const Memory mem(memory, memory_size);
  static constexpr int whences[] = {SEEK_SET, SEEK_CUR, SEEK_END};
  Descriptor *file = wasi->table.lookup(fd);
  if (!file) return result(Errno::badf);
  // Asking where one is needs the right to tell only.
  const bool tells = whence == 1 && offset == 0;
  if (!(file->base & (tells ? right::seeking : uint64_t{right::fd_seek})))
    return result(Errno::spipe); // a terminal: what isatty() and stdio expect
  if (whence > 2) return result(Errno::inval);
  if (!mem.at(p_position, 8)) return result(Errno::fault);
  off_t at = kernel::lseek(file->host, static_cast<off_t>(offset), whences[whence]);
  if (at < 0) return result(last_error());
  return result(mem.store(p_position, static_cast<uint64_t>(at)) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_fd_tell(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                             uint32_t p_position) {
  SGPERF_WASI_CALL(fd_tell);
  const Memory mem(memory, memory_size);
  Descriptor *file = wasi->table.lookup(fd);
  if (!file) return result(Errno::badf);
  if (!(file->base & right::seeking)) return result(Errno::spipe);
  off_t at = kernel::lseek(file->host, 0, SEEK_CUR);
  if (at < 0) return result(last_error());
  return result(mem.store(p_position, static_cast<uint64_t>(at)) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_fd_sync(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd) {
  SGPERF_WASI_CALL(fd_sync);
  Descriptor *file;
  if (Errno error = wasi->table.lookup(fd, right::fd_sync, file); error != Errno::success) return result(error);
  return result_of(kernel::fsync(file->host));
}

uint32_t sgperf_wasi_fd_datasync(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd) {
  SGPERF_WASI_CALL(fd_datasync);
  Descriptor *file;
  if (Errno error = wasi->table.lookup(fd, right::fd_datasync, file); error != Errno::success) return result(error);
  return result_of(kernel::fdatasync(file->host));
}

uint32_t sgperf_wasi_fd_advise(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint64_t offset, uint64_t length,
                               uint32_t advice) {
  SGPERF_WASI_CALL(fd_advise);
  static constexpr int advices[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                                    POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  Descriptor *file;
  if (Errno error = wasi->table.lookup(fd, right::fd_advise, file); error != Errno::success) return result(error);
  off_t from, size;
  if (advice >= std::size(advices) || !offset_of(offset, from) || !offset_of(length, size)) return result(Errno::inval);
  return result(from_host(kernel::posix_fadvise(file->host, from, size, advices[advice])));
}

uint32_t sgperf_wasi_fd_allocate(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint64_t offset,
                                 uint64_t length) {
  SGPERF_WASI_CALL(fd_allocate);
  Descriptor *file;
  if (Errno error = wasi->table.lookup(fd, right::fd_allocate, file); error != Errno::success) return result(error);
  off_t from, size;
  if (!offset_of(offset, from) || !offset_of(length, size)) return result(Errno::inval);
  return result(from_host(kernel::posix_fallocate(file->host, from, size)));
}

uint32_t sgperf_wasi_fd_fdstat_get(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                   uint32_t p_fdstat) {
  SGPERF_WASI_CALL(fd_fdstat_get);
  const Memory mem(memory, memory_size);
  Descriptor *file = wasi->table.lookup(fd);
  if (!file) return result(Errno::badf);
  if (Errno error = settle_type(*file); error != Errno::success) return result(error);
  int flags = kernel::get_flags(file->host);
  if (flags < 0) return result(last_error());
  Fdstat out{};
  out.filetype = file->type;
  out.flags = static_cast<uint16_t>(fdflags_of(flags));
  out.rights_base = file->base;
  out.rights_inheriting = file->inheriting;
  return result(mem.store(p_fdstat, out) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_fd_fdstat_set_flags(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint32_t fdflags) {
  SGPERF_WASI_CALL(fd_fdstat_set_flags);
  Descriptor *file;
  if (Errno error = wasi->table.lookup(fd, right::fd_fdstat_set_flags, file); error != Errno::success)
    return result(error);
  if (fdflags & ~fdflag::known) return result(Errno::inval);
  int flags = kernel::get_flags(file->host);
  if (flags < 0) return result(last_error());
  // Linux sets these two on an open file; of the synchronous ones it ignores a change silently, so they are refused.
  constexpr uint32_t synchronous = fdflag::dsync | fdflag::rsync | fdflag::sync;
  if ((fdflags ^ fdflags_of(flags)) & synchronous) return result(Errno::notsup);
  flags &= ~(O_APPEND | O_NONBLOCK);
  if (fdflags & fdflag::append) flags |= O_APPEND;
  if (fdflags & fdflag::nonblock) flags |= O_NONBLOCK;
  return result_of(kernel::set_flags(file->host, flags));
}

uint32_t sgperf_wasi_fd_fdstat_set_rights(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint64_t base,
                                          uint64_t inheriting) {
  SGPERF_WASI_CALL(fd_fdstat_set_rights);
  Descriptor *file = wasi->table.lookup(fd);
  if (!file) return result(Errno::badf);
  if ((base & ~file->base) || (inheriting & ~file->inheriting)) return result(Errno::notcapable); // only ever fewer
  file->base = base;
  file->inheriting = inheriting;
  return result(Errno::success);
}

uint32_t sgperf_wasi_fd_filestat_get(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                     uint32_t p_filestat) {
  SGPERF_WASI_CALL(fd_filestat_get);
  const Memory mem(memory, memory_size);
  Descriptor *file;
  if (Errno error = wasi->table.lookup(fd, right::fd_filestat_get, file); error != Errno::success) return result(error);
  struct stat st;
  if (kernel::fstat(file->host, &st)) return result(last_error());
  return result(mem.store(p_filestat, filestat_of(st)) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_fd_filestat_set_size(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint64_t size) {
  SGPERF_WASI_CALL(fd_filestat_set_size);
  Descriptor *file;
  if (Errno error = wasi->table.lookup(fd, right::fd_filestat_set_size, file); error != Errno::success)
    return result(error);
  off_t to;
  if (!offset_of(size, to)) return result(Errno::inval);
  return result_of(kernel::ftruncate(file->host, to));
}

uint32_t sgperf_wasi_fd_filestat_set_times(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint64_t atim,
                                           uint64_t mtim, uint32_t fstflags) {
  SGPERF_WASI_CALL(fd_filestat_set_times);
  Descriptor *file;
  timespec times[2];
  Errno error = wasi->table.lookup(fd, right::fd_filestat_set_times, file);
  if (error == Errno::success) error = times_of(atim, mtim, fstflags, times);
  if (error != Errno::success) return result(error);
  return result_of(kernel::futimens(file->host, times));
}

uint32_t sgperf_wasi_fd_prestat_get(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                    uint32_t p_prestat) {
  SGPERF_WASI_CALL(fd_prestat_get);
  const Memory mem(memory, memory_size);
  Descriptor *file = wasi->table.lookup(fd);
  if (!file || !file->preopen) return result(Errno::badf); // how a libc finds the end of the list
  Prestat out{};
  out.name_length = static_cast<uint32_t>(file->guest_name.size());
  return result(mem.store(p_prestat, out) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_fd_prestat_dir_name(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                         uint32_t p_path, uint32_t path_size) {
  SGPERF_WASI_CALL(fd_prestat_dir_name);
  const Memory mem(memory, memory_size);
  Descriptor *file = wasi->table.lookup(fd);
  if (!file || !file->preopen) return result(Errno::badf);
  if (path_size < file->guest_name.size()) return result(Errno::nametoolong);
  uint8_t *to = mem.at(p_path, path_size);
  if (!to) return result(Errno::fault);
  memcpy(to, file->guest_name.data(), file->guest_name.size());
  return result(Errno::success);
}

uint32_t sgperf_wasi_fd_renumber(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint32_t to) {
  SGPERF_WASI_CALL(fd_renumber);
  int replaced;
  if (Errno error = wasi->table.move(fd, to, replaced); error != Errno::success) return result(error);
  if (replaced >= 0) kernel::close(replaced);
  return result(Errno::success);
}

uint32_t sgperf_wasi_fd_readdir(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd, uint32_t p_buf,
                                uint32_t buf_size, uint64_t cookie, uint32_t p_used) {
  SGPERF_WASI_CALL(fd_readdir);
  const Memory mem(memory, memory_size);
  Descriptor *dir;
  if (Errno error = wasi->table.lookup(fd, right::fd_readdir, dir); error != Errno::success) return result(error);
  uint8_t *out = mem.at(p_buf, buf_size);
  if (!out || !mem.at(p_used, 4)) return result(Errno::fault);

  // The cookie is the kernel's own position of the entry that follows, so that each call stands for itself.
  struct HostDirent { // struct linux_dirent64; the name follows
    uint64_t ino;
    int64_t next;
    uint16_t size;
    uint8_t type;
  };
  constexpr size_t name_offset = offsetof(HostDirent, type) + 1;
  off_t from;
  if (!offset_of(cookie, from)) return result(Errno::inval);
  if (kernel::lseek(dir->host, from, SEEK_SET) < 0) return result(last_error());
  uint32_t used = 0;
  alignas(8) char buffer[32768];
  auto put = [&](const void *data, size_t size) { // the last entry may be cut: used == buf_size means "there is more"
    uint32_t n = static_cast<uint32_t>(std::min<size_t>(size, buf_size - used));
    if (n) memcpy(out + used, data, n);
    used += n;
  };
  while (used < buf_size) {
    // Not more than about what fits, names being longer than our headers' difference: the rest would be read twice.
    size_t want = std::clamp<size_t>(buf_size - used, 1024, sizeof buffer);
    long n = kernel::getdents64(dir->host, buffer, want);
    if (n < 0) return result(last_error());
    if (n == 0) break;
    for (long at = 0; at < n && used < buf_size;) {
      HostDirent entry;
      memcpy(&entry, buffer + at, name_offset);
      const char *name = buffer + at + name_offset;
      Dirent to{};
      to.next = static_cast<uint64_t>(entry.next);
      to.ino = entry.ino;
      to.name_length = static_cast<uint32_t>(strlen(name));
      to.type = filetype_of_dirent(entry.type);
      put(&to, sizeof to);
      put(name, to.name_length);
      at += entry.size;
    }
  }
  return result(mem.store(p_used, used) ? Errno::success : Errno::fault);
}
