// SPDX-License-Identifier: Apache-2.0
#include "bench/adapters/large_module.h"

#include "formats/leb_writer.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace sgperf::bench {
namespace {

using formats::put_sleb;
using formats::put_uleb;

void section(std::string &out, char id, const std::string &content) {
  out += id;
  put_uleb(out, content.size());
  out += content;
}

// (func (param i32) (result i32) (local i32 i32) ..): x is kept in a local, changed again and again.
std::string body(std::mt19937 &random) {
  std::string code("\x01\x02\x7f", 3); // two locals, i32
  const auto number = [&](uint32_t below) { return static_cast<uint32_t>(random()) % below; };
  const size_t steps = 40 + number(120);
  for (size_t i = 0; i < steps; ++i) {
    const char local = static_cast<char>(number(3));
    switch (number(4)) {
    case 0: // local = local * k + other
      code += {'\x20', local, '\x41'};
      put_sleb(code, static_cast<int32_t>(random()));
      code += {'\x6c', '\x20', static_cast<char>(number(3)), '\x6a', '\x21', local};
      break;
    case 1: // local ^= load(local & 0xfffc)
      code += {'\x20', local, '\x20', local, '\x41'};
      put_sleb(code, 0xfffc);
      code += {'\x71', '\x28', '\x02', '\x00', '\x73', '\x21', local};
      break;
    case 2: // if (local & k) local = rotl(local, n)
      code += {'\x20', local, '\x41'};
      put_sleb(code, 1 + number(1000));
      code += {'\x71', '\x04', '\x40', '\x20', local, '\x41'};
      put_sleb(code, number(31));
      code += {'\x77', '\x21', local, '\x0b'};
      break;
    default: // store(local & 0xfffc, other)
      code += {'\x20', local, '\x41'};
      put_sleb(code, 0xfffc);
      code += {'\x71', '\x20', static_cast<char>(number(3)), '\x36', '\x02', '\x00'};
      break;
    }
  }
  code += {'\x20', '\x00', '\x20', '\x01', '\x6a', '\x20', '\x02', '\x6a', '\x0b'};
  std::string out;
  put_uleb(out, code.size());
  return out + code;
}

} // namespace

std::vector<uint8_t> made_module(size_t bytes) {
  std::mt19937 random(20261126);
  std::string bodies, types;
  size_t count = 0;
  for (; bodies.size() < bytes; ++count) {
    bodies += body(random);
    types += '\0';
  }
  std::string out("\0asm\1\0\0\0", 8), functions, code;
  section(out, 1, std::string("\x01\x60\x01\x7f\x01\x7f", 6));
  put_uleb(functions, count);
  section(out, 3, functions + types);
  section(out, 5, std::string("\x01\x00\x01", 3));
  section(out, 7,
          std::string("\x01\x01"
                      "f\x00\x00",
                      5));
  put_uleb(code, count);
  section(out, 10, code + bodies);
  return {out.begin(), out.end()};
}

std::vector<uint8_t> large_module(std::string &what) {
  const char *cache = std::getenv("SGPERF_CACHE"), *home = std::getenv("HOME");
  const std::filesystem::path file =
      std::filesystem::path(cache ? cache : std::string(home ? home : "/tmp") + "/.cache/sgperf") /
      "workloads/python/python.wasm";
  std::ifstream in(file, std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() >= 25000000) {
    what = "CPython's";
    return bytes;
  }
  what = "made (benchmarks/fetch-python-wasi.sh has not been run)";
  return made_module(25000000);
}

} // namespace sgperf::bench
