// SPDX-License-Identifier: Apache-2.0
#include "formats/code_image_builder.h"
#include "formats/wasm_build.h"
#include "formats/wasm_module.h"

#include <gtest/gtest.h>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;

std::string section(uint8_t id, const std::string &content) {
  std::string out(1, static_cast<char>(id));
  put_uleb(out, content.size());
  return out + content;
}
std::string text(const std::string &value) {
  std::string out;
  put_uleb(out, value.size());
  return out + value;
}
std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}
const std::string head("\0asm\1\0\0\0", 8);

WasmModule parsed(const std::string &module) {
  std::string error;
  auto out = parse_wasm_module(module, error);
  EXPECT_TRUE(out) << error;
  return out.value_or(WasmModule());
}

// One import of each kind, two functions; names for the import and the last function only.
std::string by_hand() {
  const std::string functions = bytes({2, 0}) + text("env/cb") + bytes({2}) + text("last");
  return head + section(1, bytes({2, 0x60, 2, 0x7f, 0x7c, 1, 0x7f, 0x60, 0, 0})) +
         section(2, bytes({6}) + text("env") + text("cb") + bytes({0, 1}) +     // function
                        text("env") + text("t") + bytes({1, 0x70, 1, 1, 2}) +   // table
                        text("env") + text("m") + bytes({2, 3, 1, 0x80, 1}) +   // shared memory
                        text("env") + text("g") + bytes({3, 0x7f, 1}) +         // global
                        text("env") + text("e") + bytes({4, 0, 0}) +            // tag
                        text("env") + text("g2") + bytes({3, 0x63, 0x70, 0})) + // global, a reference
         section(3, bytes({2, 0, 1})) +
         section(7, bytes({3}) + text("add") + bytes({0, 1}) + text("mem") + bytes({2, 0}) + text("plus") +
                        bytes({0, 1})) +
         section(10, bytes({2, 4, 0, 0x41, 0, 0x0b, 0x82, 0x80, 0, 0, 0x0b})) + // the second size: a padded LEB
         section(0, text("name") + bytes({0, 4}) + text("mod") + bytes({1, 15}) + functions + bytes({9, 1, 0})) +
         section(0, text("build_id") + bytes({3, 0xab, 0xcd, 0x01})) +
         section(0, text("sourceMappingURL") + text("./a.map"));
}

TEST(WasmModule, EverythingOfOneMadeByHand) {
  const std::string all = by_hand();
  const WasmModule module = parsed(all);
  EXPECT_EQ(module.odd.total(), 0u) << to_text(module.odd);
  EXPECT_TRUE(module.index_space_known);
  EXPECT_EQ(module.size, all.size());
  EXPECT_EQ(module.name, "mod");
  ASSERT_EQ(module.imported_functions.size(), 1u);
  EXPECT_EQ(module.imported_functions[0].name, "cb");
  ASSERT_EQ(module.bodies.size(), 2u);
  EXPECT_EQ(module.function_count(), 3u);
  // The bodies are where the bytes are.
  EXPECT_EQ(all.substr(module.bodies[0].offset, module.bodies[0].size), bytes({0, 0x41, 0, 0x0b}));
  EXPECT_EQ(all.substr(module.bodies[1].offset, module.bodies[1].size), bytes({0, 0x0b}));
  EXPECT_EQ(all[module.code_payload], 2) << "the count of functions";
  EXPECT_EQ(module.code_payload + 2, module.bodies[0].offset);
  EXPECT_EQ(module.code_payload + module.code_size, module.bodies[1].offset + module.bodies[1].size);
  EXPECT_EQ(module.function_at(module.bodies[0].offset), 1u);
  EXPECT_EQ(module.function_at(module.bodies[0].offset + 3), 1u);
  EXPECT_EQ(module.function_at(module.bodies[0].offset + 4), std::nullopt) << "the size of the next one";
  EXPECT_EQ(module.function_at(module.bodies[1].offset), 2u);
  EXPECT_EQ(module.function_at(0), std::nullopt);
  EXPECT_EQ(module.function_at(UINT64_MAX), std::nullopt);
  EXPECT_EQ(module.exported_function("plus"), 1u);
  EXPECT_EQ(module.exported_function("mem"), std::nullopt) << "not a function";
  EXPECT_EQ(module.build_id, "abcd01");
  EXPECT_EQ(module.source_map, "./a.map");
  ASSERT_TRUE(module.types_read);
  EXPECT_EQ(module.parameters, (std::vector<std::string>{"", "\x7f\x7c", ""}));
}

TEST(WasmModule, NamesFallBack) {
  WasmModule module = parsed(by_hand());
  EXPECT_EQ(module.function_name(0).name, "env/cb");
  EXPECT_EQ(module.function_name(0).source, WasmNameSource::name_section);
  EXPECT_EQ(module.function_name(1).name, "add") << "the first export";
  EXPECT_EQ(module.function_name(1).source, WasmNameSource::export_section);
  EXPECT_EQ(module.function_name(2).name, "last");
  EXPECT_EQ(module.function_name(99).name, "func[99]");
  EXPECT_EQ(module.function_name(99).source, WasmNameSource::index);
  EXPECT_EQ(missing_names(module), "");
  module.names.clear();
  EXPECT_EQ(module.function_name(0).name, "env.cb");
  EXPECT_EQ(module.function_name(0).source, WasmNameSource::import_section);
  EXPECT_NE(missing_names(module).find("no function names (2 functions, an empty name section)"), std::string::npos);
}

TEST(WasmModule, WhatIsNoCoreModuleIsSaidToBe) {
  const struct {
    std::string bytes;
    const char *word;
  } cases[] = {{"", "an empty file"},
               {"\x7f"
                "ELF",
                "7f454c46"},
               {head.substr(0, 6), "only 6 bytes"},
               {std::string("\0asm\x0d\0\1\0", 8), "a component"},
               {std::string("\0asm\2\0\0\0", 8), "02000000"}};
  for (const auto &one : cases) {
    std::string error;
    EXPECT_FALSE(parse_wasm_module(one.bytes, error));
    EXPECT_NE(error.find(one.word), std::string::npos) << error;
  }
  EXPECT_TRUE(has_wasm_magic(cases[3].bytes));
  EXPECT_FALSE(has_wasm_magic("\0as"));
}

TEST(WasmModule, DamageIsCountedAndTheRestIsThere) {
  // A code section that is cut: the names in front of nothing.
  const std::string all = by_hand();
  WasmModule cut = parsed(all.substr(0, parsed(all).bodies[1].offset));
  EXPECT_EQ(cut.odd[WasmOdd::section_cut], 1u);
  EXPECT_FALSE(cut.index_space_known);
  EXPECT_EQ(cut.exports.size(), 3u) << "what stands in front of the damage is there";
  // Counts that lie.
  const std::string many = bytes({0xff, 0xff, 0xff, 0xff, 0x0f});
  for (const uint8_t id : {1, 2, 3, 7, 10}) {
    const WasmModule lies = parsed(head + section(id, many));
    EXPECT_GT(lies.odd.total(), 0u) << int{id};
    EXPECT_EQ(lies.function_count(), 0u);
  }
  const WasmModule names = parsed(head + section(0, text("name") + bytes({1, 6}) + many + bytes({0})) +
                                  section(0, text("name") + bytes({1, 99})) + section(0, many));
  EXPECT_EQ(names.odd[WasmOdd::name], 1u);
  EXPECT_EQ(names.odd[WasmOdd::name_subsection], 1u);
  EXPECT_EQ(names.odd[WasmOdd::custom_section], 1u);
  // A kind of import, and of type, from a later proposal.
  const WasmModule later = parsed(head + section(1, bytes({1, 0x5f, 0})) + section(2, bytes({1, 0, 0, 9})));
  EXPECT_EQ(later.odd[WasmOdd::type_unknown], 1u);
  EXPECT_EQ(later.odd[WasmOdd::import_unknown], 1u);
  EXPECT_FALSE(later.index_space_known);
  EXPECT_FALSE(later.types_read);
  const WasmModule twice = parsed(head + section(3, bytes({0})) + section(3, bytes({1, 0})));
  EXPECT_EQ(twice.odd[WasmOdd::section_repeated], 1u);
}

TEST(WasmModule, ExternalDebugInformationIsNamed) {
  const std::string bytes = head + section(0, text("external_debug_info") + text("guest.debug.wasm"));
  EXPECT_NE(missing_lines(parsed(bytes), bytes).find("`guest.debug.wasm`"), std::string::npos);
}

TEST(WasmModule, LineTableThatWasEmptiedIsSeen) {
  // What wasm-opt leaves: a header with its file names and no program, 0x35 bytes.
  std::string unit;
  put<uint16_t>(unit, 4);
  put<uint32_t>(unit, 43);
  unit.resize(unit.size() + 43, '\1');
  std::string line;
  put(line, static_cast<uint32_t>(unit.size()));
  line += unit;
  ASSERT_EQ(line.size(), 0x35u);
  const std::string dwarf = section(0, text(".debug_info") + "i") + section(0, text(".debug_abbrev") + "a");
  const std::string emptied = head + dwarf + section(0, text(".debug_line") + line);
  EXPECT_NE(missing_lines(parsed(emptied), emptied).find("wasm-opt"), std::string::npos);
  // With a program behind the header.
  std::string filled = line + std::string(20, '\1');
  filled[0] = static_cast<char>(filled.size() - 4);
  const std::string full = head + dwarf + section(0, text(".debug_line") + filled);
  EXPECT_EQ(missing_lines(parsed(full), full), "");
  const std::string alone = head + section(0, text(".debug_line") + filled);
  EXPECT_NE(missing_lines(parsed(alone), alone).find("no .debug_info"), std::string::npos);
}

TEST(WasmModule, OneOfClangs) {
  TempDir folder;
  std::string why;
  const std::string all = build_wasm(folder.path(), guest_source, why);
  ASSERT_FALSE(all.empty()) << why;
  const WasmModule module = parsed(all);
  EXPECT_EQ(module.odd.total(), 0u) << to_text(module.odd);
  EXPECT_EQ(module.imported_functions.size(), 1u);
  EXPECT_EQ(module.function_name(0).name, "tick");
  const auto run = module.exported_function("run");
  ASSERT_TRUE(run);
  EXPECT_EQ(module.function_name(*run).name, "run");
  EXPECT_EQ(module.parameters[*run], "\x7f");
  EXPECT_EQ(missing_names(module), "");
  EXPECT_EQ(missing_lines(module, all), "");
  EXPECT_NE(module.custom_section(".debug_info"), nullptr);

  WasmBuild stripped;
  stripped.link.push_back("--strip-all");
  const std::string less = build_wasm(folder.path(), guest_source, why, stripped);
  ASSERT_FALSE(less.empty()) << why;
  const WasmModule bare = parsed(less);
  EXPECT_EQ(bare.bodies.size(), module.bodies.size());
  EXPECT_EQ(bare.function_name(*run).name, "run") << "of the export";
  EXPECT_EQ(bare.function_name(0).name, "host.tick");
  EXPECT_NE(missing_names(bare).find("no name section"), std::string::npos);
  EXPECT_NE(missing_lines(bare, less).find("compile and link with -g"), std::string::npos);
}

} // namespace
} // namespace sgperf::formats
