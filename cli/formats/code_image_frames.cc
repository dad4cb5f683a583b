// SPDX-License-Identifier: Apache-2.0
#include "formats/code_image_frames.h"

#include "formats/byte_cursor.h"

#include <algorithm>
#include <map>
#include <string>

namespace sgperf::formats {
namespace {

// How pointers are written (DW_EH_PE_*): the low four bits are the form, the next three what they count from.
constexpr uint8_t pe_absptr = 0, pe_udata2 = 2, pe_udata4 = 3, pe_udata8 = 4, pe_sdata2 = 10, pe_sdata4 = 11,
                  pe_sdata8 = 12, pe_pcrel = 0x10, pe_omit = 0xff;

struct Cie {
  bool known = false;
  uint8_t pointers = pe_absptr;
};

bool read_pointer(ByteCursor &c, uint8_t encoding, uint64_t section, bool relative, uint64_t &out) {
  const uint64_t here = section + c.at();
  switch (encoding & 0x0f) {
  case pe_absptr:
  case pe_udata8:
  case pe_sdata8:
    out = c.u64();
    break;
  case pe_udata2:
    out = c.u16();
    break;
  case pe_udata4:
    out = c.u32();
    break;
  case pe_sdata2:
    out = static_cast<uint64_t>(int64_t{c.number<int16_t>()});
    break;
  case pe_sdata4:
    out = static_cast<uint64_t>(int64_t{c.number<int32_t>()});
    break;
  default:
    return false;
  }
  if (relative) {
    if ((encoding & 0x70) == pe_pcrel)
      out += here;
    else if (encoding & 0xf0)
      return false; // relative to text, data or function, or through a pointer: not used for these
  }
  return !c.bad();
}

// `entry` begins behind the id.
Cie read_cie(ByteCursor c) {
  Cie out;
  const uint8_t version = c.u8();
  std::string_view augmentation;
  {
    ByteCursor text = c;
    size_t size = 0;
    while (!text.bad() && text.u8() != 0) ++size;
    augmentation = c.take(size);
    c.skip(1);
  }
  if (c.bad() || (version != 1 && version != 3 && version != 4)) return out;
  if (version == 4) c.skip(2); // sizes of an address and of a segment selector
  c.uleb(), c.sleb();          // alignment factors
  if (version == 1)
    c.u8(); // return address register
  else
    c.uleb();
  if (augmentation.empty()) {
    out.known = !c.bad();
    return out;
  }
  if (augmentation[0] != 'z') return out;
  c.uleb();
  for (const char letter : augmentation.substr(1)) {
    uint64_t unused = 0;
    switch (letter) {
    case 'R':
      out.pointers = c.u8();
      break;
    case 'L':
      c.u8();
      break;
    case 'P':
      if (const uint8_t encoding = c.u8(); encoding != pe_omit && !read_pointer(c, encoding, 0, false, unused))
        return out;
      break;
    case 'S': // a signal frame
    case 'B': // aarch64: pointer authentication with the other key
      break;
    default:
      return out;
    }
  }
  out.known = !c.bad() && out.pointers != pe_omit;
  return out;
}

} // namespace

const char *to_text(FrameOdd kind) {
  switch (kind) {
  case FrameOdd::cie_unknown:
    return "CIE that is not understood";
  case FrameOdd::fde_without_cie:
    return "FDE without a CIE";
  case FrameOdd::fde_without_range:
    return "FDE without a range";
  case FrameOdd::count:
    break;
  }
  return "?";
}

FrameRanges parse_frames(std::string_view bytes, uint64_t address) {
  FrameRanges out;
  std::map<uint64_t, Cie> cies; // by offset
  ByteCursor all(bytes);
  while (!all.done()) {
    const size_t entry = all.at();
    uint64_t length = all.u32();
    if (all.bad()) break;
    if (length == 0) {
      out.terminated = true;
      out.length = all.at();
      return out;
    }
    if (length == 0xffffffff) length = all.u64();
    const size_t id_at = all.at();
    if (all.bad() || length < 4 || length > all.left()) break;
    // Positions stay those of the section; nothing is read beyond the entry.
    ByteCursor c(bytes.substr(0, id_at + length), id_at);
    all.skip(length);
    out.length = all.at();
    const uint32_t id = c.u32(); // in .eh_frame 4 bytes even in long entries
    if (id == 0) {
      cies[entry] = read_cie(c);
      if (!cies[entry].known) out.odd.add(FrameOdd::cie_unknown);
      continue;
    }
    const auto cie = id <= id_at ? cies.find(id_at - id) : cies.end();
    if (cie == cies.end() || !cie->second.known) {
      out.odd.add(FrameOdd::fde_without_cie);
      continue;
    }
    FrameRanges::Range range;
    if (!read_pointer(c, cie->second.pointers, address, true, range.start) ||
        !read_pointer(c, cie->second.pointers, address, false, range.size) || range.size == 0 ||
        range.size > UINT64_MAX - range.start) {
      out.odd.add(FrameOdd::fde_without_range);
      continue;
    }
    out.ranges.push_back(range);
  }
  return out;
}

FrameRanges read_frames(const ReadMemory &read, uint64_t address, uint64_t max_length) {
  // Its length is known only when the terminator is found: pages, twice as many each time.
  std::string bytes;
  FrameRanges out;
  for (uint64_t size = 4096 - address % 4096;; size *= 2) {
    size = std::min(size, max_length);
    const uint64_t had = bytes.size();
    bytes.resize(size);
    uint64_t got = had;
    // Up to the first page that is not there.
    while (got < size) {
      const uint64_t step = std::min(size - got, 4096 - (address + got) % 4096);
      if (!read(address + got, bytes.data() + got, step)) break;
      got += step;
    }
    bytes.resize(got);
    if (got == had && had != 0) return out;
    out = parse_frames(bytes, address);
    if (out.terminated || got < size || size == max_length) return out;
  }
}

} // namespace sgperf::formats
