// SPDX-License-Identifier: Apache-2.0
#include "run/wasm_signature.h"

#include "run/output_check.h"

#include <cstdint>

namespace sgperf::run {
namespace {

// Reading past the end yields zeros and sets `bad`: callers check once.
struct Cursor {
  const std::string &bytes;
  size_t at, end;
  bool bad = false;

  uint8_t byte() {
    if (at >= end) {
      bad = true;
      return 0;
    }
    return static_cast<uint8_t>(bytes[at++]);
  }
  uint32_t number() {
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const uint8_t b = byte();
      value |= static_cast<uint32_t>(b & 0x7f) << (shift & 31);
      if (!(b & 0x80)) return value;
    }
    bad = true;
    return 0;
  }
  std::string name() {
    const uint32_t size = number();
    if (size > end - at) {
      bad = true;
      return "";
    }
    at += size;
    return bytes.substr(at - size, size);
  }
};

std::string kind_name(uint8_t type) {
  switch (type) {
  case 0x7f:
    return "i32";
  case 0x7e:
    return "i64";
  case 0x7d:
    return "f32";
  case 0x7c:
    return "f64";
  default:
    return "?";
  }
}

// Limits of a table or memory import.
void skip_limits(Cursor &c) {
  const uint8_t flags = c.byte();
  c.number();
  if (flags & 1) c.number();
}

} // namespace

std::vector<std::string> parameter_kinds(const std::string &path, const std::string &function) {
  const std::string bytes = read_whole(path);
  if (bytes.size() < 8 || bytes.compare(0, 4, std::string("\0asm", 4)) != 0) return {};
  std::vector<std::vector<std::string>> types;
  std::vector<uint32_t> functions; // type index of each, imports first
  Cursor all{bytes, 8, bytes.size()};
  while (all.at < all.end && !all.bad) {
    const uint8_t id = all.byte();
    const uint32_t size = all.number();
    if (all.bad || size > all.end - all.at) return {};
    Cursor c{bytes, all.at, all.at + size};
    all.at += size;
    if (id != 1 && id != 2 && id != 3 && id != 7) continue;
    const uint32_t count = c.number();
    for (uint32_t i = 0; i < count && !c.bad; ++i) {
      if (id == 1) {
        if (c.byte() != 0x60) return {}; // GC types: nothing that numbers can be passed to
        std::vector<std::string> params;
        for (uint32_t n = c.number(); n > 0 && !c.bad; --n) params.push_back(kind_name(c.byte()));
        for (uint32_t n = c.number(); n > 0 && !c.bad; --n) c.byte();
        types.push_back(std::move(params));
      } else if (id == 2) {
        c.name();
        c.name();
        switch (c.byte()) {
        case 0:
          functions.push_back(c.number());
          break;
        case 1:
          c.byte(), skip_limits(c);
          break;
        case 2:
          skip_limits(c);
          break;
        case 3:
          c.byte(), c.byte();
          break;
        default:
          return {};
        }
      } else if (id == 3) {
        functions.push_back(c.number());
      } else {
        const std::string name = c.name();
        const uint8_t kind = c.byte();
        const uint32_t index = c.number();
        if (kind == 0 && name == function && index < functions.size() && functions[index] < types.size() && !c.bad)
          return types[functions[index]];
      }
    }
  }
  return {};
}

} // namespace sgperf::run
