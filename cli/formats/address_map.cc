// SPDX-License-Identifier: Apache-2.0
#include "formats/address_map.h"

#include "formats/byte_cursor.h"

#include <algorithm>

namespace sgperf::formats {
namespace {

using Entries = std::vector<AddressMap::Entry>;
constexpr uint32_t entries_per_block = 128;

// nullptr: it is this layout, `out` has the entries.  Else what does not fit.
const char *read_flat(std::string_view section, Entries &out) {
  ByteCursor offsets(section);
  const uint64_t count = offsets.u32();
  if (offsets.bad() || section.size() != 4 + count * 8) return "its size is not that of the count";
  ByteCursor positions(section, 4 + count * 4);
  out.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const AddressMap::Entry entry{offsets.u32(), positions.u32()};
    if (!out.empty() && entry.text_offset < out.back().text_offset) return "its offsets do not ascend";
    out.push_back(entry);
  }
  return nullptr;
}

const char *read_block(ByteCursor &body, uint32_t first, uint64_t count, Entries &out) {
  uint64_t offset = first;
  int64_t position = -1;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t token = body.uleb(33);
    offset += token >> 1;
    if (body.bad() || offset > UINT32_MAX) return "an offset leaves 32 bits";
    if (!out.empty() && offset < out.back().text_offset) return "its offsets do not ascend";
    uint32_t here = AddressMap::none;
    if (!(token & 1)) {
      if (position < 0)
        position = static_cast<int64_t>(body.uleb(32));
      else if (__builtin_add_overflow(position, body.sleb(), &position))
        return "a position leaves 32 bits";
      if (body.bad() || position < 0 || position >= int64_t{AddressMap::none}) return "a position leaves 32 bits";
      here = static_cast<uint32_t>(position);
    }
    out.push_back({static_cast<uint32_t>(offset), here});
  }
  return nullptr;
}

const char *read_blocks(std::string_view section, Entries &out) {
  ByteCursor index(section);
  const uint64_t count = index.u32(), blocks = index.u32();
  if (index.bad() || blocks != (count + entries_per_block - 1) / entries_per_block || blocks * 8 > index.left() ||
      count > section.size())
    return "its counts do not fit its size";
  ByteCursor body(section.substr(8 + blocks * 8));
  out.reserve(count);
  for (uint64_t block = 0; block < blocks; ++block) {
    const uint32_t first = index.u32(), at = index.u32();
    if (at != body.at()) return "a block does not begin where the one before it ends";
    const auto size = std::min<uint64_t>(entries_per_block, count - block * entries_per_block);
    if (const char *why = read_block(body, first, size, out)) return why;
  }
  return body.done() && !body.bad() ? nullptr : "bytes are left behind the last block";
}

} // namespace

std::optional<AddressMap> AddressMap::parse(std::string_view section, std::string &error) {
  AddressMap out;
  // Blocks first: two entries in blocks may pass as two flat ones, but nothing flat passes as blocks, since its first
  // offset would have to be both the number of blocks and below a 0.
  const char *not_blocks = read_blocks(section, out.entries_);
  if (!not_blocks) {
    out.in_blocks_ = true;
    return out;
  }
  out.entries_.clear();
  const char *not_flat = read_flat(section, out.entries_);
  if (!not_flat) return out;
  error = "expected one of the two known layouts of an address map in " + std::to_string(section.size()) +
          " bytes; as a flat one: " + not_flat + "; as one in blocks: " + not_blocks;
  return std::nullopt;
}

const AddressMap::Entry *AddressMap::find(uint64_t text_offset) const {
  const auto it = std::upper_bound(entries_.begin(), entries_.end(), text_offset,
                                   [](uint64_t at, const Entry &entry) { return at < entry.text_offset; });
  return it == entries_.begin() ? nullptr : &*std::prev(it);
}

} // namespace sgperf::formats
