// SPDX-License-Identifier: Apache-2.0
// The adapters' readers of modules and ELF files: what they find, and that no input takes them out of its bytes.
#include "engine_run.h"

#include "adapter/elf_file.h"
#include "adapter/module.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>

namespace sgperf::test {
namespace {

// On the heap in its exact size, so that a sanitizer or the allocator's guard sees a read beyond the end.
std::unique_ptr<uint8_t[]> exact(const std::string &bytes, size_t size) {
  auto copy = std::make_unique<uint8_t[]>(size ? size : 1);
  std::memcpy(copy.get(), bytes.data(), size);
  return copy;
}

TEST(ModuleReader, FindsImportsAndExportsWithTheirTypes) {
  std::string wasm = read_file(guest("guest.wasm"));
  engine::Interface interface;
  std::string error;
  ASSERT_TRUE(engine::read_interface(reinterpret_cast<const uint8_t *>(wasm.data()), wasm.size(), interface, error))
      << error;
  std::string exports, imports;
  for (const engine::Export &item : interface.exports)
    if (item.kind == 0) exports += item.name + " " + item.signature.text() + "\n";
  for (const engine::Import &item : interface.imports)
    if (item.module == "bench" || item.field == "fd_seek")
      imports += item.module + "." + item.field + " " + item.signature.text() + "\n";
  for (const char *line : {"_start >\n", "add ii>i\n", "mix iIfF>F\n", "twice f>f\n", "big I>I\n"})
    EXPECT_NE(exports.find(line), std::string::npos) << line << exports;
  for (const char *line : {"bench.start >\n", "bench.end >\n", "wasi_snapshot_preview1.fd_seek iIii>i\n"})
    EXPECT_NE(imports.find(line), std::string::npos) << line << imports;
}

TEST(ModuleReader, TakesAnyBytes) {
  std::string wasm = read_file(guest("traps.wasm")) + read_file(guest("unknown_import.wasm")).substr(8);
  for (size_t size = 0; size <= wasm.size(); size++) {
    engine::Interface interface;
    std::string error;
    engine::read_interface(exact(wasm, size).get(), size, interface, error);
  }
  std::mt19937 random(1);
  size_t refused = 0;
  for (int i = 0; i < 20000; i++) {
    std::string broken = wasm;
    for (int n = 0; n < 3; n++) broken[8 + random() % (broken.size() - 8)] = char(random());
    engine::Interface interface;
    std::string error;
    if (!engine::read_interface(exact(broken, broken.size()).get(), broken.size(), interface, error)) {
      refused++;
      EXPECT_FALSE(error.empty());
    }
  }
  EXPECT_GT(refused, 1000u);
}

TEST(ElfReader, FindsSectionsAndKinds) {
  EXPECT_GT(engine::elf_text_size(guest("native_guest.so")), 100u);
  EXPECT_EQ(engine::elf_text_size(guest("guest.wasm")), 0u);
  EXPECT_EQ(engine::elf_kind(guest("native_guest.so")), engine::ElfKind::object);
  EXPECT_EQ(engine::elf_kind(guest("native_program")), engine::ElfKind::program);
  EXPECT_EQ(engine::elf_kind(guest("guest.wasm")), engine::ElfKind::none);
  EXPECT_EQ(engine::elf_kind("/nowhere"), engine::ElfKind::none);
}

TEST(ElfReader, TakesAnyBytes) {
  std::string file = read_file(guest("native_guest.so"));
  TempDir folder;
  std::string path = (folder.path() / "broken.so").string();
  std::mt19937 random(2);
  for (int i = 0; i < 3000; i++) {
    std::string broken = file.substr(0, i % 3 ? file.size() : random() % file.size());
    for (int n = 0; n < 4 && broken.size() > 64; n++) broken[4 + random() % 60] = char(random());
    engine::Bytes text = engine::elf_section(exact(broken, broken.size()).get(), broken.size(), ".text");
    EXPECT_LE(text.size, broken.size());
    if (i % 10 == 0) {
      write_file(path, broken);
      engine::elf_kind(path);
    }
  }
}

} // namespace
} // namespace sgperf::test
