// SPDX-License-Identifier: Apache-2.0
// bench-adapters [--json] [--processes N] [--pairs N] [--compiles N] [--engine NAME]: what our adapters add to the
// engines' own APIs: a call of an empty exported function through invoke_many(), and the compilation of a large module.
//
// Both sides run in one process on one loaded library, in random order, and are timed by CPU time.  Each engine has
// processes of its own, several of them: engines share symbol names, and see Times.
#include "bench/adapters/adapter.h"
#include "bench/adapters/bare.h"
#include "bench/adapters/clock.h"
#include "bench/adapters/large_module.h"
#include "bench/arguments.h"
#include "bench/bench_line.h"
#include "bench/harness_run.h"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace sgperf::bench;

constexpr uint8_t empty_function[] = {0, 'a', 's', 'm', 1, 0, 0,   0, 1, 4,  1, 0x60, 0, 0, 3,   2,
                                      1, 0,   7,   5,   1, 1, 'f', 0, 0, 10, 4, 1,    2, 0, 0x0b};
constexpr double batch_ns = 200e3;
constexpr std::chrono::seconds most_of_compiling{60}; // an engine
enum Exit { measured = 0, broken = 3, not_there = 5 };

// ---- one engine, in a process of its own: prints a line a pair

int told(const std::string &error, Exit code) {
  std::printf("error %s\n", error.substr(0, error.find('\n')).c_str());
  return code;
}

struct Pair {
  Adapter adapter;
  std::unique_ptr<Bare> bare;
};

Exit open_pair(const BareEngine &engine, const std::string &tier, const std::string &scratch, Pair &out,
               std::string &error) {
  const auto made = out.adapter.open(engine.name, tier, scratch);
  error = out.adapter.error;
  if (made != Adapter::Made::well) return made == Adapter::Made::missing ? not_there : broken;
  out.bare = engine.make({engine.name, out.adapter.library(), tier, scratch}, error);
  return out.bare ? measured : broken;
}

// Both sides once, in random order.
void both(std::mt19937 &random, const std::function<void()> &first, const std::function<void()> &second) {
  if (random() & 1) return first(), second();
  second(), first();
}

int time_calls(Pair &pair, int pairs) {
  auto module = std::vector<uint8_t>(std::begin(empty_function), std::end(empty_function));
  if (!pair.bare->compile(module.data(), module.size()) || !pair.bare->instantiate())
    return told("bare: " + pair.bare->error, broken);
  const std::string object = pair.bare->native_object();
  const bool compiled = object.empty() ? pair.adapter.compile("module.wasm", empty_function, sizeof empty_function)
                                       : pair.adapter.compile(object.c_str(), nullptr, 0);
  if (!compiled || !pair.adapter.instantiate()) return told("adapter: " + pair.adapter.error, broken);
  bool good = true;
  const auto timed = [&](auto &side, uint64_t times) {
    const uint64_t took = side.time_call(times);
    good = took > 0 && good;
    return static_cast<double>(took);
  };
  uint64_t times = 64; // grown until a batch is long enough; warms both sides up
  while (good && timed(*pair.bare, times) + timed(pair.adapter, times) < 2 * batch_ns && times < (1u << 24)) times *= 2;
  std::mt19937 random{std::random_device{}()};
  for (int i = 0; good && i < pairs; ++i) {
    double adapter = 0, bare = 0;
    both(
        random, [&] { adapter = timed(pair.adapter, times); }, [&] { bare = timed(*pair.bare, times); });
    const auto n = static_cast<double>(times);
    std::printf("pair %.17g %.17g 0\n", adapter / n, bare / n);
  }
  if (!good) return told(pair.adapter.error.empty() ? "bare: " + pair.bare->error : pair.adapter.error, broken);
  return measured;
}

int time_compiles(Pair &pair, int pairs) {
  std::string what;
  const std::vector<uint8_t> module = large_module(what);
  std::mt19937 random{std::random_device{}()};
  bool good = true;
  const auto through_adapter = [&](double &region, double &whole) {
    const std::vector<uint8_t> bytes = module; // in the caches, as on the other side
    const uint64_t begin = process_cpu_ns();
    good = good && pair.adapter.compile("module.wasm", bytes.data(), bytes.size());
    whole = static_cast<double>(process_cpu_ns() - begin);
    region = static_cast<double>(pair.adapter.compile_ns());
    pair.adapter.drop();
  };
  const auto without = [&](double &value) {
    std::vector<uint8_t> bytes = module; // an engine may write to them
    pair.bare->prepare(bytes);
    const uint64_t begin = process_cpu_ns();
    good = good && pair.bare->compile(bytes.data(), bytes.size());
    value = static_cast<double>(process_cpu_ns() - begin);
    pair.bare->drop();
  };
  double region = 0, whole = 0, bare = 0;
  // The first compilations fault the heap in.
  through_adapter(region, whole);
  without(bare);
  for (int i = 0; good && i < pairs; ++i) {
    both(
        random, [&] { through_adapter(region, whole); }, [&] { without(bare); });
    std::printf("pair %.17g %.17g %.17g\n", region, bare, whole);
    std::fflush(stdout);
  }
  if (!good) return told(pair.adapter.error.empty() ? "bare: " + pair.bare->error : pair.adapter.error, broken);
  return measured;
}

int child(const std::string &task, const std::string &name, const std::string &tier, int pairs) {
  char scratch[] = "/tmp/sgperf-bench-XXXXXX";
  if (!mkdtemp(scratch)) return told("no folder in /tmp", broken);
  int code = broken;
  for (const BareEngine &engine : bare_engines()) {
    if (name != engine.name) continue;
    Pair pair;
    std::string error;
    const Exit opened = open_pair(engine, tier, scratch, pair, error);
    code = opened != measured ? told(error, opened)
           : task == "call"   ? time_calls(pair, pairs)
                              : time_compiles(pair, pairs);
    std::fflush(stdout);
    std::error_code ignored;
    std::filesystem::remove_all(scratch, ignored);
    _Exit(code); // no destructors of two worlds in one library
  }
  return told("no such engine", broken);
}

// ---- all of them

// The levels that a side had, one a process: the lower quartile of its times there, since what comes on top is other
// work's.  Where code and data lie gives a process a level of its own, up to half as much again (60 or 90 ns of a call
// of SpiderMonkey), for either side: so levels are compared by the lower quartile over the processes, too, not in
// pairs. Tried in three times 15 processes of 13 tiers: the same to 0.5 %, where medians of pairs were apart by 2 to 40
// %.
struct Times {
  std::vector<double> adapter, bare, whole; // levels
  size_t pairs = 0;
  std::string problem;
  bool missing = false;
  double level(const std::vector<double> &of) const { return summarize(of).low; }
};

void run_child(const char *self, const char *task, const std::string &engine, const std::string &tier, int pairs,
               Times &times) {
  const std::string command = "exec '" + std::string(self) + "' --child " + task + " " + engine + " " + tier + " " +
                              std::to_string(pairs) + " 2>/dev/null";
  FILE *out = popen(command.c_str(), "r");
  if (!out) return;
  std::vector<double> adapters, bares, wholes;
  char line[512];
  while (std::fgets(line, sizeof line, out)) {
    double adapter = 0, bare = 0, whole = 0;
    if (std::sscanf(line, "pair %lf %lf %lf", &adapter, &bare, &whole) == 3 && adapter > 0 && bare > 0) {
      adapters.push_back(adapter);
      bares.push_back(bare);
      wholes.push_back(whole);
    } else if (std::strncmp(line, "error ", 6) == 0) {
      times.problem = line + 6;
      times.problem.pop_back();
    }
  }
  const int status = pclose(out);
  times.missing = WIFEXITED(status) && WEXITSTATUS(status) == not_there;
  if (status != 0 && times.problem.empty())
    times.problem = WIFEXITED(status) ? "left with code " + std::to_string(WEXITSTATUS(status))
                                      : "was ended by signal " + std::to_string(WTERMSIG(status));
  if (adapters.empty()) return;
  times.pairs += adapters.size();
  times.adapter.push_back(times.level(adapters));
  times.bare.push_back(times.level(bares));
  times.whole.push_back(times.level(wholes));
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 6 && std::strcmp(argv[1], "--child") == 0)
    return child(argv[2], argv[3], argv[4], std::max(1, std::atoi(argv[5])));
  bool json = false;
  int processes = 15, pairs = 60, compiles = 7;
  std::string only;
  std::vector<char *> words{argv[0]};
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--engine") == 0 && i + 1 < argc)
      only = argv[++i];
    else
      words.push_back(argv[i]);
  if (!read_arguments(static_cast<int>(words.size()), words.data(), "bench-adapters [--engine NAME]", json,
                      {{"--processes", &processes}, {"--pairs", &pairs}, {"--compiles", &compiles}}))
    return 2;
  Printer printer(json);
  printer.machine();
  std::string what;
  const size_t bytes = large_module(what).size();
  printer.comment("compiled is a module of " + std::to_string(bytes) + " bytes, " + what);
  printer.header();
  bool any = false;
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto report = [&](const std::string &name, const Times &times, double limit, const char *unit, double scale) {
    if (times.adapter.empty() || !times.problem.empty()) {
      printer.comment(name + (times.missing ? " not measured, not installed: " : " not measured: ") + times.problem);
      return times.missing;
    }
    const double adapter = times.level(times.adapter), bare = times.level(times.bare);
    printer.print(line_with_ratio(name, adapter * scale, unit, "bare", adapter / bare, limit));
    std::vector<double> ratios;
    for (size_t i = 0; i < times.adapter.size(); ++i) ratios.push_back(times.adapter[i] / times.bare[i]);
    const Summary spread = summarize(ratios);
    char text[128];
    std::snprintf(text, sizeof text, "quartiles of the processes' ratios %.4f .. %.4f, %zu processes, %zu pairs",
                  spread.low, spread.high, ratios.size(), times.pairs);
    printer.comment(text);
    return any = true;
  };
  bool good = true;
  for (const BareEngine &engine : bare_engines()) {
    if (!only.empty() && only != engine.name) continue;
    std::stringstream tiers(engine.tiers);
    for (std::string tier; std::getline(tiers, tier, ',');) {
      Times times;
      for (int i = 0; i < processes && times.problem.empty(); ++i)
        run_child(self.c_str(), "call", engine.name, tier, pairs, times);
      good = report("call-" + std::string(engine.name) + "-" + tier, times, 1.02, "ns", 1) && good;
    }
    if (!engine.compile_tier) continue;
    Times times;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < processes && times.problem.empty(); ++i) {
      run_child(self.c_str(), "compile", engine.name, engine.compile_tier, compiles, times);
      if (i >= 2 && std::chrono::steady_clock::now() - begin > most_of_compiling) break;
    }
    const std::string name = "compile-" + std::string(engine.name) + "-" + engine.compile_tier;
    good = report(name, times, 1.01, "ms", 1e-6) && good;
    if (times.whole.empty() || !times.problem.empty()) continue;
    Line whole; // with what lies outside of the phase: checks of the module and its interface
    whole.name = name + "-whole";
    whole.value = times.level(times.whole) * 1e-6;
    whole.unit = "ms";
    printer.print(whole);
  }
  if (!any) {
    std::fprintf(stderr, "bench-adapters: no engine to measure; `sgperf engines install all` gets some\n");
    return 4;
  }
  return good && !printer.failed() ? 0 : 1;
}
