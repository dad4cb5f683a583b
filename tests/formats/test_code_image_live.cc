// SPDX-License-Identifier: Apache-2.0
// Real images: Wasmtime in this process, found by what it registers and by what is mapped, and led back to source
// lines.
#include "formats/code_image.h"
#include "formats/code_image_frames.h"
#include "formats/wasm_build.h"
#include "formats/wasm_lines.h"
#include "formats/wasmtime_images.h"

#include <gtest/gtest.h>

#include <sys/uio.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;

// As the command reads another process; a bad address is no signal.
bool read_own(uint64_t address, void *out, size_t size) {
  const iovec to{out, size}, from{reinterpret_cast<void *>(address), size};
  return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == static_cast<ssize_t>(size);
}
std::vector<MemoryRange> own_maps() {
  std::ifstream in("/proc/self/maps");
  std::ostringstream text;
  text << in.rdbuf();
  return parse_maps(text.str());
}

class LiveImages : public ::testing::Test {
protected:
  void SetUp() override {
    if (!wasmtime().why_not().empty()) GTEST_SKIP() << wasmtime().why_not();
  }
  void TearDown() override {
    for (void *module : modules_) wasmtime().remove(module);
    EXPECT_TRUE(registered_frames().empty()) << "an image is left";
  }
  static Wasmtime &wasmtime() { return Wasmtime::get(); }

  std::string build(const std::string &source, const WasmBuild &options = {}) {
    std::string why;
    const std::string out = build_wasm(folder_.path(), source, why, options);
    EXPECT_FALSE(out.empty()) << why;
    return out;
  }
  // The pointer that was registered for it.
  uint64_t publish(void *module, const std::string &error) {
    EXPECT_NE(module, nullptr) << error;
    if (!module) return 0;
    modules_.push_back(module);
    const auto frames = registered_frames();
    EXPECT_FALSE(frames.empty());
    return frames.empty() ? 0 : frames.back();
  }
  uint64_t compile(const std::string &wasm) {
    std::string error;
    void *module = wasmtime().compile(wasm, error);
    return publish(module, error);
  }
  void unload() {
    wasmtime().remove(modules_.back());
    modules_.pop_back();
  }
  static CodeImage copy(const FoundImage &found) {
    std::string bytes(found.length, '\0'), error;
    EXPECT_TRUE(read_own(found.base, bytes.data(), bytes.size()));
    auto image = parse_image(bytes, error);
    EXPECT_TRUE(image) << error;
    return image.value_or(CodeImage());
  }
  static WasmModule parsed(const std::string &wasm) {
    std::string error;
    auto out = parse_wasm_module(wasm, error);
    EXPECT_TRUE(out) << error;
    return out.value_or(WasmModule());
  }
  static bool has(const CodeImage &image, const std::string &name) {
    for (const auto &one : image.functions)
      if (one.symbol.ends_with("::" + name)) return true;
    return false;
  }

  TempDir folder_;
  std::vector<void *> modules_;
};

std::string one_function(const std::string &name, int body = 1) {
  return "__attribute__((visibility(\"default\"))) int " + name +
         "(int n) { int s = 0; for (int i = 0; i < n; ++i) s += i * " + std::to_string(body) + " ^ s; return s; }";
}

TEST_F(LiveImages, FourAliveEachFoundByFramesAndByCode) {
  const std::vector<std::string> names{"first", "second", "third", "fourth"};
  std::vector<uint64_t> frames;
  frames.reserve(names.size());
  for (const auto &name : names) frames.push_back(compile(build(one_function(name))));
  const auto maps = own_maps();
  std::string why;
  std::set<uint64_t> bases;
  int merged = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = find_image(read_own, maps, frames[i], ImageHint::eh_frame, why);
    ASSERT_TRUE(found) << why;
    const CodeImage image = copy(*found);
    EXPECT_EQ(image.size, found->length);
    EXPECT_TRUE(has(image, names[i])) << "another module's image";
    bases.insert(found->base);
    const auto by_code = find_image(read_own, maps, found->text + image.functions[0].offset + 1, ImageHint::text, why);
    ASSERT_TRUE(by_code) << why;
    EXPECT_EQ(by_code->base, found->base);
    for (const auto &range : maps) merged += range.start < found->base && found->base < range.end;
  }
  EXPECT_EQ(bases.size(), names.size());
  EXPECT_GT(merged, 0) << "no mapping begins before the image in it: neighbours did not merge, so this proved little";
  std::set<uint64_t> all;
  for (const auto &found : find_images(read_own, maps)) all.insert(found.base);
  EXPECT_EQ(all, bases) << "a late attach finds exactly these";
}

TEST_F(LiveImages, AnotherModuleAtAReusedAddress) {
  std::string why;
  for (int round = 0; round < 20; ++round) {
    const uint64_t first = compile(build(one_function("earlier")));
    const auto before = find_image(read_own, own_maps(), first, ImageHint::eh_frame, why);
    ASSERT_TRUE(before) << why;
    unload();
    EXPECT_FALSE(find_image(read_own, own_maps(), first, ImageHint::eh_frame, why)) << "it is gone";
    const uint64_t second = compile(build(one_function("later")));
    const auto after = find_image(read_own, own_maps(), second, ImageHint::eh_frame, why);
    ASSERT_TRUE(after) << why;
    EXPECT_TRUE(has(copy(*after), "later"));
    EXPECT_FALSE(has(copy(*after), "earlier"));
    if (after->base == before->base) return;
    unload();
  }
  FAIL() << "the address of an unloaded module was never used again";
}

TEST_F(LiveImages, FileThatIsMapped) {
  const std::string wasm = build(guest_source);
  compile(wasm);
  const auto path = folder_.path() / "guest.cwasm";
  write_file(path, wasmtime().serialize(modules_.back()));
  unload();
  std::string error;
  void *module = wasmtime().deserialize(path, error);
  const uint64_t frames = publish(module, error);
  const auto found = find_image(read_own, own_maps(), frames, ImageHint::eh_frame, error);
  ASSERT_TRUE(found) << error;
  EXPECT_EQ(found->path, path.string());
  EXPECT_EQ(found->length, std::filesystem::file_size(path));
  const CodeImage mapped = copy(*found);
  EXPECT_TRUE(has(mapped, "run"));
  // The file itself is an image too.
  const auto read = parse_image(read_file(path), error);
  ASSERT_TRUE(read) << error;
  EXPECT_EQ(read->functions.size(), mapped.functions.size());
  EXPECT_TRUE(fits(parsed(wasm), *read).fits);
}

TEST_F(LiveImages, StrippedModuleHasIndicesStill) {
  WasmBuild options;
  options.link.push_back("--strip-all");
  const std::string wasm = build(guest_source, options);
  std::string why;
  const uint64_t frames = compile(wasm);
  const auto found = find_image(read_own, own_maps(), frames, ImageHint::eh_frame, why);
  ASSERT_TRUE(found) << why;
  const CodeImage image = copy(*found);
  const WasmModule module = parsed(wasm);
  std::set<uint32_t> indices;
  for (const auto &one : image.functions)
    if (one.kind == JitNameKind::wasm_function) indices.insert(*one.index);
  EXPECT_EQ(indices.size(), module.bodies.size());
  EXPECT_EQ(*indices.begin(), module.imported_functions.size());
  EXPECT_TRUE(fits(module, image).fits) << fits(module, image).why;
}

TEST_F(LiveImages, OnlyItsOwnModuleFits) {
  const std::string wasm = build(guest_source);
  // Its own with one more instruction in front: as many functions, elsewhere.
  std::string shifted_source = guest_source;
  shifted_source.replace(shifted_source.find("n < 2"), 5, "n < 2 + tick(n)*tick(3)");
  const std::string shifted = build(shifted_source), fewer = build(one_function("run"));
  std::string why;
  const uint64_t frames = compile(wasm);
  const auto found = find_image(read_own, own_maps(), frames, ImageHint::eh_frame, why);
  ASSERT_TRUE(found) << why;
  const CodeImage image = copy(*found);
  ASSERT_TRUE(image.map) << image.map_error;
  EXPECT_TRUE(image.map->in_blocks());
  const Fit own = fits(parsed(wasm), image);
  EXPECT_TRUE(own.fits) << own.why;
  EXPECT_GT(own.positions, 20u);
  EXPECT_FALSE(fits(parsed(fewer), image).fits);
  // The same count: what tells them apart is where bodies are.
  const WasmModule other = parsed(shifted);
  ASSERT_EQ(other.bodies.size(), parsed(wasm).bodies.size());
  const Fit none = fits(other, image);
  EXPECT_FALSE(none.fits);
}

TEST_F(LiveImages, FrameRangesAreThoseOfTheSymbols) {
  std::string why;
  const uint64_t frames = compile(build(guest_source));
  const auto found = find_image(read_own, own_maps(), frames, ImageHint::eh_frame, why);
  ASSERT_TRUE(found) << why;
  const CodeImage image = copy(*found);
  const FrameRanges ranges = read_frames(read_own, frames);
  EXPECT_TRUE(ranges.terminated);
  EXPECT_EQ(ranges.length, found->eh_frame_size);
  EXPECT_EQ(ranges.odd.total(), 0u) << to_text(ranges.odd);
  std::set<std::pair<uint64_t, uint64_t>> by_frames, by_symbols;
  for (const auto &range : ranges.ranges) by_frames.insert({range.start, range.size});
  for (const auto &one : image.functions)
    if (one.kind == JitNameKind::wasm_function) by_symbols.insert({found->text + one.offset, one.size});
  for (const auto &one : by_symbols) EXPECT_TRUE(by_frames.contains(one)) << std::hex << one.first;
}

// From an address of machine code to a line of C.
TEST_F(LiveImages, CodeLeadsToSourceLines) {
  const std::string wasm = build(guest_source);
  std::string why;
  const uint64_t frames = compile(wasm);
  const auto found = find_image(read_own, own_maps(), frames, ImageHint::eh_frame, why);
  ASSERT_TRUE(found) << why;
  const CodeImage image = copy(*found);
  const WasmModule module = parsed(wasm);
  const auto lines = WasmLines::open(wasm, module, why);
  ASSERT_TRUE(lines) << why;
  std::set<uint32_t> of_fib, of_run;
  bool inlined = false;
  for (const auto &one : image.functions) {
    if (one.kind != JitNameKind::wasm_function) continue;
    const std::string name = module.function_name(*one.index).name;
    for (uint64_t at = one.offset; at < one.offset + one.size; ++at) {
      const auto position = image.file_position(at);
      if (!position) continue;
      EXPECT_EQ(module.function_at(*position), one.index);
      const SourcePlace *place = lines->find(*position);
      if (!place) continue;
      EXPECT_EQ(place->frames.back().function, name);
      EXPECT_TRUE(place->frames.front().file.ends_with("guest.c")) << place->frames.front().file;
      if (name == "run") of_run.insert(place->frames.front().line);
      if (name != "fib") continue;
      of_fib.insert(place->frames.back().line);
      if (place->frames.size() < 2) continue;
      inlined = true;
      EXPECT_EQ(place->frames[0].function, "square");
      EXPECT_EQ(place->frames[1].line, 11u) << "the line of the call";
    }
  }
  EXPECT_TRUE(inlined) << "square() is in fib()";
  EXPECT_TRUE(of_fib.contains(11) && of_fib.contains(12)) << ::testing::PrintToString(of_fib);
  EXPECT_TRUE(of_run.contains(18)) << ::testing::PrintToString(of_run);
  for (const uint32_t line : of_fib) EXPECT_TRUE(line == 0 || (line >= 10 && line <= 13)) << line;
  for (const uint32_t line : of_run) EXPECT_TRUE(line == 0 || (line >= 15 && line <= 20)) << line;
}

} // namespace
} // namespace sgperf::formats
