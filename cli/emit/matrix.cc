// SPDX-License-Identifier: Apache-2.0
#include "emit/matrix.h"

#include <algorithm>

namespace sgperf::emit {

std::string matrix(const merge::Model &model, const std::vector<std::string> &engines, const CellText &cell,
                   const TextStyle &style) {
  size_t name = 8;
  for (const std::string &workload : model.workloads) name = std::max(name, display_width(workload));
  name = std::min<size_t>(name, 28);
  std::string out;
  size_t from = 0;
  while (from < engines.size()) {
    std::vector<TextTable::Column> columns{{"workload", TextTable::left}};
    size_t to = from, width = 2 + name;
    std::vector<std::vector<std::string>> columns_text;
    while (to < engines.size()) {
      std::vector<std::string> texts;
      size_t widest = display_width(engines[to]);
      for (const std::string &workload : model.workloads) {
        texts.push_back(cell(workload, engines[to]));
        widest = std::max(widest, display_width(texts.back()));
      }
      if (to > from && style.width && width + 2 + widest > style.width) break;
      width += 2 + widest;
      columns.push_back({engines[to], TextTable::right});
      columns_text.push_back(std::move(texts));
      ++to;
    }
    TextTable table(std::move(columns));
    for (size_t i = 0; i < model.workloads.size(); ++i) {
      std::vector<std::string> cells{model.workloads[i]};
      for (const auto &texts : columns_text) cells.push_back(texts[i]);
      table.row(std::move(cells));
    }
    if (from > 0) out += "\n";
    out += table.text(style);
    from = to;
  }
  return out;
}

} // namespace sgperf::emit
