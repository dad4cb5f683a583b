// SPDX-License-Identifier: Apache-2.0
// Where code is: mappings that cover each other, machine code that comes, goes and comes again, and the caller that a
// frame-pointer chain has lost.
#include "merge/address_space.h"
#include "merge/code_index.h"
#include "merge/leaf_repair.h"

#include <gtest/gtest.h>

#include <cstring>

namespace sgperf::merge {
namespace {

formats::PerfMmap mapping(uint32_t pid, uint64_t address, uint64_t length, uint64_t offset, std::string_view path) {
  formats::PerfMmap out;
  out.pid = pid;
  out.address = address;
  out.length = length;
  out.page_offset = offset;
  out.path = path;
  return out;
}

TEST(AddressSpaces, ANewMappingCoversAndSplits) {
  AddressSpaces spaces;
  spaces.map(mapping(1, 0x1000, 0x4000, 0, "/lib/a"));
  spaces.map(mapping(1, 0x2000, 0x1000, 0x500, "/lib/b"));
  ASSERT_NE(spaces.find(1, 0x1fff), nullptr);
  EXPECT_EQ(spaces.find(1, 0x1fff)->path, "/lib/a");
  EXPECT_EQ(spaces.find(1, 0x2000)->path, "/lib/b");
  EXPECT_EQ(spaces.find(1, 0x2fff)->path, "/lib/b");
  const Mapping *right = spaces.find(1, 0x3000);
  ASSERT_NE(right, nullptr);
  EXPECT_EQ(right->path, "/lib/a");
  EXPECT_EQ(0x3000 - right->start + right->offset, 0x2000u) << "the same bytes of the file as before";
  EXPECT_EQ(spaces.find(1, 0x5000), nullptr);
  EXPECT_EQ(spaces.find(1, 0xfff), nullptr);
  EXPECT_EQ(spaces.find(2, 0x2000), nullptr);
  spaces.map(mapping(1, 0, UINT64_MAX, 0, "/wraps"));
  spaces.map(mapping(1, UINT64_MAX - 5, 100, 0, "/wraps"));
}

TEST(AddressSpaces, ForkCopiesAndExecForgets) {
  AddressSpaces spaces;
  spaces.map(mapping(1, 0x1000, 0x1000, 0, "/bin/sh"));
  spaces.fork(2, 1);
  ASSERT_NE(spaces.find(2, 0x1800), nullptr);
  spaces.exec(2);
  EXPECT_EQ(spaces.find(2, 0x1800), nullptr);
  EXPECT_NE(spaces.find(1, 0x1800), nullptr);
}

JitCode code(const char *name, uint64_t start, uint64_t size, uint64_t loaded, int image = -1) {
  JitCode out;
  out.pid = 7;
  out.start = start;
  out.end = start + size;
  out.loaded = loaded;
  out.name = name;
  out.image = image;
  return out;
}
std::string found(const CodeIndex &index, uint64_t address, uint64_t time) {
  const JitCode *one = index.find(7, address, time);
  return one ? one->name : "-";
}

TEST(CodeIndex, ReusedAddressesByTime) {
  CodeIndex index;
  index.add(code("old", 0x1000, 0x100, 10));
  index.add(code("big", 0x0800, 0x2000, 5));
  index.unload(7, 0x1000, 0x1100, 50);
  index.add(code("new", 0x1080, 0x100, 60));
  index.finish();
  EXPECT_EQ(found(index, 0x1000, 4), "-") << "nothing was there yet";
  EXPECT_EQ(found(index, 0x1000, 7), "big");
  EXPECT_EQ(found(index, 0x10ff, 10), "old");
  EXPECT_EQ(found(index, 0x10ff, 49), "old");
  EXPECT_EQ(found(index, 0x10ff, 50), "big");
  EXPECT_EQ(found(index, 0x10ff, 60), "new");
  EXPECT_EQ(found(index, 0x1000, 60), "big");
  EXPECT_EQ(found(index, 0x27ff, 60), "big");
  EXPECT_EQ(found(index, 0x2800, 60), "-");
  EXPECT_EQ(index.find(8, 0x1000, 60), nullptr);
}

TEST(CodeIndex, WhatHasLinesIsPreferred) {
  CodeIndex index;
  index.add(code("with lines", 0x1000, 0x100, 10, 0));
  index.add(code("told later", 0x1000, 0x100, 20));
  index.finish();
  EXPECT_EQ(found(index, 0x1000, 30), "with lines");
}

TEST(CodeIndex, UnloadOfAnImageTakesAllItsFunctions) {
  CodeIndex index;
  for (uint64_t i = 0; i < 100; ++i) index.add(code("f", 0x1000 + i * 16, 16, 10));
  index.add(code("other", 0x9000, 16, 10));
  index.unload(7, 0x0f00, 0x2000, 20);
  index.finish();
  for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(found(index, 0x1000 + i * 16, 21), "-");
  EXPECT_EQ(found(index, 0x9000, 21), "other");
}

// ---- the lost caller ----

std::string stack(uint64_t first, uint64_t second) {
  std::string out(16, '\0');
  std::memcpy(out.data(), &first, 8);
  std::memcpy(out.data() + 8, &second, 8);
  return out;
}

TEST(LeafRepair, RulesOfThePrologueAndTheReturn) {
  //                        0   1         4                   8   9
  const std::string plain("\x55\x48\x89\xe5\x90\x90\x90\x90\x5d\xc3", 10);
  const std::string words = stack(0x1111, 0x2222);
  EXPECT_EQ(lost_caller(plain, 0, words), 0x1111u) << "nothing pushed: the return address is at sp";
  EXPECT_EQ(lost_caller(plain, 1, words), 0x2222u) << "rbp pushed, not set: it is above";
  EXPECT_EQ(lost_caller(plain, 4, words), std::nullopt) << "the frame stands";
  EXPECT_EQ(lost_caller(plain, 7, words), std::nullopt);
  EXPECT_EQ(lost_caller(plain, 8, words), std::nullopt) << "still standing at the pop";
  EXPECT_EQ(lost_caller(plain, 9, words), 0x1111u) << "popped";
}

TEST(LeafRepair, CodeInFrontOfThePush) {
  const std::string checked("\x4c\x8b\x57\x08\x55\x48\x89\xe5\x90\xc3", 10);
  const std::string words = stack(0x1111, 0x2222);
  for (const uint64_t offset : {0u, 2u, 4u}) EXPECT_EQ(lost_caller(checked, offset, words), 0x1111u) << offset;
  EXPECT_EQ(lost_caller(checked, 5, words), 0x2222u);
  EXPECT_EQ(lost_caller(checked, 8, words), std::nullopt);
}

TEST(LeafRepair, NothingIsReadThatIsNotThere) {
  const std::string plain("\x55\x48\x89\xe5\xc3", 5);
  EXPECT_EQ(lost_caller(plain, 0, ""), std::nullopt);
  EXPECT_EQ(lost_caller(plain, 1, std::string(15, 'x')), std::nullopt);
  EXPECT_EQ(lost_caller(plain, 5, stack(1, 2)), std::nullopt);
  EXPECT_EQ(lost_caller(plain, UINT64_MAX, stack(1, 2)), std::nullopt);
  EXPECT_EQ(lost_caller("", 0, stack(1, 2)), std::nullopt);
}

} // namespace
} // namespace sgperf::merge
