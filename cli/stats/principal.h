// SPDX-License-Identifier: Apache-2.0
// Principal components of a table: rows are things (workloads), columns are features of them.
#pragma once

#include <cstddef>
#include <vector>

namespace sgperf::stats {

using Table = std::vector<std::vector<double>>; // rows of equal length

// Each column less its mean, over its sample standard deviation (n - 1).  Columns that are constant tell nothing and
// are left out; `kept` has the indices of the others.  A column counts as constant if its deviation is below 1e-12 of
// its largest magnitude.
struct Standardised {
  Table rows;
  std::vector<size_t> kept;
};
Standardised standardise(const Table &rows);

struct Components {
  Table scores;                          // row by component
  Table loadings;                        // component by column; of unit length, the largest entry is positive
  std::vector<double> variances;         // of each component, descending (eigenvalues of the covariance matrix, n - 1)
  double total = 0;                      // sum of all variances
  double share(size_t components) const; // of the total that the first ones have; 1 if there is no variance
};

// Of columns with mean 0 (`standardise`), by Jacobi's rotations of the covariance matrix: Golub & Van Loan, Matrix
// Computations, 4th ed., section 8.5.
Components principal_components(const Table &centred);

// How many components have at least `share` of the variance, at least 1 if there is any.
size_t components_for(const Components &components, double share);

// The first `count` columns of every row.
Table first_columns(const Table &rows, size_t count);

} // namespace sgperf::stats
