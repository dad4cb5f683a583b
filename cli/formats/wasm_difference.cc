// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_difference.h"

#include "formats/wasm_contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sgperf::formats {
namespace {

struct Part {
  std::string name; // with a number where a name is there twice
  std::string_view bytes;
  size_t offset = 0;
};

std::vector<Part> parts_of(std::string_view bytes) {
  std::vector<Part> parts;
  std::map<std::string, int> seen;
  ByteCursor all(bytes, 8);
  while (!all.done()) {
    const WasmSection one = wasm_section(all);
    if (all.bad()) {
      parts.push_back({"what is behind the last whole section", bytes.substr(one.header), one.header});
      break;
    }
    ByteCursor inner(bytes.substr(0, one.end), one.payload);
    std::string name = wasm_section_name(one.id);
    if (one.id == WasmSection::id_custom) name.append(" ").append(wasm_name(inner));
    if (const int number = ++seen[name]; number > 1) name += fmt::format(" ({})", number);
    parts.push_back({name, bytes.substr(one.payload, one.end - one.payload), one.payload});
  }
  return parts;
}

std::string bodies(std::string_view one, std::string_view other) {
  std::string error;
  const auto a = parse_wasm_module(one, error), b = parse_wasm_module(other, error);
  if (!a || !b) return "";
  const size_t common = std::min(a->bodies.size(), b->bodies.size());
  size_t different = 0, first = common;
  for (size_t i = common; i-- > 0;)
    if (one.substr(a->bodies[i].offset, a->bodies[i].size) != other.substr(b->bodies[i].offset, b->bodies[i].size))
      ++different, first = i;
  std::string text = fmt::format("; {} of {} functions differ", different, common);
  if (different)
    text += ", the first is " + a->function_name(static_cast<uint32_t>(a->imported_functions.size() + first)).name;
  return text;
}

std::string difference(const std::string &name, std::string_view one, std::string_view other, size_t offset) {
  const size_t common = std::min(one.size(), other.size());
  size_t at = 0;
  while (at < common && one[at] == other[at]) ++at;
  return fmt::format("{}: {} bytes and {}, first difference at byte {} of it, file offset {:#x}", name, one.size(),
                     other.size(), at, offset + at);
}

} // namespace

std::vector<std::string> wasm_differences(std::string_view one, std::string_view other) {
  if (one == other) return {};
  if (!has_wasm_magic(one) || !has_wasm_magic(other) || one.size() < 8 || other.size() < 8)
    return {difference("the file", one, other, 0)};
  std::vector<std::string> out;
  const auto a = parts_of(one), b = parts_of(other);
  const auto find = [](const std::vector<Part> &parts, const std::string &name) {
    return std::find_if(parts.begin(), parts.end(), [&](const Part &part) { return part.name == name; });
  };
  for (const Part &part : a) {
    const auto twin = find(b, part.name);
    if (twin == b.end())
      out.push_back(part.name + ": only in the first");
    else if (part.bytes != twin->bytes)
      out.push_back(difference(part.name, part.bytes, twin->bytes, part.offset) +
                    (part.name == "code" ? bodies(one, other) : ""));
  }
  for (const Part &part : b)
    if (find(a, part.name) == a.end()) out.push_back(part.name + ": only in the second");
  if (out.empty()) out.push_back("the order of the sections, or how their sizes are written");
  return out;
}

} // namespace sgperf::formats
