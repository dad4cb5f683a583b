// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_marks.h"

#include "formats/leb_writer.h"

#include <vector>

namespace sgperf::formats {
namespace {

constexpr uint32_t scratch = 16; // below what linkers place anything at; what is there is put back all the same

class Body {
public:
  // Words of 64 bits at `scratch` that the call reads; it may write to as many as are saved.
  Body(const std::vector<uint64_t> &words, uint32_t saved) : saved_(saved) {
    out_.push_back(1); // one group of locals
    put_uleb(out_, saved), byte(0x7e);
    for (uint32_t i = 0; i < saved; ++i) number(scratch), access(0x29, i), byte(0x21), put_uleb(out_, i);
    for (uint32_t i = 0; i < words.size(); ++i)
      number(scratch), byte(0x42), put_sleb(out_, static_cast<int64_t>(words[i])), access(0x37, i);
  }
  Body &number(uint32_t value) {
    byte(0x41), put_sleb(out_, static_cast<int32_t>(value));
    return *this;
  }
  std::string called(uint32_t function) {
    byte(0x10), put_uleb(out_, function), byte(0x1a);
    for (uint32_t i = 0; i < saved_; ++i) number(scratch), byte(0x20), put_uleb(out_, i), access(0x37, i);
    byte(0x0b);
    return std::move(out_);
  }

private:
  void byte(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void access(uint8_t code, uint32_t word) { byte(code), byte(3), put_uleb(out_, word * 8); }

  std::string out_;
  uint32_t saved_;
};

} // namespace

const char *wasi_name(WasmMark::Call call) {
  return call == WasmMark::Call::write ? "fd_write" : "poll_oneoff";
}

std::string mark_body(const WasmMark &mark, uint32_t function) {
  if (mark.call == WasmMark::Call::write) // stderr; vectors of {address, length 0}; how much was written
    return Body({0, mark.common, mark.common + mark.number}, 4)
        .number(2)
        .number(scratch)
        .number(3)
        .number(scratch + 24)
        .called(function);
  // A subscription of 48 bytes: no data, a clock, the monotonic one, time, precision, relative.  An event of 32 bytes,
  // and how many there are.
  return Body({0, 0, 1, mark.number, 0, 0}, 11)
      .number(scratch)
      .number(scratch + 48)
      .number(1)
      .number(scratch + 80)
      .called(function);
}

} // namespace sgperf::formats
