// SPDX-License-Identifier: Apache-2.0
// What the harness costs: wall time of a matrix over the work in it.
//
// The denominator holds only what cannot be avoided: the measured intervals of all iterations (jit or aot-total: from
// the begin of compile to bench.end), and for every process the time of a bare one that loads its engine and ends.  All
// else is ours: the calibration, the plan, the checks of output, freeing instances, reading and writing samples.
#include "bench/bench_line.h"
#include "bench/harness_run.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

using namespace sgperf;
using namespace sgperf::bench;

int main(int argc, char **argv) {
  const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  Printer printer(json);
  printer.machine();
  const std::string engine = reference_engine();
  if (engine.empty()) {
    std::fprintf(stderr, "bench-harness: neither wasmtime nor wabt can be loaded\n");
    return 4;
  }
  const std::vector<std::string> engines = {engine, "native"};
  printer.comment(
      "matrix: " + engine +
      " and native x fibonacci sieve sha256, 5 processes x (1 cold + 1 + 10 iterations), all phases and measures");
  printer.header();

  const char *cache = std::getenv("SGPERF_CACHE"), *home = std::getenv("HOME");
  const std::string cache_folder = cache ? cache : std::string(home ? home : "/tmp") + "/.cache/sgperf";
  std::map<std::string, double> load; // a bare process with this engine
  for (const std::string &name : engines) {
    std::vector<double> times;
    for (int i = 0; i < 15; ++i) {
      const double t =
          time_program({build_folder() / "tests/bench/harness-load",
                        build_folder() / "engines" / name / ("libsgperf-engine-" + name + ".so"), "", cache_folder});
      if (t >= 0) times.push_back(t);
    }
    if (times.empty()) {
      std::fprintf(stderr, "bench-harness: %s cannot be loaded\n", name.c_str());
      return 4;
    }
    load[name] = summarize(times).median;
    printer.print({"harness-bare-" + name, load[name] * 1e3, "ms", "", {}, "", Verdict::info});
  }

  std::vector<double> ratios;
  for (int round = 0; round < 3; ++round) {
    const HarnessRun run = run_harness({"-e", engine, "-e", "native", "fibonacci", "sieve", "sha256", "--processes",
                                        "5", "--iterations", "10", "--seed", "1"});
    if (run.exit_code != 0) {
      std::fprintf(stderr, "bench-harness: sgperf bench ended with %d\n", run.exit_code);
      return 3;
    }
    double work = 0;
    std::set<std::pair<std::string, uint32_t>> processes;
    for (const record::Sample &s : run.samples) {
      if (s.role == record::Role::calibration) continue;
      processes.insert({s.engine, s.process});
      if (s.phase != "jit" && s.phase != "aot-total") continue;
      if (const auto wall = s.values.find("wall_ns"); wall != s.values.end()) work += wall->second * 1e-9;
    }
    for (const auto &[name, pid] : processes) work += load[name.compare(0, 6, "native") == 0 ? "native" : engine];
    ratios.push_back(run.seconds / work);
    printer.print({"harness-wall", run.seconds, "s", "work-and-loads", run.seconds / work, "", Verdict::info});
  }
  const Summary ratio = summarize(ratios);
  printer.print(line_with_ratio("harness", ratio.median, "x", "work-and-loads", ratio.median, 1.15));
  return printer.failed() ? 1 : 0;
}
