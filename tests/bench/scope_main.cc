// SPDX-License-Identifier: Apache-2.0
// bench-scope [--json] [--rounds N] [--pairs N]: what a scope costs on this machine, beside a scope written in assembly
// (scope_yardstick.S) and two back-to-back reads of the time-stamp counter.  docs/bench.md explains the measures.
#include <stdlib.h>

#include <cstdio>

#include "bench/scope_bench.h"
#include "bench/startup.h"

#if defined(__x86_64__)
extern "C" {
extern const struct scope_loops scope_loops_gcc_exe, scope_loops_clang_exe;
}

namespace {

using namespace sgperf::bench;

int measure(const ScopeArguments &arguments) {
  ScopeBench bench("bench-scope", arguments);
  std::string error;
  std::vector<Build> builds = {{"gcc-exe", "scope_loops_gcc_exe", &scope_loops_gcc_exe},
                               {"clang-exe", "scope_loops_clang_exe", &scope_loops_clang_exe}};
  for (const std::string compiler : {"gcc", "clang"}) {
    const std::string symbol = "scope_loops_" + compiler + "_so";
    builds.push_back({compiler + "-so", symbol, loaded_loops("libscope-loops-" + compiler + ".so", symbol, error)});
    if (!builds.back().loops) return bench.fail(error);
  }
  error = bench.time(builds);
  if (!error.empty()) return bench.fail(error);

  Printer printer(arguments.json);
  bench.head(printer);
  for (const Build &build : builds)
    bench.ratio_line(printer, "scope-" + build.name, "live-" + build.name, "scope-asm",
                     build.name.ends_with("-exe") ? 1.05 : 1.10);
  for (const Build &build : builds)
    bench.ratio_line(printer, "scope-rdtsc-" + build.name, "live-" + build.name, "rdtsc-pair", 1.30);
  for (const Build &build : builds)
    bench.limit_line(printer, "disabled-" + build.name, "off-" + build.name, "empty-loop", 0.5);
  for (const Build &build : builds)
    bench.ratio_line(printer, "histogram-" + build.name, "hist-" + build.name, "live-" + build.name, 1.25);
  for (const Build &build : builds)
    bench.ratio_line(printer, "fenced-" + build.name, "fenced-" + build.name, "live-" + build.name, std::nullopt);
  for (const Build &build : builds)
    bench.limit_line(printer, "counter-" + build.name, "counter-" + build.name, "empty-loop", 3);
  for (const Build &build : builds)
    bench.ratio_line(printer, "twin-" + build.name, "twin-" + build.name, "live-gcc-exe", 1.20);

  for (const bool scope : {true, false}) { // the scope, then what two busy processors do to rdtsc alone
    const TwoThreads two = time_two_threads(bench.series(scope ? "live-gcc-exe" : "rdtsc-pair"), 400);
    if (!two.possible) return bench.fail("two threads need two processors; this process may use one only");
    printer.print(line_with_ratio(scope ? "two-threads" : "two-threads-rdtsc", two.two.median, "ns", "one-thread",
                                  two.ratio.median, scope ? std::optional<double>(1.10) : std::nullopt));
    char text[160];
    snprintf(text, sizeof text, "  ratio %.3f..%.3f (quartiles), %s, one thread %.2f ns, two threads %.2f ns",
             two.ratio.low, two.ratio.high, scope ? "one site" : "two rdtsc, no memory at all", two.one.median,
             two.two.median);
    printer.comment(text);
  }
  if (!measure_startup(printer, own_dir(), built_library(), getenv("SGPERF_DIR"), arguments.pairs, error))
    return bench.fail(error);
  return printer.failed() ? 1 : 0;
}

} // namespace

int main(int argc, char **argv) {
  return scope_bench_main("bench-scope", argc, argv, measure);
}
#else
int main() {
  fprintf(stderr, "bench-scope: the assembly yardstick is written for x86-64 only\n");
  return 4;
}
#endif
