// SPDX-License-Identifier: Apache-2.0
// `sgperf summarize`: Sightglass's own summary of Sightglass's measurements.
#include "command/commands.h"
#include "emit/readable.h"
#include "emit/text_table.h"
#include "formats/sightglass.h"
#include "stats/descriptive.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <tuple>

namespace sgperf::command {
namespace {

using formats::SightglassFormat;
using formats::SightglassMeasurement;
using formats::SightglassSummary;

struct Arguments {
  std::vector<std::string> files;
  std::string input, output = "text";
  bool nine_columns = false;
};

std::vector<SightglassSummary> summaries(const std::vector<SightglassMeasurement> &rows) {
  using Key = std::tuple<std::string, std::string, std::optional<std::string>, std::string, int, std::string>;
  const auto rank = [](const std::string &phase) {
    return phase == "Compilation" ? 0 : phase == "Instantiation" ? 1 : 2;
  };
  std::map<Key, std::vector<const SightglassMeasurement *>> groups;
  for (const auto &row : rows)
    groups[{row.arch, row.engine, row.engine_flags, row.wasm, rank(row.phase), row.event}].push_back(&row);
  std::vector<SightglassSummary> out;
  for (const auto &[key, group] : groups) {
    SightglassSummary summary;
    const SightglassMeasurement &first = *group.front();
    summary.arch = first.arch;
    summary.engine = first.engine;
    summary.engine_flags = first.engine_flags;
    summary.wasm = first.wasm;
    summary.phase = first.phase;
    summary.event = first.event;
    std::vector<uint64_t> counts;
    std::vector<double> values;
    double sum = 0;
    for (const auto *row : group) {
      counts.push_back(row->count);
      values.push_back(static_cast<double>(row->count));
      sum += values.back();
    }
    std::sort(counts.begin(), counts.end()); // integers: a count above 2^53 stays exact
    summary.min = counts.front();
    summary.max = counts.back();
    summary.median = counts[counts.size() / 2];
    summary.mean = sum / static_cast<double>(values.size());
    summary.mean_deviation = stats::mean_absolute_deviation(values);
    out.push_back(std::move(summary));
  }
  return out;
}

std::string as_text(const std::vector<SightglassSummary> &rows) {
  emit::TextTable table({{"wasm", emit::TextTable::left},
                         {"engine", emit::TextTable::left},
                         {"phase", emit::TextTable::left},
                         {"event", emit::TextTable::left},
                         {"min"},
                         {"median"},
                         {"mean"},
                         {"deviation"},
                         {"max"}});
  for (const auto &row : rows)
    table.row({row.wasm, row.engine + (row.engine_flags ? " " + *row.engine_flags : ""), row.phase, row.event,
               emit::count(static_cast<double>(row.min)), emit::count(static_cast<double>(row.median)),
               emit::count(row.mean), emit::count(row.mean_deviation), emit::count(static_cast<double>(row.max))});
  return table.text({});
}

bool read(const std::string &file, std::string &text) {
  if (file.empty() || file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    return true;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "sgperf summarize: %s: cannot be opened: %s\n", file.c_str(), std::strerror(errno));
    return false;
  }
  text.assign(std::istreambuf_iterator<char>(in), {});
  return true;
}

int summarize(Arguments arguments) {
  if (arguments.files.empty()) arguments.files.push_back("-");
  std::vector<SightglassMeasurement> all;
  for (const std::string &file : arguments.files) {
    std::string text, error;
    if (!read(file, text)) return exit_usage;
    const SightglassFormat format = arguments.input == "json"  ? SightglassFormat::json
                                    : arguments.input == "csv" ? SightglassFormat::csv
                                                               : formats::guess_sightglass(text);
    auto rows = formats::parse_sightglass(format, text, error);
    if (!rows) {
      std::fprintf(stderr, "sgperf summarize: %s: %s; expected Sightglass's measurements as %s\n",
                   file == "-" ? "stdin" : file.c_str(), error.c_str(),
                   format == SightglassFormat::json ? "JSON" : "CSV");
      return exit_usage;
    }
    all.insert(all.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
  }
  const auto rows = summaries(all);
  const auto columns = arguments.nine_columns ? formats::SummaryColumns::nine : formats::SummaryColumns::eleven;
  std::string out;
  if (arguments.output == "json")
    out = formats::to_sightglass(SightglassFormat::json, rows, columns);
  else if (arguments.output == "csv")
    out = formats::to_sightglass(SightglassFormat::csv, rows, columns);
  else
    out = as_text(rows);
  return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0 ? exit_ok
                                                                                                  : exit_environment;
}

} // namespace

void add_summarize(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand("summarize", "Sum up Sightglass measurements as Sightglass does; reads stdin");
  sub->add_option("-f,--input-file", arguments->files, "Files to read instead of stdin; repeatable");
  sub->add_option("-i,--input-format", arguments->input, "json or csv; default: seen from the text")
      ->check(CLI::IsMember({"json", "csv"}));
  sub->add_option("-o,--output-format", arguments->output, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
  sub->add_flag("--nine-columns", arguments->nine_columns,
                "Write the nine columns of Sightglass's first form (no engine_flags, no median)");
  sub->callback([arguments, &action] { action = [arguments] { return summarize(*arguments); }; });
}

} // namespace sgperf::command
