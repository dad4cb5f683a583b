// SPDX-License-Identifier: Apache-2.0
#include "stats/cluster.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sgperf::stats {
namespace {

std::vector<double> mean_of(const Table &rows, const std::vector<size_t> &members) {
  std::vector<double> mean(rows[members.front()].size());
  for (const size_t member : members)
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += rows[member][i] / static_cast<double>(members.size());
  return mean;
}

std::vector<std::vector<size_t>> members_of(const std::vector<size_t> &clusters) {
  std::vector<std::vector<size_t>> out;
  for (size_t row = 0; row < clusters.size(); ++row) {
    if (clusters[row] >= out.size()) out.resize(clusters[row] + 1);
    out[clusters[row]].push_back(row);
  }
  return out;
}

double total_squares(const Table &rows) {
  std::vector<size_t> all(rows.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  const std::vector<double> mean = mean_of(rows, all);
  double sum = 0;
  for (const auto &row : rows) sum += squared_distance(row, mean);
  return sum;
}

} // namespace

double squared_distance(const std::vector<double> &a, const std::vector<double> &b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

std::vector<Merge> ward(const Table &rows) {
  struct Cluster {
    size_t number, size;
  };
  const size_t n = rows.size();
  std::vector<Cluster> open;
  Table squared(n, std::vector<double>(n)); // distances between open clusters, by their place in `open`
  for (size_t i = 0; i < n; ++i) {
    open.push_back({i, 1});
    for (size_t j = 0; j < n; ++j) squared[i][j] = squared_distance(rows[i], rows[j]);
  }
  std::vector<Merge> tree;
  while (open.size() > 1) {
    size_t a = 0, b = 1;
    double least = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < open.size(); ++i)
      for (size_t j = i + 1; j < open.size(); ++j)
        if (squared[i][j] < least) least = squared[i][j], a = i, b = j;
    const auto na = static_cast<double>(open[a].size), nb = static_cast<double>(open[b].size);
    for (size_t k = 0; k < open.size(); ++k) {
      if (k == a || k == b) continue;
      const auto nk = static_cast<double>(open[k].size);
      squared[a][k] = squared[k][a] =
          std::max(0.0, ((na + nk) * squared[a][k] + (nb + nk) * squared[b][k] - nk * least) / (na + nb + nk));
    }
    const auto [low, high] = std::minmax(open[a].number, open[b].number);
    tree.push_back({low, high, std::sqrt(least), open[a].size + open[b].size});
    open[a] = {n + tree.size() - 1, open[a].size + open[b].size};
    open.erase(open.begin() + static_cast<ptrdiff_t>(b));
    squared.erase(squared.begin() + static_cast<ptrdiff_t>(b));
    for (auto &row : squared) row.erase(row.begin() + static_cast<ptrdiff_t>(b));
  }
  return tree;
}

std::vector<size_t> cut(const std::vector<Merge> &tree, size_t rows, size_t count) {
  std::vector<std::vector<size_t>> members(rows + tree.size());
  for (size_t i = 0; i < rows; ++i) members[i] = {i};
  const size_t steps = rows - std::clamp<size_t>(count, 1, std::max<size_t>(rows, 1));
  for (size_t i = 0; i < steps && i < tree.size(); ++i)
    for (const size_t part : {tree[i].a, tree[i].b}) {
      members[rows + i].insert(members[rows + i].end(), members[part].begin(), members[part].end());
      members[part].clear();
    }
  std::vector<std::vector<size_t>> clusters;
  for (auto &one : members)
    if (!one.empty()) std::sort(one.begin(), one.end()), clusters.push_back(std::move(one));
  std::sort(clusters.begin(), clusters.end());
  std::vector<size_t> out(rows);
  for (size_t number = 0; number < clusters.size(); ++number)
    for (const size_t row : clusters[number]) out[row] = number;
  return out;
}

std::vector<size_t> medoids(const Table &rows, const std::vector<size_t> &clusters) {
  std::vector<size_t> out;
  for (const auto &members : members_of(clusters)) {
    if (members.empty()) continue;
    const std::vector<double> mean = mean_of(rows, members);
    size_t best = members.front();
    double least = squared_distance(rows[best], mean);
    for (const size_t member : members) {
      // Of a pair both are equally far, but for rounding.
      const double distance = squared_distance(rows[member], mean);
      if (distance < least * (1 - 1e-9)) least = distance, best = member;
    }
    out.push_back(best);
  }
  return out;
}

double kept_variance(const Table &rows, const std::vector<size_t> &clusters) {
  const double total = rows.empty() ? 0 : total_squares(rows);
  if (!(total > 0)) return 1;
  double within = 0;
  for (const auto &members : members_of(clusters)) {
    if (members.empty()) continue;
    const std::vector<double> mean = mean_of(rows, members);
    for (const size_t member : members) within += squared_distance(rows[member], mean);
  }
  return 1 - within / total;
}

double kept_variance(const Table &rows, const std::vector<size_t> &clusters,
                     const std::vector<size_t> &representatives) {
  const double total = rows.empty() ? 0 : total_squares(rows);
  if (!(total > 0)) return 1;
  double within = 0;
  for (size_t row = 0; row < rows.size(); ++row)
    within += squared_distance(rows[row], rows[representatives[clusters[row]]]);
  return 1 - within / total;
}

} // namespace sgperf::stats
