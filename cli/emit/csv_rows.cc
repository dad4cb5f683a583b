// SPDX-License-Identifier: Apache-2.0
#include "emit/csv_rows.h"

#include "emit/report.h"
#include "formats/csv.h"
#include "formats/json_text.h"

#include <array>

namespace sgperf::emit {
namespace {

constexpr std::array columns{"schema", "table", "engine", "engine_id", "workload", "phase", "measure", "name", "unit",
                             "count", "median", "low", "high", "mean", "sd", "min", "q1", "q3", "max", "cold",
                             "raw_median", "total", "self", "share", "ratio", "ratio_low", "ratio_high", "blocks",
                             "processes", "reference", "module_bytes", "artefact_bytes", "code_bytes", "status", "text",
                             // of profiles
                             "module", "tier", "side", "file", "line", "scope", "pid", "parent", "errors", "blocked",
                             "bytes_in", "bytes_out", "user_ns", "system_ns", "peak_rss_bytes", "minor_faults",
                             "major_faults",
                             // of benches
                             "wasi", "lazy", "bytes_per_second"};

} // namespace

CsvRows::CsvRows() {
  formats::append_csv_row(out_, formats::CsvRow(columns.begin(), columns.end()));
}

void CsvRows::begin(const char *table) {
  cells_.clear();
  number("schema", report_schema_version);
  cells_["table"] = table;
}

void CsvRows::value(const char *column, double value) {
  std::string out;
  formats::append_json_number(out, value);
  cells_[column] = out == "null" ? "" : out;
}

void CsvRows::engine(const merge::Model &model, const std::string &id) {
  text("engine", engine_key(model, id));
  text("engine_id", id);
  if (const auto *entry = model.engine(id)) text("wasi", entry->wasi);
}

void CsvRows::ratio(const stats::BlockRatio &ratio) {
  value("ratio", ratio.ratio);
  if (ratio.interval) {
    value("ratio_low", ratio.interval->low);
    value("ratio_high", ratio.interval->high);
  }
}

void CsvRows::end() {
  formats::CsvRow row;
  for (const char *column : columns) {
    const auto at = cells_.find(column);
    row.push_back(at == cells_.end() ? "" : at->second);
  }
  formats::append_csv_row(out_, row);
}

} // namespace sgperf::emit
