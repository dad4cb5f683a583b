// SPDX-License-Identifier: Apache-2.0
// What the kernel's side of a recording leaves, cut and changed.
#include "record/mutation.h"
#include "record/readers.h"
#include "record/region_tag.h"
#include "support/process.h"

#include <gtest/gtest.h>

namespace sgperf::test {
namespace {

class KernelMutation : public Mutation {};

TEST_F(KernelMutation, Sums) {
  const std::string good = read_file(source_dir() / "tests/fuzz/seeds/kernel-sums/one");
  ASSERT_TRUE(read_as_kernel_sums(good));
  // Cut between lines it is whole, and cut within one it is not: either is fine.
  for (size_t size = 0; size < good.size(); size += 7) read_as_kernel_sums(good.substr(0, size));
  flipped(good, read_as_kernel_sums, 2000, good.size());
}

TEST_F(KernelMutation, RegionTag) {
  const std::string good =
      record::encode_region_tag({1, 2, 0x7ffc0000, std::string_view("a stack of some bytes"), 3, 4});
  const auto read = record::decode_region_tag(good);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->stack, "a stack of some bytes");
  EXPECT_EQ(read->number, 3u);
  EXPECT_EQ(read->duration, 4u);
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(read_as_region_tag(good.substr(0, size)), size >= record::region_tag_size) << size;
  flipped(good, read_as_region_tag, 2000, good.size());
}

} // namespace
} // namespace sgperf::test
