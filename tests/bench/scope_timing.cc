// SPDX-License-Identifier: Apache-2.0
#include "bench/scope_timing.h"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <thread>

namespace sgperf::bench {
namespace {

double now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

double time_copy(const Series &series, size_t copy) {
  const double start = now_ns();
  series.copies[copy](series.n);
  return (now_ns() - start) / static_cast<double>(series.n);
}

std::vector<double> copy_medians(const Series &series) {
  std::vector<double> medians;
  for (const auto &values : series.ns) medians.push_back(summarize(values).median);
  return medians;
}

// Processors that this process may run on.
std::vector<int> processors() {
  cpu_set_t set;
  std::vector<int> out;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &set)) out.push_back(cpu);
  return out;
}

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set); // this thread; a refusal only adds noise
}

} // namespace

std::vector<double> Series::by_round() const {
  std::vector<double> out;
  for (size_t round = 0; !ns.empty() && round < ns[0].size(); ++round) {
    std::vector<double> values;
    for (const auto &copy : ns) values.push_back(copy[round]);
    out.push_back(summarize(values).median);
  }
  return out;
}
Summary Series::summary() const {
  return summarize(by_round());
}
double Series::worst_copy() const {
  const auto medians = copy_medians(*this);
  return medians.empty() ? NAN : *std::max_element(medians.begin(), medians.end());
}
double Series::best_copy() const {
  const auto medians = copy_medians(*this);
  return medians.empty() ? NAN : *std::min_element(medians.begin(), medians.end());
}

void time_interleaved(std::vector<Series> &series, int rounds, uint64_t seed) {
  std::vector<std::pair<size_t, size_t>> order;
  for (size_t s = 0; s < series.size(); ++s) {
    series[s].ns.assign(series[s].copies.size(), {});
    for (size_t copy = 0; copy < series[s].copies.size(); ++copy) {
      order.emplace_back(s, copy);
      time_copy(series[s], copy); // pages, branch predictors
    }
  }
  std::mt19937_64 random(seed);
  for (int round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const auto &[s, copy] : order) {
      // The first iterations of a loop still run with the predictors of the one before.
      series[s].copies[copy](16);
      series[s].ns[copy].push_back(time_copy(series[s], copy));
    }
  }
}

Summary ratio(const Series &a, const Series &b) {
  const auto above = a.by_round(), below = b.by_round();
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(above.size(), below.size()); ++i) ratios.push_back(above[i] / below[i]);
  return summarize(ratios);
}

TwoThreads time_two_threads(const Series &series, int rounds) {
  TwoThreads result;
  const auto cpus = processors();
  if (cpus.size() < 2) return result;
  result.possible = true;

  // A round: this thread alone, the other alone, both.  `turn` says whose it is; the other thread spins, with pause,
  // only while nothing is timed or while both are about to start.
  enum : int { idle, other_alone, both, stop };
  std::atomic<int> turn{idle}, ready{0};
  std::atomic<bool> done{false}, go{false};
  std::atomic<size_t> copy{0};
  double other_ns = 0;
  const auto relax = [] { std::this_thread::yield(); };
  std::thread other([&] {
    pin(cpus[1]);
    series.copies[0](1); // attach
    for (;;) {
      int mine = idle;
      while ((mine = turn.load(std::memory_order_acquire)) == idle) {
        const timespec pause{0, 20000}; // really asleep while the first thread is timed alone
        nanosleep(&pause, nullptr);
      }
      if (mine == stop) return;
      if (mine == both) {
        ready.store(1, std::memory_order_release);
        while (!go.load(std::memory_order_acquire)) {
        }
      }
      other_ns = time_copy(series, copy);
      turn.store(idle, std::memory_order_relaxed);
      done.store(true, std::memory_order_release);
    }
  });
  cpu_set_t before;
  sched_getaffinity(0, sizeof before, &before);
  pin(cpus[0]);
  std::vector<double> ratios, one, two;
  for (int round = 0; round < rounds; ++round) {
    copy = static_cast<size_t>(round) % series.copies.size();
    const double alone = time_copy(series, copy);
    done = false;
    turn.store(other_alone, std::memory_order_release);
    while (!done.load(std::memory_order_acquire)) relax();
    const double other_alone_ns = other_ns;
    done = false;
    go = false;
    ready = 0;
    turn.store(both, std::memory_order_release);
    while (!ready.load(std::memory_order_acquire)) relax();
    go.store(true, std::memory_order_release);
    const double together = time_copy(series, copy);
    while (!done.load(std::memory_order_acquire)) relax();
    one.push_back((alone + other_alone_ns) / 2);
    two.push_back((together + other_ns) / 2);
    ratios.push_back(two.back() / one.back());
  }
  turn.store(stop, std::memory_order_release);
  other.join();
  sched_setaffinity(0, sizeof before, &before);
  result.ratio = summarize(ratios);
  result.one = summarize(one);
  result.two = summarize(two);
  return result;
}

} // namespace sgperf::bench
