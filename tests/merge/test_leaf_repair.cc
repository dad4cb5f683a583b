// SPDX-License-Identifier: Apache-2.0
// The caller that a frame-pointer chain has lost.
#include "merge/leaf_repair.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace sgperf::merge {
namespace {

std::string stack(const std::vector<uint64_t> &words) {
  return {reinterpret_cast<const char *>(words.data()), words.size() * 8};
}

TEST(LeafRepair, RulesOfThePrologueAndTheReturn) {
  //                        0   1         4                   8   9
  const std::string plain("\x55\x48\x89\xe5\x90\x90\x90\x90\x5d\xc3", 10);
  const std::string words = stack({0x1111, 0x2222});
  EXPECT_EQ(lost_caller(plain, 0, words), 0x1111u) << "nothing pushed: the return address is at sp";
  EXPECT_EQ(lost_caller(plain, 1, words), 0x2222u) << "rbp pushed, not set: it is above";
  EXPECT_EQ(lost_caller(plain, 4, words), std::nullopt) << "the frame stands";
  EXPECT_EQ(lost_caller(plain, 7, words), std::nullopt);
  EXPECT_EQ(lost_caller(plain, 8, words), std::nullopt) << "still standing at the pop";
  EXPECT_EQ(lost_caller(plain, 9, words), 0x1111u) << "popped";
}

TEST(LeafRepair, CodeInFrontOfThePush) {
  const std::string checked("\x4c\x8b\x57\x08\x55\x48\x89\xe5\x90\xc3", 10);
  const std::string words = stack({0x1111, 0x2222});
  for (const uint64_t offset : {0u, 2u, 4u}) EXPECT_EQ(lost_caller(checked, offset, words), 0x1111u) << offset;
  EXPECT_EQ(lost_caller(checked, 5, words), 0x2222u);
  EXPECT_EQ(lost_caller(checked, 8, words), std::nullopt);
}

TEST(LeafRepair, NothingIsReadThatIsNotThere) {
  const std::string plain("\x55\x48\x89\xe5\xc3", 5);
  EXPECT_EQ(lost_caller(plain, 0, ""), std::nullopt);
  EXPECT_EQ(lost_caller(plain, 1, std::string(15, 'x')), std::nullopt);
  EXPECT_EQ(lost_caller(plain, 5, stack({1, 2})), std::nullopt);
  EXPECT_EQ(lost_caller(plain, UINT64_MAX, stack({1, 2})), std::nullopt);
  EXPECT_EQ(lost_caller("", 0, stack({1, 2})), std::nullopt);
}

// ---- native code, by its unwind information ----

formats::NativeFrame frame(int64_t cfa, std::optional<int64_t> fp_at = {}, bool by_fp = false) {
  formats::NativeFrame out;
  out.base = by_fp ? formats::NativeFrame::Base::frame_pointer : formats::NativeFrame::Base::stack_pointer;
  out.cfa_offset = cfa;
  out.return_address_at = -8;
  out.frame_pointer_at = fp_at;
  return out;
}
using Chain = NativeLeaf::Chain;
constexpr uint64_t sp = 0x7000, callers_fp = 0x7100;

TEST(NativeLeaf, WithoutAFrameOfItsOwn) {
  const NativeLeaf entry = native_caller(frame(8), sp, callers_fp, stack({0x1111, 0x2222}));
  EXPECT_EQ(entry.chain, Chain::skips);
  EXPECT_EQ(entry.caller, 0x1111u);
  const NativeLeaf below = native_caller(frame(24), sp, callers_fp, stack({1, 2, 0x3333}));
  EXPECT_EQ(below.chain, Chain::skips);
  EXPECT_EQ(below.caller, 0x3333u);
  EXPECT_EQ(native_caller(frame(32), sp, callers_fp, stack({1, 2, 3})).chain, Chain::right) << "beyond the bytes";
}

TEST(NativeLeaf, FramePointerPushed) {
  // push %rbp was the last instruction.
  const NativeLeaf pushed = native_caller(frame(16, -16), sp, callers_fp, stack({callers_fp, 0x2222}));
  EXPECT_EQ(pushed.chain, Chain::skips);
  EXPECT_EQ(pushed.caller, 0x2222u);
  // mov %rsp,%rbp too, but it is still described by the stack pointer.
  EXPECT_EQ(native_caller(frame(16, -16), sp, sp, stack({callers_fp, 0x2222})).chain, Chain::right);
  // %rbp is used for something else.
  const NativeLeaf other = native_caller(frame(24, -24), sp, 12345, stack({callers_fp, 1, 0x3333}));
  EXPECT_EQ(other.chain, Chain::garbage);
  EXPECT_EQ(other.caller, 0x3333u);
  // At the return: popped, but by the unwind information still stored.
  const NativeLeaf popped = native_caller(frame(8, -16), sp, callers_fp, stack({0x1111, 0x2222}));
  EXPECT_EQ(popped.chain, Chain::skips);
  EXPECT_EQ(popped.caller, 0x1111u);
}

TEST(NativeLeaf, FramesThatStandAndDamagedOnes) {
  EXPECT_EQ(native_caller(frame(16, -16, true), sp, callers_fp, stack({1, 2})).chain, Chain::right);
  formats::NativeFrame outermost = frame(8);
  outermost.return_address_at.reset();
  EXPECT_EQ(native_caller(outermost, sp, callers_fp, stack({1, 2})).chain, Chain::right);
  for (const int64_t far : {INT64_MIN, int64_t{-8}, int64_t{0}, INT64_MAX})
    EXPECT_EQ(native_caller(frame(far), sp, callers_fp, stack({1, 2})).chain, Chain::right) << far;
  EXPECT_EQ(native_caller(frame(8), sp, callers_fp, "").chain, Chain::right);
}

} // namespace
} // namespace sgperf::merge
