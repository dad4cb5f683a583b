// SPDX-License-Identifier: Apache-2.0
#include "stats/principal.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sgperf::stats {
namespace {

// Eigenvalues on the diagonal of `a` and eigenvectors in the columns of `v`, both in place.
void jacobi(Table &a, Table &v) {
  const size_t n = a.size();
  for (size_t i = 0; i < n; ++i) v[i][i] = 1;
  for (int sweep = 0; sweep < 100; ++sweep) {
    double off = 0, all = 0;
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j < n; ++j) (i == j ? all : off) += a[i][j] * a[i][j];
    if (off <= 1e-24 * (all + off)) return;
    for (size_t p = 0; p < n; ++p)
      for (size_t q = p + 1; q < n; ++q) {
        if (a[p][q] == 0) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (size_t k = 0; k < n; ++k) {
          const double kp = a[k][p], kq = a[k][q];
          a[k][p] = c * kp - s * kq;
          a[k][q] = s * kp + c * kq;
        }
        for (size_t k = 0; k < n; ++k) {
          const double pk = a[p][k], qk = a[q][k];
          a[p][k] = c * pk - s * qk;
          a[q][k] = s * pk + c * qk;
        }
        for (size_t k = 0; k < n; ++k) {
          const double kp = v[k][p], kq = v[k][q];
          v[k][p] = c * kp - s * kq;
          v[k][q] = s * kp + c * kq;
        }
      }
  }
}

} // namespace

Standardised standardise(const Table &rows) {
  Standardised out;
  out.rows.resize(rows.size());
  if (rows.size() < 2) return out;
  const auto n = static_cast<double>(rows.size());
  for (size_t column = 0; column < rows[0].size(); ++column) {
    double mean = 0, largest = 0, squares = 0;
    for (const auto &row : rows) mean += row[column] / n, largest = std::max(largest, std::abs(row[column]));
    for (const auto &row : rows) squares += (row[column] - mean) * (row[column] - mean);
    const double deviation = std::sqrt(squares / (n - 1));
    if (!(deviation > 1e-12 * largest)) continue;
    out.kept.push_back(column);
    for (size_t i = 0; i < rows.size(); ++i) out.rows[i].push_back((rows[i][column] - mean) / deviation);
  }
  return out;
}

double Components::share(size_t components) const {
  if (!(total > 0)) return 1;
  double sum = 0;
  for (size_t i = 0; i < std::min(components, variances.size()); ++i) sum += variances[i];
  return std::min(1.0, sum / total);
}

Components principal_components(const Table &centred) {
  Components out;
  out.scores.resize(centred.size());
  const size_t columns = centred.empty() ? 0 : centred[0].size();
  if (centred.size() < 2 || columns == 0) return out;
  Table covariance(columns, std::vector<double>(columns)), vectors = covariance;
  for (size_t i = 0; i < columns; ++i)
    for (size_t j = i; j < columns; ++j) {
      double sum = 0;
      for (const auto &row : centred) sum += row[i] * row[j];
      covariance[i][j] = covariance[j][i] = sum / static_cast<double>(centred.size() - 1);
    }
  for (size_t i = 0; i < columns; ++i) out.total += covariance[i][i];
  jacobi(covariance, vectors);
  std::vector<size_t> order(columns);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return covariance[a][a] > covariance[b][b]; });
  for (const size_t column : order) {
    std::vector<double> loading(columns);
    for (size_t i = 0; i < columns; ++i) loading[i] = vectors[i][column];
    // Either sign is right; this one is the same on every machine.
    const auto largest = std::max_element(loading.begin(), loading.end(), [](double a, double b) {
      return std::abs(a) < std::abs(b) - 1e-9; // of equals the first
    });
    if (*largest < 0)
      for (double &value : loading) value = -value;
    out.variances.push_back(std::max(0.0, covariance[column][column]));
    out.loadings.push_back(std::move(loading));
  }
  for (size_t i = 0; i < centred.size(); ++i)
    for (const auto &loading : out.loadings)
      out.scores[i].push_back(std::inner_product(loading.begin(), loading.end(), centred[i].begin(), 0.0));
  return out;
}

size_t components_for(const Components &components, double share) {
  size_t count = 0;
  if (!(components.total > 0)) return 0;
  while (count < components.variances.size() && components.share(count) < share) ++count;
  return std::max<size_t>(count, 1);
}

Table first_columns(const Table &rows, size_t count) {
  Table out;
  for (const auto &row : rows)
    out.emplace_back(row.begin(), row.begin() + static_cast<ptrdiff_t>(std::min(count, row.size())));
  return out;
}

} // namespace sgperf::stats
