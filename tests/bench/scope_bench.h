// SPDX-License-Identifier: Apache-2.0
// What bench-scope and bench-rust-scope share: tables of loops (scope_loops.h) timed side by side with the scope in
// assembly (scope_yardstick.S), in a process whose session is private and removed afterwards.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sgperf/sgperf.h>

#include "bench/bench_line.h"
#include "bench/scope_loops.h"
#include "bench/scope_timing.h"

namespace sgperf::bench {

struct ScopeArguments {
  bool json = false;
  int rounds = 120;
  int pairs = 600; // of starts, where start-up is measured as well
};

// One compilation of the loops.
struct Build {
  std::string name;   // "gcc-exe", in the names of measures
  std::string prefix; // "scope_loops_gcc_exe", in the names of sites
  const scope_loops *loops = nullptr;
};

class ScopeBench {
public:
  ScopeBench(std::string program, const ScopeArguments &arguments)
      : program_(std::move(program)), arguments_(arguments) {}

  // Times everything; empty, or why it could not be measured.
  std::string time(const std::vector<Build> &builds);

  // One line each.  `name` and `yardstick` are series: "rdtsc-pair", "scope-asm", "empty-loop", and "live-", "hist-",
  // "fenced-", "off-", "counter-", "twin-" (where the table has twins) + a build's name.
  void ratio_line(Printer &printer, const std::string &line, const std::string &series, const std::string &yardstick,
                  std::optional<double> limit) const;
  void limit_line(Printer &printer, const std::string &line, const std::string &series, const std::string &yardstick,
                  double limit) const;
  // Machine, how it was measured, the column heads, and the two yardsticks.
  void head(Printer &printer) const;

  const Series &series(const std::string &name) const;
  int fail(const std::string &what) const; // prints it; exit code 3

private:
  std::string verify(const std::map<std::string, uint64_t> &before, const std::map<std::string, uint64_t> &after,
                     const std::vector<Build> &builds) const;

  std::string program_;
  ScopeArguments arguments_;
  std::vector<Series> all_;
};

// The table `symbol` of the shared object `file` beside the benchmark; nullptr and `error` if it cannot be had.
const scope_loops *loaded_loops(const std::string &file, const std::string &symbol, std::string &error);

// The main() of such a benchmark: options, then `measure` in a process of its own with a private session folder.
int scope_bench_main(const char *program, int argc, char **argv,
                     const std::function<int(const ScopeArguments &)> &measure);

} // namespace sgperf::bench
