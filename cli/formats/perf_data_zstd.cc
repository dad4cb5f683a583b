// SPDX-License-Identifier: Apache-2.0
#include "formats/perf_data_zstd.h"

#include <zstd.h>

#include <algorithm>

namespace sgperf::formats {

PerfDecompressor::~PerfDecompressor() {
  ZSTD_freeDCtx(context_);
}

bool PerfDecompressor::add(std::string_view bytes, size_t limit, std::string &out) {
  if (!context_) {
    context_ = ZSTD_createDCtx();
    // The file must not choose how much memory its reader takes: perf's own windows are far below 8 MiB.
    if (context_) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, 23);
  }
  if (!context_ || lost_) return false;
  constexpr size_t step = 128 * 1024;
  const size_t start = out.size();
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    const size_t used = out.size() - start;
    if (used >= limit && in.pos < in.size) return lost_ = true, false;
    const size_t room = std::min(step, limit - std::min(limit, used));
    out.resize(out.size() + room);
    ZSTD_outBuffer to{out.data() + start + used, room, 0};
    const size_t before = in.pos;
    const size_t result = ZSTD_decompressStream(context_, &to, &in);
    out.resize(start + used + to.pos);
    if (ZSTD_isError(result)) return lost_ = true, false;
    // A full output buffer may mean that more is waiting inside; no progress at all means that nothing is.
    if (in.pos == in.size && to.pos < room) return true;
    if (in.pos == before && to.pos == 0) return in.pos == in.size ? true : (lost_ = true, false);
  }
}

} // namespace sgperf::formats
