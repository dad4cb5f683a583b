// SPDX-License-Identifier: Apache-2.0
// Hierarchical clustering by Ward's criterion: of all pairs of clusters the one is joined whose union has the least
// increase of the sum of squared distances to the mean.
#pragma once

#include "stats/principal.h"

#include <cstddef>
#include <vector>

namespace sgperf::stats {

// One step: clusters `a` < `b` become one.  Rows are clusters 0 to n - 1, step i makes cluster n + i.
struct Merge {
  size_t a = 0, b = 0;
  double height = 0; // sqrt(2 x the increase of the sum of squares): hclust's ward.D2 and scipy's ward
  size_t size = 0;   // rows in it
};

// n - 1 steps, heights ascending.  Of pairs that are equally near the one with the lowest numbers is joined.  By the
// recurrence of Lance & Williams; Murtagh & Legendre, Journal of Classification 31 (2014), have the two forms that are
// called Ward's: this is Ward2, on squared distances.
std::vector<Merge> ward(const Table &rows);

// The cluster of every row when the tree is cut into `count`; numbered by their first row.
std::vector<size_t> cut(const std::vector<Merge> &tree, size_t rows, size_t count);

// Of each cluster the row that is nearest to its mean; of equals the first.
std::vector<size_t> medoids(const Table &rows, const std::vector<size_t> &clusters);

double squared_distance(const std::vector<double> &a, const std::vector<double> &b);

// Share of the sum of squares about the mean of all rows that is between the clusters (R squared): what is kept when
// every row is taken for the mean of its cluster.  1 if all rows are the same.
double kept_variance(const Table &rows, const std::vector<size_t> &clusters);
// The same when every row is taken for its cluster's representative, which is a row itself and not the mean: never
// more than the above, and below 0 if the representatives are worse than the mean of all.
double kept_variance(const Table &rows, const std::vector<size_t> &clusters,
                     const std::vector<size_t> &representatives);

} // namespace sgperf::stats
