// SPDX-License-Identifier: Apache-2.0
// The CSV report's one table: a row is a set of named cells.  Columns are appended within a schema version, never
// moved.
#pragma once

#include "merge/model.h"
#include "stats/ratio.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace sgperf::emit {

class CsvRows {
public:
  CsvRows(); // writes the header

  void begin(const char *table);
  // `column` is one of the table's.
  void text(const char *column, const std::string &value) { cells_[column] = value; }
  void value(const char *column, double value);
  void value(const char *column, const std::optional<double> &known) {
    if (known) value(column, *known);
  }
  // Also 0, which is a count.
  void number(const char *column, uint64_t value) { cells_[column] = std::to_string(value); }
  // 0 = not known.
  void size(const char *column, uint64_t known) {
    if (known) number(column, known);
  }
  // Also its WASI.
  void engine(const merge::Model &model, const std::string &id);
  void ratio(const stats::BlockRatio &ratio);
  void end();
  std::string take() { return std::move(out_); }

private:
  std::map<std::string, std::string> cells_;
  std::string out_;
};

class EngineRows;
// Rows of the tables that compare engines.
void engine_csv(const merge::Model &model, const EngineRows &engines, CsvRows &rows);
// Rows of the profile.
void profile_csv(const merge::Profile &profile, CsvRows &rows);

} // namespace sgperf::emit
