// SPDX-License-Identifier: Apache-2.0
// Numbers of instructions: the core specification, appendix "Index of Instructions", and the proposals' own texts.
#include "formats/wasm_operators.h"

#include "formats/wasm_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sgperf::formats {
namespace {

void memory_operand(ByteCursor &c) {
  if (c.uleb(32) & 0x40) c.uleb(32); // which memory
  c.uleb();
}

// Numbers inside the vector instructions that mean nothing.
constexpr std::array<uint8_t, 20> vector_gaps{0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb,
                                              0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2, 0xee};

class Expression {
public:
  Expression(ByteCursor &c, std::vector<WasmFunctionReference> &out, WasmOperatorCounts *counts)
      : c_(c), out_(out), counts_(counts) {}

  // Whether the instruction is known.  `prefixed`: the number behind a prefix.
  bool one(uint8_t code, uint64_t &prefixed) {
    if (!step(code, prefixed)) return false;
    if (counts_) counts_->count(code, prefixed);
    return true;
  }
  bool open() const { return depth_ > 0; }

private:
  bool step(uint8_t code, uint64_t &prefixed) {
    if (code >= 0x45 && code <= 0xc4) return true; // arithmetic
    if (code >= 0x28 && code <= 0x3e) return memory_operand(c_), true;
    switch (code) {
    case 0xfb:
      return aggregate(prefixed = c_.uleb(32));
    case 0xfc:
      return prefix_fc(prefixed = c_.uleb(32));
    case 0xfd:
      return vector(prefixed = c_.uleb(32));
    case 0xfe:
      return atomic(prefixed = c_.uleb(32));
    default:
      return code <= 0x1f ? control(code) : other(code);
    }
  }
  void block_type() {
    const int64_t type = c_.sleb(); // an index, or a value type as a negative number
    if (type == -0x1d || type == -0x1c) c_.sleb();
    if (counts_ && type >= 0) ++counts_->typed_blocks;
  }
  bool control(uint8_t code) {
    switch (code) {
    case 0x02: // block, loop, if, try
    case 0x03:
    case 0x04:
    case 0x06:
      ++depth_;
      block_type();
      return true;
    case 0x1f: // try_table
      ++depth_;
      block_type();
      for (uint64_t n = c_.uleb(32); n > 0 && !c_.bad(); --n) {
        const uint8_t kind = c_.u8();
        if (kind > 3) return false;
        if (kind < 2) c_.uleb(32); // tag
        c_.uleb(32);
      }
      return true;
    case 0x0b: // end
      --depth_;
      return true;
    case 0x18: // delegate: closes its try
      c_.uleb(32);
      return --depth_ > 0;
    case 0x10: // call, return_call
    case 0x12:
      read_function_reference(c_, out_);
      return true;
    case 0x11: // call_indirect, return_call_indirect
    case 0x13:
      c_.uleb(32), c_.uleb(32);
      return true;
    case 0x07: // catch, throw, rethrow, br, br_if, call_ref, return_call_ref
    case 0x08:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x14:
    case 0x15:
      c_.uleb(32);
      return true;
    case 0x0e: // br_table
      for (uint64_t n = c_.uleb(32); n > 0 && !c_.bad(); --n) c_.uleb(32);
      c_.uleb(32);
      return true;
    case 0x1c: // select with types
      for (uint64_t n = c_.uleb(32); n > 0 && !c_.bad(); --n) wasm_value_type(c_);
      return true;
    case 0x00: // unreachable, nop, else, throw_ref, return, catch_all, drop, select
    case 0x01:
    case 0x05:
    case 0x0a:
    case 0x0f:
    case 0x19:
    case 0x1a:
    case 0x1b:
      return true;
    default:
      return false;
    }
  }

  bool other(uint8_t code) {
    if (code >= 0x20 && code <= 0x26) return c_.uleb(32), true; // locals, globals, tables
    switch (code) {
    case 0x3f: // memory.size, memory.grow
    case 0x40:
    case 0xd5: // br_on_null, br_on_non_null
    case 0xd6:
      return c_.uleb(32), true;
    case 0x41: // constants
    case 0x42:
    case 0xd0: // ref.null
      return c_.sleb(), true;
    case 0x43:
      return c_.skip(4), true;
    case 0x44:
      return c_.skip(8), true;
    case 0xd2: // ref.func
      read_function_reference(c_, out_);
      return true;
    case 0xd1: // ref.is_null, ref.eq, ref.as_non_null
    case 0xd3:
    case 0xd4:
      return true;
    default:
      return false;
    }
  }

  // Garbage collection.
  bool aggregate(uint64_t code) {
    if (code > 30) return false;
    if (code == 24 || code == 25)
      c_.skip(1), c_.uleb(32), c_.sleb(); // br_on_cast: flags, label, two types
    else if (code == 2 || code == 3 || code == 4 || code == 5 || (code >= 8 && code <= 10) ||
             (code >= 17 && code <= 19))
      c_.uleb(32); // two operands: a field, a length, a segment, another type
    if (code <= 14 || (code >= 16 && code <= 19)) c_.uleb(32);
    if (code >= 20 && code <= 25) c_.sleb(); // a heap type
    return true;
  }

  bool prefix_fc(uint64_t code) {
    if (code <= 7 || (code >= 19 && code <= 22)) return true; // saturating conversion, wide arithmetic
    if (code > 17) return false;
    c_.uleb(32);
    if (code == 8 || code == 10 || code == 12 || code == 14) c_.uleb(32); // init and copy have two
    return true;
  }

  bool vector(uint64_t code) {
    if (code <= 11 || code == 92 || code == 93) return memory_operand(c_), true;
    if (code == 12 || code == 13) return c_.skip(16), true; // constant, shuffle
    if (code >= 21 && code <= 34) return c_.skip(1), true;  // a lane
    if (code >= 84 && code <= 91) return memory_operand(c_), c_.skip(1), true;
    return code <= 0x113 && std::find(vector_gaps.begin(), vector_gaps.end(), code) == vector_gaps.end();
  }

  bool atomic(uint64_t code) {
    if (code == 3) return c_.skip(1), true; // fence
    if (code > 0x4e || (code > 3 && code < 0x10)) return false;
    return memory_operand(c_), true;
  }

  ByteCursor &c_;
  std::vector<WasmFunctionReference> &out_;
  WasmOperatorCounts *counts_;
  uint64_t depth_ = 1;
};

} // namespace

void read_function_reference(ByteCursor &c, std::vector<WasmFunctionReference> &out) {
  WasmFunctionReference one;
  one.offset = c.at();
  one.index = static_cast<uint32_t>(c.uleb(32));
  one.size = static_cast<uint32_t>(c.at() - one.offset);
  if (!c.bad()) out.push_back(one);
}

void WasmOperatorCounts::count(uint8_t code, uint64_t prefixed) {
  const auto at = [prefixed](auto &numbers) { ++numbers[prefixed < numbers.size() ? prefixed : numbers.size() - 1]; };
  ++total;
  switch (code) {
  case 0xfb:
    return at(aggregate);
  case 0xfc:
    return at(misc);
  case 0xfd:
    return at(vector);
  case 0xfe:
    return at(atomic);
  default:
    ++plain[code];
  }
}

bool read_wasm_expression(ByteCursor &c, std::vector<WasmFunctionReference> &out, std::string &error,
                          WasmOperatorCounts *counts) {
  Expression expression(c, out, counts);
  while (expression.open()) {
    const size_t at = c.at();
    const uint8_t code = c.u8();
    uint64_t prefixed = 0;
    const bool known = !c.bad() && expression.one(code, prefixed);
    if (c.bad()) {
      error = fmt::format("code that ends inside an instruction at byte {}", at);
      return false;
    }
    if (known) continue;
    error = code >= 0xfb ? fmt::format("the instruction {:#04x} {:#x} at byte {}", code, prefixed, at)
                         : fmt::format("the instruction {:#04x} at byte {}", code, at);
    return false;
  }
  return true;
}

} // namespace sgperf::formats
