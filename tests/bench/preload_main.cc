// SPDX-License-Identifier: Apache-2.0
// bench-preload [--json] [--pairs N]: what the preloaded library costs a program that never heard of it, beside an
// empty library: its start, its end, its memory, and the copy of the code that an engine publishes.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <system_error>
#include <vector>

#include "bench/arguments.h"
#include "bench/startup.h"

namespace sgperf::bench {
namespace {

namespace fs = std::filesystem;

double now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

struct Run {
  double printed = NAN, started_ns = 0, ended_ns = 0; // NaN: it did not end with 0, or printed nothing
  double code_bytes = 0;                              // of the code files that it left, memory that they take
};

class Preload {
public:
  Preload(fs::path sessions) : sessions_(std::move(sessions)) {}

  static std::string program() { return own_dir() / "preload-program"; }
  static std::string empty() { return own_dir() / "libstartup-empty.so"; }

  Run run(const std::string &library, const std::vector<std::string> &arguments, bool child = false) {
    std::vector<std::string> words{program()}, env{"LD_PRELOAD=" + library, "SGPERF_DIR=" + sessions_.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    if (child) env.emplace_back("SGPERF_PARENT=host-1-1");
    std::vector<char *> argv, envp;
    for (auto &word : words) argv.push_back(word.data());
    for (auto &entry : env) envp.push_back(entry.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    Run result;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return result;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    pid_t pid = 0;
    int status = 1;
    result.started_ns = now_ns();
    const bool spawned = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), envp.data()) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    const bool ended = spawned && waitpid(pid, &status, 0) == pid;
    result.ended_ns = now_ns();
    char text[32] = "";
    const ssize_t got = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    if (ended && status == 0 && got > 0) result.printed = strtod(text, nullptr);
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator(sessions_, ignored)) {
      struct stat file {};
      if (entry.path().filename().string().starts_with("code-") && stat(entry.path().c_str(), &file) == 0)
        result.code_bytes += static_cast<double>(file.st_blocks) * 512;
      fs::remove(entry.path(), ignored);
    }
    return result;
  }

private:
  fs::path sessions_;
};

struct Measure {
  std::string name, unit;
  double limit;
  int pairs;
  std::function<double(const std::string &library)> once; // NaN = failed
};

// Pairs whose order alternates; the median of the differences.
bool measure(Printer &printer, const Measure &one) {
  std::vector<double> differences, with, without;
  const std::string library = built_library(), empty = Preload::empty();
  for (int i = -3; i < one.pairs; ++i) { // the first three warm the page cache
    const bool first = (i & 1) != 0;
    const double a = one.once(first ? library : empty), b = one.once(first ? empty : library);
    if (!std::isfinite(a) || !std::isfinite(b)) {
      fprintf(stderr, "bench-preload: %s could not be measured: the program failed, or nothing was recorded\n",
              one.name.c_str());
      return false;
    }
    if (i < 0) continue;
    with.push_back(first ? a : b);
    without.push_back(first ? b : a);
    differences.push_back(with.back() - without.back());
  }
  const Summary difference = summarize(differences), base = summarize(without), loaded = summarize(with);
  Line line = line_with_limit(one.name, difference.median, one.unit, one.limit);
  line.yardstick = "empty-library";
  if (base.median > 0) line.ratio = loaded.median / base.median;
  printer.print(line);
  char text[240];
  snprintf(text, sizeof text,
           "  %s: median of %d interleaved differences, quartiles %.4g..%.4g %s; with the library %.4g, with an empty "
           "one %.4g",
           one.name.c_str(), one.pairs, difference.low, difference.high, one.unit.c_str(), loaded.median, base.median);
  printer.comment(text);
  return true;
}

bool measure_all(Printer &printer, const fs::path &sessions, int pairs) {
  Preload preload(sessions);
  const auto start = [&](bool child) {
    return [&preload, child](const std::string &library) {
      const Run run = preload.run(library, {"end"}, child);
      return (run.printed - run.started_ns) * 1e-3;
    };
  };
  // Of the code that was copied: a measure of nothing is none.
  const auto copy = [&](int megabytes) {
    return [&preload, megabytes](const std::string &library) {
      const Run run = preload.run(library, {"publish", std::to_string(megabytes)});
      const bool copied = run.code_bytes >= megabytes * 1048576.0;
      return copied == (library != Preload::empty()) ? run.printed * 1e-6 / megabytes : NAN;
    };
  };
  const int few = std::max(5, pairs / 10);
  const Measure measures[] = {
      {"preload-start", "us", 100, pairs, start(false)},
      {"preload-start-child", "us", 100, pairs, start(true)},
      {"preload-exit", "ms", 1, pairs,
       [&](const std::string &library) {
         const Run run = preload.run(library, {"end"});
         return (run.ended_ns - run.printed) * 1e-6;
       }},
      {"preload-memory", "KiB", 256, few,
       [&](const std::string &library) { return preload.run(library, {"memory"}).printed / 1024; }},
      {"preload-copy-1mb", "ms/MB", 5, few, copy(1)},
      {"preload-copy-16mb", "ms/MB", 5, few, copy(16)},
  };
  for (const Measure &one : measures)
    if (!measure(printer, one)) return false;
  return true;
}

} // namespace
} // namespace sgperf::bench

int main(int argc, char **argv) {
  bool json = false;
  int pairs = 500;
  if (!sgperf::bench::read_arguments(argc, argv, "bench-preload", json, {{"--pairs", &pairs}})) return 2;
  for (const std::string &file :
       {sgperf::bench::Preload::program(), sgperf::bench::Preload::empty(), sgperf::bench::built_library().string()})
    if (access(file.c_str(), R_OK) != 0) {
      fprintf(stderr, "bench-preload: %s: %s; build it first\n", file.c_str(), strerror(errno));
      return 3;
    }
  char dir[] = "/dev/shm/sgperf-bench-XXXXXX";
  if (!mkdtemp(dir)) {
    perror("mkdtemp /dev/shm/sgperf-bench-XXXXXX");
    return 4;
  }
  sgperf::bench::Printer printer(json);
  printer.machine();
  printer.header();
  const bool measured = sgperf::bench::measure_all(printer, dir, pairs);
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
  if (!measured) return 3;
  return printer.failed() ? 1 : 0;
}
