// SPDX-License-Identifier: Apache-2.0
// When a dear compilation pays: engine i costs compile_i + n execution_i for n executions of a module that it compiled
// once.  Two such lines cross at n = (compile_b - compile_a) / (execution_a - execution_b).
#pragma once

#include <cstddef>
#include <vector>

namespace sgperf::stats {

struct Costs {
  double compile = 0, execution = 0; // in one unit
};

// For which numbers of executions n = 1, 2, .. `a` costs less than `b`.  Equal costs count for neither.
struct BreakEven {
  enum Kind {
    always, // from the first execution on
    never,  // b does, or both cost the same
    from,   // from `executions` on
    below,  // only for fewer than `executions`
  } kind = never;
  double executions = 0; // from, below: a whole number >= 2
};
BreakEven break_even(const Costs &a, const Costs &b);

// Who is cheapest, for ascending n: engine `index` from `executions` on, until the next one takes over.  The first has
// 1.  Of engines that cost the same the one that executes faster, then the first.
struct Cheapest {
  size_t index = 0;
  double executions = 1;
};
std::vector<Cheapest> cheapest(const std::vector<Costs> &engines);

} // namespace sgperf::stats
