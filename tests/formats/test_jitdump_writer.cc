// SPDX-License-Identifier: Apache-2.0
// What the writer writes, byte by byte and read back; and what it makes of an odd file.
#include "formats/jitdump_builder.h"
#include "formats/jitdump_writer.h"

#include <gtest/gtest.h>

namespace sgperf::formats {
namespace {

using test::JitdumpBuilder;

Jitdump read(const std::string &bytes) {
  std::string error;
  auto dump = read_jitdump(bytes, error);
  if (!dump) throw std::runtime_error(error);
  return *dump;
}

// The bytes are those of the specification, written a second time by the test's own builder.
TEST(JitdumpWriter, BytesAreAsSpecified) {
  std::string out;
  JitdumpHeader header;
  header.pid = 77;
  header.time = 5;
  header.pad = 0xDEADBEEF; // whoever wrote the original: this one has no quirks
  JitdumpWriter writer(out, header);
  const std::vector<JitLine> lines{{0x1000, 1, 3, 9}, {0x1002, 2, 4, 0}};
  const std::vector<std::string_view> files{"", "a.c", "b.c"};
  const JitdumpUnwinding unwinding{"FRAME", "HDR", 8};
  EXPECT_EQ(writer.load({77, 78, 100, 0x1000, 4, "one", "code", lines, files, &unwinding}), 0u);
  EXPECT_EQ(writer.load({77, 78, 200, 0x2000, 6, std::string_view("two\0x", 5), "co", {}, {}, nullptr}), 1u);
  writer.move(77, 78, 300, 0x1000, 0x3000, 4, 0);
  writer.close(400);

  JitdumpBuilder expected;
  expected.header(77);
  JitdumpBuilder body;
  body.u64(0x1000).u64(2).u64(0x1000).u32(3).u32(9).bytes.append("a.c", 4);
  body.u64(0x1002).u32(4).u32(0).bytes.append("b.c", 4);
  body.bytes.append((8 - body.bytes.size() % 8) % 8, '\0');
  expected.record(2, 100, body.bytes);
  body.bytes.clear();
  body.u64(8).u64(3).u64(8).bytes.append("FRAMEHDR");
  expected.record(4, 100, body.bytes);
  expected.load(100, 0x1000, "one", "code", 0);
  expected.load(200, 0x2000, "two", std::string_view("co\0\0\0\0", 6), 1);
  expected.move(300, 0x1000, 0x3000, 4, 0);
  expected.record(3, 400, "");
  EXPECT_EQ(out, expected.bytes);
}

TEST(JitdumpWriter, WhatNoRecordCanHold) {
  std::string out;
  JitdumpWriter writer(out, {});
  const size_t before = out.size();
  EXPECT_FALSE(writer.load({1, 1, 1, 0x1000, uint64_t{1} << 32, "f", "", {}, {}, nullptr}));
  EXPECT_FALSE(writer.load({1, 1, 1, 0x1000, most_unknown_code + 1, "f", "", {}, {}, nullptr}));
  EXPECT_EQ(out.size(), before);
  EXPECT_EQ(writer.load({1, 1, 1, 0x1000, most_unknown_code, "f", "", {}, {}, nullptr}), 0u);
}

// The worst file: of V8 and another engine, in the wrong order, with the same indices.  Written, it is a plain one.
TEST(JitdumpWriter, NormalisesWhatWasRead) {
  JitdumpBuilder b(true);
  b.header(77, 0xDEADBEEF);
  b.load(300, 0x3000, "late", "code", 7);
  b.lines(100, 0x1000, {{0x1040, 1, 2, "/x/a.js"}, {0x1042, 2, 2, "\xff"}});
  b.unwinding(100, std::string("\x01\x1b\x03\x3bHDR!", 8) + std::string("\x14\0\0\0FRAME", 9), 8);
  b.load(100, 0x1000, "JS:*early /x/a.js:1:1", "code", 7);
  b.move(200, 0x1000, 0x8000, 4, 99);
  b.move(200, 0xdead, 0xbeef, 4, 99);
  b.move(250, 0x8000, 0x9000, 4, 99);
  const Jitdump dump = read(b.bytes);
  EXPECT_EQ(dump.odd[JitdumpOdd::index_repeated], 1u);
  const std::string written = to_jitdump(dump);
  const Jitdump back = read(written);
  EXPECT_EQ(back.odd.total(), 0u) << to_text(back.odd);
  EXPECT_FALSE(back.swapped);
  EXPECT_FALSE(back.v8);
  ASSERT_EQ(back.events.size(), 4u) << "without the move of what was never loaded";
  EXPECT_EQ(back.events[0].name, "JS:*early /x/a.js:1:1");
  EXPECT_EQ(back.events[0].code, "code");
  EXPECT_EQ(back.events[0].index, 0u);
  EXPECT_EQ(back.events[1].kind, JitdumpKind::move);
  EXPECT_EQ(back.events[1].index, 0u) << "of the function that was moved";
  EXPECT_EQ(back.events[2].index, 0u);
  EXPECT_EQ(back.events[2].address, 0x9000u);
  EXPECT_EQ(back.events[3].name, "late");
  EXPECT_EQ(back.events[3].index, 1u);
  const auto lines = back.lines_of(back.events[0]);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].address, 0x1002u);
  EXPECT_EQ(lines[1].line, 2u);
  EXPECT_EQ(back.files[lines[1].file], "/x/a.js");
  ASSERT_EQ(back.unwindings.size(), 2u);
  EXPECT_EQ(back.unwindings[1].eh_frame_hdr, "\x01\x1b\x03\x3bHDR!");
  EXPECT_EQ(back.unwindings[1].eh_frame, std::string_view("\x14\0\0\0FRAME", 9));
  EXPECT_EQ(to_jitdump(back), written);
}

} // namespace
} // namespace sgperf::formats
