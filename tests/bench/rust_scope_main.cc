// SPDX-License-Identifier: Apache-2.0
// bench-rust-scope [--json] [--rounds N]: what a scope of the Rust crate costs, beside the assembly scope of
// bench-scope, in an executable and in a cdylib, by each Rust compiler that this build found.  docs/bench.md explains
// the measures.
#include <stdlib.h>

#include "bench/scope_bench.h"

extern "C" {
extern const struct scope_loops scope_loops_rust_exe;
#ifdef HAVE_RUSTUP
extern const struct scope_loops scope_loops_rustup_exe;
#endif
// Debian's core library has unwind tables, which name this function of std; the loops are compiled to abort and have no
// std, so that nobody calls it.
int rust_eh_personality();
int rust_eh_personality() {
  abort();
}
}

namespace {

using namespace sgperf::bench;

int measure(const ScopeArguments &arguments) {
  ScopeBench bench("bench-rust-scope", arguments);
  std::vector<Build> builds = {{"rust-exe", "scope_loops_rust_exe", &scope_loops_rust_exe}};
  std::vector<std::string> compilers = {"rust"};
#ifdef HAVE_RUSTUP
  builds.push_back({"rustup-exe", "scope_loops_rustup_exe", &scope_loops_rustup_exe});
  compilers.push_back("rustup");
#endif
  for (const std::string &compiler : compilers) {
    const std::string symbol = "scope_loops_" + compiler + "_so";
    std::string error;
    builds.push_back({compiler + "-so", symbol, loaded_loops("libscope-loops-" + compiler + ".so", symbol, error)});
    if (!builds.back().loops) return bench.fail(error);
  }
  const std::string error = bench.time(builds);
  if (!error.empty()) return bench.fail(error);

  Printer printer(arguments.json);
  bench.head(printer);
  for (const Build &build : builds)
    bench.ratio_line(printer, "scope-" + build.name, "live-" + build.name, "scope-asm", 1.10);
  for (const Build &build : builds)
    bench.limit_line(printer, "disabled-" + build.name, "off-" + build.name, "empty-loop", 0.5);
  for (const Build &build : builds)
    bench.ratio_line(printer, "histogram-" + build.name, "hist-" + build.name, "live-" + build.name, 1.25);
  for (const Build &build : builds)
    bench.ratio_line(printer, "fenced-" + build.name, "fenced-" + build.name, "live-" + build.name, std::nullopt);
  for (const Build &build : builds)
    bench.limit_line(printer, "counter-" + build.name, "counter-" + build.name, "empty-loop", 3);
  return printer.failed() ? 1 : 0;
}

} // namespace

int main(int argc, char **argv) {
  return scope_bench_main("bench-rust-scope", argc, argv, measure);
}
