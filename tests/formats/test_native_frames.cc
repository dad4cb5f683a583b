// SPDX-License-Identifier: Apache-2.0
// Call frame information of native files, beside readelf's reading of it.
#include "formats/native_frames.h"

#include "record/mutation.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <cstdlib>
#include <sstream>

namespace sgperf::test {
namespace {

using formats::NativeFrame;
using formats::NativeFrames;

// "rsp+8", "rbp+16", "exp", ..
std::string cfa_text(const NativeFrame &frame) {
  if (frame.base == NativeFrame::Base::other) return "exp";
  std::string out = frame.base == NativeFrame::Base::stack_pointer ? "rsp" : "rbp";
  if (frame.cfa_offset >= 0) out.push_back('+');
  return out.append(std::to_string(frame.cfa_offset));
}
std::string rule_text(const std::optional<int64_t> &at) {
  if (!at) return "u";
  std::string out = "c";
  if (*at >= 0) out.push_back('+');
  return out.append(std::to_string(*at));
}

std::string path_of(const char *symbol) {
  Dl_info info{};
  void *at = dlsym(RTLD_DEFAULT, symbol);
  return at && dladdr(at, &info) ? std::filesystem::canonical(info.dli_fname).string() : "";
}

// Every row of a whole library.
TEST(NativeFrames, RowsAreThoseOfReadelf) {
  const std::string path = path_of("exit");
  ASSERT_FALSE(path.empty());
  Options options;
  options.timeout_s = 120;
  const Result readelf = run({"readelf", "--debug-dump=no-follow-links", "--debug-dump=frames-interp", path}, options);
  if (readelf.out.find("FDE") == std::string::npos) GTEST_SKIP() << "readelf: " << readelf.err;
  NativeFrames frames;
  uint64_t begin = 0, end = 0, rows = 0, functions = 0;
  std::vector<std::string> columns;
  std::istringstream in(readelf.out);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("Contents of the ") && line.find(".eh_frame") == std::string::npos) break;
    if (const size_t at = line.find(" FDE "); at != std::string::npos) {
      ASSERT_EQ(std::sscanf(line.c_str() + line.find("pc="), "pc=%lx..%lx", &begin, &end), 2) << line;
      columns.clear();
      if (begin == end) continue;
      ++functions;
      for (const uint64_t address : {begin, end - 1}) {
        const auto *range = frames.function(path, "", address);
        ASSERT_NE(range, nullptr) << line;
        EXPECT_EQ(range->start, begin) << line;
        EXPECT_EQ(range->start + range->size, end) << line;
      }
      continue;
    }
    if (line.find(" CIE ") != std::string::npos) begin = end = 0;
    std::istringstream words(line);
    std::vector<std::string> all;
    for (std::string word; words >> word;) all.push_back(word);
    if (all.size() > 1 && all[0] == "LOC") {
      columns = all;
      continue;
    }
    if (begin == end || columns.empty() || all.size() != columns.size()) continue;
    const uint64_t address = std::strtoull(all[0].c_str(), nullptr, 16);
    if (address < begin || address >= end) continue; // the last row may begin at the end
    const NativeFrame *frame = frames.find(path, "", address);
    ASSERT_NE(frame, nullptr) << line;
    ++rows;
    for (size_t i = 1; i < columns.size(); ++i) {
      const bool register_or_expression = all[i] == "exp" || all[i] == "vexp" || all[i].starts_with("r");
      if (columns[i] == "CFA" && (all[i].starts_with("rsp") || all[i].starts_with("rbp") || all[i] == "exp")) {
        EXPECT_EQ(cfa_text(*frame), all[i]) << line;
      } else if (columns[i] == "rbp" && !register_or_expression) {
        EXPECT_EQ(rule_text(frame->frame_pointer_at), all[i]) << line;
      } else if (columns[i] == "ra" && !register_or_expression) {
        EXPECT_EQ(rule_text(frame->return_address_at), all[i]) << line;
        EXPECT_EQ(frame->outermost, all[i] == "u") << line;
      }
    }
  }
  EXPECT_GT(functions, 1000u);
  EXPECT_GT(rows, 5000u);
}

TEST(NativeFrames, FilesThatAreNone) {
  NativeFrames frames;
  EXPECT_EQ(frames.find("/no/such/file", "", 0x1000), nullptr);
  EXPECT_EQ(frames.function("/no/such/file", "", 0x1000), nullptr);
  EXPECT_EQ(frames.find("/etc/passwd", "", 0x1000), nullptr);
  const std::string path = path_of("exit");
  EXPECT_EQ(frames.find(path, "0123", 0x30000), nullptr) << "another build of the file was running";
  EXPECT_EQ(frames.find(path, "", UINT64_MAX), nullptr);
  EXPECT_EQ(frames.function(path, "", 0), nullptr);
}

TEST(NativeFrames, OfTheVdso) {
  NativeFrames frames;
  uint64_t known = 0;
  for (uint64_t address = 0; address < 0x2000; ++address) known += frames.find("[vdso]", "", address) != nullptr;
  EXPECT_GT(known, 100u);
}

class FramesMutation : public Mutation {};

TEST_F(FramesMutation, OfAProgram) {
  const std::string good = read_file(build_dir() / "tests/formats/perf-data-program");
  ASSERT_GT(good.size(), 4096u);
  static std::filesystem::path file; // a reader is a plain function
  TempDir dir;
  file = dir.path() / "program";
  const Reader read = [](const std::string &bytes) {
    write_file(file, bytes);
    NativeFrames frames;
    uint64_t known = 0;
    for (uint64_t address = 0x1000; address < 0x2000; address += 5) {
      known += frames.find(file, "", address) != nullptr;
      known += frames.function(file, "", address) != nullptr;
    }
    return known > 0;
  };
  torn(good, read, good.size() / 40);
  flipped(good, read, 300, 0x1000);
  // The sections about frames are behind the code.
  const size_t from = good.find(std::string("\x14\0\0\0\0\0\0\0\x01zR", 11));
  ASSERT_NE(from, std::string::npos) << "no .eh_frame";
  std::mt19937_64 random(3);
  for (int round = 0; round < 1000; ++round) {
    std::string bytes = good;
    for (int i = 0; i < 3; ++i) bytes[from - 64 + random() % 512] = static_cast<char>(random());
    read(bytes);
  }
}

} // namespace
} // namespace sgperf::test
