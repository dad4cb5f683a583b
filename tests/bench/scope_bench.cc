// SPDX-License-Identifier: Apache-2.0
#include "bench/scope_bench.h"
#include "bench/arguments.h"

#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "bench/startup.h"

extern "C" {
extern __thread sgperf_block *yardstick_tls;
typedef void (*yardstick_loop)(uint64_t n, sgperf_site *site);
extern const yardstick_loop yardstick_scope[SCOPE_ALIGNMENTS];
extern const scope_loop yardstick_rdtsc[SCOPE_ALIGNMENTS];
}

namespace sgperf::bench {
namespace {

// About 0.15 ms a sample: long against the clock, short against a time slice.
constexpr uint64_t n_scope = 8000, n_counter = 80000, n_loop = 400000;
constexpr uint64_t seed = 20261121;

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

Series of_loops(const std::string &name, uint64_t n, const scope_loop (&loops)[SCOPE_ALIGNMENTS]) {
  Series out;
  out.name = name;
  out.n = n;
  out.copies.assign(loops, loops + SCOPE_ALIGNMENTS);
  return out;
}

} // namespace

int ScopeBench::fail(const std::string &what) const {
  fprintf(stderr, "%s: %s\n", program_.c_str(), what.c_str());
  return 3;
}

const Series &ScopeBench::series(const std::string &name) const {
  for (const Series &one : all_)
    if (one.name == name) return one;
  abort(); // a name that time() did not make
}

// What the loops did, by the library's own count: a loop whose scopes were off, or were not counted, measured nothing.
std::string ScopeBench::verify(const std::map<std::string, uint64_t> &before,
                               const std::map<std::string, uint64_t> &after, const std::vector<Build> &builds) const {
  const auto rounds = static_cast<uint64_t>(arguments_.rounds);
  const uint64_t scopes = SCOPE_ALIGNMENTS * (n_scope * (rounds + 1) + 16 * rounds);
  const uint64_t counters = SCOPE_ALIGNMENTS * (n_counter * (rounds + 1) + 16 * rounds);
  const auto grown = [&](const std::string &name) {
    const auto a = before.find(name), b = after.find(name);
    return (b == after.end() ? 0 : b->second) - (a == before.end() ? 0 : a->second);
  };
  std::string error;
  const auto check = [&](const std::string &name, uint64_t expected) {
    const uint64_t found = grown(name);
    if (error.empty() && found != expected)
      error = name + ": expected " + std::to_string(expected) + " more calls, found " + std::to_string(found);
  };
  check("bench::yardstick", scopes);
  for (const Build &build : builds) {
    for (const char *kind : {"live", "hist", "fenced"}) check(build.prefix + "::" + kind, scopes);
    if (build.loops->twin[0]) check(build.prefix + "::twin", scopes);
    check(build.prefix + "::counter", counters);
    check(build.prefix + "::off", 0);
  }
  return error;
}

std::string ScopeBench::time(const std::vector<Build> &builds) {
  const sgperf_ops *ops = runtime();
  if (!ops || !ops->snapshot || !ops->enable)
    return "expected libsgperf in this process, found none; build it and run from the build folder";

  static sgperf_site yardstick_site = {sizeof(sgperf_site), -1, "bench::yardstick", __FILE__, __LINE__,
                                       SGPERF_SITE_SCOPE};
  sgperf_frame frame;
  sgperf_scope_begin(&yardstick_site, &frame);
  sgperf_scope_end(&frame);
  if (yardstick_site.slot <= 0 || !sgperf_i_tls) return "the yardstick's site is not live; is SGPERF_SITES set?";
  yardstick_tls = sgperf_i_tls; // the same block as the inline code uses, another slot
  if (yardstick_tls->timer) return "the timer is a clock here, not the time-stamp counter: nothing to compare with";

  all_.clear();
  all_.push_back(of_loops("rdtsc-pair", n_scope, yardstick_rdtsc));
  all_.push_back({"scope-asm", {}, n_scope, {}});
  for (yardstick_loop loop : yardstick_scope)
    all_.back().copies.emplace_back([loop](uint64_t n) { loop(n, &yardstick_site); });
  all_.push_back(of_loops("empty-loop", n_loop, builds[0].loops->empty));
  for (const Build &build : builds) {
    all_.push_back(of_loops("live-" + build.name, n_scope, build.loops->live));
    all_.push_back(of_loops("hist-" + build.name, n_scope, build.loops->hist));
    all_.push_back(of_loops("fenced-" + build.name, n_scope, build.loops->fenced));
    if (build.loops->twin[0]) all_.push_back(of_loops("twin-" + build.name, n_scope, build.loops->twin));
    all_.push_back(of_loops("off-" + build.name, n_loop, build.loops->off));
    all_.push_back(of_loops("counter-" + build.name, n_counter, build.loops->counter));
    for (scope_loop loop : build.loops->off) loop(1); // registers the site
  }
  const int off = ops->enable("scope_loops_*::off", 0);
  if (off < 0) return std::string("sgperf_enable(\"scope_loops_*::off\", 0): ") + strerror(-off);

  // The thread stays on one processor; two threads get theirs elsewhere.
  cpu_set_t mask, one;
  sched_getaffinity(0, sizeof mask, &mask);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
  const auto before = counts(ops);
  time_interleaved(all_, arguments_.rounds, seed);
  const auto after = counts(ops);
  sched_setaffinity(0, sizeof mask, &mask);
  return verify(before, after, builds);
}

void ScopeBench::head(Printer &printer) const {
  printer.machine();
  char text[160];
  snprintf(text, sizeof text, "%d interleaved rounds (seed %llu), %d alignments of each loop; medians",
           arguments_.rounds, static_cast<unsigned long long>(seed), SCOPE_ALIGNMENTS);
  printer.comment(text);
  printer.header();
  printer.print({"rdtsc-pair", series("rdtsc-pair").summary().median, "ns", "", std::nullopt, "", Verdict::info});
  ratio_line(printer, "scope-asm", "scope-asm", "rdtsc-pair", std::nullopt);
}

// The yardstick's name in a line: that of its line, where it has one.
void ScopeBench::ratio_line(Printer &printer, const std::string &line, const std::string &name,
                            const std::string &yardstick, std::optional<double> limit) const {
  const Series &s = series(name);
  const Summary r = ratio(s, series(yardstick));
  const bool live = yardstick.starts_with("live-");
  printer.print(line_with_ratio(line, s.summary().median, "ns", live ? "scope-" + yardstick.substr(5) : yardstick,
                                r.median, limit));
  char text[200];
  snprintf(text, sizeof text, "  %s: %.2f..%.2f ns, ratio %.3f..%.3f (quartiles); alignments %.2f to %.2f ns",
           line.c_str(), s.summary().low, s.summary().high, r.low, r.high, s.best_copy(), s.worst_copy());
  printer.comment(text);
}

void ScopeBench::limit_line(Printer &printer, const std::string &name_of_line, const std::string &name,
                            const std::string &yardstick, double limit) const {
  const Series &s = series(name);
  Line line = line_with_limit(name_of_line, s.summary().median, "ns", limit);
  line.yardstick = yardstick;
  line.ratio = ratio(s, series(yardstick)).median;
  printer.print(line);
  char text[200];
  snprintf(text, sizeof text, "  %s: %.3f..%.3f ns (quartiles), loop included; alignments %.3f to %.3f ns",
           name_of_line.c_str(), s.summary().low, s.summary().high, s.best_copy(), s.worst_copy());
  printer.comment(text);
}

const scope_loops *loaded_loops(const std::string &file, const std::string &symbol, std::string &error) {
  void *handle = dlopen((own_dir() / file).c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto *loops = handle ? static_cast<const scope_loops *>(dlsym(handle, symbol.c_str())) : nullptr;
  if (!loops) error = dlerror();
  return loops;
}

int scope_bench_main(const char *program, int argc, char **argv,
                     const std::function<int(const ScopeArguments &)> &measure) {
  ScopeArguments arguments;
  if (!read_arguments(argc, argv, program, arguments.json,
                      {{"--rounds", &arguments.rounds}, {"--pairs", &arguments.pairs}}))
    return 2;
  if (getenv("SGPERF_BENCH_CHILD")) return measure(arguments);

  // The session of the library is made before main(): the folder must be known before the process starts.
  const ScopeBench parent(program, arguments);
  char dir[] = "/dev/shm/sgperf-bench-XXXXXX";
  if (!mkdtemp(dir)) return parent.fail(std::string(dir) + ": " + strerror(errno));
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
  if (pid < 0) return parent.fail(std::string("fork: ") + strerror(errno));
  return WIFEXITED(status) ? WEXITSTATUS(status) : parent.fail("ended by signal " + std::to_string(WTERMSIG(status)));
}

} // namespace sgperf::bench
