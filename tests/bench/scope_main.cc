// SPDX-License-Identifier: Apache-2.0
// bench-scope [--json] [--rounds N] [--pairs N]: what a scope costs on this machine, beside a scope written in assembly
// (scope_yardstick.S) and two back-to-back reads of the time-stamp counter.  docs/bench.md explains the measures.
//
// The first process makes a private session folder, runs itself again with it, and removes it: the session of the
// library is made before main().
#include <dlfcn.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <random>
#include <system_error>

#include <sgperf/sgperf.h>

#include "bench/scope_loops.h"
#include "bench/scope_timing.h"
#include "bench/startup.h"

#if defined(__x86_64__)
extern "C" {
extern __thread sgperf_block *yardstick_tls;
typedef void (*yardstick_loop)(uint64_t n, sgperf_site *site);
extern const yardstick_loop yardstick_scope[SCOPE_ALIGNMENTS];
extern const scope_loop yardstick_rdtsc[SCOPE_ALIGNMENTS];
extern const struct scope_loops scope_loops_gcc_exe, scope_loops_clang_exe;
}

namespace {

using namespace sgperf::bench;

constexpr const char *builds[] = {"gcc-exe", "clang-exe", "gcc-so", "clang-so"};

struct Arguments {
  bool json = false;
  int rounds = 120;
  int pairs = 600;
};

int fail(const std::string &what) {
  fprintf(stderr, "bench-scope: %s\n", what.c_str());
  return 3;
}

const sgperf_ops *runtime() {
  void *found = dlsym(RTLD_DEFAULT, SGPERF_I_ENTRY);
  const sgperf_ops *(*entry)(uint32_t) = nullptr;
  memcpy(&entry, &found, sizeof entry);
  return entry ? entry(SGPERF_VERSION) : nullptr;
}

// Calls of every site so far, by name.
std::map<std::string, uint64_t> counts(const sgperf_ops *ops) {
  std::vector<sgperf_row> rows(1024);
  const long n = ops->snapshot(rows.data(), rows.size(), sizeof rows[0]);
  std::map<std::string, uint64_t> out;
  for (long i = 0; i < n && i < static_cast<long>(rows.size()); ++i)
    out[rows[static_cast<size_t>(i)].name] = rows[static_cast<size_t>(i)].count;
  return out;
}

Series series(const std::string &name, uint64_t n, const scope_loop (&loops)[SCOPE_ALIGNMENTS]) {
  Series out;
  out.name = name;
  out.n = n;
  out.copies.assign(loops, loops + SCOPE_ALIGNMENTS);
  return out;
}

class Report {
public:
  Report(Printer &printer, const std::vector<Series> &all) : printer_(printer) {
    for (const Series &s : all) series_[s.name] = &s;
  }
  void against(const std::string &line_name, const std::string &name, const std::string &yardstick,
               std::optional<double> limit) {
    const Series &s = *series_.at(name);
    const Summary r = ratio(s, *series_.at(yardstick));
    printer_.print(line_with_ratio(line_name, s.summary().median, "ns", yardstick, r.median, limit));
    char text[200];
    snprintf(text, sizeof text, "  %s: %.2f..%.2f ns, ratio %.3f..%.3f (quartiles); alignments %.2f to %.2f ns",
             line_name.c_str(), s.summary().low, s.summary().high, r.low, r.high, s.best_copy(), s.worst_copy());
    printer_.comment(text);
  }
  void limit(const std::string &name, const std::string &yardstick, double limit) {
    const Series &s = *series_.at(name);
    Line line = line_with_limit(name, s.summary().median, "ns", limit);
    line.yardstick = yardstick;
    line.ratio = ratio(s, *series_.at(yardstick)).median;
    printer_.print(line);
    char text[200];
    snprintf(text, sizeof text, "  %s: %.3f..%.3f ns (quartiles), loop included; alignments %.3f to %.3f ns",
             name.c_str(), s.summary().low, s.summary().high, s.best_copy(), s.worst_copy());
    printer_.comment(text);
  }

private:
  Printer &printer_;
  std::map<std::string, const Series *> series_;
};

// What the loops did, by the library's own count: a loop whose scopes were off, or were not counted, measured nothing.
std::string verify(const std::map<std::string, uint64_t> &before, const std::map<std::string, uint64_t> &after,
                   uint64_t scopes, uint64_t counters) {
  const auto grown = [&](const std::string &name) {
    const auto a = before.find(name), b = after.find(name);
    return (b == after.end() ? 0 : b->second) - (a == before.end() ? 0 : a->second);
  };
  const auto check = [&](const std::string &name, uint64_t expected) -> std::string {
    const uint64_t found = grown(name);
    if (found == expected) return "";
    return name + ": expected " + std::to_string(expected) + " more calls, found " + std::to_string(found);
  };
  std::string error = check("bench::yardstick", scopes);
  for (const char *build : {"gcc_exe", "clang_exe", "gcc_so", "clang_so"}) {
    const std::string prefix = std::string("scope_loops_") + build + "::";
    for (const char *kind : {"live", "hist", "fenced", "twin"})
      if (error.empty()) error = check(prefix + kind, scopes);
    if (error.empty()) error = check(prefix + "counter", counters);
    if (error.empty()) error = check(prefix + "off", 0);
  }
  return error;
}

int measure(const Arguments &arguments) {
  const sgperf_ops *ops = runtime();
  if (!ops || !ops->snapshot || !ops->enable)
    return fail("expected libsgperf in this process, found none; build it and run from the build folder");

  const scope_loops *tables[4] = {&scope_loops_gcc_exe, &scope_loops_clang_exe, nullptr, nullptr};
  for (int i = 2; i < 4; ++i) {
    const std::string compiler = i == 2 ? "gcc" : "clang";
    const std::string path = own_dir() / ("libbench-scope-" + compiler + ".so");
    void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) return fail(dlerror());
    tables[i] = static_cast<const scope_loops *>(dlsym(handle, ("scope_loops_" + compiler + "_so").c_str()));
    if (!tables[i]) return fail(dlerror());
  }

  static sgperf_site yardstick_site = {sizeof(sgperf_site), -1, "bench::yardstick", __FILE__, __LINE__,
                                       SGPERF_SITE_SCOPE};
  sgperf_frame frame;
  sgperf_scope_begin(&yardstick_site, &frame);
  sgperf_scope_end(&frame);
  if (yardstick_site.slot <= 0 || !sgperf_i_tls) return fail("the yardstick's site is not live; is SGPERF_SITES set?");
  yardstick_tls = sgperf_i_tls; // the same block as the inline code uses, another slot
  if (yardstick_tls->timer)
    return fail("the timer is a clock here, not the time-stamp counter: nothing to compare with");

  // About 0.15 ms a sample: long against the clock, short against a time slice.
  const uint64_t n_scope = 8000, n_counter = 80000, n_loop = 400000;
  std::vector<Series> all;
  all.push_back(series("rdtsc-pair", n_scope, yardstick_rdtsc));
  all.push_back({"scope-asm", {}, n_scope, {}});
  for (yardstick_loop loop : yardstick_scope)
    all.back().copies.emplace_back([loop](uint64_t n) { loop(n, &yardstick_site); });
  all.push_back(series("empty-loop", n_loop, tables[0]->empty));
  for (int i = 0; i < 4; ++i) {
    const std::string build = builds[i];
    all.push_back(series("scope-" + build, n_scope, tables[i]->live));
    all.push_back(series("histogram-" + build, n_scope, tables[i]->hist));
    all.push_back(series("fenced-" + build, n_scope, tables[i]->fenced));
    all.push_back(series("twin-" + build, n_scope, tables[i]->twin));
    all.push_back(series("disabled-" + build, n_loop, tables[i]->off));
    all.push_back(series("counter-" + build, n_counter, tables[i]->counter));
  }
  for (const scope_loops *table : tables)
    for (scope_loop loop : table->off) loop(1); // registers the site
  const int off = ops->enable("scope_loops_*::off", 0);
  if (off < 0) return fail(std::string("sgperf_enable(\"scope_loops_*::off\", 0): ") + strerror(-off));

  // The thread stays on one processor; two threads get theirs below.
  cpu_set_t mask, one;
  sched_getaffinity(0, sizeof mask, &mask);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);

  const auto before = counts(ops);
  const uint64_t seed = 20261121;
  time_interleaved(all, arguments.rounds, seed);
  const auto after = counts(ops);
  sched_setaffinity(0, sizeof mask, &mask);
  const auto runs = static_cast<uint64_t>(arguments.rounds);
  const uint64_t scopes = SCOPE_ALIGNMENTS * (n_scope * (runs + 1) + 16 * runs);
  const uint64_t counters = SCOPE_ALIGNMENTS * (n_counter * (runs + 1) + 16 * runs);
  const std::string wrong = verify(before, after, scopes, counters);
  if (!wrong.empty()) return fail(wrong);

  Printer printer(arguments.json);
  printer.machine();
  char text[160];
  snprintf(text, sizeof text, "%d interleaved rounds (seed %llu), %d alignments of each loop; medians",
           arguments.rounds, static_cast<unsigned long long>(seed), SCOPE_ALIGNMENTS);
  printer.comment(text);
  printer.header();
  Report report(printer, all);
  printer.print({"rdtsc-pair", all[0].summary().median, "ns", "", std::nullopt, "", Verdict::info});
  report.against("scope-asm", "scope-asm", "rdtsc-pair", std::nullopt);
  for (int i = 0; i < 4; ++i)
    report.against(std::string("scope-") + builds[i], std::string("scope-") + builds[i], "scope-asm",
                   i < 2 ? 1.05 : 1.10);
  for (const char *build : builds)
    report.against(std::string("scope-rdtsc-") + build, std::string("scope-") + build, "rdtsc-pair", 1.30);
  for (const char *build : builds) report.limit(std::string("disabled-") + build, "empty-loop", 0.5);
  for (const char *build : builds)
    report.against(std::string("histogram-") + build, std::string("histogram-") + build, std::string("scope-") + build,
                   1.25);
  for (const char *build : builds)
    report.against(std::string("fenced-") + build, std::string("fenced-") + build, std::string("scope-") + build,
                   std::nullopt);
  for (const char *build : builds) report.limit(std::string("counter-") + build, "empty-loop", 3);
  for (const char *build : builds)
    report.against(std::string("twin-") + build, std::string("twin-") + build, "scope-gcc-exe", 1.20);

  for (const size_t index : {size_t{3}, size_t{0}}) { // the scope, then what two busy processors do to rdtsc alone
    const bool scope = index == 3;
    const TwoThreads two = time_two_threads(all[index], 400);
    if (!two.possible) return fail("two threads need two processors; this process may use one only");
    printer.print(line_with_ratio(scope ? "two-threads" : "two-threads-rdtsc", two.two.median, "ns", "one-thread",
                                  two.ratio.median, scope ? std::optional<double>(1.10) : std::nullopt));
    snprintf(text, sizeof text, "  ratio %.3f..%.3f (quartiles), %s, one thread %.2f ns, two threads %.2f ns",
             two.ratio.low, two.ratio.high, scope ? "one site" : "two rdtsc, no memory at all", two.one.median,
             two.two.median);
    printer.comment(text);
  }
  std::string error;
  if (!measure_startup(printer, own_dir(), built_library(), getenv("SGPERF_DIR"), arguments.pairs, error))
    return fail(error);
  return printer.failed() ? 1 : 0;
}

int measure_in_private_folder(char **argv) {
  char dir[] = "/dev/shm/sgperf-bench-XXXXXX";
  if (!mkdtemp(dir)) return fail(std::string(dir) + ": " + strerror(errno));
  setenv("SGPERF_DIR", dir, 1);
  setenv("SGPERF_TIMER", "tsc", 1);
  setenv("SGPERF_BENCH_CHILD", "1", 1);
  for (const char *name : {"SGPERF_SITES", "SGPERF_FORK", "LD_PRELOAD"}) unsetenv(name);
  const pid_t pid = fork();
  if (pid == 0) {
    execv("/proc/self/exe", argv);
    _exit(127);
  }
  int status = 0;
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
  if (pid < 0) return fail(std::string("fork: ") + strerror(errno));
  return WIFEXITED(status) ? WEXITSTATUS(status) : fail("ended by signal " + std::to_string(WTERMSIG(status)));
}

} // namespace

int main(int argc, char **argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const auto number = [&](const char *name, int &value) {
      if (strcmp(argv[i], name) != 0 || i + 1 >= argc || atoi(argv[i + 1]) < 1) return false;
      value = atoi(argv[++i]);
      return true;
    };
    if (!strcmp(argv[i], "--json"))
      arguments.json = true;
    else if (!number("--rounds", arguments.rounds) && !number("--pairs", arguments.pairs)) {
      fprintf(stderr, "usage: bench-scope [--json] [--rounds N] [--pairs N]; found '%s'\n", argv[i]);
      return 2;
    }
  }
  return getenv("SGPERF_BENCH_CHILD") ? measure(arguments) : measure_in_private_folder(argv);
}
#else
int main() {
  fprintf(stderr, "bench-scope: the assembly yardstick is written for x86-64 only\n");
  return 4;
}
#endif
