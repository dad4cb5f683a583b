// SPDX-License-Identifier: Apache-2.0
// GDB's JIT interface: of another process through process_vm_readv, and of memory made up here with every kind of lie.
#include "formats/gdb_jit.h"
#include "formats/gdb_jit_files.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <elf.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

// As engines have it: these names are the interface.
extern "C" {
struct jit_code_entry {
  jit_code_entry *next, *prev;
  const char *symfile_addr;
  uint64_t symfile_size;
};
struct jit_descriptor {
  uint32_t version, action_flag;
  jit_code_entry *relevant_entry, *first_entry;
};
jit_descriptor __jit_debug_descriptor = {1, 0, nullptr, nullptr};
[[gnu::noinline]] void __jit_debug_register_code() {
  asm volatile("" ::: "memory");
}
}

namespace sgperf::formats {
namespace {

void register_code(const std::string &symfile) {
  auto *entry = new jit_code_entry{__jit_debug_descriptor.first_entry, nullptr, symfile.data(), symfile.size()};
  if (entry->next) entry->next->prev = entry;
  __jit_debug_descriptor.first_entry = __jit_debug_descriptor.relevant_entry = entry;
  __jit_debug_descriptor.action_flag = 1;
  __jit_debug_register_code();
}

// A forked child keeps its addresses, but what it registers is only in its own memory.
TEST(GdbJit, OfAnotherProcess) {
  int ready[2], leave[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(leave), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    static const std::string small = "\177ELF small", large = "\177ELF" + std::string(5 << 20, 'L'), odd = "no such";
    register_code(small);
    register_code(large);
    register_code(odd);
    char byte = 'r';
    if (write(ready[1], &byte, 1) != 1 || read(leave[0], &byte, 1) != 1) _exit(1);
    _exit(0);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const ReadMemory memory = [child](uint64_t address, void *to, size_t size) {
    const iovec here{to, size}, there{reinterpret_cast<void *>(address), size};
    return process_vm_readv(child, &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
  };
  std::string error;
  const auto descriptor = reinterpret_cast<uint64_t>(&__jit_debug_descriptor);
  const auto list = read_gdb_jit(descriptor, memory, error);
  const auto limited = read_gdb_jit(descriptor, memory, error, {.symfile_bytes = 1 << 20});
  std::vector<uint64_t> asked;
  const auto none = read_gdb_jit(descriptor, memory, error, {}, [&](const GdbJitEntry &entry) {
    asked.push_back(entry.symfile_size);
    return entry.symfile_size < 100;
  });
  ASSERT_EQ(write(leave[1], "l", 1), 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  for (const int fd : {ready[0], ready[1], leave[0], leave[1]}) close(fd);
  EXPECT_EQ(status, 0);

  ASSERT_TRUE(list) << error;
  EXPECT_EQ(list->version, 1u);
  EXPECT_EQ(list->action, 1u);
  EXPECT_FALSE(list->changed);
  ASSERT_EQ(list->entries.size(), 3u);
  EXPECT_EQ(list->entries[0].symfile, "no such");
  EXPECT_EQ(list->entries[1].symfile, "\177ELF" + std::string(5 << 20, 'L')) << "more than is read in one piece";
  EXPECT_EQ(list->entries[2].symfile, "\177ELF small");
  EXPECT_EQ(to_text(list->odd), "1 x symbol files that are not ELF");
  ASSERT_TRUE(limited && none);
  EXPECT_EQ(limited->odd[GdbJitOdd::symfile_too_large], 1u);
  EXPECT_EQ(limited->entries.at(1).symfile, "");
  EXPECT_EQ(asked, (std::vector<uint64_t>{7, (5 << 20) + 4, 10}));
  EXPECT_EQ(none->entries.at(1).symfile, "");
  EXPECT_EQ(none->entries.at(2).symfile, "\177ELF small");
  // It is gone: an error, not a crash.
  EXPECT_FALSE(read_gdb_jit(descriptor, memory, error));
  EXPECT_NE(error.find("__jit_debug_descriptor"), std::string::npos) << error;
}

// Memory made up: pieces at addresses.
class Made {
public:
  std::map<uint64_t, std::string> pieces;
  int reads = 0;

  void put(uint64_t at, std::initializer_list<uint64_t> words) {
    std::string &piece = pieces[at];
    for (const uint64_t word : words) piece.append(reinterpret_cast<const char *>(&word), sizeof word);
  }
  void descriptor(uint64_t first, uint32_t version = 1, uint32_t action = 0) {
    pieces[0x100].clear();
    put(0x100, {version | uint64_t{action} << 32, first, first});
  }
  void entry(uint64_t at, uint64_t next, uint64_t prev, uint64_t symfile, uint64_t size) {
    put(at, {next, prev, symfile, size});
  }
  GdbJit list(const GdbJitLimits &limits = {}) {
    std::string error;
    auto out = read_gdb_jit(
        0x100, [this](uint64_t a, void *to, size_t n) { return read(a, to, n); }, error, limits);
    if (!out) throw std::runtime_error(error);
    return *out;
  }

private:
  bool read(uint64_t address, void *to, size_t size) {
    ++reads;
    auto at = pieces.upper_bound(address);
    if (at == pieces.begin()) return false;
    --at;
    if (address - at->first > at->second.size() || at->second.size() - (address - at->first) < size) return false;
    memcpy(to, at->second.data() + (address - at->first), size);
    return true;
  }
};

TEST(GdbJit, EmptyAndOdd) {
  Made made;
  made.descriptor(0);
  EXPECT_EQ(made.list().entries.size(), 0u);
  EXPECT_EQ(made.list().odd.total(), 0u);
  made.descriptor(0, 2, 7);
  EXPECT_EQ(made.list().odd[GdbJitOdd::version], 1u);
  EXPECT_EQ(made.list().odd[GdbJitOdd::action], 1u);
}

TEST(GdbJit, Loops) {
  Made made;
  made.pieces[0x9000] = "\177ELF....";
  made.descriptor(0x200);
  made.entry(0x200, 0x300, 0, 0x9000, 8);
  made.entry(0x300, 0x400, 0x200, 0x9000, 8);
  made.entry(0x400, 0x300, 0x300, 0x9000, 8);
  const GdbJit list = made.list();
  EXPECT_EQ(list.entries.size(), 3u);
  EXPECT_EQ(to_text(list.odd), "1 x list leads back into itself");
}

TEST(GdbJit, LinksThatLeadNowhere) {
  Made made;
  made.pieces[0x9000] = "\177ELF....";
  made.descriptor(0x200);
  made.entry(0x200, 0xdead0000, 0x1234, 0x9000, 8);
  const GdbJit list = made.list();
  ASSERT_EQ(list.entries.size(), 1u);
  EXPECT_EQ(list.entries[0].symfile, "\177ELF....");
  EXPECT_EQ(list.odd[GdbJitOdd::entry_unreadable], 1u);
  EXPECT_EQ(list.odd[GdbJitOdd::bad_back_link], 1u);
}

TEST(GdbJit, SizesThatLie) {
  Made made;
  made.pieces[0x9000] = "\177ELF....";
  made.descriptor(0x200);
  made.entry(0x200, 0x300, 0, 0x9000, UINT64_MAX);
  made.entry(0x300, 0x400, 0x200, 0x9000, 1000 << 20); // claims a lot, has 8 bytes: found out at the first piece
  made.entry(0x400, 0x500, 0x300, 0, 8);
  made.entry(0x500, 0x600, 0x400, 0x9000, 0);
  made.entry(0x600, 0, 0x500, 0x9000, 8);
  const GdbJit list = made.list();
  ASSERT_EQ(list.entries.size(), 3u);
  EXPECT_EQ(list.entries[0].symfile, "");
  EXPECT_EQ(list.entries[1].symfile, "");
  EXPECT_EQ(list.entries[1].symfile.capacity(), std::string().capacity()) << "nothing is kept of it";
  EXPECT_EQ(list.entries[2].symfile, "\177ELF....");
  EXPECT_EQ(list.odd[GdbJitOdd::symfile_too_large], 1u);
  EXPECT_EQ(list.odd[GdbJitOdd::symfile_unreadable], 1u);
  EXPECT_EQ(list.odd[GdbJitOdd::symfile_empty], 2u);
  EXPECT_EQ(list.odd.total(), 4u) << to_text(list.odd);
}

TEST(GdbJit, LimitsHold) {
  Made made;
  made.pieces[0x900000] = "\177ELF....";
  made.descriptor(0x10000);
  for (uint64_t i = 0; i < 1000; ++i)
    made.entry(0x10000 + i * 32, i == 999 ? 0 : 0x10000 + (i + 1) * 32, i ? 0x10000 + (i - 1) * 32 : 0, 0x900000, 8);
  EXPECT_EQ(made.list().entries.size(), 1000u);
  EXPECT_EQ(made.list().odd.total(), 0u);
  made.reads = 0;
  const GdbJit few = made.list({.entries = 10});
  EXPECT_EQ(few.entries.size(), 10u);
  EXPECT_EQ(few.odd[GdbJitOdd::too_many_entries], 1u);
  EXPECT_EQ(made.reads, 22) << "descriptor twice, entry and symbol file of each";
  const GdbJit small = made.list({.all_bytes = 80});
  EXPECT_EQ(small.odd[GdbJitOdd::symfile_too_large], 990u);
}

TEST(GdbJit, ChangedWhileItWasRead) {
  Made made;
  made.pieces[0x9000] = "\177ELF....";
  made.descriptor(0x200);
  made.entry(0x200, 0, 0, 0x9000, 8);
  std::string error;
  bool first = true;
  const auto list = read_gdb_jit(
      0x100,
      [&](uint64_t address, void *to, size_t size) {
        const auto at = std::prev(made.pieces.upper_bound(address));
        memcpy(to, at->second.data() + (address - at->first), size);
        if (first) made.descriptor(0x200, 1, 2);
        first = false;
        return true;
      },
      error);
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->changed);
  EXPECT_FALSE(made.list().changed);
}

TEST(GdbJit, CountsHaveWords) {
  for (size_t i = 0; i < OddCounts<GdbJitOdd>::kinds; ++i) EXPECT_STRNE(to_text(static_cast<GdbJitOdd>(i)), "?") << i;
}

// This program itself has a list, as its file says; the C library has none.
TEST(GdbJitFiles, WhichFileHasAList) {
  const auto offset = gdb_jit_descriptor("/proc/self/exe");
  ASSERT_TRUE(offset);
  std::ifstream maps("/proc/self/maps");
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  bool found = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long start = 0, end = 0, at = 0;
    if (!line.ends_with(self) || sscanf(line.c_str(), "%lx-%lx %*s %lx", &start, &end, &at) != 3) continue;
    if (*offset >= at && *offset - at < end - start)
      found = found || start + (*offset - at) == reinterpret_cast<uint64_t>(&__jit_debug_descriptor);
  }
  EXPECT_TRUE(found);
  const void *in_libc = reinterpret_cast<const void *>(&::getpid);
  Dl_info info{};
  ASSERT_NE(dladdr(in_libc, &info), 0);
  EXPECT_FALSE(gdb_jit_descriptor(info.dli_fname));
  EXPECT_FALSE(gdb_jit_descriptor("/"));
  EXPECT_FALSE(gdb_jit_descriptor("/no/such/file"));
}

// Files that were cut, and headers with other bytes in them, are no crash.
TEST(GdbJitFiles, Damaged) {
  test::TempDir dir;
  const std::string whole = test::read_file("/proc/self/exe");
  const auto offset = gdb_jit_descriptor("/proc/self/exe");
  for (size_t keep = 0; keep < whole.size(); keep = keep * 5 / 4 + 13) {
    test::write_file(dir.path() / "cut", whole.substr(0, keep));
    gdb_jit_descriptor(dir.path() / "cut");
    std::string error;
    gdb_jit_functions(whole.substr(0, std::min<size_t>(keep, 1 << 20)), error);
  }
  std::string odd = whole;
  for (size_t at = 4; at < sizeof(Elf64_Ehdr); ++at) {
    odd[at] = static_cast<char>(~odd[at]);
    test::write_file(dir.path() / "odd", odd);
    gdb_jit_descriptor(dir.path() / "odd");
    odd[at] = whole[at];
  }
  test::write_file(dir.path() / "odd", odd);
  EXPECT_EQ(gdb_jit_descriptor(dir.path() / "odd"), offset);
}

// As LLVM has it: an object file, symbols count from their sections, and those have the addresses in memory.
TEST(GdbJitFiles, FunctionsOfAnObjectFile) {
  test::TempDir dir;
  test::write_file(dir.path() / "two.c", "int one(int x) { return x + 1; }\n"
                                         "__attribute__((section(\".text.two\"))) int two(int x) { return x * 7; }\n");
  const test::Result made = test::run({"cc", "-c", "-O1", dir.path() / "two.c", "-o", dir.path() / "two.o"});
  if (made.exit_code == 127) GTEST_SKIP() << "no C compiler";
  ASSERT_EQ(made.exit_code, 0) << made.err;
  std::string object = test::read_file(dir.path() / "two.o");
  Elf64_Ehdr header;
  std::memcpy(&header, object.data(), sizeof header);
  uint64_t address = 0x7f0000000000;
  for (size_t i = 0; i < header.e_shnum; ++i) {
    char *at = object.data() + header.e_shoff + i * sizeof(Elf64_Shdr);
    Elf64_Shdr section;
    std::memcpy(&section, at, sizeof section);
    if (section.sh_flags & SHF_EXECINSTR) section.sh_addr = address += 0x10000;
    std::memcpy(at, &section, sizeof section);
  }
  std::string error;
  const auto functions = gdb_jit_functions(object, error);
  ASSERT_EQ(functions.size(), 2u) << error;
  EXPECT_EQ(functions[0].name, "one");
  EXPECT_EQ(functions[1].name, "two");
  EXPECT_EQ(functions[0].address % 0x10000, 0u);
  EXPECT_EQ(functions[1].address - functions[0].address, 0x10000u) << "each in a section of its own";
  EXPECT_GT(functions[1].size, 0u);
  EXPECT_LT(functions[1].size, 64u);
}

} // namespace
} // namespace sgperf::formats
