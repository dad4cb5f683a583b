// SPDX-License-Identifier: Apache-2.0
// What `perf record -z` compressed: one zstd stream over all COMPRESSED records of a file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

struct ZSTD_DCtx_s;

namespace sgperf::formats {

class PerfDecompressor {
public:
  PerfDecompressor() = default;
  ~PerfDecompressor();
  PerfDecompressor(const PerfDecompressor &) = delete;
  PerfDecompressor &operator=(const PerfDecompressor &) = delete;

  // Appends what `bytes`, the next piece of the stream, decompresses to.  False: it is none, or it would be more than
  // `limit` bytes; what was appended so far stays.  After that the stream is lost.
  bool add(std::string_view bytes, size_t limit, std::string &out);

private:
  ZSTD_DCtx_s *context_ = nullptr;
  bool lost_ = false;
};

} // namespace sgperf::formats
