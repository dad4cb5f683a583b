// SPDX-License-Identifier: Apache-2.0
#include "engines/wasi/abi.h"
#include "engines/wasi/wasi.h"

#include <cerrno>
#include <dirent.h>
#include <iterator>
#include <sys/stat.h>

namespace sgperf::wasi {

Errno from_host(int host_errno) {
  switch (host_errno) {
  case 0:
    return Errno::success;
  case E2BIG:
    return Errno::toobig;
  case EACCES:
    return Errno::acces;
  case EADDRINUSE:
    return Errno::addrinuse;
  case EADDRNOTAVAIL:
    return Errno::addrnotavail;
  case EAFNOSUPPORT:
    return Errno::afnosupport;
  case EAGAIN:
    return Errno::again;
  case EALREADY:
    return Errno::already;
  case EBADF:
    return Errno::badf;
  case EBADMSG:
    return Errno::badmsg;
  case EBUSY:
    return Errno::busy;
  case ECANCELED:
    return Errno::canceled;
  case ECHILD:
    return Errno::child;
  case ECONNABORTED:
    return Errno::connaborted;
  case ECONNREFUSED:
    return Errno::connrefused;
  case ECONNRESET:
    return Errno::connreset;
  case EDEADLK:
    return Errno::deadlk;
  case EDESTADDRREQ:
    return Errno::destaddrreq;
  case EDOM:
    return Errno::dom;
  case EDQUOT:
    return Errno::dquot;
  case EEXIST:
    return Errno::exist;
  case EFAULT:
    return Errno::fault;
  case EFBIG:
    return Errno::fbig;
  case EHOSTUNREACH:
    return Errno::hostunreach;
  case EIDRM:
    return Errno::idrm;
  case EILSEQ:
    return Errno::ilseq;
  case EINPROGRESS:
    return Errno::inprogress;
  case EINTR:
    return Errno::intr;
  case EINVAL:
    return Errno::inval;
  case EIO:
    return Errno::io;
  case EISCONN:
    return Errno::isconn;
  case EISDIR:
    return Errno::isdir;
  case ELOOP:
    return Errno::loop;
  case EMFILE:
    return Errno::mfile;
  case EMLINK:
    return Errno::mlink;
  case EMSGSIZE:
    return Errno::msgsize;
  case EMULTIHOP:
    return Errno::multihop;
  case ENAMETOOLONG:
    return Errno::nametoolong;
  case ENETDOWN:
    return Errno::netdown;
  case ENETRESET:
    return Errno::netreset;
  case ENETUNREACH:
    return Errno::netunreach;
  case ENFILE:
    return Errno::nfile;
  case ENOBUFS:
    return Errno::nobufs;
  case ENODEV:
    return Errno::nodev;
  case ENOENT:
    return Errno::noent;
  case ENOEXEC:
    return Errno::noexec;
  case ENOLCK:
    return Errno::nolck;
  case ENOLINK:
    return Errno::nolink;
  case ENOMEM:
    return Errno::nomem;
  case ENOMSG:
    return Errno::nomsg;
  case ENOPROTOOPT:
    return Errno::noprotoopt;
  case ENOSPC:
    return Errno::nospc;
  case ENOSYS:
    return Errno::nosys;
  case ENOTCONN:
    return Errno::notconn;
  case ENOTDIR:
    return Errno::notdir;
  case ENOTEMPTY:
    return Errno::notempty;
  case ENOTRECOVERABLE:
    return Errno::notrecoverable;
  case ENOTSOCK:
    return Errno::notsock;
  case ENOTSUP:
    return Errno::notsup;
  case ENOTTY:
    return Errno::notty;
  case ENXIO:
    return Errno::nxio;
  case EOVERFLOW:
    return Errno::overflow;
  case EOWNERDEAD:
    return Errno::ownerdead;
  case EPERM:
    return Errno::perm;
  case EPIPE:
    return Errno::pipe;
  case EPROTO:
    return Errno::proto;
  case EPROTONOSUPPORT:
    return Errno::protonosupport;
  case EPROTOTYPE:
    return Errno::prototype;
  case ERANGE:
    return Errno::range;
  case EROFS:
    return Errno::rofs;
  case ESPIPE:
    return Errno::spipe;
  case ESRCH:
    return Errno::srch;
  case ESTALE:
    return Errno::stale;
  case ETIMEDOUT:
    return Errno::timedout;
  case ETXTBSY:
    return Errno::txtbsy;
  case EXDEV:
    return Errno::xdev;
  default:
    return Errno::io;
  }
}

Errno last_error() {
  return from_host(errno);
}

uint8_t filetype_of_mode(uint32_t st_mode) {
  switch (st_mode & S_IFMT) {
  case S_IFBLK:
    return filetype::block_device;
  case S_IFCHR:
    return filetype::character_device;
  case S_IFDIR:
    return filetype::directory;
  case S_IFREG:
    return filetype::regular_file;
  case S_IFSOCK:
    return filetype::socket_stream;
  case S_IFLNK:
    return filetype::symbolic_link;
  default:
    return filetype::unknown; // a pipe has no type in preview1
  }
}

uint8_t filetype_of_dirent(uint8_t d_type) {
  return d_type == DT_UNKNOWN ? uint8_t{filetype::unknown} : filetype_of_mode(DTTOIF(uint32_t{d_type}));
}

Filestat filestat_of(const struct stat &st) {
  auto ns = [](const timespec &t) {
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
  };
  Filestat out{};
  out.dev = st.st_dev;
  out.ino = st.st_ino;
  out.filetype = filetype_of_mode(st.st_mode);
  out.nlink = st.st_nlink;
  out.size = static_cast<uint64_t>(st.st_size);
  out.atim = ns(st.st_atim);
  out.mtim = ns(st.st_mtim);
  out.ctim = ns(st.st_ctim);
  return out;
}

} // namespace sgperf::wasi

const char *sgperf_wasi_errno_name(uint32_t wasi_errno) {
  static const char *const names[] = {
#define SGPERF_WASI_ERRNO(name) #name,
      SGPERF_WASI_ERRNOS(SGPERF_WASI_ERRNO)
#undef SGPERF_WASI_ERRNO
  };
  if (wasi_errno == 1) return "2big"; // not a C++ identifier
  return wasi_errno < std::size(names) ? names[wasi_errno] : "?";
}
