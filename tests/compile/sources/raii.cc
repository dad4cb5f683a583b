// SPDX-License-Identifier: Apache-2.0
// sgperf.hpp: alone, twice, and what may and may not be moved.
#include "sgperf/sgperf.hpp"

#include <type_traits>
#include <utility>

static_assert(!std::is_copy_constructible_v<sgperf::scope> && !std::is_move_constructible_v<sgperf::scope>);
static_assert(!std::is_move_assignable_v<sgperf::scope> && !std::is_move_constructible_v<sgperf::fenced_scope>);
static_assert(!std::is_copy_constructible_v<sgperf::phase> && std::is_nothrow_move_constructible_v<sgperf::phase>);
static_assert(!std::is_copy_assignable_v<sgperf::phase> && std::is_nothrow_move_assignable_v<sgperf::phase>);
static_assert(!std::is_copy_constructible_v<sgperf::jit_code> && std::is_nothrow_move_assignable_v<sgperf::jit_code>);
static_assert(sgperf::module_of("cache::lookup") == "cache" && sgperf::module_of("lookup").empty());

SGPERF_SITE(site, "raii::scope");

static sgperf::scope make_scope() {
  return sgperf::scope(site);
} // elided
static sgperf::phase make_phase() {
  return sgperf::phase("raii phase");
}

int main() {
  {
    sgperf::scope outer(site);
    auto inner = make_scope();
    inner.end();
    inner.end(); // once more does nothing
    sgperf::fenced_scope fenced(site);
  }
  auto phase = make_phase();
  const bool recorded = static_cast<bool>(phase);
  sgperf::phase other = std::move(phase);
  phase = std::move(other); // and back
  if (static_cast<bool>(phase) != recorded) return 1;
  phase.end();
  if (phase) return 2;
  if (sgperf_version() && sgperf_phase_end("raii phase", 0) != -2) return 3; // ended once, by the one that owned it
  static char bytes[16];
  sgperf::jit_code code("raii code", bytes, sizeof bytes), moved;
  moved = std::move(code);
  if (code || static_cast<bool>(moved) != (sgperf_version() != 0)) return 4;
  if (sgperf_version()) {
    sgperf_row rows[16];
    const long count = sgperf_snapshot(rows, 16);
    for (long i = 0; i < count; ++i)
      if (rows[i].count != 3) return 5; // outer, inner, fenced
    return count == 1 ? 0 : 6;
  }
  return 0;
}
