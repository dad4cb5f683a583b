// SPDX-License-Identifier: Apache-2.0
#include "formats/address_map.h"
#include "formats/code_image_builder.h"

#include <gtest/gtest.h>

#include <random>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;

AddressMap parsed(const std::string &bytes) {
  std::string error;
  const auto map = AddressMap::parse(bytes, error);
  EXPECT_TRUE(map) << error;
  return map.value_or(AddressMap());
}

TEST(AddressMap, BothLayoutsSayTheSame) {
  std::mt19937 random(7);
  for (const size_t count : {0, 1, 2, 3, 127, 128, 129, 1000}) {
    std::vector<AddressEntry> entries;
    uint32_t offset = 0;
    for (size_t i = 0; i < count; ++i) {
      offset += random() % 200;
      entries.push_back({offset, random() % 4 ? static_cast<uint32_t>(random() >> (random() % 31)) | 8 : UINT32_MAX});
    }
    const AddressMap flat = parsed(flat_address_map(entries)), blocks = parsed(block_address_map(entries));
    EXPECT_FALSE(flat.in_blocks()); // two entries in blocks may be as long as two that are flat
    EXPECT_TRUE(blocks.in_blocks());
    EXPECT_EQ(flat.entries(), blocks.entries());
    ASSERT_EQ(flat.entries().size(), count);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(flat.entries()[i].text_offset, entries[i].offset);
      EXPECT_EQ(flat.entries()[i].file_position, entries[i].position);
    }
  }
}

TEST(AddressMap, EntryHoldsUpToTheNext) {
  const AddressMap map = parsed(block_address_map({{10, 100}, {20, UINT32_MAX}, {30, 90}}));
  EXPECT_EQ(map.find(9), nullptr);
  ASSERT_NE(map.find(10), nullptr);
  EXPECT_EQ(map.find(10)->file_position, 100u);
  EXPECT_EQ(map.find(19)->file_position, 100u);
  EXPECT_EQ(map.find(20)->file_position, AddressMap::none);
  EXPECT_EQ(map.find(30)->file_position, 90u);
  EXPECT_EQ(map.find(UINT64_MAX)->file_position, 90u);
}

TEST(AddressMap, WhatIsNeitherIsSaidToBe) {
  const std::string flat = flat_address_map({{1, 2}, {3, 4}}), blocks = block_address_map({{1, 2}, {3, 4}});
  std::string unordered = flat_address_map({{3, 4}, {1, 2}});
  std::string hole = block_address_map({{1, 2}, {3, 4}, {5, 6}});
  hole[12] = 1; // the first block's place in the bodies
  std::string behind = block_address_map({{0, 0xfffffffe}});
  put_uleb(behind, 0 << 1); // one more: a position delta beyond 32 bits
  put_sleb(behind, 5);
  behind[0] = 2;
  for (const std::string &bad : {std::string(), flat.substr(0, 11), flat + "x", blocks.substr(0, blocks.size() - 1),
                                 blocks + "x", unordered, hole, behind, std::string(64, '\xff')}) {
    std::string error;
    EXPECT_FALSE(AddressMap::parse(bad, error)) << bad.size();
    EXPECT_NE(error.find("expected one of the two"), std::string::npos) << error;
  }
}

} // namespace
} // namespace sgperf::formats
