// SPDX-License-Identifier: Apache-2.0
#include "formats/code_image_builder.h"
#include "formats/code_image_frames.h"

#include <gtest/gtest.h>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;
using Range = FrameRanges::Range;

constexpr uint64_t address = 0x7f1234560000;

void entry(std::string &out, const std::string &content) {
  put(out, static_cast<uint32_t>(content.size()));
  out += content;
}
// Augmentation "zR" with this encoding of pointers.
void cie(std::string &out, uint8_t encoding, const std::string &augmentation = std::string("zR\0", 3)) {
  std::string content;
  put<uint32_t>(content, 0);
  content += '\1';
  content += augmentation;
  content += "\1\x78\x10"; // alignment factors, return address
  if (augmentation[0] == 'z') {
    put_uleb(content, 1);
    content += static_cast<char>(encoding);
  }
  content.resize((content.size() + 3) / 4 * 4);
  entry(out, content);
}
template <typename Number> void fde(std::string &out, size_t cie_at, Number start, Number size) {
  std::string content;
  put(content, static_cast<uint32_t>(out.size() + 4 - cie_at));
  put(content, start);
  put(content, size);
  put_uleb(content, 0);
  content.resize((content.size() + 3) / 4 * 4);
  entry(out, content);
}

TEST(CodeImageFrames, AbsoluteAndRelative) {
  std::string bytes;
  cie(bytes, 0, std::string(1, '\0')); // no augmentation: absolute, as Wasmer writes
  fde<uint64_t>(bytes, 0, 0x1000, 0x20);
  fde<uint64_t>(bytes, 0, 0x1020, 0x40);
  const size_t second = bytes.size();
  cie(bytes, 0x1b); // pcrel, sdata4
  const auto here = static_cast<int32_t>(bytes.size() + 8);
  fde<int32_t>(bytes, second, -0x2000 - here, 0x99);
  put<uint32_t>(bytes, 0);
  const size_t length = bytes.size();
  bytes += "what follows";
  const FrameRanges frames = parse_frames(bytes, address);
  EXPECT_EQ(frames.ranges, (std::vector<Range>{{0x1000, 0x20}, {0x1020, 0x40}, {address - 0x2000, 0x99}}));
  EXPECT_TRUE(frames.terminated);
  EXPECT_EQ(frames.length, length);
  EXPECT_EQ(frames.odd.total(), 0u) << to_text(frames.odd);
}

TEST(CodeImageFrames, DamageIsCounted) {
  std::string bytes;
  cie(bytes, 0x1b, std::string("zQ\0", 3)); // a letter that nobody knows
  fde<int32_t>(bytes, 0, 1, 2);
  const size_t good = bytes.size();
  cie(bytes, 0x1b);
  fde<int32_t>(bytes, 4, 1, 2);    // its CIE is no entry
  fde<int32_t>(bytes, good, 1, 0); // no size
  fde<int32_t>(bytes, good, 1, 2);
  for (const size_t cut : {bytes.size(), bytes.size() - 1}) {
    const FrameRanges frames = parse_frames(bytes.substr(0, cut), address);
    EXPECT_EQ(frames.odd[FrameOdd::cie_unknown], 1u);
    EXPECT_EQ(frames.odd[FrameOdd::fde_without_cie], 2u);
    EXPECT_EQ(frames.odd[FrameOdd::fde_without_range], 1u);
    EXPECT_EQ(frames.ranges.size(), cut == bytes.size() ? 1u : 0u);
    EXPECT_FALSE(frames.terminated);
  }
}

TEST(CodeImageFrames, MemoryUpToTheTerminator) {
  std::string bytes;
  cie(bytes, 0, std::string(1, '\0'));
  const uint64_t count = 2000; // several pages
  for (uint64_t i = 0; i < count; ++i) fde<uint64_t>(bytes, 0, 0x1000 + i * 16, 16);
  const std::string open = bytes;
  put<uint32_t>(bytes, 0);
  const uint64_t start = address + 0x7f4;
  const auto reader = [&](const std::string &from) {
    return [&from](uint64_t at, void *out, size_t size) {
      if (at < start || at - start > from.size() || size > from.size() - (at - start)) return false;
      std::memcpy(out, from.data() + (at - start), size);
      return true;
    };
  };
  // In memory there is always the rest of the page.
  std::string page = bytes + std::string(4096 - (start + bytes.size()) % 4096, '\xee');
  const FrameRanges whole = read_frames(reader(page), start);
  EXPECT_TRUE(whole.terminated);
  EXPECT_EQ(whole.length, bytes.size());
  ASSERT_EQ(whole.ranges.size(), count);
  EXPECT_EQ(whole.ranges.back(), (Range{0x1000 + (count - 1) * 16, 16}));
  // Memory that ends, and a length that is too much.
  std::string ends = open.substr(0, 8192 - start % 4096);
  EXPECT_FALSE(read_frames(reader(ends), start).terminated);
  EXPECT_GT(read_frames(reader(ends), start).ranges.size(), 100u);
  EXPECT_FALSE(read_frames(reader(page), start, 5000).terminated);
  EXPECT_TRUE(read_frames([](uint64_t, void *, size_t) { return false; }, start).ranges.empty());
}

} // namespace
} // namespace sgperf::formats
