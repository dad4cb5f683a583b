// SPDX-License-Identifier: Apache-2.0
#include "formats/sightglass.h"

#include "formats/csv.h"
#include "formats/json_text.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sgperf::formats {
namespace {

constexpr std::array<const char *, 9> columns{"arch",      "engine", "engine_flags", "wasm", "process",
                                              "iteration", "phase",  "event",        "count"};

// Sightglass reads phases in any case and writes them like this.
std::optional<std::string> phase_name(std::string_view text) {
  for (const char *name : {"Compilation", "Instantiation", "Execution"}) {
    const std::string_view known(name);
    if (known.size() == text.size() &&
        std::equal(known.begin(), known.end(), text.begin(), [](char a, char b) { return (a | 0x20) == (b | 0x20); }))
      return name;
  }
  return std::nullopt;
}

template <typename Number> bool parse_number(std::string_view text, Number &out) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), out);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

std::string shown(std::string_view text) {
  std::string out(1, '`');
  out.append(valid_utf8(text.substr(0, 60))).append(text.size() > 60 ? "..`" : "`");
  return out;
}

std::optional<std::vector<SightglassMeasurement>> parse_rows(std::string_view text, std::string &error) {
  const auto table = parse_csv(text);
  if (table.empty()) return std::vector<SightglassMeasurement>{};
  std::array<size_t, 9> at{};
  constexpr size_t absent = SIZE_MAX;
  const bool header = std::find(table[0].begin(), table[0].end(), "arch") != table[0].end();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (header) {
      const auto found = std::find(table[0].begin(), table[0].end(), columns[i]);
      at[i] = found == table[0].end() ? absent : static_cast<size_t>(found - table[0].begin());
      if (at[i] == absent && i != 2) {
        error = std::string("expected a column `") + columns[i] + "` in the header, found none";
        return std::nullopt;
      }
    } else
      at[i] = i; // without a header: nine columns, or eight without engine_flags
  }
  if (!header && table[0].size() == 8)
    for (size_t i = 2; i < columns.size(); ++i) at[i] = i == 2 ? absent : i - 1;
  const size_t width = header ? table[0].size() : table[0].size() == 8 ? 8 : 9;
  std::vector<SightglassMeasurement> out;
  for (size_t line = header ? 1 : 0; line < table.size(); ++line) {
    const CsvRow &row = table[line];
    const auto fail = [&](const std::string &what) {
      error = "row " + std::to_string(line + 1) + ": " + what;
      return std::nullopt;
    };
    if (row.size() != width)
      return fail("expected " + std::to_string(width) + " fields, found " + std::to_string(row.size()));
    SightglassMeasurement entry;
    entry.arch = row[at[0]];
    entry.engine = row[at[1]];
    if (at[2] != absent && !row[at[2]].empty()) entry.engine_flags = row[at[2]];
    entry.wasm = row[at[3]];
    if (!parse_number(row[at[4]], entry.process)) return fail("expected a process id, found " + shown(row[at[4]]));
    if (!parse_number(row[at[5]], entry.iteration)) return fail("expected an iteration, found " + shown(row[at[5]]));
    const auto phase = phase_name(row[at[6]]);
    if (!phase) return fail("expected Compilation, Instantiation or Execution, found " + shown(row[at[6]]));
    entry.phase = *phase;
    entry.event = row[at[7]];
    if (!parse_number(row[at[8]], entry.count)) return fail("expected a count, found " + shown(row[at[8]]));
    out.push_back(std::move(entry));
  }
  return out;
}

std::optional<std::vector<SightglassMeasurement>> parse_objects(std::string_view text, std::string &error) {
  namespace dom = simdjson::dom;
  dom::parser parser;
  dom::element root;
  dom::array array;
  if (const auto code = parser.parse(text.data(), text.size(), true).get(root)) {
    error = std::string("expected JSON, found a mistake: ") + simdjson::error_message(code);
    return std::nullopt;
  }
  if (root.get(array) != simdjson::SUCCESS) {
    error = "expected an array of measurements, found something else";
    return std::nullopt;
  }
  std::vector<SightglassMeasurement> out;
  size_t index = 0;
  for (const dom::element element : array) {
    const auto fail = [&](const std::string &what) {
      error = "measurement " + std::to_string(index) + ": " + what;
      return std::nullopt;
    };
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return fail("expected an object, found something else");
    SightglassMeasurement entry;
    std::string_view value;
    std::string phase;
    const auto get_text = [&](const char *key, std::string &to) {
      if (object[key].get(value) != simdjson::SUCCESS) return false;
      to = value;
      return true;
    };
    const auto get_number = [&](const char *key, uint64_t limit, uint64_t &to) {
      return object[key].get(to) == simdjson::SUCCESS && to <= limit;
    };
    for (const auto &[key, to] : {std::pair<const char *, std::string *>{"arch", &entry.arch},
                                  {"engine", &entry.engine},
                                  {"wasm", &entry.wasm},
                                  {"phase", &phase},
                                  {"event", &entry.event}})
      if (!get_text(key, *to)) return fail(std::string("expected a text `") + key + "`, found none");
    if (object["engine_flags"].get(value) == simdjson::SUCCESS) entry.engine_flags = std::string(value);
    uint64_t process = 0, iteration = 0;
    if (!get_number("process", UINT32_MAX, process)) return fail("expected a number `process`, found none");
    if (!get_number("iteration", UINT32_MAX, iteration)) return fail("expected a number `iteration`, found none");
    if (!get_number("count", UINT64_MAX, entry.count)) return fail("expected a number `count`, found none");
    entry.process = static_cast<uint32_t>(process);
    entry.iteration = static_cast<uint32_t>(iteration);
    const auto known = phase_name(phase);
    if (!known) return fail("expected phase Compilation, Instantiation or Execution, found " + shown(phase));
    entry.phase = *known;
    out.push_back(std::move(entry));
    ++index;
  }
  return out;
}

void append_flags(std::string &out, const std::optional<std::string> &flags) {
  out += ",\"engine_flags\":";
  if (flags)
    append_json_string(out, *flags);
  else
    out += "null";
}

// As Rust's serde and csv write an f64: a fraction always.
std::string real(double value) {
  std::string out;
  append_json_number(out, value);
  if (out.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
  return out;
}

void append_member(std::string &out, const char *key, const std::string &text) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += key;
  out += "\":";
  append_json_string(out, text);
}

void append_member(std::string &out, const char *key, uint64_t number) {
  out += ",\"";
  out += key;
  out += "\":" + std::to_string(number);
}

} // namespace

SightglassFormat guess_sightglass(std::string_view text) {
  const size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '[' ? SightglassFormat::json : SightglassFormat::csv;
}

std::optional<std::vector<SightglassMeasurement>> parse_sightglass(SightglassFormat format, std::string_view text,
                                                                   std::string &error) {
  return format == SightglassFormat::json ? parse_objects(text, error) : parse_rows(text, error);
}

std::string to_sightglass(SightglassFormat format, const std::vector<SightglassMeasurement> &rows) {
  std::string out;
  if (format == SightglassFormat::csv) {
    append_csv_row(out, CsvRow(columns.begin(), columns.end()));
    for (const auto &row : rows)
      append_csv_row(out, {row.arch, row.engine, row.engine_flags.value_or(""), row.wasm, std::to_string(row.process),
                           std::to_string(row.iteration), row.phase, row.event, std::to_string(row.count)});
    return out;
  }
  out = "[";
  for (const auto &row : rows) {
    out += out.size() > 1 ? ",\n{" : "\n{";
    append_member(out, "arch", row.arch);
    append_member(out, "engine", row.engine);
    append_flags(out, row.engine_flags);
    append_member(out, "wasm", row.wasm);
    append_member(out, "process", row.process);
    append_member(out, "iteration", row.iteration);
    append_member(out, "phase", row.phase);
    append_member(out, "event", row.event);
    append_member(out, "count", row.count);
    out += '}';
  }
  return out + "\n]\n";
}

std::string to_sightglass(SightglassFormat format, const std::vector<SightglassSummary> &rows, SummaryColumns shape) {
  const bool all = shape == SummaryColumns::eleven;
  std::string out;
  if (format == SightglassFormat::csv) {
    out = all ? "arch,engine,engine_flags,wasm,phase,event,min,max,median,mean,mean_deviation\n"
              : "arch,engine,wasm,phase,event,min,max,mean,mean_deviation\n";
    for (const auto &row : rows) {
      CsvRow fields{row.arch, row.engine};
      if (all) fields.push_back(row.engine_flags.value_or(""));
      for (const auto &text : {row.wasm, row.phase, row.event}) fields.push_back(text);
      fields.push_back(std::to_string(row.min));
      fields.push_back(std::to_string(row.max));
      if (all) fields.push_back(std::to_string(row.median));
      fields.push_back(real(row.mean));
      fields.push_back(real(row.mean_deviation));
      append_csv_row(out, fields);
    }
    return out;
  }
  out = "[";
  for (const auto &row : rows) {
    out += out.size() > 1 ? ",\n{" : "\n{";
    append_member(out, "arch", row.arch);
    append_member(out, "engine", row.engine);
    if (all) append_flags(out, row.engine_flags);
    append_member(out, "wasm", row.wasm);
    append_member(out, "phase", row.phase);
    append_member(out, "event", row.event);
    append_member(out, "min", row.min);
    append_member(out, "max", row.max);
    if (all) append_member(out, "median", row.median);
    out += ",\"mean\":" + real(row.mean) + ",\"mean_deviation\":" + real(row.mean_deviation) + "}";
  }
  return out + "\n]\n";
}

} // namespace sgperf::formats
