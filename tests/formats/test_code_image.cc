// SPDX-License-Identifier: Apache-2.0
// Code images made in the test: parsing, finding in a memory of the test's own, and what does not prove itself.
#include "formats/code_image.h"
#include "formats/code_image_builder.h"

#include <gtest/gtest.h>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;

CodeImage parsed(const std::string &bytes) {
  std::string error;
  auto out = parse_image(bytes, error);
  EXPECT_TRUE(out) << error;
  return out.value_or(CodeImage());
}

TEST(CodeImage, Parts) {
  const std::string bytes = small_image().build();
  const CodeImage image = parsed(bytes + "what follows in memory");
  EXPECT_EQ(image.size, bytes.size());
  EXPECT_EQ(image.machine, EM_X86_64);
  EXPECT_FALSE(image.component);
  EXPECT_EQ(image.text_offset, 4096u);
  EXPECT_EQ(image.text_size, 4096u);
  EXPECT_EQ(image.eh_frame_size, 16u);
  EXPECT_EQ(image.odd.total(), 0u);
  ASSERT_EQ(image.functions.size(), 3u);
  EXPECT_EQ(image.functions[0].symbol, "wasm[0]::function[1]::fib");
  EXPECT_EQ(image.functions[0].kind, JitNameKind::wasm_function);
  EXPECT_EQ(image.functions[0].index, 1u);
  EXPECT_EQ(image.functions[0].module, 0u);
  EXPECT_EQ(image.functions[2].kind, JitNameKind::trampoline);
  EXPECT_EQ(image.functions[2].index, 2u);
  EXPECT_EQ(image.function_at(63)->index, 1u);
  EXPECT_EQ(image.function_at(64)->index, 2u);
  EXPECT_EQ(image.function_at(116), nullptr);
}

TEST(CodeImage, PositionsStayInTheirFunction) {
  const CodeImage image = parsed(small_image().build());
  EXPECT_EQ(image.file_position(0), 1000u);
  EXPECT_EQ(image.file_position(12), 1005u);
  EXPECT_EQ(image.file_position(25), std::nullopt) << "an entry that says: of no instruction";
  EXPECT_EQ(image.position_near(25), 1005u) << "of the one in front of it";
  EXPECT_EQ(image.position_near(66), 2000u) << "there is none in front of it in its function";
  EXPECT_EQ(image.position_near(12), 1005u);
  EXPECT_EQ(image.position_near(100), std::nullopt) << "a trampoline";
  EXPECT_EQ(image.file_position(63), 1002u);
  EXPECT_EQ(image.file_position(66), std::nullopt) << "the last entry before it is of the function before";
  EXPECT_EQ(image.file_position(80), 2000u);
  EXPECT_EQ(image.file_position(100), std::nullopt) << "a trampoline";
}

TEST(CodeImage, OddSymbolsAndMapsAreCounted) {
  ImageBuilder builder = small_image();
  builder.symbols.push_back({"far", 4096, 1});
  builder.symbols.push_back({"long", 4000, 97});
  builder.symbols.push_back({"wraps", 8, UINT64_MAX});
  builder.address_map = "neither";
  const CodeImage image = parsed(builder.build());
  EXPECT_EQ(image.functions.size(), 3u);
  EXPECT_EQ(image.odd[ImageOdd::symbol_outside_text], 3u);
  EXPECT_FALSE(image.map);
  EXPECT_NE(image.map_error.find("not understood"), std::string::npos);
  EXPECT_EQ(image.file_position(0), std::nullopt);
}

TEST(CodeImage, WhatIsNoneIsSaidToBe) {
  const std::string good = small_image().build();
  const auto with = [&](size_t at, char value) {
    std::string out = good;
    out[at] = value;
    return out;
  };
  const struct {
    std::string bytes;
    const char *word;
  } cases[] = {
      {"", "found 0 bytes"},
      {std::string(100, 'x'), "no ELF header"},
      {with(EI_CLASS, ELFCLASS32), "not of 64 bits"},
      {with(offsetof(Elf64_Ehdr, e_phnum), 3), "it has segments"},
      {with(offsetof(Elf64_Ehdr, e_shnum), 0), "no table of sections"},
      {with(offsetof(Elf64_Ehdr, e_shstrndx), 99), "no table of sections"},
      {with(offsetof(Elf64_Ehdr, e_shoff) + 7, 1), "beyond 4 GiB"},
      {with(offsetof(Elf64_Ehdr, e_shstrndx), 1), "without code"},
      {good.substr(0, good.size() - 1), "it is cut"},
  };
  for (const auto &one : cases) {
    std::string error;
    EXPECT_FALSE(parse_image(one.bytes, error)) << one.word;
    EXPECT_NE(error.find(one.word), std::string::npos) << error;
  }
}

// --- matching

WasmModule module_of(std::vector<WasmBody> bodies, size_t imports) {
  WasmModule out;
  out.imported_functions.resize(imports);
  out.bodies = std::move(bodies);
  return out;
}

TEST(CodeImage, FitsItsModuleOnly) {
  const CodeImage image = parsed(small_image().build());
  const std::vector<WasmBody> bodies{{990, 100}, {1995, 30}};
  const Fit right = fits(module_of(bodies, 1), image);
  EXPECT_TRUE(right.fits) << right.why;
  EXPECT_EQ(right.positions, 4u);
  EXPECT_NE(fits(module_of(bodies, 2), image).why.find("a function 1"), std::string::npos);
  EXPECT_NE(fits(module_of({{990, 100}, {1995, 30}, {2100, 9}}, 1), image).why.find("2 functions, the module 3"),
            std::string::npos);
  EXPECT_NE(fits(module_of({{990, 100}, {2001, 30}}, 1), image).why.find("byte 2000"), std::string::npos);
  WasmModule damaged = module_of(bodies, 1);
  damaged.index_space_known = false;
  EXPECT_FALSE(fits(damaged, image).fits);
  EXPECT_FALSE(fits(module_of(bodies, 1), image, 1).fits) << "another module of the component";
}

// --- finding

struct Memory {
  uint64_t base = 0x7f0000000000;
  std::string bytes;
  std::vector<MemoryRange> maps;

  uint64_t add(const std::string &image) { // page-aligned, neighbouring
    const uint64_t at = base + bytes.size();
    bytes += image;
    bytes.resize((bytes.size() + 4095) / 4096 * 4096);
    return at;
  }
  void range(uint64_t start, uint64_t size, bool executable, const char *path = "") {
    maps.push_back({start, start + size, true, executable, 0, path});
  }
  ReadMemory reader() const {
    return [this](uint64_t at, void *out, size_t size) {
      if (at < base || at - base > bytes.size() || size > bytes.size() - (at - base)) return false;
      std::memcpy(out, bytes.data() + (at - base), size);
      return true;
    };
  }
};

// Images side by side: what is behind the code of one and in front of the code of the next is one mapping.
struct Neighbours : Memory {
  std::vector<uint64_t> images, frames, texts;
  explicit Neighbours(const std::vector<ImageBuilder> &builders) {
    for (const ImageBuilder &builder : builders) {
      const std::string image = builder.build();
      std::string error;
      const auto parts = parse_image(image, error);
      images.push_back(add(image));
      texts.push_back(images.back() + parts->text_offset);
      frames.push_back(images.back() + parts->eh_frame_offset);
    }
    uint64_t at = base;
    for (size_t i = 0; i < builders.size(); ++i) {
      range(at, texts[i] - at, false);
      range(texts[i], builders[i].text.size(), true);
      at = texts[i] + builders[i].text.size();
    }
    range(at, base + bytes.size() - at, false);
  }
};

TEST(CodeImageFind, EachOfNeighbours) {
  ImageBuilder large = small_image();
  large.text.resize(5 * 4096);
  large.eh_frame.resize(70000);
  const Neighbours memory({small_image(), large, small_image(), large});
  std::string why;
  for (size_t i = 0; i < memory.images.size(); ++i) {
    const auto by_frames = find_image(memory.reader(), memory.maps, memory.frames[i], ImageHint::eh_frame, why);
    ASSERT_TRUE(by_frames) << i << ": " << why;
    EXPECT_EQ(by_frames->base, memory.images[i]);
    EXPECT_EQ(by_frames->text, memory.texts[i]);
    EXPECT_EQ(by_frames->length, (i % 2 ? large : small_image()).build().size()) << "not the mapping's end";
    const auto by_text = find_image(memory.reader(), memory.maps, memory.texts[i] + 4000, ImageHint::text, why);
    ASSERT_TRUE(by_text) << i << ": " << why;
    EXPECT_EQ(by_text->base, memory.images[i]);
  }
  const auto all = find_images(memory.reader(), memory.maps);
  ASSERT_EQ(all.size(), 4u);
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].base, memory.images[i]);
}

TEST(CodeImageFind, HeadersThatDoNotProveThemselves) {
  // A guest with ELF files among its data, in front of its code: one is an image in itself.
  ImageBuilder guest = small_image();
  guest.before_text = small_image().build();
  guest.before_text.resize((guest.before_text.size() + 4095) / 4096 * 4096);
  guest.before_text += std::string("\x7f"
                                   "ELF") +
                       std::string(4092, '\xff');
  const Neighbours memory({small_image(), guest});
  std::string why;
  const auto found = find_image(memory.reader(), memory.maps, memory.frames[1], ImageHint::eh_frame, why);
  ASSERT_TRUE(found) << why;
  EXPECT_EQ(found->base, memory.images[1]);
  // Any other pointer there: the headers are seen and refused.
  EXPECT_FALSE(find_image(memory.reader(), memory.maps, memory.frames[1] + 8, ImageHint::eh_frame, why));
  EXPECT_NE(why.find("is not its own"), std::string::npos) << why;
  EXPECT_FALSE(find_image(memory.reader(), memory.maps, memory.images[1] + 64, ImageHint::text, why));
}

TEST(CodeImageFind, MappingsHaveToAgree) {
  Neighbours memory({small_image()});
  std::string why;
  const auto find = [&] {
    return find_image(memory.reader(), memory.maps, memory.frames[0], ImageHint::eh_frame, why);
  };
  ASSERT_TRUE(find()) << why;
  const auto maps = memory.maps;
  memory.maps[1].executable = false; // published later: not yet
  EXPECT_FALSE(find());
  EXPECT_NE(why.find("no executable range starts at its .text"), std::string::npos) << why;
  memory.maps = maps;
  memory.maps[0].start += 4096, memory.maps[0].end += 4096; // a gap
  memory.maps.erase(memory.maps.begin());
  EXPECT_FALSE(find());
  EXPECT_NE(why.find("no ELF header stands in front of"), std::string::npos) << why;
  memory.maps = maps;
  for (auto &range : memory.maps) range.path = &range == &memory.maps[0] ? "/a" : "/b";
  EXPECT_FALSE(find()) << "a header in another file";
  memory.maps.clear();
  EXPECT_FALSE(find());
  EXPECT_NE(why.find("nothing is mapped readable"), std::string::npos) << why;
}

TEST(CodeImageFind, MemoryThatCannotBeRead) {
  Neighbours memory({small_image()});
  std::string why;
  // The page with the table of sections is gone.
  memory.bytes.resize(4096 * 2);
  EXPECT_FALSE(find_image(memory.reader(), memory.maps, memory.texts[0], ImageHint::text, why));
  EXPECT_NE(why.find("cannot be read"), std::string::npos) << why;
  EXPECT_FALSE(
      find_image([](uint64_t, void *, size_t) { return false; }, memory.maps, memory.texts[0], ImageHint::text, why));
}

TEST(CodeImageFind, SearchEnds) {
  // 64 MiB of headers that prove nothing.
  Memory memory;
  std::string page = small_image().build().substr(0, 4096);
  while (memory.bytes.size() < (64 << 20)) memory.bytes += page;
  memory.range(memory.base, memory.bytes.size(), false);
  std::string why;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(
      find_image(memory.reader(), memory.maps, memory.base + memory.bytes.size() - 8, ImageHint::eh_frame, why));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(CodeImageFind, Maps) {
  const auto maps = parse_maps("7f12000-7f13000 r--p 00001000 fd:01 1234                       /a b/lib (deleted)\n"
                               "7f13000-7f14000 r-xp 00000000 00:00 0 \n"
                               "garbage\n7f15000-7f14000 r-xp 0 00:00 0\n"
                               "1000-2000 ---p 00000000 00:00 0                          [heap]");
  ASSERT_EQ(maps.size(), 3u);
  EXPECT_EQ(maps[0].path, "[heap]");
  EXPECT_FALSE(maps[0].readable);
  EXPECT_EQ(maps[1].path, "/a b/lib (deleted)");
  EXPECT_EQ(maps[1].offset, 0x1000u);
  EXPECT_FALSE(maps[1].executable);
  EXPECT_TRUE(maps[2].executable);
  EXPECT_EQ(maps[2].path, "");
}

} // namespace
} // namespace sgperf::formats
