// SPDX-License-Identifier: Apache-2.0
// What an empty region reads: bench.start and bench.end with nothing between them.
#include "bench/bench_line.h"
#include "bench/harness_run.h"

#include <cmath>
#include <cstdio>
#include <cstring>

using namespace sgperf;
using namespace sgperf::bench;

namespace {

double median(const HarnessRun &run, record::Role role, bool corrected) {
  std::vector<double> values;
  for (const record::Sample &s : run.samples) {
    if (s.role != role || s.phase != "execute") continue;
    const auto &from = corrected ? s.corrected : s.values;
    if (const auto value = from.find("tsc_ticks"); value != from.end()) values.push_back(value->second);
  }
  return values.empty() ? NAN : summarize(values).median;
}

} // namespace

int main(int argc, char **argv) {
  const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  Printer printer(json);
  printer.machine();
  const std::string engine = reference_engine();
  if (engine.empty()) {
    std::fprintf(stderr, "bench-noop: neither wasmtime nor wabt can be loaded\n");
    return 4;
  }
  printer.comment("engine " + engine +
                  ", -m tsc; warm: 2 processes x 500, cold: first iterations of 2 processes x 5, all phases");
  printer.header();
  const HarnessRun warm =
      run_harness({"-e", engine, "noop", "-m", "tsc", "--phase", "execute", "--processes", "2", "--iterations", "500"});
  const HarnessRun all = run_harness({"-e", engine, "noop", "-m", "tsc", "--processes", "2", "--iterations", "5"});
  if (warm.exit_code != 0 || all.exit_code != 0) {
    std::fprintf(stderr, "bench-noop: sgperf bench ended with %d and %d\n", warm.exit_code, all.exit_code);
    return 3;
  }
  // Cold: nothing of the region has run before in the process, and in every later iteration a compilation came between.
  std::vector<double> cold;
  for (const record::Sample &s : all.samples)
    if (s.role != record::Role::calibration && s.phase == "execute") cold.push_back(s.values.at("tsc_ticks"));
  printer.print(line_with_limit("noop-warm", median(warm, record::Role::timed, false), "ticks", 120));
  printer.print(line_with_limit("noop-cold", median(all, record::Role::cold, false), "ticks", 800));
  printer.print(line_with_limit("noop-after-compile", summarize(cold).median, "ticks", 800));
  printer.print(line_with_limit("noop-corrected", std::fabs(median(warm, record::Role::timed, true)), "ticks", 5));
  return printer.failed() ? 1 : 0;
}
