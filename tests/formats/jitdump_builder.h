// SPDX-License-Identifier: Apache-2.0
// Jitdumps byte by byte, in either byte order, also wrong ones: written from the specification, not from our writer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::test {

struct BuilderLine {
  uint64_t address;
  uint32_t line, column;
  std::string name; // the NUL is added
};

class JitdumpBuilder {
public:
  explicit JitdumpBuilder(bool swapped = false) : swapped_(swapped) {}

  std::string bytes;

  JitdumpBuilder &u32(uint32_t value) {
    if (swapped_) value = __builtin_bswap32(value);
    bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
    return *this;
  }
  JitdumpBuilder &u64(uint64_t value) {
    if (swapped_) value = __builtin_bswap64(value);
    bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
    return *this;
  }
  JitdumpBuilder &header(uint32_t pid = 77, uint32_t pad = 0, uint64_t flags = 0, std::string_view more = {}) {
    u32(0x4A695444).u32(1).u32(static_cast<uint32_t>(40 + more.size())).u32(62).u32(pad).u32(pid).u64(5).u64(flags);
    bytes.append(more);
    return *this;
  }
  JitdumpBuilder &record(uint32_t id, uint64_t time, std::string_view body) {
    u32(id).u32(static_cast<uint32_t>(16 + body.size())).u64(time);
    bytes.append(body);
    return *this;
  }
  // `code_size` other than the code's: a lie.
  JitdumpBuilder &load(uint64_t time, uint64_t address, std::string_view name, std::string_view code, uint64_t index,
                       uint64_t code_size = UINT64_MAX, uint32_t pid = 77) {
    JitdumpBuilder body(swapped_);
    body.u32(pid).u32(78).u64(address).u64(address).u64(code_size == UINT64_MAX ? code.size() : code_size).u64(index);
    body.bytes.append(name).append(1, '\0').append(code);
    return record(0, time, body.bytes);
  }
  JitdumpBuilder &move(uint64_t time, uint64_t from, uint64_t to, uint64_t size, uint64_t index) {
    JitdumpBuilder body(swapped_);
    body.u32(77).u32(78).u64(to).u64(from).u64(to).u64(size).u64(index);
    return record(1, time, body.bytes);
  }
  JitdumpBuilder &lines(uint64_t time, uint64_t address, const std::vector<BuilderLine> &lines,
                        uint64_t count = UINT64_MAX) {
    JitdumpBuilder body(swapped_);
    body.u64(address).u64(count == UINT64_MAX ? lines.size() : count);
    for (const BuilderLine &line : lines) {
      body.u64(line.address).u32(line.line).u32(line.column);
      body.bytes.append(line.name).append(1, '\0');
    }
    return record(2, time, body.bytes);
  }
  JitdumpBuilder &unwinding(uint64_t time, std::string_view data, uint64_t header, uint64_t size = UINT64_MAX) {
    JitdumpBuilder body(swapped_);
    body.u64(size == UINT64_MAX ? data.size() : size).u64(header).u64(0);
    body.bytes.append(data);
    return record(4, time, body.bytes);
  }

private:
  bool swapped_;
};

} // namespace sgperf::test
