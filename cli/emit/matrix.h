// SPDX-License-Identifier: Apache-2.0
// Tables with labels down and across.
#pragma once

#include "emit/text_table.h"
#include "merge/model.h"

#include <functional>
#include <string>
#include <vector>

namespace sgperf::emit {

struct MatrixText {
  std::vector<std::string> labels;            // titles of the columns that name a row
  std::vector<std::vector<std::string>> rows; // their texts, one a label
  std::vector<std::string> columns;
  std::function<std::string(size_t row, size_t column)> cell;
};
// Columns that do not fit into a line go below, with the labels again.
std::string matrix(const MatrixText &content, const TextStyle &style);

using CellText = std::function<std::string(const std::string &workload, const std::string &engine)>;

// Workloads by engines, turned so that it takes fewer lines: long names of many engines stand better below each other.
// Engines carry their marks and their WASI.
std::string matrix(const merge::Model &model, const std::vector<std::string> &engines, const CellText &cell,
                   const TextStyle &style);

// Texts of several parts that stand below each other: each part as wide as it is anywhere, right-aligned.
class AlignedCells {
public:
  using Parts = std::vector<std::string>;
  void add(const Parts &parts);
  std::string text(const Parts &parts) const;

private:
  std::vector<size_t> widths_;
};

} // namespace sgperf::emit
