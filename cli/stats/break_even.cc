// SPDX-License-Identifier: Apache-2.0
#include "stats/break_even.h"

#include <cmath>

namespace sgperf::stats {
namespace {

double cost(const Costs &costs, double n) {
  return costs.compile + n * costs.execution;
}

// The first whole n >= 1 from which on `a` costs less than `b`, for execution_a < execution_b.
double first_cheaper(const Costs &a, const Costs &b) {
  const double crossing = (a.compile - b.compile) / (b.execution - a.execution);
  return std::fmax(1, std::floor(crossing) + 1);
}

} // namespace

BreakEven break_even(const Costs &a, const Costs &b) {
  if (a.execution == b.execution) return {a.compile < b.compile ? BreakEven::always : BreakEven::never, 0};
  if (a.execution < b.execution) {
    const double n = first_cheaper(a, b);
    return n > 1 ? BreakEven{BreakEven::from, n} : BreakEven{BreakEven::always, 0};
  }
  // b overtakes; at the crossing itself both cost the same.
  const double n = std::ceil((b.compile - a.compile) / (a.execution - b.execution));
  return n > 1 ? BreakEven{BreakEven::below, n} : BreakEven{BreakEven::never, 0};
}

std::vector<Cheapest> cheapest(const std::vector<Costs> &engines) {
  std::vector<Cheapest> out;
  if (engines.empty()) return out;
  const auto better = [&](size_t i, size_t j, double n) {
    const double a = cost(engines[i], n), b = cost(engines[j], n);
    return a < b || (a == b && engines[i].execution < engines[j].execution);
  };
  size_t current = 0;
  for (size_t i = 1; i < engines.size(); ++i)
    if (better(i, current, 1)) current = i;
  out.push_back({current, 1});
  for (;;) {
    size_t next = current;
    double at = 0;
    for (size_t i = 0; i < engines.size(); ++i) {
      if (!(engines[i].execution < engines[current].execution)) continue;
      const double n = first_cheaper(engines[i], engines[current]);
      if (next == current || n < at || (n == at && better(i, next, n))) next = i, at = n;
    }
    if (next == current) return out;
    out.push_back({current = next, at});
  }
}

} // namespace sgperf::stats
