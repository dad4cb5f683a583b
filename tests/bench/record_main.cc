// SPDX-License-Identifier: Apache-2.0
// bench-record [--json] [--starts N] [--rounds N]: what `sgperf record` costs, beside `perf record` in the same run.
// docs/bench.md explains the measures.
#include "bench/arguments.h"
#include "bench/bench_line.h"
#include "bench/harness_run.h"
#include "support/cache.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <thread>

namespace {

using namespace sgperf::bench;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Ended {
  double seconds = 0; // to what a shell would see as the end
  std::string out;
  bool good = false;
};

Ended run_program(const std::vector<std::string> &argv) {
  Ended result;
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) return result;
  std::vector<char *> words;
  for (const std::string &word : argv) words.push_back(const_cast<char *>(word.c_str()));
  words.push_back(nullptr);
  const auto begin = Clock::now();
  const pid_t pid = fork();
  if (pid == 0) {
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, 0);
    dup2(pipe_fds[1], 1);
    dup2(nothing, 2);
    execvp(words[0], words.data());
    _exit(127);
  }
  close(pipe_fds[1]);
  char buffer[4096];
  for (ssize_t n; (n = read(pipe_fds[0], buffer, sizeof buffer)) > 0;)
    result.out.append(buffer, static_cast<size_t>(n));
  close(pipe_fds[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  result.good = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return result;
}

struct Way {
  std::string name;
  std::vector<std::string> in_front; // of the program
};

struct Setup {
  fs::path folder; // for recordings
  std::vector<Way> ways;
};

Setup setup(const fs::path &folder) {
  Setup out{folder, {}};
  const std::string record = (build_folder() / "cli/command/sgperf").string();
  out.ways.push_back({"plain", {}});
  out.ways.push_back({"sgperf", {record, "record", "-q", "-o", (folder / "sgperf.data").string(), "--"}});
  if (access("/usr/bin/perf", X_OK) == 0)
    out.ways.push_back(
        {"perf", {"/usr/bin/perf", "record", "-q", "-F", "999", "-g", "-o", (folder / "perf.data").string(), "--"}});
  return out;
}

using Results = std::map<std::string, std::vector<double>>; // way -> one value a round

// Every way once a round, in random order.  Empty: a run failed, `error` says which.
Results rounds(const Setup &setup, const std::vector<std::string> &program, int count,
               const std::function<double(const Ended &)> &value, std::string &error) {
  Results out;
  std::mt19937_64 random(20261126);
  for (int round = -1; round < count; ++round) { // the first warms the page cache
    std::vector<Way> order = setup.ways;
    std::shuffle(order.begin(), order.end(), random);
    for (const Way &way : order) {
      std::vector<std::string> argv = way.in_front;
      argv.insert(argv.end(), program.begin(), program.end());
      const Ended ended = run_program(argv);
      if (!ended.good) {
        error = way.name + ": " + argv[0] + " did not end with exit code 0";
        return {};
      }
      if (round >= 0) out[way.name].push_back(value(ended));
      for (const char *name : {"sgperf.data", "sgperf.data.old", "perf.data", "perf.data.old"}) {
        std::error_code ignored;
        fs::remove_all(setup.folder / name, ignored);
      }
    }
  }
  return out;
}

std::vector<double> paired(const Results &results, const std::string &way,
                           const std::function<double(double, double)> &with) {
  std::vector<double> out;
  const auto &plain = results.at("plain"), &other = results.at(way);
  for (size_t i = 0; i < plain.size(); ++i) out.push_back(with(other[i], plain[i]));
  return out;
}

void print_spread(Printer &printer, const std::string &name, const Summary &summary, double scale, const char *unit) {
  char text[160];
  snprintf(text, sizeof text, "  %s: quartiles %.2f..%.2f %s", name.c_str(), summary.low * scale, summary.high * scale,
           unit);
  printer.comment(text);
}

void fixed_cost(Printer &printer, const Results &results) {
  const auto difference = [](double with, double without) { return (with - without) * 1e3; };
  const Summary ours = summarize(paired(results, "sgperf", difference));
  std::optional<Summary> perf;
  if (results.contains("perf")) perf = summarize(paired(results, "perf", difference));
  Line line = line_with_limit("start", ours.median, "ms", 60);
  if (perf) {
    line.yardstick = "perf-start";
    line.ratio = ours.median / perf->median;
  }
  printer.print(line);
  print_spread(printer, "start", ours, 1, "ms");
  if (!perf) return printer.comment("  no /usr/bin/perf (package linux-perf): no yardstick");
  printer.print({"perf-start", perf->median, "ms", "", {}, "", Verdict::info});
  print_spread(printer, "perf-start", *perf, 1, "ms");
}

// How long programs of ours stay in the kernel behind the command's end.
bool leave(Printer &printer, const Setup &setup, std::string &error) {
  const auto loaded = [] {
    const Ended listed = run_program({"/usr/sbin/bpftool", "prog", "show"});
    size_t count = 0;
    for (size_t at = 0; (at = listed.out.find("name sgperf_", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  if (geteuid() != 0 || access("/usr/sbin/bpftool", X_OK) != 0) {
    printer.comment("  links-gone: needs root and bpftool, left out");
    return true;
  }
  const size_t before = loaded();
  std::vector<std::string> argv = setup.ways[1].in_front;
  argv.push_back("true");
  if (!run_program(argv).good) {
    error = "record -- true failed";
    return false;
  }
  const auto begin = Clock::now();
  double seconds = 0;
  while (loaded() > before && (seconds = std::chrono::duration<double>(Clock::now() - begin).count()) < 10)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  printer.print(line_with_limit("links-gone", seconds, "s", 2));
  return true;
}

void sampling(Printer &printer, const Results &results) {
  const auto ratio = [](double with, double without) { return with / without; };
  const double plain = summarize(results.at("plain")).median * 1e3;
  for (const char *way : {"sgperf", "perf"}) {
    if (!results.contains(way)) continue;
    const Summary summary = summarize(paired(results, way, ratio));
    const bool ours = !strcmp(way, "sgperf");
    printer.print(line_with_ratio(ours ? "sampling-999" : "perf-sampling-999", plain * summary.median, "ms", "plain",
                                  summary.median, ours ? std::optional(1.035) : std::nullopt));
    print_spread(printer, ours ? "sampling-999" : "perf-sampling-999", summary, 1, "x");
  }
}

std::string wasmtime() {
  const fs::path program = sgperf::test::stock_wasmtime();
  return fs::exists(program) ? program.string() : "";
}

} // namespace

int main(int argc, char **argv) {
  bool json = false;
  int starts = 21, repeats = 11;
  if (!read_arguments(argc, argv, "bench-record", json, {{"--starts", &starts}, {"--rounds", &repeats}})) return 2;
  char dir[] = "/tmp/sgperf-bench-XXXXXX";
  if (!mkdtemp(dir)) {
    perror("mkdtemp /tmp/sgperf-bench-XXXXXX");
    return 4;
  }
  Printer printer(json);
  printer.machine();
  printer.header();
  const Setup ways = setup(dir);
  std::string error;
  const Results started = rounds(
      ways, {"true"}, starts, [](const Ended &ended) { return ended.seconds; }, error);
  bool good = !started.empty();
  if (good) fixed_cost(printer, started);
  good = good && leave(printer, ways, error);
  if (const std::string engine = wasmtime(); good && engine.empty())
    printer.comment(
        "sampling-999: expected the wasmtime command in the cache, found none; ./dev bench record fetches it");
  else if (good) {
    const std::string guest = (build_folder() / "tests/bench/record-guest.wasm").string();
    const Results sampled = rounds(
        ways, {engine, "run", guest}, repeats,
        [](const Ended &ended) { return std::strtod(ended.out.c_str(), nullptr) / 1e9; }, error);
    good = !sampled.empty();
    if (good) sampling(printer, sampled);
  }
  std::error_code ignored;
  fs::remove_all(dir, ignored);
  if (!good) {
    fprintf(stderr, "bench-record: %s\n", error.c_str());
    return 3;
  }
  return printer.failed() ? 1 : 0;
}
