// SPDX-License-Identifier: Apache-2.0
// bench-linked [--json]: engines of the registries as they come beside the same ones with our scopes (examples/),
// without a runtime: speed is unchanged.  docs/bench.md explains the measures.
#include "bench/bench_line.h"
#include "bench/paired_programs.h"
#include "support/cache.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace {

using namespace sgperf::bench;
namespace fs = std::filesystem;

std::string environment(const char *name) {
  const char *value = getenv(name);
  return value ? value : "";
}

// Few milliseconds a run: many short pairs tell more than few long ones, since a machine's speed drifts, and a process
// has the speed of where its pages lie for all its life.  Of wasm3's compile loop pairs spread by 4.4 % at 5 ms, 2.9 %
// at 33 ms and 2.3 % at 100 ms: in the same time the short ones give half the interval.
std::vector<Pair> pairs() {
  const fs::path built = sgperf::test::cache_folder() / "linking",
                 workloads = fs::path(environment("SGPERF_BUILD_DIR")) / "benchmarks";
  const auto module = [&](const char *name) { return (workloads / name / (std::string(name) + ".wasm")).string(); };
  std::vector<Pair> out;
  const auto add = [&](const char *engine, const char *host, const char *what, std::vector<std::string> arguments,
                       int exit_code) {
    Pair pair;
    pair.name = std::string(engine) + "-" + what;
    pair.exit_code = exit_code;
    for (auto *command : {&pair.plain, &pair.instrumented}) {
      *command = arguments;
      const char *kind = command == &pair.plain ? "-plain" : "-sgperf";
      command->insert(command->begin(), (built / engine / (std::string(host) + kind)).string());
    }
    if (!strcmp(engine, "wasm3")) pair.pad_option = "--pad";
    while (fs::exists(pair.instrumented[0] + "." + std::to_string(pair.layouts + 1))) ++pair.layouts;
    out.push_back(pair);
  };
  const std::string guest = (fs::path(environment("SGPERF_BUILD_DIR")) / "tests/bench/linked-guest.wasm").string();
  add("wasm3", "wasm3", "interpret", {guest, "fib", "27"}, 0);
  add("wasm3", "wasm3", "compile", {"--compile", "--repeat", "3", module("printf-file")}, 0);
  add("wasm3", "wasm3", "host-call", {guest, "calls", "30000"}, 0);
  add("wasmtime", "host", "compile", {"--compile", "10", module("sha256")}, 0);
  add("wasmtime", "host", "execute", {"--repeat", "5", module("sieve")}, 0);
  return out;
}

int fail(const std::string &what) {
  fprintf(stderr, "bench-linked: %s\n", what.c_str());
  return 3;
}

} // namespace

int main(int argc, char **argv) {
  const bool json = argc == 2 && !strcmp(argv[1], "--json");
  if (argc > 1 && !json) {
    fprintf(stderr, "usage: bench-linked [--json]; found '%s'\n", argv[1]);
    return 2;
  }
  Printer printer(json);
  printer.machine();
  printer.header();
  uint64_t seed = 20261125;
  for (const Pair &pair : pairs()) {
    if (!fs::exists(pair.plain[0]) || !fs::exists(pair.instrumented[0]))
      return fail("expected " + pair.plain[0] + " and its -sgperf twin; ./dev bench linked builds them");
    const PairResult result = measure_pair(pair, {}, seed++);
    if (!result.error.empty()) return fail(result.error);
    const auto &interval = result.ratio.sign_interval;
    const bool unchanged = interval && interval->low >= 0.995 && interval->high <= 1.005;
    printer.print({pair.name, result.plain_ms * result.ratio.median_ratio, "ms", "plain", result.ratio.median_ratio,
                   "0.995..1.005", unchanged ? Verdict::pass : Verdict::fail});
    char text[200];
    snprintf(text, sizeof text,
             "  %s: 95 %% interval of the ratio %.4f..%.4f, %zu pairs, CPU time of a plain run %.1f ms",
             pair.name.c_str(), interval ? interval->low : NAN, interval ? interval->high : NAN, result.ratio.blocks,
             result.plain_ms);
    printer.comment(text);
  }
  return printer.failed() ? 1 : 0;
}
