// SPDX-License-Identifier: Apache-2.0
#include "formats/elf_symbols.h"
#include "formats/elf_symbols_kernel.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <cstdlib>

namespace sgperf::formats {
// Found by this program in itself.
extern "C" __attribute__((noinline, used)) int sgperf_test_landmark(int x) {
  return x * 3 + 1;
}

namespace {

using namespace sgperf::test;
namespace fs = std::filesystem;

TEST(ElfSymbols, OfThisProgram) {
  std::string error;
  const auto symbols = ElfSymbols::open("/proc/self/exe", error);
  ASSERT_TRUE(symbols) << error;
  EXPECT_EQ(symbols->source(), ".symtab");
  // From an address in memory to a file offset, as a sample's mapping does it, to the symbol.
  const auto here = reinterpret_cast<uint64_t>(&sgperf_test_landmark);
  Dl_info info;
  ASSERT_NE(dladdr(reinterpret_cast<void *>(here), &info), 0);
  const uint64_t address = here - reinterpret_cast<uint64_t>(info.dli_fbase);
  const auto offset = symbols->offset_of_address(address);
  ASSERT_TRUE(offset);
  EXPECT_EQ(symbols->address_of_offset(*offset), address);
  const ElfSymbol *found = symbols->find(address + 1);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->name, "sgperf_test_landmark");
  EXPECT_EQ(found->address, address);
  EXPECT_EQ(symbols->find(UINT64_MAX), nullptr);
  EXPECT_EQ(symbols->address_of_offset(UINT64_MAX), std::nullopt);
}

// A program, stripped, and its debug file.
struct Separate {
  TempDir folder;
  fs::path program = folder.path() / "program", debug = folder.path() / "program.debug", root = folder.path() / "debug";
  std::string failed;

  explicit Separate(bool build_id = true) {
    write_file(folder.path() / "p.c", "__attribute__((noinline)) static int hidden(int x) { return x * 7; }\n"
                                      "int main(int c, char **v) { (void)v; return hidden(c); }\n");
    step({"gcc", "-O1", "-g", "p.c", "-o", program, std::string("-Wl,--build-id=") + (build_id ? "sha1" : "none")});
    step({"objcopy", "--only-keep-debug", program, debug});
    step({"strip", program});
  }
  void step(const std::vector<std::string> &argv) {
    Options options;
    options.cwd = folder.path();
    const Result result = run(argv, options);
    if (result.exit_code != 0) failed += argv[0] + ": " + result.err;
  }
  std::unique_ptr<ElfSymbols> open() {
    std::string error;
    auto out = ElfSymbols::open(program, error, {{root.string()}});
    EXPECT_TRUE(out) << error;
    return out;
  }
  static bool has(const ElfSymbols &symbols, const char *name) {
    for (const auto &one : symbols.symbols())
      if (one.name == name) return true;
    return false;
  }
};

TEST(ElfSymbols, DebugFileByBuildId) {
  Separate files;
  ASSERT_EQ(files.failed, "");
  const auto bare = files.open();
  EXPECT_FALSE(Separate::has(*bare, "hidden"));
  const std::string id = bare->build_id();
  ASSERT_EQ(id.size(), 40u);
  fs::create_directories(files.root / ".build-id" / id.substr(0, 2));
  const fs::path by_id = files.root / ".build-id" / id.substr(0, 2) / (id.substr(2) + ".debug");
  fs::copy(files.debug, by_id);
  const auto found = files.open();
  EXPECT_TRUE(Separate::has(*found, "hidden"));
  EXPECT_EQ(found->source(), by_id.string());
  // A file with another build id at that place is not believed.
  Separate others;
  std::string other = read_file(others.debug);
  ASSERT_EQ(others.failed, "");
  const size_t at = other.find(std::string("GNU\0", 4));
  ASSERT_NE(at, std::string::npos);
  other[at + 4] = static_cast<char>(~other[at + 4]);
  fs::remove(by_id);
  write_file(by_id, other);
  EXPECT_FALSE(Separate::has(*files.open(), "hidden"));
}

TEST(ElfSymbols, DebugFileByLink) {
  Separate files(false);
  ASSERT_EQ(files.failed, "");
  files.step({"objcopy", "--add-gnu-debuglink=" + files.debug.string(), files.program});
  ASSERT_EQ(files.failed, "");
  EXPECT_TRUE(Separate::has(*files.open(), "hidden")) << "beside the program";
  fs::create_directories(files.folder.path() / ".debug");
  fs::rename(files.debug, files.folder.path() / ".debug/program.debug");
  EXPECT_TRUE(Separate::has(*files.open(), "hidden")) << "in .debug/";
  const fs::path below = files.root.string() + files.folder.path().string();
  fs::create_directories(below);
  fs::rename(files.folder.path() / ".debug/program.debug", below / "program.debug");
  EXPECT_TRUE(Separate::has(*files.open(), "hidden")) << "below the root";
  std::string changed = read_file(below / "program.debug");
  changed.back() = static_cast<char>(~changed.back());
  write_file(below / "program.debug", changed);
  EXPECT_FALSE(Separate::has(*files.open(), "hidden")) << "another file: its CRC is not that of the link";
}

TEST(ElfSymbols, WhatIsNoElfFileIsSaidToBe) {
  TempDir folder;
  std::string error;
  EXPECT_FALSE(ElfSymbols::open(folder.path() / "none", error));
  EXPECT_NE(error.find("No such file"), std::string::npos) << error;
  EXPECT_FALSE(ElfSymbols::open(folder.path(), error));
  EXPECT_NE(error.find("a regular file"), std::string::npos) << error;
  write_file(folder.path() / "text", "text");
  EXPECT_FALSE(ElfSymbols::open(folder.path() / "text", error));
  EXPECT_NE(error.find("expected an ELF file"), std::string::npos) << error;
  EXPECT_FALSE(ElfSymbols::from_bytes("", error));
  // A table of sections that is gone.
  const std::string self = read_file("/proc/self/exe");
  const auto cut = ElfSymbols::from_bytes(self.substr(0, 4096), error);
  if (cut) {
    EXPECT_TRUE(cut->symbols().empty());
  }
}

TEST(ElfSymbols, NoDescriptorStaysOpen) {
  const auto before = open_fds();
  std::string error;
  for (int i = 0; i < 10; ++i) {
    ElfSymbols::open("/proc/self/exe", error);
    ElfSymbols::open("/etc/passwd", error);
  }
  EXPECT_EQ(open_fds(), before);
}

TEST(ElfSymbols, Vdso) {
  const std::string bytes = own_vdso();
  if (bytes.empty()) GTEST_SKIP() << "this kernel gives no vDSO";
  std::string error;
  const auto symbols = ElfSymbols::from_bytes(bytes, error);
  ASSERT_TRUE(symbols) << error;
  EXPECT_EQ(symbols->source(), ".dynsym");
  bool clock = false;
  for (const auto &one : symbols->symbols()) clock |= one.name.find("clock_gettime") != std::string::npos;
  EXPECT_TRUE(clock);
}

TEST(KernelSymbols, LinesOfAllKinds) {
  const auto symbols = KernelSymbols::parse("ffffffff81000000 T _stext\n"
                                            "ffffffff81000000 t local_alias\n"
                                            "ffffffff81000100 t do_something.cold\n"
                                            "ffffffff81000200 D some_data\n"
                                            "ffffffffc0001000 t helper\t[nf_tables]\n"
                                            "ffffffffc0002000 t bpf_prog_1234_x\t[bpf]\n"
                                            "what is this\n"
                                            "0000000000000000 A fixed_percpu_data");
  ASSERT_EQ(symbols.symbols().size(), 4u);
  EXPECT_EQ(symbols.why(), "");
  EXPECT_EQ(symbols.odd()[KernelSymbolOdd::line], 1u);
  EXPECT_EQ(symbols.find(0xffffffff81000050)->name, "_stext");
  EXPECT_EQ(symbols.find(0xffffffff81000fff)->name, "do_something.cold");
  EXPECT_EQ(symbols.find(0xffffffffc0001004)->module, "nf_tables");
  EXPECT_EQ(symbols.find(0xffffffff80ffffff), nullptr);
  EXPECT_EQ(symbols.find(0xffffffffc0002000 + (2 << 20)), nullptr) << "no function is that long";
}

TEST(KernelSymbols, HiddenAddressesAreSaidToBe) {
  const auto hidden = KernelSymbols::parse("0000000000000000 T _stext\n0000000000000000 t x\n");
  EXPECT_TRUE(hidden.symbols().empty());
  EXPECT_NE(hidden.why().find("kptr_restrict"), std::string::npos) << hidden.why();
  EXPECT_NE(KernelSymbols::parse("").why(), "");
  EXPECT_NE(KernelSymbols::read("/proc/no/such/file").why().find("cannot be read"), std::string::npos);
}

TEST(KernelSymbols, OfThisMachine) {
  const auto symbols = KernelSymbols::read();
  if (symbols.symbols().empty()) {
    if (geteuid() == 0) GTEST_SKIP() << "no kernel symbols even for root: " << symbols.why();
    GTEST_SKIP() << symbols.why();
  }
  EXPECT_GT(symbols.symbols().size(), 1000u);
  const auto &some = symbols.symbols()[symbols.symbols().size() / 2];
  EXPECT_EQ(symbols.find(some.address)->name, some.name);
}

} // namespace
} // namespace sgperf::formats
