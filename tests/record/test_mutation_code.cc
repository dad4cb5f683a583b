// SPDX-License-Identifier: Apache-2.0
// Readers of modules, code images, symbols and lines on damaged input.
#include "formats/code_image_builder.h"
#include "record/mutation.h"
#include "record/readers.h"

#include <elf.h>

namespace sgperf::test {
namespace {

class CodeMutation : public Mutation {
protected:
  static std::string seed(const char *name) { return read_file(source_dir() / "tests/fuzz/seeds" / name); }
};

TEST_F(CodeMutation, WasmModule) {
  const std::string good = seed("wasm-module/by-hand");
  torn(good, read_as_wasm_module, 1);
  flipped(good, read_as_wasm_module, 20000, good.size());
  const std::string guest = seed("wasm-lines/guest");
  torn(guest, read_as_wasm_module, 3);
}

TEST_F(CodeMutation, WasmContents) {
  for (const char *name : {"wasm-contents/features", "wasm-rewrite/marks"}) {
    const std::string good = seed(name);
    ASSERT_TRUE(read_as_wasm_contents(good));
    torn(good, read_as_wasm_contents, 1);
    flipped(good, read_as_wasm_contents, 20000, good.size());
  }
}

TEST_F(CodeMutation, WasmRewrite) {
  const std::string good = seed("wasm-rewrite/marks");
  ASSERT_TRUE(read_as_wasm_rewrite(good));
  torn(good, read_as_wasm_rewrite, 1);
  flipped(good, read_as_wasm_rewrite, 20000, good.size());
}

TEST_F(CodeMutation, WasmLines) {
  const std::string good = seed("wasm-lines/guest");
  torn(good, read_as_wasm_lines, 7);
  flipped(good, read_as_wasm_lines, 6000, good.size());
  // Of each section a third of its own: most of the file is code and strings.
  for (const char *name : {".debug_info", ".debug_abbrev", ".debug_line", ".debug_ranges", ".debug_str"}) {
    const size_t at = good.find(name);
    ASSERT_NE(at, std::string::npos) << name;
    std::mt19937_64 random(9);
    for (int round = 0; round < 2000; ++round) {
      std::string bytes = good;
      for (int i = 0; i < 3; ++i) {
        const size_t place = at + std::string(name).size() + random() % 160;
        if (place < bytes.size()) bytes[place] = static_cast<char>(random());
      }
      read_as_wasm_lines(bytes);
    }
  }
}

TEST_F(CodeMutation, CodeImage) {
  const std::string good = small_image().build().substr(SELFMAG);
  torn(good, read_as_code_image, 13);
  flipped(good, read_as_code_image, 3000, sizeof(Elf64_Ehdr));
  // The parts behind .text: tables, names, sections.
  std::mt19937_64 random(5);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    for (int i = 0; i < 3; ++i)
      bytes[8192 + random() % (bytes.size() - 8192)] = static_cast<char>(random() % 3 ? random() : 0xff);
    read_as_code_image(bytes);
  }
}

TEST_F(CodeMutation, CodeImageWhoseSizesLie) {
  const std::string good = small_image().build().substr(SELFMAG);
  for (size_t at = 0; at + 8 <= good.size(); at += at >= 60 && at < 8188 ? 4064 : 4)
    for (const uint64_t lie : {uint64_t{0}, uint64_t{1}, uint64_t{0xffff}, uint64_t{0x7fffffff}, uint64_t{0xffffffff},
                               uint64_t{1} << 32, uint64_t{1} << 63, UINT64_MAX, UINT64_MAX - 63}) {
      std::string changed = good;
      std::memcpy(changed.data() + at, &lie, sizeof lie);
      read_as_code_image(changed);
    }
}

TEST_F(CodeMutation, AddressMap) {
  std::vector<AddressEntry> entries;
  for (uint32_t i = 0; i < 300; ++i) entries.push_back({i * 7, i % 5 ? 1000 + i * 13 % 97 : UINT32_MAX});
  for (const std::string &good : {flat_address_map(entries), block_address_map(entries)}) {
    torn(good, read_as_address_map, 1);
    flipped(good, read_as_address_map, 10000, good.size());
    flipped(good, read_as_address_map, 5000, 32);
  }
}

TEST_F(CodeMutation, Frames) {
  const std::string good = seed("frames/two-encodings");
  torn(good, read_as_frames, 1);
  flipped(good, read_as_frames, 20000, good.size());
}

TEST_F(CodeMutation, ElfSymbols) {
  const std::string good = seed("elf-symbols/object");
  torn(good, read_as_elf_symbols, 3);
  flipped(good, read_as_elf_symbols, 5000, sizeof(Elf64_Ehdr));
  flipped(good, read_as_elf_symbols, 20000, good.size());
}

TEST_F(CodeMutation, KernelSymbols) {
  const std::string good = seed("kernel-symbols/few");
  torn(good, read_as_kernel_symbols, 1);
  flipped(good, read_as_kernel_symbols, 10000, good.size());
}

TEST_F(CodeMutation, MangledNames) {
  for (const char *name :
       {"_ZNSt6vectorIiSaIiEE9push_backERKi", "_ZN4main4work17h0123456789abcdefE.cold", "_RINvNtC3std3mem8align_ofdE",
        "_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y"}) {
    torn(name, read_as_mangled, 1);
    flipped(name, read_as_mangled, 5000, 64);
  }
}

} // namespace
} // namespace sgperf::test
