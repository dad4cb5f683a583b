// SPDX-License-Identifier: Apache-2.0
// The reader of jitdumps on bytes made here: every record, both byte orders, and every way a file can be odd.
#include "formats/input_file.h"
#include "formats/jitdump.h"
#include "formats/jitdump_builder.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>

namespace sgperf::formats {
namespace {

using test::JitdumpBuilder;

Jitdump read(const std::string &bytes) {
  std::string error;
  auto dump = read_jitdump(bytes, error);
  if (!dump) throw std::runtime_error(error);
  return *dump;
}

constexpr std::string_view same("\xff", 1); // the builder adds the NUL

TEST(Jitdump, EveryRecordInBothByteOrders) {
  for (const bool swapped : {false, true}) {
    JitdumpBuilder b(swapped);
    b.header(77, 0, 0, "12345678"); // a later version may have a larger header
    b.lines(100, 0x1000, {{0x1000, 3, 1, "a.c"}, {0x1002, 4, 9, std::string(same)}, {0x1003, 7, 0, "b.c"}});
    b.unwinding(100, std::string("FRAME...") + "\x01\x1b\x03\x3b" + std::string("HEADER!!"), 12);
    const size_t first = b.bytes.size();
    b.load(100, 0x1000, "one", "\x90\x90\x90\xc3", 0);
    b.move(200, 0x1000, 0x5000, 4, 0);
    b.load(300, 0x1000, "two with blanks", std::string("\0\0\0", 3), 1);
    b.record(3, 400, "");
    const Jitdump dump = read(b.bytes);
    EXPECT_EQ(dump.odd, OddCounts<JitdumpOdd>()) << to_text(dump.odd);
    EXPECT_EQ(dump.swapped, swapped);
    EXPECT_EQ(dump.header.pid, 77u);
    EXPECT_EQ(dump.header.elf_machine, 62u);
    EXPECT_FALSE(dump.header.arch_time());
    EXPECT_EQ(dump.end, b.bytes.size());
    EXPECT_EQ(dump.loads, 2u);
    ASSERT_EQ(dump.events.size(), 4u);
    const JitdumpEvent &one = dump.events[0];
    EXPECT_EQ(one.kind, JitdumpKind::load);
    EXPECT_EQ(one.offset, first);
    EXPECT_EQ(one.time, 100u);
    EXPECT_EQ(one.pid, 77u);
    EXPECT_EQ(one.tid, 78u);
    EXPECT_EQ(one.address, 0x1000u);
    EXPECT_EQ(one.size, 4u);
    EXPECT_EQ(one.name, "one");
    EXPECT_EQ(one.code, "\x90\x90\x90\xc3");
    EXPECT_GE(one.name.data(), b.bytes.data()) << "a view of the input, no copy";
    EXPECT_LT(one.code.data(), b.bytes.data() + b.bytes.size());
    const auto lines = dump.lines_of(one);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[1].address, 0x1002u);
    EXPECT_EQ(lines[1].line, 4u);
    EXPECT_EQ(lines[1].column, 9u);
    EXPECT_EQ(dump.files[lines[0].file], "a.c");
    EXPECT_EQ(lines[1].file, lines[0].file);
    EXPECT_EQ(dump.files[lines[2].file], "b.c");
    ASSERT_EQ(one.unwinding, 1u);
    EXPECT_EQ(dump.unwindings[1].eh_frame, "FRAME...");
    EXPECT_EQ(dump.unwindings[1].eh_frame_hdr, "\x01\x1b\x03\x3bHEADER!!");
    EXPECT_EQ(dump.events[1].kind, JitdumpKind::move);
    EXPECT_EQ(dump.events[1].old_address, 0x1000u);
    EXPECT_EQ(dump.events[1].address, 0x5000u);
    EXPECT_EQ(dump.events[1].size, 4u);
    EXPECT_EQ(dump.events[2].name, "two with blanks");
    EXPECT_EQ(dump.events[2].line_count, 0u);
    EXPECT_EQ(dump.events[2].unwinding, 0u);
    EXPECT_EQ(dump.events[3].kind, JitdumpKind::close);
    EXPECT_EQ(dump.events[3].time, 400u);
  }
}

TEST(Jitdump, NotOne) {
  std::string error;
  EXPECT_FALSE(read_jitdump("", error));
  EXPECT_NE(error.find("not written yet"), std::string::npos) << error;
  EXPECT_FALSE(read_jitdump(std::string(39, 'x'), error));
  EXPECT_NE(error.find("found 39 bytes"), std::string::npos) << error;
  EXPECT_FALSE(read_jitdump("\177ELF" + std::string(60, 0), error));
  EXPECT_NE(error.find("7f454c46"), std::string::npos) << error;
}

TEST(Jitdump, ProcessorTimesAreToldApart) {
  JitdumpBuilder b;
  EXPECT_TRUE(read(b.header(77, 0, 1).bytes).header.arch_time());
}

// Cut at every byte: what is whole is there, and the tail is nothing to worry about.
TEST(Jitdump, TornAnywhere) {
  JitdumpBuilder b;
  b.header();
  std::vector<size_t> ends;
  for (uint64_t i = 0; i < 3; ++i) {
    b.lines(i, 0x1000 * i, {{0x1000 * i, 1, 1, "f"}});
    b.load(i, 0x1000 * i, "name", "code", i);
    ends.push_back(b.bytes.size());
  }
  for (size_t cut = 40; cut <= b.bytes.size(); ++cut) {
    const std::string bytes = b.bytes.substr(0, cut);
    const Jitdump dump = read(bytes);
    size_t whole = 0;
    for (const size_t end : ends) whole += end <= cut;
    EXPECT_EQ(dump.events.size(), whole) << cut;
    EXPECT_EQ(dump.odd[JitdumpOdd::truncated], dump.end != cut) << cut;
    EXPECT_EQ(dump.odd.total(), dump.odd[JitdumpOdd::truncated] + dump.odd[JitdumpOdd::lines_without_code]) << cut;
    EXPECT_LE(dump.end, cut);
  }
}

// JSC stamps a record when the code is made and writes it later, from a queue.
TEST(Jitdump, FileOrderIsNotTimeOrder) {
  JitdumpBuilder b;
  b.header().load(300, 0x3000, "c", "x", 2).load(100, 0x1000, "a", "x", 0).load(200, 0x2000, "b", "x", 1);
  b.load(200, 0x2100, "b2", "x", 3);
  const Jitdump dump = read(b.bytes);
  ASSERT_EQ(dump.events.size(), 4u);
  EXPECT_EQ(dump.events[0].name, "a");
  EXPECT_EQ(dump.events[1].name, "b");
  EXPECT_EQ(dump.events[2].name, "b2") << "equal times as in the file";
  EXPECT_EQ(dump.events[3].name, "c");
  EXPECT_EQ(dump.odd[JitdumpOdd::out_of_order], 1u);
  EXPECT_EQ(dump.odd.total(), 1u) << to_text(dump.odd);
}

TEST(Jitdump, UnknownRecordsAreSkipped) {
  JitdumpBuilder b;
  b.header().record(5, 1, "of a later version").load(2, 0x1000, "f", "x", 0).record(17, 3, "");
  const Jitdump dump = read(b.bytes);
  EXPECT_EQ(dump.loads, 1u);
  EXPECT_EQ(dump.odd[JitdumpOdd::unknown_record], 2u);
  EXPECT_EQ(dump.end, b.bytes.size());
}

TEST(Jitdump, RecordTooShortForItsKind) {
  JitdumpBuilder b;
  b.header();
  for (const uint32_t id : {0u, 1u, 2u, 4u}) b.record(id, 1, "12345678901");
  b.load(2, 0x1000, "f", "x", 0);
  const Jitdump dump = read(b.bytes);
  EXPECT_EQ(dump.odd[JitdumpOdd::short_record], 4u);
  EXPECT_EQ(dump.loads, 1u);
}

TEST(Jitdump, SizesThatLie) {
  JitdumpBuilder b;
  b.header();
  b.load(1, 0x1000, "more than there is", "abcd", 0, 1000);
  b.load(2, 0x2000, "more than can be", "abcd", 1, uint64_t{1} << 40);
  b.load(3, UINT64_MAX - 1, "wraps", "abcd", 2);
  b.load(4, 0x3000, "", "abcd", 3);
  b.load(5, 0x4000, "nothing", "", 4);
  b.load(6, 0x5000, "name in the code", "abcd", 5, 4 + 1 + 4); // code begins within the name
  b.move(7, 0x1000, UINT64_MAX, 4, 0);
  const Jitdump dump = read(b.bytes);
  ASSERT_EQ(dump.events.size(), 4u);
  EXPECT_EQ(dump.events[0].name, "more than there is");
  EXPECT_EQ(dump.events[0].size, 1000u);
  EXPECT_EQ(dump.events[0].code, "");
  EXPECT_EQ(dump.events[1].name, "");
  EXPECT_EQ(dump.events[1].code, "abcd");
  EXPECT_EQ(dump.events[2].size, 0u);
  EXPECT_EQ(dump.events[3].name, "name in the ");
  EXPECT_EQ(dump.events[3].code, std::string_view("code\0abcd", 9));
  EXPECT_EQ(dump.odd[JitdumpOdd::code_missing], 1u);
  EXPECT_EQ(dump.odd[JitdumpOdd::impossible_range], 3u);
  EXPECT_EQ(dump.odd[JitdumpOdd::name_empty], 1u);
  EXPECT_EQ(dump.odd[JitdumpOdd::code_empty], 1u);
  EXPECT_EQ(dump.odd[JitdumpOdd::name_unterminated], 1u);
  EXPECT_EQ(dump.odd.total(), 7u) << to_text(dump.odd);
}

// perf's rule: the code is the record's end, whatever stands between it and the name.
TEST(Jitdump, PaddingBehindTheName) {
  JitdumpBuilder b;
  b.header().load(1, 0x1000, std::string_view("f\0\0\0\0", 5), "code", 0);
  const Jitdump dump = read(b.bytes);
  EXPECT_EQ(dump.events.at(0).name, "f");
  EXPECT_EQ(dump.events.at(0).code, "code");
  EXPECT_EQ(dump.odd.total(), 0u);
}

// A size that cannot be, in the middle: everything behind the damage is found again.
TEST(Jitdump, DamageIsSteppedOver) {
  for (const uint32_t size : {0u, 15u, 0x7fffffffu}) {
    JitdumpBuilder b;
    b.header().load(1, 0x1000, "before", "code", 0);
    const size_t damage = b.bytes.size();
    b.load(2, 0x2000, "damaged", "code", 1).load(3, 0x3000, "behind", "code", 2).load(4, 0x4000, "last", "code", 3);
    std::memcpy(b.bytes.data() + damage + 4, &size, sizeof size);
    const Jitdump dump = read(b.bytes);
    ASSERT_EQ(dump.events.size(), 3u) << size;
    EXPECT_EQ(dump.events[0].name, "before");
    EXPECT_EQ(dump.events[1].name, "behind");
    EXPECT_EQ(dump.events[2].name, "last");
    EXPECT_EQ(dump.odd[JitdumpOdd::damaged], 1u);
    EXPECT_EQ(dump.odd[JitdumpOdd::resumed], 1u);
    EXPECT_EQ(dump.skipped_bytes, dump.events[1].offset - damage);
    EXPECT_EQ(dump.end, b.bytes.size());
  }
}

// Two engines in one process: each writes its header and counts from 0.
TEST(Jitdump, TwoEnginesInOneFile) {
  JitdumpBuilder b;
  b.header(77);
  b.lines(1, 0x1000, {{0x1000, 1, 1, "first.c"}});
  b.header(77, 0xDEADBEEF); // the other one comes between lines and load
  b.lines(2, 0x2000, {{0x2040, 2, 2, "second.c"}});
  b.load(1, 0x1000, "first", "code", 0);
  b.load(2, 0x2000, "second", "code", 0);
  b.load(3, 0x3000, "third", "code", 1);
  const Jitdump dump = read(b.bytes);
  ASSERT_EQ(dump.events.size(), 3u);
  EXPECT_EQ(dump.odd[JitdumpOdd::second_header], 1u);
  EXPECT_EQ(dump.odd[JitdumpOdd::header_differs], 0u);
  EXPECT_EQ(dump.odd[JitdumpOdd::index_repeated], 1u);
  EXPECT_EQ(dump.odd.total(), 2u) << to_text(dump.odd);
  EXPECT_NE(dump.events[0].offset, dump.events[1].offset) << "what tells them apart";
  EXPECT_TRUE(dump.v8);
  EXPECT_FALSE(dump.header.v8());
  ASSERT_EQ(dump.events[0].line_count, 1u);
  ASSERT_EQ(dump.events[1].line_count, 1u);
  EXPECT_EQ(dump.files[dump.lines_of(dump.events[0])[0].file], "first.c");
  EXPECT_EQ(dump.lines_of(dump.events[0])[0].address, 0x1000u) << "this engine adds nothing";
  EXPECT_EQ(dump.lines_of(dump.events[1])[0].address, 0x2000u) << "V8 adds 0x40";

  JitdumpBuilder other;
  other.header(77).header(77, 0, 1);
  EXPECT_EQ(read(other.bytes).odd[JitdumpOdd::header_differs], 1u);
}

TEST(Jitdump, LinesOutsideTheirCode) {
  JitdumpBuilder b;
  b.header();
  b.lines(1, 0x1000,
          {{0x0fff, 1, 0, "f"}, {0x1004, 2, 0, "f"}, {0x1005, 3, 0, "f"}, {0, 4, 0, "f"}, {0x1001, 5, 0, "f"}});
  b.load(1, 0x1000, "f", "code", 0);
  const Jitdump dump = read(b.bytes);
  const auto lines = dump.lines_of(dump.events.at(0));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].line, 5u);
  EXPECT_EQ(lines[1].line, 2u) << "the end of the code is where a table ends";
  EXPECT_EQ(dump.odd[JitdumpOdd::line_outside_code], 3u);
  EXPECT_EQ(dump.odd[JitdumpOdd::lines_unsorted], 1u);
}

TEST(Jitdump, LinesThatNobodyLoads) {
  JitdumpBuilder b;
  b.header();
  for (uint64_t i = 0; i < 20; ++i) b.lines(i, 0x1000 * i, {{0x1000 * i, 1, 0, "f"}});
  b.load(21, 0x1000 * 19, "f", "code", 0);
  const Jitdump dump = read(b.bytes);
  EXPECT_EQ(dump.events.at(0).line_count, 1u);
  EXPECT_EQ(dump.odd[JitdumpOdd::lines_without_code], 19u);
}

TEST(Jitdump, LineTablesThatLie) {
  JitdumpBuilder b;
  b.header();
  b.lines(1, 0x1000, {{0x1000, 1, 0, "f"}}, UINT64_MAX - 1); // more than there are
  b.load(1, 0x1000, "f", "code", 0);
  JitdumpBuilder body;
  body.u64(0x2000).u64(1).u64(0x2000).u32(1).u32(1);
  body.bytes.append("no end of the name");
  b.record(2, 2, body.bytes).load(2, 0x2000, "g", "code", 1);
  const Jitdump dump = read(b.bytes);
  EXPECT_EQ(dump.events.at(0).line_count, 1u);
  EXPECT_EQ(dump.events.at(1).line_count, 0u);
  EXPECT_EQ(dump.odd[JitdumpOdd::lines_torn], 2u);
}

TEST(Jitdump, UnwindingInEitherOrder) {
  const std::string header = "\x01\x1b\x03\x3b" + std::string(8, 'h'), frame = std::string("\x14\0\0\0", 4) + "frame";
  JitdumpBuilder b;
  b.header();
  b.unwinding(1, header + frame, header.size()).load(1, 0x1000, "as specified", "code", 0);
  b.unwinding(2, frame + header, header.size()).load(2, 0x2000, "as perf reads it", "code", 1);
  b.unwinding(3, header, header.size()).load(3, 0x3000, "V8's stub", "code", 2);
  b.unwinding(4, frame, 0).load(4, 0x4000, "no header", "code", 3);
  b.unwinding(5, frame, 4000).load(5, 0x5000, "torn", "code", 4);
  b.unwinding(6, frame, 0, UINT64_MAX - 1).load(6, 0x6000, "torn", "code", 5);
  b.unwinding(7, frame, 0).unwinding(7, frame, 0).load(7, 0x7000, "twice", "code", 6).unwinding(8, frame, 0);
  const Jitdump dump = read(b.bytes);
  ASSERT_EQ(dump.events.size(), 7u);
  for (const size_t i : {0, 1}) {
    EXPECT_EQ(dump.unwindings[dump.events[i].unwinding].eh_frame, frame) << dump.events[i].name;
    EXPECT_EQ(dump.unwindings[dump.events[i].unwinding].eh_frame_hdr, header) << dump.events[i].name;
  }
  EXPECT_EQ(dump.unwindings[dump.events[2].unwinding].eh_frame, "");
  EXPECT_EQ(dump.unwindings[dump.events[3].unwinding].eh_frame, frame);
  EXPECT_EQ(dump.events[4].unwinding, 0u);
  EXPECT_EQ(dump.events[5].unwinding, 0u);
  EXPECT_EQ(dump.odd[JitdumpOdd::unwinding_torn], 2u);
  EXPECT_EQ(dump.odd[JitdumpOdd::unwinding_without_code], 2u);
}

// What node 20 writes for a script of the user: the first 16 bytes of the name are the allocator's.
std::string garbage(const std::string &script) {
  std::string name = script;
  const std::string over("\xe9\xcd\0\0\0\0\0\0\xd1\xf8\xb3N\xb0\xb2\x33\x5f", 16);
  name.replace(0, std::min(name.size(), over.size()), over.substr(0, std::min(name.size(), over.size())));
  return name;
}

TEST(JitdumpOfV8, ShiftedLinesAndRepairedFiles) {
  const std::string script = "/home/user/with blank/run.js";
  JitdumpBuilder b;
  b.header(77, 0xDEADBEEF);
  b.lines(1, 0x1000,
          {{0x1040, 4, 13, garbage(script)}, {0x1042, 4, 14, garbage(script)}, {0x1044, 5, 1, garbage(script)}});
  b.load(1, 0x1000, "JS:*hot " + script + ":4:13", "code", 0);
  b.lines(2, 0x2000, {{0x2040, 598, 30, "node:internal/util"}, {0x2043, 599, 1, std::string(same)}});
  b.load(2, 0x2000, "JS:^defineLazyProperties node:internal/util:598:30", "code", 1);
  const Jitdump dump = read(b.bytes);
  ASSERT_EQ(dump.events.size(), 2u);
  const auto lines = dump.lines_of(dump.events[0]);
  ASSERT_EQ(lines.size(), 3u) << to_text(dump.odd);
  EXPECT_EQ(lines[0].address, 0x1000u);
  EXPECT_EQ(lines[2].address, 0x1004u);
  EXPECT_EQ(lines[2].line, 5u);
  for (const JitLine &line : lines) EXPECT_EQ(dump.files[line.file], script);
  EXPECT_EQ(dump.odd[JitdumpOdd::line_file_repaired], 3u);
  const auto good = dump.lines_of(dump.events[1]);
  ASSERT_EQ(good.size(), 2u);
  EXPECT_EQ(dump.files[good[0].file], "node:internal/util");
  EXPECT_EQ(good[0].file, good[1].file);
  EXPECT_EQ(dump.odd.total(), 3u) << to_text(dump.odd);
}

// Inlined from another script: neither its name nor its length can be known, but the next entry can be found.
TEST(JitdumpOfV8, GarbageOfAnotherScript) {
  const std::string script = "/home/user/run.js", other = "/home/user/somewhere/else/module.js";
  JitdumpBuilder b;
  b.header(77, 0xDEADBEEF);
  b.lines(1, 0x1000,
          {{0x1040, 4, 13, garbage(script)}, {0x1042, 99, 2, garbage(other)}, {0x1044, 5, 1, garbage(script)}});
  b.load(1, 0x1000, "JS:*hot " + script + ":4:13", "code", 0);
  const Jitdump dump = read(b.bytes);
  const auto lines = dump.lines_of(dump.events.at(0));
  ASSERT_EQ(lines.size(), 3u) << to_text(dump.odd);
  EXPECT_EQ(dump.files[lines[0].file], script);
  EXPECT_EQ(lines[1].file, 0u);
  EXPECT_EQ(lines[1].line, 99u);
  EXPECT_EQ(dump.files[lines[2].file], script);
  EXPECT_EQ(dump.odd[JitdumpOdd::line_file_unreadable], 1u);
  EXPECT_EQ(dump.odd[JitdumpOdd::line_file_repaired], 2u);
}

// Not every V8 adds 0x40: lines that would leave their code by taking it off are right as they are.
TEST(JitdumpOfV8, LinesThatAreNotShifted) {
  JitdumpBuilder b;
  b.header(77, 0xDEADBEEF);
  b.lines(1, 0x1000, {{0x1000, 1, 1, "a.js"}, {0x1050, 2, 1, "a.js"}});
  b.load(1, 0x1000, "JS:*f a.js:1:1", std::string(0x60, 'x'), 0);
  const Jitdump dump = read(b.bytes);
  const auto lines = dump.lines_of(dump.events.at(0));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].address, 0x1050u);
}

TEST(Jitdump, CountsHaveWords) {
  OddCounts<JitdumpOdd> odd;
  EXPECT_EQ(to_text(odd), "");
  for (size_t i = 0; i < odd.kinds; ++i) {
    EXPECT_STRNE(to_text(static_cast<JitdumpOdd>(i)), "?") << i;
    odd.add(static_cast<JitdumpOdd>(i), i);
  }
  EXPECT_EQ(to_text(odd).find("1 x "), 0u) << "what is zero is left out";
}

TEST(InputFile, OnlyRegularFiles) {
  test::TempDir dir;
  std::string error;
  EXPECT_FALSE(InputFile::read(dir.path() / "none", error));
  EXPECT_NE(error.find("none"), std::string::npos) << error;
  EXPECT_FALSE(InputFile::read(dir.path(), error));
  EXPECT_NE(error.find("expected a regular file"), std::string::npos) << error;
  ASSERT_EQ(mkfifo((dir.path() / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(InputFile::read(dir.path() / "fifo", error)); // and does not hang
  test::write_file(dir.path() / "file", std::string("a\0b", 3));
  std::filesystem::create_symlink(dir.path() / "file", dir.path() / "link");
  EXPECT_FALSE(InputFile::read(dir.path() / "link", error));
  EXPECT_NE(error.find("symbolic link"), std::string::npos) << error;
  const auto before = test::open_fds();
  auto file = InputFile::read(dir.path() / "file", error);
  ASSERT_TRUE(file) << error;
  EXPECT_EQ(test::open_fds(), before);
  test::write_file(dir.path() / "file", ""); // the writer began anew: what was read stays
  InputFile moved = std::move(*file);
  EXPECT_EQ(moved.bytes(), std::string_view("a\0b", 3));
  const auto empty = InputFile::read(dir.path() / "file", error);
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->bytes(), "");
}

} // namespace
} // namespace sgperf::formats
