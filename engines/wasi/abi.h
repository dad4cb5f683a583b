// SPDX-License-Identifier: Apache-2.0
// Numbers and layouts of WASI preview1 (witx wasi_snapshot_preview1), and what they are on this host.
#pragma once

#include <cstdint>

struct stat;

namespace sgperf::wasi {

// In the order of the specification: the value is the position.
// clang-format off
#define SGPERF_WASI_ERRNOS(X)                                                                                          \
  X(success) X(toobig) X(acces) X(addrinuse) X(addrnotavail) X(afnosupport) X(again) X(already) X(badf) X(badmsg)      \
  X(busy) X(canceled) X(child) X(connaborted) X(connrefused) X(connreset) X(deadlk) X(destaddrreq) X(dom) X(dquot)     \
  X(exist) X(fault) X(fbig) X(hostunreach) X(idrm) X(ilseq) X(inprogress) X(intr) X(inval) X(io) X(isconn)             \
  X(isdir) X(loop) X(mfile) X(mlink) X(msgsize) X(multihop) X(nametoolong) X(netdown) X(netreset) X(netunreach)        \
  X(nfile) X(nobufs) X(nodev) X(noent) X(noexec) X(nolck) X(nolink) X(nomem) X(nomsg) X(noprotoopt) X(nospc)           \
  X(nosys) X(notconn) X(notdir) X(notempty) X(notrecoverable) X(notsock) X(notsup) X(notty) X(nxio) X(overflow)        \
  X(ownerdead) X(perm) X(pipe) X(proto) X(protonosupport) X(prototype) X(range) X(rofs) X(spipe) X(srch) X(stale)      \
  X(timedout) X(txtbsy) X(xdev) X(notcapable)
// clang-format on

enum class Errno : uint32_t {
#define SGPERF_WASI_ERRNO(name) name,
  SGPERF_WASI_ERRNOS(SGPERF_WASI_ERRNO)
#undef SGPERF_WASI_ERRNO
};
static_assert(static_cast<uint32_t>(Errno::fault) == 21 && static_cast<uint32_t>(Errno::notcapable) == 76);

Errno from_host(int host_errno);
// Of errno, as a system call just left it.
Errno last_error();

namespace right {
enum : uint64_t {
  fd_datasync = 1u << 0,
  fd_read = 1u << 1,
  fd_seek = 1u << 2,
  fd_fdstat_set_flags = 1u << 3,
  fd_sync = 1u << 4,
  fd_tell = 1u << 5,
  fd_write = 1u << 6,
  fd_advise = 1u << 7,
  fd_allocate = 1u << 8,
  path_create_directory = 1u << 9,
  path_create_file = 1u << 10,
  path_link_source = 1u << 11,
  path_link_target = 1u << 12,
  path_open = 1u << 13,
  fd_readdir = 1u << 14,
  path_readlink = 1u << 15,
  path_rename_source = 1u << 16,
  path_rename_target = 1u << 17,
  path_filestat_get = 1u << 18,
  path_filestat_set_size = 1u << 19,
  path_filestat_set_times = 1u << 20,
  fd_filestat_get = 1u << 21,
  fd_filestat_set_size = 1u << 22,
  fd_filestat_set_times = 1u << 23,
  path_symlink = 1u << 24,
  path_remove_directory = 1u << 25,
  path_unlink_file = 1u << 26,
  poll_fd_readwrite = 1u << 27,
  sock_shutdown = 1u << 28,
  sock_accept = 1u << 29,

  all = (1u << 30) - 1,
  // Whatever changes a file, a directory, or (by a link or a name elsewhere) who may change it.
  changing = fd_write | fd_allocate | fd_filestat_set_size | fd_filestat_set_times | path_create_directory |
             path_create_file | path_link_source | path_link_target | path_rename_source | path_rename_target |
             path_filestat_set_size | path_filestat_set_times | path_symlink | path_remove_directory | path_unlink_file,
  // Of an open directory and of anything else: what can mean something there.
  directory = fd_fdstat_set_flags | fd_sync | fd_datasync | fd_advise | path_create_directory | path_create_file |
              path_link_source | path_link_target | path_open | fd_readdir | path_readlink | path_rename_source |
              path_rename_target | path_filestat_get | path_filestat_set_size | path_filestat_set_times |
              fd_filestat_get | fd_filestat_set_times | path_symlink | path_remove_directory | path_unlink_file |
              poll_fd_readwrite,
  file = fd_datasync | fd_read | fd_seek | fd_fdstat_set_flags | fd_sync | fd_tell | fd_write | fd_advise |
         fd_allocate | fd_filestat_get | fd_filestat_set_size | fd_filestat_set_times | poll_fd_readwrite,
  seeking = fd_seek | fd_tell,
};
}

namespace filetype {
enum : uint8_t {
  unknown = 0,
  block_device = 1,
  character_device = 2,
  directory = 3,
  regular_file = 4,
  socket_dgram = 5,
  socket_stream = 6,
  symbolic_link = 7
};
}
uint8_t filetype_of_mode(uint32_t st_mode);
uint8_t filetype_of_dirent(uint8_t d_type);

namespace fdflag {
enum : uint32_t { append = 1, dsync = 2, nonblock = 4, rsync = 8, sync = 16, known = 31 };
}
namespace oflag {
enum : uint32_t { creat = 1, directory = 2, excl = 4, trunc = 8, known = 15 };
}
namespace lookupflag {
enum : uint32_t { symlink_follow = 1 };
}
namespace fstflag {
enum : uint32_t { atim = 1, atim_now = 2, mtim = 4, mtim_now = 8, known = 15 };
}

// Layouts in linear memory: little-endian, natural alignment, padding written as zero.
struct Fdstat {
  uint8_t filetype;
  uint8_t pad0;
  uint16_t flags;
  uint32_t pad1;
  uint64_t rights_base, rights_inheriting;
};
static_assert(sizeof(Fdstat) == 24);

struct Filestat {
  uint64_t dev, ino;
  uint8_t filetype;
  uint8_t pad[7];
  uint64_t nlink, size, atim, mtim, ctim;
};
static_assert(sizeof(Filestat) == 64);
Filestat filestat_of(const struct stat &st);

struct Prestat {
  uint8_t tag; // 0 = directory, there is no other
  uint8_t pad[3];
  uint32_t name_length;
};
static_assert(sizeof(Prestat) == 8);

struct Dirent {
  uint64_t next, ino;
  uint32_t name_length;
  uint8_t type;
  uint8_t pad[3];
};
static_assert(sizeof(Dirent) == 24);

struct Subscription {
  uint64_t userdata;
  uint8_t tag; // 0 clock, 1 fd_read, 2 fd_write
  uint8_t pad[7];
  uint32_t id; // clock, or descriptor
  uint32_t pad1;
  uint64_t timeout, precision;
  uint16_t flags; // 1 = timeout is a moment, not a duration
  uint8_t pad2[6];
};
static_assert(sizeof(Subscription) == 48);

struct Event {
  uint64_t userdata;
  uint16_t error;
  uint8_t type;
  uint8_t pad[5];
  uint64_t bytes;
  uint16_t flags; // 1 = hung up
  uint8_t pad1[6];
};
static_assert(sizeof(Event) == 32);

struct Iovec {
  uint32_t p_buf, size;
};
static_assert(sizeof(Iovec) == 8);

} // namespace sgperf::wasi
