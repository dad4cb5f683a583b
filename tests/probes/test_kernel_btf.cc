// SPDX-License-Identifier: Apache-2.0
// The cut of the kernel's types: right places, and no harm from bytes that are wrong.
#include "probes/kernel_btf.h"

#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>

using namespace sgperf::probes;

namespace {

using Btf = std::unique_ptr<btf, void (*)(btf *)>;

Btf empty() {
  return {btf__new_empty(), btf__free};
}

std::vector<char> bytes_of(const btf *types) {
  uint32_t size = 0;
  const auto *data = static_cast<const char *>(btf__raw_data(types, &size));
  return {data, data + size};
}

// What a program of ours would name.
Btf program() {
  Btf out = empty();
  const int word = btf__add_int(out.get(), "int", 4, BTF_INT_SIGNED);
  const int inner = btf__add_struct(out.get(), "inner", 4);
  btf__add_field(out.get(), "deep", word, 0, 0);
  const int alias = btf__add_typedef(out.get(), "inner_alias", inner);
  btf__add_struct(out.get(), "task", 64);
  btf__add_field(out.get(), "first", word, 0, 0);
  btf__add_field(out.get(), "hidden", word, 32, 0);
  btf__add_field(out.get(), "part", alias, 64, 0);
  btf__add_field(out.get(), "absent", word, 96, 0);
  btf__add_struct(out.get(), "ours_alone", 4);
  btf__add_field(out.get(), "x", word, 0, 0);
  return out;
}

// What a kernel would have: other places, members of no use, an anonymous union, modifiers.
Btf kernel() {
  Btf out = empty();
  const int word = btf__add_int(out.get(), "int", 4, BTF_INT_SIGNED);
  const int large = btf__add_int(out.get(), "long", 8, BTF_INT_SIGNED);
  const int constant = btf__add_const(out.get(), word);
  const int inner = btf__add_struct(out.get(), "inner", 24);
  btf__add_field(out.get(), "noise", large, 0, 0);
  btf__add_field(out.get(), "deep", constant, 128, 0);
  const int anonymous = btf__add_union(out.get(), "", 8);
  btf__add_field(out.get(), "other", large, 0, 0);
  btf__add_field(out.get(), "hidden", word, 0, 0);
  btf__add_struct(out.get(), "unrelated", 8);
  btf__add_field(out.get(), "first", large, 0, 0);
  btf__add_struct(out.get(), "task", 128);
  btf__add_field(out.get(), "pad", large, 0, 0);
  btf__add_field(out.get(), "", anonymous, 64, 0);
  btf__add_field(out.get(), "first", word, 320, 0);
  btf__add_field(out.get(), "part", inner, 512, 0);
  return out;
}

const btf_type *find(const btf *types, const char *name) {
  const int id = btf__find_by_name_kind(types, name, BTF_KIND_STRUCT);
  return id > 0 ? btf__type_by_id(types, static_cast<uint32_t>(id)) : nullptr;
}

int bit_offset(const btf *types, const btf_type *type, const std::string &name) {
  for (uint32_t i = 0; i < btf_vlen(type); i++)
    if (name == btf__name_by_offset(types, btf_members(type)[i].name_off))
      return static_cast<int>(btf_member_bit_offset(type, i));
  return -1;
}

} // namespace

TEST(KernelBtf, KeepsWhatIsNamed) {
  const Btf ours = program();
  const std::vector<char> all = bytes_of(kernel().get());
  std::string error;
  const std::vector<char> kept = needed_types(all, ours.get(), error);
  ASSERT_EQ(error, "");
  ASSERT_FALSE(kept.empty());
  const Btf cut(btf__new(kept.data(), static_cast<uint32_t>(kept.size())), btf__free);
  ASSERT_TRUE(cut) << "libbpf does not take it";
  const btf_type *task = find(cut.get(), "task");
  ASSERT_TRUE(task);
  EXPECT_EQ(task->size, 128u);
  EXPECT_EQ(bit_offset(cut.get(), task, "first"), 320);
  EXPECT_EQ(bit_offset(cut.get(), task, "hidden"), 64);
  EXPECT_EQ(bit_offset(cut.get(), task, "part"), 512);
  EXPECT_EQ(bit_offset(cut.get(), task, "pad"), -1);
  EXPECT_EQ(bit_offset(cut.get(), task, "absent"), -1);
  EXPECT_FALSE(find(cut.get(), "unrelated"));
  EXPECT_FALSE(find(cut.get(), "ours_alone"));
  const btf_type *inner = find(cut.get(), "inner");
  ASSERT_TRUE(inner);
  EXPECT_EQ(bit_offset(cut.get(), inner, "deep"), 128);
}

TEST(KernelBtf, ThisKernels) {
  KernelTypes types;
  std::string error;
  if (!types.open(error)) GTEST_SKIP() << error;
  EXPECT_GT(types.bytes().size(), 1u << 20);
  const Btf ours = program();
  EXPECT_FALSE(needed_types(types.bytes(), ours.get(), error).empty()) << error;
}

TEST(KernelBtf, OddBytesDoNoHarm) {
  const Btf ours = program();
  const std::vector<char> all = bytes_of(kernel().get());
  std::string error;
  for (size_t size = 0; size < all.size(); size++) {
    const std::vector<char> cut(all.begin(),
                                all.begin() + static_cast<long>(size)); // its own allocation: the end is the end
    needed_types(cut, ours.get(), error);
  }
  EXPECT_TRUE(needed_types(std::vector<char>(10, 'x'), ours.get(), error).empty());
  EXPECT_NE(error, "");
  std::mt19937 random(7);
  for (int round = 0; round < 20000; round++) {
    std::vector<char> changed = all;
    for (int n = 0; n < 3; n++) changed[random() % changed.size()] = static_cast<char>(random());
    needed_types(changed, ours.get(), error);
  }
  // A type that contains itself.
  Btf loop = empty();
  btf__add_struct(loop.get(), "task", 8);
  btf__add_field(loop.get(), "part", 1, 0, 0);
  btf__add_field(loop.get(), "", 1, 0, 0);
  needed_types(bytes_of(loop.get()), ours.get(), error);
}
