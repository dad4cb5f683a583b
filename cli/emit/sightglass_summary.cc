// SPDX-License-Identifier: Apache-2.0
#include "emit/sightglass_summary.h"

#include "emit/readable.h"
#include "emit/text_table.h"
#include "formats/sightglass.h"
#include "stats/descriptive.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace sgperf::emit {
namespace {

using formats::SightglassFormat;
using formats::SightglassMeasurement;
using formats::SightglassSummary;

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
  TextTable table({{"wasm", TextTable::left},
                   {"engine", TextTable::left},
                   {"phase", TextTable::left},
                   {"event", TextTable::left},
                   {"min"},
                   {"median"},
                   {"mean"},
                   {"deviation"},
                   {"max"}});
  for (const auto &row : rows)
    table.row({row.wasm, row.engine + (row.engine_flags ? " " + *row.engine_flags : ""), row.phase, row.event,
               count(static_cast<double>(row.min)), count(static_cast<double>(row.median)), count(row.mean),
               count(row.mean_deviation), count(static_cast<double>(row.max))});
  return table.text({});
}

} // namespace

std::optional<std::string> sightglass_summary(const std::vector<NamedText> &files, const SummaryOptions &options,
                                              std::string &error) {
  std::vector<SightglassMeasurement> all;
  for (const NamedText &file : files) {
    const SightglassFormat format = options.input == "json"  ? SightglassFormat::json
                                    : options.input == "csv" ? SightglassFormat::csv
                                                             : formats::guess_sightglass(file.text);
    std::string why;
    auto rows = formats::parse_sightglass(format, file.text, why);
    if (!rows) {
      error = file.name + ": " + why + "; expected Sightglass's measurements as " +
              (format == SightglassFormat::json ? "JSON" : "CSV");
      return std::nullopt;
    }
    all.insert(all.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
  }
  const auto rows = summaries(all);
  const auto columns = options.nine_columns ? formats::SummaryColumns::nine : formats::SummaryColumns::eleven;
  if (options.output == "json") return formats::to_sightglass(SightglassFormat::json, rows, columns);
  if (options.output == "csv") return formats::to_sightglass(SightglassFormat::csv, rows, columns);
  return as_text(rows);
}

} // namespace sgperf::emit
