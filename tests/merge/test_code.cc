// SPDX-License-Identifier: Apache-2.0
// Where code is: mappings that cover each other, and machine code that comes, goes and comes again.
#include "merge/code_index.h"
#include "merge/code_map.h"
#include "merge/code_timeline.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

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
  EXPECT_EQ(spaces.find(1, 0x1fff)->file->path, "/lib/a");
  EXPECT_EQ(spaces.find(1, 0x2000)->file->path, "/lib/b");
  EXPECT_EQ(spaces.find(1, 0x2fff)->file->path, "/lib/b");
  const Mapping *right = spaces.find(1, 0x3000);
  ASSERT_NE(right, nullptr);
  EXPECT_EQ(right->file->path, "/lib/a");
  EXPECT_EQ(right->file_offset(0x3000), 0x2000u) << "the same bytes of the file as before";
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
  EXPECT_EQ(spaces.find(2, 0x1800)->file, spaces.find(1, 0x1800)->file) << "one object a file";
  spaces.clear(2);
  EXPECT_EQ(spaces.find(2, 0x1800), nullptr);
  EXPECT_NE(spaces.find(1, 0x1800), nullptr);
  spaces.fork(1, 77);
  EXPECT_EQ(spaces.find(1, 0x1800), nullptr) << "the number was given to the child of an unknown process";
}

// ---- one source ----

using Stay = CodeTimeline::Stay;

TEST(CodeTimeline, LaterCodeCoversAndWhatStandsOutStays) {
  CodeTimeline timeline;
  timeline.build(
      {{0x1000, 0x1100, 10, 50, 0}, {0x0800, 0x2800, 5, UINT64_MAX, 1}, {0x1080, 0x1180, 60, UINT64_MAX, 2}});
  EXPECT_EQ(timeline.find(0x1000, 4), CodeTimeline::none) << "nothing was there yet";
  EXPECT_EQ(timeline.find(0x1000, 7), 1u);
  EXPECT_EQ(timeline.find(0x10ff, 10), 0u);
  EXPECT_EQ(timeline.find(0x10ff, 49), 0u);
  EXPECT_EQ(timeline.find(0x10ff, 50), CodeTimeline::none) << "what it covered is not there any more";
  EXPECT_EQ(timeline.find(0x10ff, 60), 2u);
  EXPECT_EQ(timeline.find(0x1180, 60), 1u);
  EXPECT_EQ(timeline.find(0x07ff, 60), CodeTimeline::none);
  EXPECT_EQ(timeline.find(0x2800, 60), CodeTimeline::none);
  uint64_t from = 0;
  EXPECT_EQ(timeline.next(0x10ff, 50, from), 2u);
  EXPECT_EQ(from, 60u);
  EXPECT_EQ(timeline.next(0x10ff, 60, from), CodeTimeline::none);
}

// Against the plain way: at every address and time the last one that was loaded and not ended or covered.
TEST(CodeTimeline, AgreesWithAWalkThroughTime) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Stay> stays;
    constexpr uint64_t space = 24, times = 20;
    for (uint32_t i = 0, n = 1 + random() % 12; i < n; ++i) {
      Stay stay;
      stay.start = random() % space;
      stay.end = stay.start + random() % 8;
      stay.from = random() % times;
      if (random() % 2) stay.to = stay.from + random() % 8;
      stay.code = i;
      stays.push_back(stay);
    }
    CodeTimeline timeline;
    timeline.build(stays);
    std::vector<uint32_t> order;
    for (uint32_t i = 0; i < stays.size(); ++i) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return stays[a].from < stays[b].from; });
    std::vector<uint32_t> there(space + 10, CodeTimeline::none);
    for (uint64_t time = 0; time < times + 10; ++time) {
      for (uint64_t address = 0; address < there.size(); ++address) {
        uint32_t &now = there[address];
        if (now != CodeTimeline::none && stays[now].to <= time) now = CodeTimeline::none;
        for (const uint32_t i : order)
          if (stays[i].from == time && stays[i].to > time && address >= stays[i].start && address < stays[i].end)
            now = i;
        ASSERT_EQ(timeline.find(address, time), now) << "round " << round << " address " << address << " time " << time;
      }
    }
  }
}

double seconds(const std::chrono::steady_clock::time_point &since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

// Shapes that make naive structures quadratic; bounds are 20 times what they take here.
TEST(CodeTimeline, NoShapeIsSlow) {
  constexpr uint32_t n = 100000;
  std::vector<Stay> apart, same_place, growing, nested;
  for (uint32_t i = 0; i < n; ++i) {
    apart.push_back({uint64_t{i} * 64, uint64_t{i} * 64 + 64, i, UINT64_MAX, i});
    same_place.push_back({0x1000, 0x1040, i, i + 1, i});
    growing.push_back({0x1000, 0x1000 + uint64_t{i} + 1, i, UINT64_MAX, i});
    nested.push_back({i, 2 * uint64_t{n} - i, i, n + i, i});
  }
  for (const auto &shape : {apart, same_place, growing, nested}) {
    const auto before = std::chrono::steady_clock::now();
    CodeTimeline timeline;
    timeline.build(shape);
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; ++i) found += timeline.find(shape[i].start, shape[i].from) == i;
    EXPECT_EQ(found, n);
    EXPECT_LT(seconds(before), 5);
  }
}

// ---- several sources ----

JitCode code(std::string_view text, uint64_t start, uint64_t size, uint64_t loaded,
             CodeSource source = CodeSource::jitdump) {
  JitCode out;
  out.pid = 7;
  out.start = start;
  out.end = start + size;
  out.loaded = loaded;
  out.text = text;
  out.source = source;
  return out;
}
std::string found(const CodeIndex &index, uint64_t address, uint64_t time, uint64_t since = 0) {
  const JitCode *one = index.find(7, address, time, since);
  return one ? std::string(one->text) : "-";
}

TEST(CodeIndex, TheBetterSourceOfTheSameCode) {
  CodeIndex index;
  for (const auto source :
       {CodeSource::image, CodeSource::gdb_jit, CodeSource::frames, CodeSource::perf_map, CodeSource::jitdump})
    index.add(code(source == CodeSource::jitdump ? "jitdump" : "other", 0x1000, 0x100,
                   source == CodeSource::perf_map ? 0 : 10 + static_cast<uint64_t>(source), source));
  index.finish();
  EXPECT_EQ(found(index, 0x1010, 100), "jitdump");
  EXPECT_EQ(index.find(8, 0x1010, 100), nullptr) << "another process";
}

// What is found in GDB's interface comes after the image that the engine published, and before mere frames.
TEST(CodeIndex, SymbolFilesForDebuggers) {
  CodeIndex index;
  index.add(code("gdb", 0x1000, 0x100, 12, CodeSource::gdb_jit));
  index.add(code("image", 0x1000, 0x100, 10, CodeSource::image));
  index.add(code("gdb", 0x2000, 0x100, 10, CodeSource::gdb_jit));
  index.add(code("frames", 0x2000, 0x100, 12, CodeSource::frames));
  index.finish();
  EXPECT_EQ(found(index, 0x1010, 100), "image");
  EXPECT_EQ(found(index, 0x2010, 100), "gdb");
}

TEST(CodeIndex, SourceLinesArePreferred) {
  CodeIndex index;
  JitCode with_lines = code("image", 0x1000, 0x100, 10, CodeSource::image);
  with_lines.lines = true;
  index.add(with_lines);
  index.add(code("jitdump", 0x1000, 0x100, 11));
  index.finish();
  EXPECT_EQ(found(index, 0x1010, 100), "image");
}

TEST(CodeIndex, OtherCodeAtTheAddressIsNotTheSame) {
  CodeIndex index;
  JitCode old = code("old", 0x1000, 0x100, 10, CodeSource::image), now = code("now", 0x1000, 0x100, 50);
  old.lines = true;
  old.code = "\x55\x48";
  now.code = "\x90\x48";
  index.add(old);
  index.add(now);
  index.add(code("beside", 0x1080, 0x80, 90, CodeSource::frames));
  index.finish();
  EXPECT_EQ(found(index, 0x1000, 49), "old");
  EXPECT_EQ(found(index, 0x1000, 50), "now") << "other bytes: the old one is gone, lines or not";
  EXPECT_EQ(found(index, 0x1090, 89), "now");
  EXPECT_EQ(found(index, 0x1090, 90), "beside") << "it begins elsewhere, so it is other code";
}

TEST(CodeIndex, UnloadTakesWhatOneRecordBrought) {
  CodeIndex index;
  for (uint64_t i = 0; i < 100; ++i) index.add(code("f", 0x1000 + i * 16, 16, 10, CodeSource::image));
  index.add(code("other", 0x9000, 16, 10, CodeSource::image));
  index.unload(0, 100, 20);
  index.unload(50, 1000, 5); // before it was loaded, and more than there are
  index.finish();
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(found(index, 0x1000 + i * 16, 19), "f");
    EXPECT_EQ(found(index, 0x1000 + i * 16, 20), "-");
  }
  EXPECT_EQ(found(index, 0x9000, 21), "other");
}

TEST(CodeIndex, CodeThatIsToldOfALittleLater) {
  CodeIndex index;
  index.add(code("late", 0x1000, 0x100, 5'000'000'000));
  index.add(code("later", 0x1000, 0x100, 5'000'000'001));
  index.finish();
  EXPECT_EQ(found(index, 0x1000, 4'000'000'000), "-");
  ASSERT_NE(index.find_later(7, 0x1000, 4'000'000'000), nullptr);
  EXPECT_EQ(index.find_later(7, 0x1000, 4'000'000'000)->text, "late");
  EXPECT_EQ(index.find_later(7, 0x1000, 3'999'999'999), nullptr);
  EXPECT_EQ(index.find_later(7, 0x1100, 4'500'000'000), nullptr);
}

TEST(CodeIndex, ExecLeavesOnlyWhatHasNoTimes) {
  CodeIndex index;
  index.add(code("before", 0x1000, 0x100, 10));
  index.add(code("map", 0x3000, 0x100, 0, CodeSource::perf_map));
  index.finish();
  EXPECT_EQ(found(index, 0x1000, 30, 5), "before");
  EXPECT_EQ(found(index, 0x1000, 30, 20), "-");
  EXPECT_EQ(found(index, 0x3000, 30, 20), "map");
}

// ---- processes ----

TEST(CodeMap, ForkInheritsCodeAndExecDoesNot) {
  CodeIndex index;
  index.add(code("parent's", 0x1000, 0x100, 10));
  index.add(code("after the fork", 0x2000, 0x100, 40));
  JitCode own = code("child's", 0x3000, 0x100, 50);
  own.pid = 8;
  index.add(own);
  index.finish();
  CodeMap map(index);
  map.mmap(mapping(7, 0x1000, 0x1000, 0, "//anon"));
  map.fork({8, 7, 8, 7, 30});
  const auto text = [&](uint32_t pid, uint64_t address, uint64_t time) {
    const CodePlace place = map.find(pid, address, time);
    return place.jit ? std::string(place.jit->text) : place.mapping ? place.mapping->file->path : "-";
  };
  EXPECT_EQ(text(7, 0x1000, 60), "parent's") << "records of code own their range";
  EXPECT_EQ(text(7, 0x1200, 60), "//anon");
  EXPECT_EQ(text(8, 0x1000, 60), "parent's");
  EXPECT_EQ(text(8, 0x2000, 60), "-") << "the parent made it later";
  EXPECT_EQ(text(8, 0x3000, 60), "child's");
  map.fork({9, 8, 9, 8, 70});
  EXPECT_EQ(text(9, 0x1000, 80), "parent's");
  EXPECT_EQ(text(9, 0x3000, 80), "child's");
  map.exec(8, 100);
  EXPECT_EQ(text(8, 0x1000, 110), "-");
  EXPECT_EQ(text(8, 0x3000, 110), "-");
  EXPECT_EQ(text(9, 0x3000, 110), "child's") << "the copy stays";
  map.fork({10, 11, 10, 11, 1});
  map.fork({11, 10, 11, 10, 1});
  EXPECT_EQ(text(10, 0x1000, 5), "-") << "parents in a circle";
}

} // namespace
} // namespace sgperf::merge
