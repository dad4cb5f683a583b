// SPDX-License-Identifier: Apache-2.0
#include "emit/matrix.h"

#include "emit/engine_rows.h"

#include <algorithm>

namespace sgperf::emit {

std::string matrix(const MatrixText &content, const TextStyle &style) {
  size_t names = 0; // columns that the labels take
  for (size_t i = 0; i < content.labels.size(); ++i) {
    size_t widest = display_width(content.labels[i]);
    for (const auto &row : content.rows) widest = std::max(widest, display_width(row[i]));
    names += 2 + std::min<size_t>(widest, 28);
  }
  std::string out;
  size_t from = 0;
  while (from < content.columns.size()) {
    std::vector<TextTable::Column> columns;
    for (const std::string &label : content.labels) columns.push_back({label, TextTable::left});
    size_t to = from, width = names;
    std::vector<std::vector<std::string>> column_texts;
    while (to < content.columns.size()) {
      std::vector<std::string> texts;
      size_t widest = display_width(content.columns[to]);
      for (size_t row = 0; row < content.rows.size(); ++row) {
        texts.push_back(content.cell(row, to));
        widest = std::max(widest, display_width(texts.back()));
      }
      if (to > from && style.width && width + 2 + widest > style.width) break;
      width += 2 + widest;
      columns.push_back({content.columns[to], TextTable::right});
      column_texts.push_back(std::move(texts));
      ++to;
    }
    TextTable table(std::move(columns));
    for (size_t row = 0; row < content.rows.size(); ++row) {
      std::vector<std::string> cells = content.rows[row];
      for (const auto &texts : column_texts) cells.push_back(texts[row]);
      table.row(std::move(cells));
    }
    if (from > 0) out += "\n";
    out += table.text(style);
    from = to;
  }
  return out;
}

std::string matrix(const merge::Model &model, const std::vector<std::string> &engines, const CellText &cell,
                   const TextStyle &style) {
  MatrixText down{{"workload"}, {{"(WASI)"}}, {}, {}}, across{{"engine", "WASI"}, {}, model.workloads, {}};
  for (const std::string &workload : model.workloads) down.rows.push_back({workload});
  for (const std::string &engine : engines) {
    const std::string marked = marked_engine(model, engine), wasi = wasi_word(model, engine);
    down.columns.push_back(marked);
    across.rows.push_back({marked, wasi});
  }
  down.cell = [&](size_t row, size_t column) {
    return row == 0 ? wasi_word(model, engines[column]) : cell(model.workloads[row - 1], engines[column]);
  };
  across.cell = [&](size_t row, size_t column) { return cell(model.workloads[column], engines[row]); };
  const std::string by_workload = matrix(down, style), by_engine = matrix(across, style);
  const auto lines = [](const std::string &text) { return std::count(text.begin(), text.end(), '\n'); };
  return lines(by_workload) <= lines(by_engine) + 2 ? by_workload : by_engine;
}

void AlignedCells::add(const Parts &parts) {
  widths_.resize(std::max(widths_.size(), parts.size()));
  for (size_t i = 0; i < parts.size(); ++i) widths_[i] = std::max(widths_[i], display_width(parts[i]));
}

std::string AlignedCells::text(const Parts &parts) const {
  std::string out;
  for (size_t i = 0; i < widths_.size(); ++i) {
    const std::string part = i < parts.size() ? parts[i] : "";
    const size_t used = display_width(part);
    out.append(i ? 1 : 0, ' ').append(widths_[i] > used ? widths_[i] - used : 0, ' ').append(part);
  }
  return out;
}

} // namespace sgperf::emit
