// SPDX-License-Identifier: Apache-2.0
// path_*: everything that names a file.
#include "engines/wasi/context.h"
#include "engines/wasi/kernel.h"
#include "engines/wasi/path.h"
#include "engines/wasi/times.h"

using namespace sgperf::wasi;

namespace {

// The directory descriptor with its rights, and the path from the guest's memory.
struct Request {
  GuestPath path;
  Descriptor *dir = nullptr;

  Errno read(sgperf_wasi &wasi, const Memory &memory, uint32_t fd, uint64_t rights, uint32_t p, uint32_t size) {
    if (Errno error = wasi.table.lookup(fd, rights, dir); error != Errno::success) return error;
    return read_path(memory, p, size, path);
  }
};

Last last_of(uint32_t lookup) {
  return lookup & lookupflag::symlink_follow ? Last::follow : Last::keep;
}

// Of a path that ends in a slash the link is always followed, and must lead to a directory.
Last last_of(uint32_t lookup, const GuestPath &path) {
  return path.text[strlen(path.text) - 1] == '/' ? Last::follow : last_of(lookup);
}

int open_flags(uint32_t oflags, uint64_t rights, uint32_t fdflags) {
  int flags = O_CLOEXEC | O_NOCTTY;
  if (oflags & oflag::creat) flags |= O_CREAT;
  if (oflags & oflag::directory) flags |= O_DIRECTORY;
  if (oflags & oflag::excl) flags |= O_EXCL;
  if (oflags & oflag::trunc) flags |= O_TRUNC;
  if (fdflags & fdflag::append) flags |= O_APPEND;
  if (fdflags & fdflag::dsync) flags |= O_DSYNC;
  if (fdflags & fdflag::nonblock) flags |= O_NONBLOCK;
  if (fdflags & (fdflag::rsync | fdflag::sync)) flags |= O_SYNC;
  bool read = rights & (right::fd_read | right::fd_readdir);
  bool write =
      (rights & (right::fd_write | right::fd_allocate | right::fd_filestat_set_size)) && !(oflags & oflag::directory);
  if (oflags & oflag::trunc) write = true; // truncating needs it whatever else is asked
  return flags | (write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY);
}

} // namespace

uint32_t sgperf_wasi_path_open(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd, uint32_t lookup,
                               uint32_t p_path, uint32_t path_size, uint32_t oflags, uint64_t rights_base,
                               uint64_t rights_inheriting, uint32_t fdflags, uint32_t p_fd) {
  SGPERF_WASI_CALL(path_open);
  const Memory mem(memory, memory_size);
  uint64_t needed = right::path_open;
  if (oflags & oflag::creat) needed |= right::path_create_file;
  if (oflags & oflag::trunc) needed |= right::path_filestat_set_size;
  Request request;
  if (Errno error = request.read(*wasi, mem, fd, needed, p_path, path_size); error != Errno::success)
    return result(error);
  if (oflags & ~oflag::known || fdflags & ~fdflag::known) return result(Errno::inval);
  if (!mem.at(p_fd, 4)) return result(Errno::fault); // before anything is created
  const uint64_t may = request.dir->inheriting;
  if ((rights_base & ~may & right::fd_write) && !(oflags & oflag::directory)) return result(Errno::notcapable);

  Descriptor opened;
  opened.base = rights_base & may;
  opened.inheriting = rights_inheriting & may;
  const int flags = open_flags(oflags, opened.base, fdflags);
  const bool follow = last_of(lookup, request.path) == Last::follow && !(oflags & oflag::excl);
  if (wasi->use_openat2) {
    Errno error;
    opened.host = open_beneath(request.dir->host, request.path.text, flags | (follow ? 0 : O_NOFOLLOW), 0666, error);
    if (opened.host < 0) return result(error);
  } else {
    Place place;
    if (Errno error = place.resolve(request.dir->host, request.path.text, follow ? Last::follow : Last::keep, false);
        error != Errno::success)
      return result(error);
    if (place.must_be_dir() && (oflags & oflag::creat)) return result(Errno::isdir);
    opened.host = kernel::openat(place.parent(), place.name(),
                                 flags | O_NOFOLLOW | (place.must_be_dir() ? O_DIRECTORY : 0), 0666);
    if (opened.host < 0) return result(last_error());
  }
  uint32_t number = 0;
  if (Errno error = wasi->table.insert(std::move(opened), number); error != Errno::success) return result(error);
  return result(mem.store(p_fd, number) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_path_create_directory(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                           uint32_t p_path, uint32_t path_size) {
  SGPERF_WASI_CALL(path_create_directory);
  const Memory mem(memory, memory_size);
  Request request;
  Place place;
  Errno error = request.read(*wasi, mem, fd, right::path_create_directory, p_path, path_size);
  if (error == Errno::success)
    error = place.resolve(request.dir->host, request.path.text, Last::keep, wasi->use_openat2);
  if (error != Errno::success) return result(error);
  return result_of(kernel::mkdirat(place.parent(), place.name(), 0777));
}

uint32_t sgperf_wasi_path_filestat_get(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                       uint32_t lookup, uint32_t p_path, uint32_t path_size, uint32_t p_filestat) {
  SGPERF_WASI_CALL(path_filestat_get);
  const Memory mem(memory, memory_size);
  Request request;
  Place place;
  Errno error = request.read(*wasi, mem, fd, right::path_filestat_get, p_path, path_size);
  if (error == Errno::success)
    error = place.resolve(request.dir->host, request.path.text, last_of(lookup, request.path), wasi->use_openat2);
  if (error != Errno::success) return result(error);
  struct stat st;
  if (kernel::fstatat(place.parent(), place.name(), &st, AT_SYMLINK_NOFOLLOW)) return result(last_error());
  if (place.must_be_dir() && !S_ISDIR(st.st_mode)) return result(Errno::notdir);
  return result(mem.store(p_filestat, filestat_of(st)) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_path_filestat_set_times(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                             uint32_t lookup, uint32_t p_path, uint32_t path_size, uint64_t atim,
                                             uint64_t mtim, uint32_t fstflags) {
  SGPERF_WASI_CALL(path_filestat_set_times);
  const Memory mem(memory, memory_size);
  Request request;
  Place place;
  timespec times[2];
  Errno error = request.read(*wasi, mem, fd, right::path_filestat_set_times, p_path, path_size);
  if (error == Errno::success) error = times_of(atim, mtim, fstflags, times);
  if (error == Errno::success)
    error = place.resolve(request.dir->host, request.path.text, last_of(lookup, request.path), wasi->use_openat2);
  if (error == Errno::success) error = place.check_slash();
  if (error != Errno::success) return result(error);
  return result_of(kernel::utimensat(place.parent(), place.name(), times, AT_SYMLINK_NOFOLLOW));
}

uint32_t sgperf_wasi_path_link(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t old_fd,
                               uint32_t lookup, uint32_t p_old_path, uint32_t old_path_size, uint32_t new_fd,
                               uint32_t p_new_path, uint32_t new_path_size) {
  SGPERF_WASI_CALL(path_link);
  const Memory mem(memory, memory_size);
  Request from, to;
  Place from_place, to_place;
  Errno error = from.read(*wasi, mem, old_fd, right::path_link_source, p_old_path, old_path_size);
  if (error == Errno::success) error = to.read(*wasi, mem, new_fd, right::path_link_target, p_new_path, new_path_size);
  if (error == Errno::success)
    error = from_place.resolve(from.dir->host, from.path.text, last_of(lookup), wasi->use_openat2);
  if (error == Errno::success) error = to_place.resolve(to.dir->host, to.path.text, Last::keep, wasi->use_openat2);
  if (error == Errno::success) error = from_place.check_slash();
  if (error == Errno::success && to_place.must_be_dir()) error = Errno::noent; // a file cannot be called "x/"
  if (error != Errno::success) return result(error);
  return result_of(kernel::linkat(from_place.parent(), from_place.name(), to_place.parent(), to_place.name()));
}

uint32_t sgperf_wasi_path_readlink(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                   uint32_t p_path, uint32_t path_size, uint32_t p_buf, uint32_t buf_size,
                                   uint32_t p_used) {
  SGPERF_WASI_CALL(path_readlink);
  const Memory mem(memory, memory_size);
  Request request;
  Place place;
  Errno error = request.read(*wasi, mem, fd, right::path_readlink, p_path, path_size);
  if (error == Errno::success)
    error = place.resolve(request.dir->host, request.path.text, Last::keep, wasi->use_openat2);
  if (error == Errno::success) error = place.check_slash(); // then it is a directory, and readlink says inval
  if (error != Errno::success) return result(error);
  uint8_t *buffer = mem.at(p_buf, buf_size);
  if (!buffer) return result(Errno::fault);
  char target[PATH_MAX];
  ssize_t n = kernel::readlinkat(place.parent(), place.name(), target, sizeof target);
  if (n < 0) return result(last_error());
  uint32_t used = static_cast<uint32_t>(n) < buf_size ? static_cast<uint32_t>(n) : buf_size;
  if (used) memcpy(buffer, target, used);
  return result(mem.store(p_used, used) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_path_remove_directory(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                           uint32_t p_path, uint32_t path_size) {
  SGPERF_WASI_CALL(path_remove_directory);
  const Memory mem(memory, memory_size);
  Request request;
  Place place;
  Errno error = request.read(*wasi, mem, fd, right::path_remove_directory, p_path, path_size);
  if (error == Errno::success)
    error = place.resolve(request.dir->host, request.path.text, Last::keep, wasi->use_openat2);
  if (error != Errno::success) return result(error);
  return result_of(kernel::unlinkat(place.parent(), place.name(), AT_REMOVEDIR));
}

uint32_t sgperf_wasi_path_rename(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                 uint32_t p_old_path, uint32_t old_path_size, uint32_t new_fd, uint32_t p_new_path,
                                 uint32_t new_path_size) {
  SGPERF_WASI_CALL(path_rename);
  const Memory mem(memory, memory_size);
  Request from, to;
  Place from_place, to_place;
  Errno error = from.read(*wasi, mem, fd, right::path_rename_source, p_old_path, old_path_size);
  if (error == Errno::success)
    error = to.read(*wasi, mem, new_fd, right::path_rename_target, p_new_path, new_path_size);
  if (error == Errno::success)
    error = from_place.resolve(from.dir->host, from.path.text, Last::keep, wasi->use_openat2);
  if (error == Errno::success) error = to_place.resolve(to.dir->host, to.path.text, Last::keep, wasi->use_openat2);
  if (error == Errno::success) error = from_place.check_slash();
  if (error == Errno::success && to_place.must_be_dir()) {
    // Only a directory can take a name with a slash behind it.
    struct stat st;
    if (kernel::fstatat(from_place.parent(), from_place.name(), &st, AT_SYMLINK_NOFOLLOW))
      error = last_error();
    else if (!S_ISDIR(st.st_mode))
      error = Errno::notdir;
  }
  if (error != Errno::success) return result(error);
  return result_of(kernel::renameat(from_place.parent(), from_place.name(), to_place.parent(), to_place.name()));
}

uint32_t sgperf_wasi_path_symlink(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t p_target,
                                  uint32_t target_size, uint32_t fd, uint32_t p_path, uint32_t path_size) {
  SGPERF_WASI_CALL(path_symlink);
  const Memory mem(memory, memory_size);
  Request request;
  Place place;
  GuestPath target;
  Errno error = request.read(*wasi, mem, fd, right::path_symlink, p_path, path_size);
  if (error == Errno::success) error = read_path(mem, p_target, target_size, target);
  // A link that points outside could only mislead programs of the host: the guest itself can never follow it.
  if (error == Errno::success && target.text[0] == '/') error = Errno::notcapable;
  if (error == Errno::success)
    error = place.resolve(request.dir->host, request.path.text, Last::keep, wasi->use_openat2);
  if (error == Errno::success && place.must_be_dir()) error = Errno::noent;
  if (error != Errno::success) return result(error);
  return result_of(kernel::symlinkat(target.text, place.parent(), place.name()));
}

uint32_t sgperf_wasi_path_unlink_file(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t fd,
                                      uint32_t p_path, uint32_t path_size) {
  SGPERF_WASI_CALL(path_unlink_file);
  const Memory mem(memory, memory_size);
  Request request;
  Place place;
  Errno error = request.read(*wasi, mem, fd, right::path_unlink_file, p_path, path_size);
  if (error == Errno::success)
    error = place.resolve(request.dir->host, request.path.text, Last::keep, wasi->use_openat2);
  if (error == Errno::success) error = place.check_slash(); // then it is a directory, and unlink says isdir
  if (error != Errno::success) return result(error);
  return result_of(kernel::unlinkat(place.parent(), place.name(), 0));
}
