// SPDX-License-Identifier: Apache-2.0
#include "bench/paired_programs.h"

#include "stats/descriptive.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <random>

namespace sgperf::bench {
namespace {

// CPU time in ms; nullopt: it did not end with `exit_code`, and `error` says how.
std::optional<double> run_once(const std::vector<std::string> &command, int exit_code, size_t padding,
                               std::string &error) {
  std::vector<char *> argv;
  for (const std::string &word : command) argv.push_back(const_cast<char *>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    const int nothing = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) dup2(nothing, fd);
    unsetenv("LD_PRELOAD");
    setenv("PADDING", std::string(padding, 'x').c_str(), 1);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  while (pid > 0 && wait4(pid, &status, 0, &usage) < 0) {
  }
  const int found = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (pid < 0 || found != exit_code) {
    error = command[0] + ": expected exit code " + std::to_string(exit_code) + ", found " + std::to_string(found);
    return std::nullopt;
  }
  const auto ms = [](const timeval &t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

// Copies of the programs of a pair, gone with this object.
class Copies {
public:
  static constexpr unsigned least = 8;
  explicit Copies(const Pair &pair) : count_(std::max(pair.layouts, least)) {
    char folder[] = "/tmp/sgperf-bench-XXXXXX";
    if (!mkdtemp(folder)) return;
    folder_ = folder;
    for (unsigned i = 0; i < count_; ++i)
      for (const bool is_plain : {true, false}) {
        std::string from = (is_plain ? pair.plain : pair.instrumented)[0];
        if (pair.layouts) from += '.' + std::to_string(1 + i % pair.layouts);
        std::error_code code;
        std::filesystem::copy_file(from, path(is_plain, i), code);
      }
  }
  ~Copies() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  Copies(const Copies &) = delete;
  Copies &operator=(const Copies &) = delete;

  unsigned count() const { return count_; }
  std::string path(bool is_plain, unsigned index) const {
    return (folder_ / (is_plain ? "plain" : "instrumented")).string() + std::to_string(index);
  }

private:
  unsigned count_;
  std::filesystem::path folder_;
};

} // namespace

PairResult measure_pair(const Pair &pair, const PairLimits &limits, uint64_t seed) {
  PairResult result;
  cpu_set_t before, one;
  sched_getaffinity(0, sizeof before, &before);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one); // children inherit it
  std::mt19937_64 random(seed);
  const Copies copies(pair);
  stats::BlockValues plain, instrumented;
  std::vector<double> all;
  const auto start = std::chrono::steady_clock::now();
  for (size_t n = 0; n < limits.at_most; ++n) {
    const bool first = random() % 2;
    const auto copy = static_cast<unsigned>(random() % copies.count());
    for (const bool is_plain : {first, !first}) {
      std::vector<std::string> command = is_plain ? pair.plain : pair.instrumented;
      command[0] = copies.path(is_plain, copy);
      if (!pair.pad_option.empty())
        command.insert(command.begin() + 1, {pair.pad_option, std::to_string(random() % 4096)});
      const auto ms = run_once(command, pair.exit_code, random() % 4096, result.error);
      if (!ms) {
        sched_setaffinity(0, sizeof before, &before);
        return result;
      }
      if (n == 0) continue; // page cache
      (is_plain ? plain : instrumented)[static_cast<uint32_t>(n)] = *ms;
      if (is_plain) all.push_back(*ms);
    }
    if (n % 10 != 9 || n < limits.at_least) continue;
    const auto ratio = stats::block_ratio(instrumented, plain);
    if (!ratio || !ratio->sign_interval) continue;
    const double half = std::log(ratio->sign_interval->high / ratio->sign_interval->low) / 2;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (half <= limits.half_width || spent.count() > limits.seconds) break;
  }
  sched_setaffinity(0, sizeof before, &before);
  if (auto ratio = stats::block_ratio(instrumented, plain)) result.ratio = *ratio;
  result.plain_ms = stats::median(all);
  return result;
}

} // namespace sgperf::bench
