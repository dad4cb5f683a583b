// SPDX-License-Identifier: Apache-2.0
#include "emit/module_report.h"

#include "emit/readable.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace sgperf::emit {
namespace {

using formats::WasmCategory;
using formats::WasmContents;
using formats::WasmGroup;
using formats::WasmMix;

double share(uint64_t part, uint64_t all) {
  return all ? static_cast<double>(part) / static_cast<double>(all) : 0;
}

std::string number(uint64_t n) {
  return fmt::format("{}", n);
}

std::string joined(const std::vector<std::string> &words, const char *between = ", ") {
  std::string text;
  for (const std::string &word : words) text.append(text.empty() ? "" : between).append(word);
  return text.empty() ? "none" : text;
}

// "3 functions", "1 function".
std::string some(uint64_t n, const char *what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : std::string(what).ends_with("y") ? "" : "s");
}

std::string memory_text(const formats::WasmLimits &limits) {
  std::string text = fmt::format("{} to {}", some(limits.minimum, "page"),
                                 limits.flags & 1 ? number(limits.maximum) : std::string("no limit"));
  if (limits.flags & 2) text += ", shared";
  if (limits.flags & 4) text += ", 64-bit";
  return text;
}

// Kinds that occur, the most frequent first.
template <typename Kind> std::vector<std::pair<uint64_t, Kind>> occurring(const WasmMix<Kind> &mix) {
  std::vector<std::pair<uint64_t, Kind>> rows;
  for (size_t i = 0; i < mix.counts.size(); ++i)
    if (mix.counts[i]) rows.emplace_back(mix.counts[i], static_cast<Kind>(i));
  std::stable_sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
  return rows;
}

std::string debug_text(const WasmContents &c) {
  if (c.has_dwarf()) return "DWARF, " + bytes(static_cast<double>(c.debug_bytes()));
  if (!c.module.external_debug_info.empty()) return "in " + c.module.external_debug_info;
  return c.module.source_map.empty() ? "none" : "source map " + c.module.source_map;
}

void entities(const WasmContents &c, std::vector<std::pair<std::string, std::string>> &rows) {
  const uint64_t imported = c.module.imported_functions.size(), code = c.module.code_size;
  rows.emplace_back("file", bytes(static_cast<double>(c.module.size)));
  rows.emplace_back("functions", fmt::format("{} defined, {} imported, {}, {}", c.functions, imported,
                                             some(c.types, "type"), some(c.locals, "declared local")));
  rows.emplace_back("code", c.operators.total
                                ? fmt::format("{}, {} instructions: {:.1f} a function, {:.2f} bytes each",
                                              bytes(static_cast<double>(code)), c.operators.total,
                                              static_cast<double>(c.operators.total) /
                                                  static_cast<double>(std::max<uint64_t>(c.functions, 1)),
                                              static_cast<double>(code) / static_cast<double>(c.operators.total))
                                : "none");
  if (c.unknown_functions)
    rows.emplace_back("", fmt::format("{} not counted: {}", some(c.unknown_functions, "function"), c.unknown));
  std::vector<std::string> memories, largest, exports;
  for (const auto &one : c.all_memories) memories.push_back(memory_text(one));
  rows.emplace_back("memory", joined(memories, "; "));
  rows.emplace_back("tables", fmt::format("{}, {} in {}", some(c.all_tables.size(), "table"),
                                          some(c.elements, "element"), some(c.element_segments, "segment")));
  rows.emplace_back("globals", number(c.globals));
  rows.emplace_back(
      "data", fmt::format("{} in {}{}", bytes(static_cast<double>(c.data_bytes)), some(c.data_segments, "segment"),
                          c.passive_segments ? fmt::format(" ({} passive, of both kinds)", c.passive_segments) : ""));
  if (c.tags) rows.emplace_back("tags", number(c.tags));
  std::map<std::string, std::vector<std::string>> imports;
  for (const auto &one : c.imports)
    imports[one.module].push_back(one.kind == 0 ? one.name
                                                : fmt::format("{} ({})", one.name, formats::import_kind(one.kind)));
  if (imports.empty()) rows.emplace_back("imports", "none");
  for (const auto &[module, names] : imports) rows.emplace_back("imports", module + ": " + joined(names, " "));
  for (const auto &one : c.module.exports)
    exports.push_back(one.kind == 0 ? one.name : fmt::format("{} ({})", one.name, formats::import_kind(one.kind)));
  rows.emplace_back("exports", joined(exports, " "));
  if (c.has_start) rows.emplace_back("start", "a function runs at instantiation");
  for (const uint32_t index : c.largest(3))
    largest.push_back(
        fmt::format("{} {}", c.module.function_name(index).name,
                    bytes(static_cast<double>(c.module.bodies[index - c.module.imported_functions.size()].size))));
  rows.emplace_back("largest", joined(largest));
  rows.emplace_back("names", c.has_names() ? fmt::format("of {} functions", c.module.names.size()) : "none");
  rows.emplace_back("debug", debug_text(c));
  rows.emplace_back("features", joined(c.features, " "));
  if (!c.declared.empty()) rows.emplace_back("declared", joined(c.declared, " "));
  if (!c.producers.empty()) rows.emplace_back("producers", joined(c.producers, "; "));
  for (const std::string &text : c.damage) rows.emplace_back("damage", text);
}

std::string details_of(const DescribedModule &module, const TextStyle &style) {
  const WasmContents &c = module.contents;
  std::string out = title(module.id + " (" + module.path + ")", style);
  std::vector<std::pair<std::string, std::string>> rows;
  entities(c, rows);
  TextStyle narrow = style;
  if (narrow.width > 40) narrow.width -= 13; // which the names take
  for (const auto &[name, text] : rows)
    out += "  " + name + std::string(11 - name.size(), ' ') + wrapped(text, 13, narrow);
  TextTable sections({{"section", TextTable::left}, {"bytes"}, {"of file"}, {"entries"}});
  for (const auto &one : c.sections)
    sections.row({one.custom ? "custom " + one.name : one.name, number(one.size),
                  percent(share(one.size, c.module.size)), one.custom ? "-" : number(one.entries)});
  if (!sections.empty()) out += "\n" + sections.text(style);
  const auto groups = occurring(wasm_groups(c.operators));
  const auto categories = occurring(wasm_categories(c.operators));
  if (categories.empty()) return out;
  TextTable mix({{"instructions", TextTable::left},
                 {"count"},
                 {"share"},
                 {"Sightglass's category", TextTable::left},
                 {"count"},
                 {"share"}});
  for (size_t i = 0; i < std::max(groups.size(), categories.size()); ++i) {
    std::vector<std::string> row(6);
    const auto put = [&](size_t at, const auto &list) {
      if (i >= list.size()) return;
      row[at] = to_text(list[i].second);
      row[at + 1] = number(list[i].first);
      row[at + 2] = percent(share(list[i].first, c.operators.total));
    };
    put(0, groups);
    put(3, categories);
    mix.row(row);
  }
  return out + "\n" + mix.text(style);
}

std::string lines_of(const std::vector<DescribedModule> &modules, const TextStyle &style) {
  // Groups of one row together: what does not fit on a line is in the details.
  static constexpr struct {
    const char *title;
    std::initializer_list<WasmGroup> groups;
  } columns[] = {{"control", {WasmGroup::control}},
                 {"call", {WasmGroup::call, WasmGroup::indirect_call}},
                 {"var", {WasmGroup::variable}},
                 {"const", {WasmGroup::constant}},
                 {"int", {WasmGroup::integer}},
                 {"float", {WasmGroup::floating}},
                 {"conv", {WasmGroup::conversion}},
                 {"load", {WasmGroup::load}},
                 {"store", {WasmGroup::store}},
                 {"simd", {WasmGroup::vector}},
                 {"other", {WasmGroup::stack, WasmGroup::memory, WasmGroup::atomic, WasmGroup::reference}}};
  std::vector<TextTable::Column> header{{"module", TextTable::left}, {"size"}, {"functions"}, {"instr."}, {"data"}};
  for (const auto &column : columns) header.push_back({std::string("% ") + column.title, TextTable::right});
  TextTable table(header);
  for (const DescribedModule &module : modules) {
    const WasmContents &c = module.contents;
    const auto groups = wasm_groups(c.operators);
    std::vector<std::string> row{module.id, bytes(static_cast<double>(c.module.size)), number(c.functions),
                                 number(c.operators.total), bytes(static_cast<double>(c.data_bytes))};
    for (const auto &column : columns) {
      uint64_t sum = 0;
      for (const WasmGroup group : column.groups) sum += groups[group];
      row.push_back(sum ? fmt::format("{:.1f}", 100 * share(sum, c.operators.total)) : "-");
    }
    table.row(row);
    for (const std::string &text : c.damage) table.remark(text);
    if (c.unknown_functions)
      table.remark(fmt::format("{} not counted: {}", some(c.unknown_functions, "function"), c.unknown));
  }
  return table.text(style);
}

using json = nlohmann::ordered_json;

template <typename Kind> json mix_json(const WasmMix<Kind> &mix) {
  json out = json::object();
  for (size_t i = 0; i < mix.counts.size(); ++i) out[to_text(static_cast<Kind>(i))] = mix.counts[i];
  return out;
}

json limits_json(const std::vector<formats::WasmLimits> &all) {
  json out = json::array();
  for (const auto &one : all)
    out.push_back({{"minimum", one.minimum},
                   {"maximum", one.flags & 1 ? json(one.maximum) : json(nullptr)},
                   {"shared", (one.flags & 2) != 0},
                   {"wide", (one.flags & 4) != 0}});
  return out;
}

json one_json(const DescribedModule &module) {
  const WasmContents &c = module.contents;
  json sections = json::array(), imports = json::array(), exports = json::array(), largest = json::array();
  for (const auto &one : c.sections)
    sections.push_back({{"name", one.name}, {"custom", one.custom}, {"bytes", one.size}, {"entries", one.entries}});
  for (const auto &one : c.imports)
    imports.push_back({{"module", one.module}, {"name", one.name}, {"kind", formats::import_kind(one.kind)}});
  for (const auto &one : c.module.exports)
    exports.push_back({{"name", one.name}, {"kind", formats::import_kind(one.kind)}});
  for (const uint32_t index : c.largest(10))
    largest.push_back({{"index", index},
                       {"name", c.module.function_name(index).name},
                       {"bytes", c.module.bodies[index - c.module.imported_functions.size()].size}});
  return {{"id", module.id},
          {"path", module.path},
          {"sha256", module.sha256},
          {"bytes", c.module.size},
          {"functions", c.functions},
          {"imported_functions", c.module.imported_functions.size()},
          {"types", c.types},
          {"locals", c.locals},
          {"globals", c.globals},
          {"tags", c.tags},
          {"memories", limits_json(c.all_memories)},
          {"tables", limits_json(c.all_tables)},
          {"element_segments", c.element_segments},
          {"elements", c.elements},
          {"data_segments", c.data_segments},
          {"data_bytes", c.data_bytes},
          {"passive_segments", c.passive_segments},
          {"start_function", c.has_start},
          {"code_bytes", c.module.code_size},
          {"instructions", c.operators.total},
          {"not_counted_functions", c.unknown_functions},
          {"not_counted_because", c.unknown},
          {"groups", mix_json(wasm_groups(c.operators))},
          {"categories", mix_json(wasm_categories(c.operators))},
          {"sections", sections},
          {"imports", imports},
          {"exports", exports},
          {"largest_functions", largest},
          {"named_functions", c.module.names.size()},
          {"dwarf", c.has_dwarf()},
          {"debug_bytes", c.debug_bytes()},
          {"features", c.features},
          {"declared_features", c.declared},
          {"producers", c.producers},
          {"damage", c.damage}};
}

} // namespace

std::string module_text(const std::vector<DescribedModule> &modules, bool details, const TextStyle &style) {
  std::string out;
  if (modules.size() > 1) out = lines_of(modules, style);
  if (modules.size() == 1 || details)
    for (const DescribedModule &module : modules) out += (out.empty() ? "" : "\n") + details_of(module, style);
  return out;
}

std::string module_json(const std::vector<DescribedModule> &modules) {
  json list = json::array();
  for (const DescribedModule &module : modules) list.push_back(one_json(module));
  return json{{"schema", 1}, {"modules", list}}.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace sgperf::emit
