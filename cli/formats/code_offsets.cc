// SPDX-License-Identifier: Apache-2.0
#include "formats/code_offsets.h"

#include "formats/byte_cursor.h"
#include "formats/leb_writer.h"

#include <algorithm>

namespace sgperf::formats {
namespace {

constexpr uint8_t version = 1;

} // namespace

void CodeOffsets::add(uint64_t now, std::optional<uint64_t> before) {
  if (!pieces_.empty()) {
    const Piece &last = pieces_.back();
    if (!before && !last.before) return;
    if (before && last.before && *before - *last.before == now - last.now) return;
    if (last.now == now) pieces_.pop_back();
  }
  pieces_.push_back({now, before});
}

std::optional<uint64_t> CodeOffsets::before(uint64_t now) const {
  auto it = std::upper_bound(pieces_.begin(), pieces_.end(), now,
                             [](uint64_t at, const Piece &piece) { return at < piece.now; });
  if (it == pieces_.begin() || !(--it)->before) return std::nullopt;
  return *it->before + (now - it->now);
}

bool CodeOffsets::all_in_place() const {
  return std::all_of(pieces_.begin(), pieces_.end(),
                     [](const Piece &piece) { return !piece.before || *piece.before == piece.now; });
}

std::string CodeOffsets::section() const {
  std::string out(1, static_cast<char>(version));
  put_uleb(out, pieces_.size());
  uint64_t now = 0, before = 0;
  for (const Piece &piece : pieces_) {
    put_uleb(out, (piece.now - now) << 1 | !piece.before);
    now = piece.now;
    if (!piece.before) continue;
    put_uleb(out, *piece.before - before);
    before = *piece.before;
  }
  return out;
}

std::optional<CodeOffsets> CodeOffsets::parse(std::string_view section, std::string &error) {
  ByteCursor c(section);
  const uint8_t found = c.u8();
  if (!c.bad() && found != version) {
    error = "expected version 1 of " + std::string(section_name) + ", found " + std::to_string(found);
    return std::nullopt;
  }
  CodeOffsets out;
  uint64_t now = 0, before = 0;
  for (uint64_t count = c.uleb(32); count > 0 && !c.bad(); --count) {
    const uint64_t step = c.uleb(33); // 32 bits and the mark
    const bool fresh = step & 1;
    now += step >> 1;
    if (!fresh) before += c.uleb(32);
    if (c.bad()) break;
    out.pieces_.push_back({now, fresh ? std::nullopt : std::optional(before)});
  }
  if (c.bad() || !c.done()) {
    error = "the section " + std::string(section_name) + " is damaged";
    return std::nullopt;
  }
  return out;
}

std::string CodeOffsets::text() const {
  std::string out;
  for (const Piece &piece : pieces_)
    out += std::to_string(piece.now) + " " + (piece.before ? std::to_string(*piece.before) : "-") + "\n";
  return out;
}

} // namespace sgperf::formats
