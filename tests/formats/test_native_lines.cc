// SPDX-License-Identifier: Apache-2.0
#include "formats/elf_symbols.h"
#include "formats/native_lines.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;
namespace fs = std::filesystem;

// The lines are counted below.
constexpr const char *source = R"(
static inline __attribute__((always_inline)) int square(volatile int *x) {
  return *x * *x;
}
__attribute__((noinline)) int work(volatile int *x) {
  int s = 1;
  s += square(x);
  return s;
}
int main(int c, char **v) {
  (void)v;
  volatile int x = c;
  return work(&x);
}
)";

class NativeLinesTest : public ::testing::Test {
protected:
  fs::path build(const std::string &name, const std::vector<std::string> &flags) {
    write_file(folder_.path() / "p.c", source);
    std::vector<std::string> argv{"gcc", "p.c", "-o", name, "-Wl,--build-id=sha1"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    step(argv);
    return folder_.path() / name;
  }
  void step(const std::vector<std::string> &argv) {
    Options options;
    options.cwd = folder_.path();
    const Result result = run(argv, options);
    ASSERT_EQ(result.exit_code, 0) << argv[0] << ": " << result.err;
  }
  static std::unique_ptr<ElfSymbols> symbols(const fs::path &path) {
    std::string error;
    auto out = ElfSymbols::open(path, error);
    EXPECT_TRUE(out) << error;
    return out;
  }
  static const ElfSymbol *named(const ElfSymbols &symbols, const char *name) {
    for (const auto &one : symbols.symbols())
      if (one.name == name) return &one;
    return nullptr;
  }
  // Lines of work(), with the inlined function in it.
  static void check(NativeLines &lines, const fs::path &path, const std::string &build_id, const ElfSymbol &work) {
    std::set<uint32_t> seen, inlined;
    for (uint64_t at = work.address; at < work.address + work.size; ++at) {
      const SourcePlace *place = lines.find(path, build_id, at);
      ASSERT_NE(place, nullptr) << lines.why_none(path, build_id);
      EXPECT_EQ(place->frames.back().function, "work");
      EXPECT_TRUE(place->frames.back().file.ends_with("/p.c")) << place->frames.back().file;
      seen.insert(place->frames.back().line);
      if (place->frames.size() == 1) continue;
      EXPECT_EQ(place->frames[0].function, "square");
      EXPECT_EQ(place->frames[1].line, 7u) << "of the call";
      inlined.insert(place->frames[0].line);
    }
    EXPECT_TRUE(seen.contains(7) && seen.contains(9)) << ::testing::PrintToString(seen);
    EXPECT_TRUE(inlined.contains(3)) << ::testing::PrintToString(inlined);
    EXPECT_EQ(lines.why_none(path, build_id), "");
  }
  TempDir folder_;
};

// libdw 0.188 looks for the end of a file's name without looking where .debug_line_str ends: memory behind the section
// is read (seen by the address sanitizer only).
TEST_F(NativeLinesTest, NamesThatDoNotEnd) {
  const fs::path program = build("program", {"-O1", "-g", "-gdwarf-5"});
  const auto work = *named(*symbols(program), "work");
  step({"objcopy", "--dump-section", ".debug_line_str=names", "program"});
  std::string names = read_file(folder_.path() / "names");
  ASSERT_FALSE(names.empty());
  ASSERT_EQ(names.back(), '\0');
  for (char &c : names)
    if (c == '\0') c = 'x';
  write_file(folder_.path() / "names", names);
  step({"objcopy", "--update-section", ".debug_line_str=names", "program"});
  NativeLines lines;
  const SourcePlace *place = lines.find(program, "", work.address);
  ASSERT_NE(place, nullptr) << lines.why_none(program, "");
  EXPECT_EQ(place->frames.back().function, "work");
}

TEST_F(NativeLinesTest, OfTheFileItself) {
  for (const char *flag : {"-gdwarf-4", "-gdwarf-5", "-gz"}) {
    const fs::path program = build("program", {"-O1", "-g", flag});
    const auto elf = symbols(program);
    ASSERT_NE(named(*elf, "work"), nullptr);
    NativeLines lines;
    check(lines, program, elf->build_id(), *named(*elf, "work"));
    check(lines, program, "", *named(*elf, "work"));
    EXPECT_EQ(lines.find(program, "", 1), nullptr);
  }
}

TEST_F(NativeLinesTest, OfItsSplitFile) {
  const fs::path program = build("program", {"-O1", "-g", "-gdwarf-5", "-gsplit-dwarf"});
  const auto elf = symbols(program);
  ASSERT_NE(named(*elf, "work"), nullptr);
  NativeLines lines;
  check(lines, program, elf->build_id(), *named(*elf, "work"));
}

TEST_F(NativeLinesTest, OfItsDebugFile) {
  const fs::path program = build("program", {"-O1", "-g"});
  const auto elf = symbols(program);
  const ElfSymbol work = *named(*elf, "work");
  const std::string id = elf->build_id();
  const fs::path root = folder_.path() / "debug", by_id = root / ".build-id" / id.substr(0, 2);
  fs::create_directories(by_id);
  step({"objcopy", "--only-keep-debug", program, by_id / (id.substr(2) + ".debug")});
  step({"strip", program});
  NativeLines lines({{root.string()}});
  check(lines, program, id, work);
  // The program is gone: its build id still finds them.
  fs::remove(program);
  NativeLines later({{root.string()}});
  check(later, program, id, work);
  NativeLines none({{(folder_.path() / "elsewhere").string()}});
  EXPECT_EQ(none.find(program, id, work.address), nullptr);
  EXPECT_NE(none.why_none(program, id).find("No such file"), std::string::npos) << none.why_none(program, id);
}

TEST_F(NativeLinesTest, FileThatWasReplacedIsNotBelieved) {
  const fs::path program = build("program", {"-O1", "-g"});
  const auto elf = symbols(program);
  build("program", {"-O2", "-g"});
  ASSERT_NE(symbols(program)->build_id(), elf->build_id());
  NativeLines lines;
  EXPECT_EQ(lines.find(program, elf->build_id(), named(*elf, "work")->address), nullptr);
  EXPECT_NE(lines.why_none(program, elf->build_id()).find("not the file that was running"), std::string::npos);
}

TEST_F(NativeLinesTest, WithoutDebugInformationItSaysSo) {
  const fs::path program = build("program", {"-O1"});
  NativeLines lines;
  EXPECT_EQ(lines.find(program, "", 0x1100), nullptr);
  EXPECT_NE(lines.why_none(program, "").find("compile it with -g"), std::string::npos) << lines.why_none(program, "");
  EXPECT_EQ(lines.why_none("/never/asked", ""), "");
}

TEST_F(NativeLinesTest, EachFileIsOpenedOnce) {
  const fs::path program = build("program", {"-O1", "-g"});
  const auto elf = symbols(program);
  const auto before = open_fds();
  {
    NativeLines lines;
    const SourcePlace *first = lines.find(program, elf->build_id(), named(*elf, "work")->address);
    ASSERT_NE(first, nullptr);
    const auto during = open_fds();
    EXPECT_LE(during.size(), before.size() + 1);
    EXPECT_EQ(lines.find(program, elf->build_id(), named(*elf, "work")->address), first);
    EXPECT_EQ(open_fds(), during);
  }
  EXPECT_EQ(open_fds(), before);
}

} // namespace
} // namespace sgperf::formats
