// SPDX-License-Identifier: Apache-2.0
// sock_*: preview1 cannot open a socket, and no context hands one out, unless a stream of stdio is one.
#include "engines/wasi/context.h"

using namespace sgperf::wasi;

namespace {

uint32_t refuse(sgperf_wasi &wasi, uint32_t fd) {
  Descriptor *file = wasi.table.lookup(fd);
  if (!file) return result(Errno::badf);
  if (Errno error = settle_type(*file); error != Errno::success) return result(error);
  bool socket = file->type == filetype::socket_stream || file->type == filetype::socket_dgram;
  return result(socket ? Errno::notsup : Errno::notsock);
}

} // namespace

uint32_t sgperf_wasi_sock_accept(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint32_t, uint32_t) {
  SGPERF_WASI_CALL(sock_accept);
  return refuse(*wasi, fd);
}

uint32_t sgperf_wasi_sock_recv(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint32_t, uint32_t, uint32_t,
                               uint32_t, uint32_t) {
  SGPERF_WASI_CALL(sock_recv);
  return refuse(*wasi, fd);
}

uint32_t sgperf_wasi_sock_send(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint32_t, uint32_t, uint32_t,
                               uint32_t) {
  SGPERF_WASI_CALL(sock_send);
  return refuse(*wasi, fd);
}

uint32_t sgperf_wasi_sock_shutdown(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t fd, uint32_t) {
  SGPERF_WASI_CALL(sock_shutdown);
  return refuse(*wasi, fd);
}
