// SPDX-License-Identifier: Apache-2.0
// bench-syscalls [--json] [--rounds N] [--calls N]: what the accounting of system calls costs a program, and the
// programs beside it.  docs/bench.md explains the measures.
#include "bench/bench_line.h"
#include "probes/probes.h"
#include "probes/state.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <vector>

typedef uint64_t u64;
typedef uint32_t u32;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "syscalls_yardstick.skel.h"
#pragma GCC diagnostic pop

extern char **environ;

namespace {

using namespace sgperf::bench;
using sgperf::probes::Options;
using sgperf::probes::Probes;
using sgperf::probes::When;

// A program that makes system calls when it is told to, on one processor of its own.
class Loop {
public:
  bool start(const std::vector<std::string> &command, const std::vector<std::string> &env, int cpu) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) return false;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    std::vector<char *> args, envs;
    for (const std::string &one : command) args.push_back(const_cast<char *>(one.c_str()));
    args.push_back(nullptr);
    for (const std::string &one : env) envs.push_back(const_cast<char *>(one.c_str()));
    for (char **one = environ; *one; one++) envs.push_back(*one);
    envs.push_back(nullptr);
    const int result = posix_spawnp(&pid_, args[0], &actions, nullptr, args.data(), envs.data());
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    to_ = fdopen(in[1], "w");
    from_ = fdopen(out[0], "r");
    if (result != 0) return false;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(cpu), &set);
    sched_setaffinity(pid_, sizeof set, &set);
    return run(10) > 0; // it has started
  }
  ~Loop() {
    if (to_) fclose(to_);
    if (from_) fclose(from_);
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  // ns a call; NaN: it has ended.
  double run(long calls) {
    unsigned long long spent = 0;
    fprintf(to_, "%ld\n", calls);
    fflush(to_);
    if (fscanf(from_, "%llu", &spent) != 1) return NAN;
    return static_cast<double>(spent) / static_cast<double>(calls);
  }
  pid_t pid() const { return pid_; }

private:
  pid_t pid_ = 0;
  FILE *to_ = nullptr, *from_ = nullptr;
};

class Yardstick {
public:
  // The filter is fixed at load, as one would write it.
  bool open(pid_t target, bool empty) {
    skeleton_ = syscalls_yardstick_bpf__open();
    if (!skeleton_) return false;
    bpf_program__set_autoload(skeleton_->progs.yardstick_enter, !empty);
    bpf_program__set_autoload(skeleton_->progs.yardstick_exit, !empty);
    bpf_program__set_autoload(skeleton_->progs.empty_enter, empty);
    bpf_program__set_autoload(skeleton_->progs.empty_exit, empty);
    skeleton_->rodata->target = static_cast<u32>(target);
    return syscalls_yardstick_bpf__load(skeleton_) == 0;
  }
  ~Yardstick() {
    if (skeleton_) syscalls_yardstick_bpf__destroy(skeleton_);
  }
  bool attach() { return syscalls_yardstick_bpf__attach(skeleton_) == 0; }
  void detach() { syscalls_yardstick_bpf__detach(skeleton_); }

private:
  syscalls_yardstick_bpf *skeleton_ = nullptr;
};

struct Arguments {
  bool json = false;
  int rounds = 15;
  long calls = 200000;
};

double now_ms(clockid_t clock = CLOCK_MONOTONIC) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

int fail(const std::string &what) {
  fprintf(stderr, "bench-syscalls: %s\n", what.c_str());
  return 4;
}

double minimum(const std::vector<double> &values) {
  return *std::min_element(values.begin(), values.end());
}

// Within a round, so that what slows all of it down cancels.
std::vector<double> per_round(const std::vector<double> &a, const std::vector<double> &b,
                              const std::function<double(double, double)> &combine) {
  std::vector<double> out;
  for (size_t i = 0; i < a.size(); i++) out.push_back(combine(a[i], b[i]));
  return out;
}

// Another tool around (or beside) a loop of its own: ns a call, NaN if it is not installed or does not run.
double under_strace(const std::string &loop, long calls, int cpu) {
  Loop program;
  if (!program.start({"strace", "-c", "-f", "-o", "/dev/null", loop}, {}, cpu)) return NAN;
  return program.run(calls);
}

double beside(const std::vector<std::string> &command, Loop &loop, long calls, int wait_ms) {
  const pid_t pid = fork();
  if (pid == 0) {
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2}) dup2(null, fd);
    std::vector<char *> args;
    for (const std::string &one : command) args.push_back(const_cast<char *>(one.c_str()));
    args.push_back(nullptr);
    execvp(args[0], args.data());
    _exit(127);
  }
  usleep(static_cast<useconds_t>(wait_ms) * 1000);
  const bool runs = waitpid(pid, nullptr, WNOHANG) == 0;
  const double value = runs ? loop.run(calls) : NAN;
  if (runs) {
    kill(pid, SIGINT);
    waitpid(pid, nullptr, 0);
  }
  return value;
}

int measure(const Arguments &arguments) {
  if (const auto missing = sgperf::probes::preflight(); !missing.empty()) return fail(missing.front().text());
  libbpf_set_print([](libbpf_print_level, const char *, va_list) { return 0; });
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  char folder[] = "/dev/shm/sgperf-bench-XXXXXX";
  if (!mkdtemp(folder)) return fail("no folder in /dev/shm for sessions");
  struct Remove {
    std::filesystem::path path;
    ~Remove() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  } remove{folder};

  // The loops on the last processor, this program and what it does on another.
  const int cpus = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  const int cpu = cpus - 1;
  cpu_set_t rest, before;
  sched_getaffinity(0, sizeof before, &before);
  CPU_ZERO(&rest);
  for (int i = 0; i < std::max(cpu, 1); i++) CPU_SET(static_cast<size_t>(i), &rest);
  sched_setaffinity(0, sizeof rest, &rest);

  const std::string plain_path = here / "syscalls-loop", scoped_path = here / "syscalls-loop-scoped";
  const std::vector<std::string> session = {"SGPERF_DIR=" + std::string(folder)};
  Loop plain, other, scope, scopes;
  if (!plain.start({plain_path}, {}, cpu) || !other.start({plain_path}, {}, cpu) ||
      !scope.start({scoped_path, "scope"}, session, cpu) || !scopes.start({scoped_path, "scopes"}, session, cpu))
    return fail("cannot run " + plain_path);
  Yardstick yardstick, empty;
  if (!yardstick.open(plain.pid(), false) || !empty.open(other.pid(), true))
    return fail("the kernel refused the yardstick's programs");

  std::string error;
  const auto with_probes = [&](pid_t target, Loop &loop) {
    Probes probes;
    Options options;
    options.syscalls = true;
    if (!probes.start(options, error) || !probes.add(target, When::now, error)) return static_cast<double>(NAN);
    loop.run(1000); // rows are found
    sgperf::probes::Sink nothing;
    probes.poll(nothing, std::chrono::milliseconds(1)); // as a recorder does now and then
    return loop.run(arguments.calls);
  };
  const std::map<std::string, std::function<double()>> measures = {
      {"none", [&] { return plain.run(arguments.calls); }},
      {"scope-none", [&] { return scope.run(arguments.calls); }},
      {"scopes-none", [&] { return scopes.run(arguments.calls); }},
      {"yardstick",
       [&] {
         if (!yardstick.attach()) return static_cast<double>(NAN);
         plain.run(1000);
         const double value = plain.run(arguments.calls);
         yardstick.detach();
         return value;
       }},
      {"empty",
       [&] {
         if (!empty.attach()) return static_cast<double>(NAN);
         plain.run(1000);
         const double value = plain.run(arguments.calls);
         empty.detach();
         return value;
       }},
      {"untagged", [&] { return with_probes(plain.pid(), plain); }},
      {"tagged", [&] { return with_probes(scope.pid(), scope); }},
      {"tagged-changing", [&] { return with_probes(scopes.pid(), scopes); }},
      {"bystander", [&] { return with_probes(other.pid(), plain); }},
  };
  std::vector<std::string> order;
  for (const auto &[name, unused] : measures) order.push_back(name);
  std::map<std::string, std::vector<double>> values;
  const uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  std::vector<double> start_all, start_all_processor, start_syscalls;
  for (int round = 0; round < arguments.rounds; round++) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::string &name : order) {
      const double value = measures.at(name)();
      if (std::isnan(value)) return fail(name + " could not be measured: " + error);
      values[name].push_back(value);
    }
    sched_setaffinity(0, sizeof before, &before);
    // In front of other load, which is not the probes' doing; where that may not be, the load counts.
    const sched_param first{1}, normal{0};
    sched_setscheduler(0, SCHED_FIFO, &first);
    for (const bool all : {true, false}) {
      usleep(100000); // a tracepoint that has just lost its last program waits before it takes another
      Options options;
      options.syscalls = true;
      options.samples = options.faults = all;
      Probes probes;
      const double begin = now_ms(), processor = now_ms(CLOCK_THREAD_CPUTIME_ID);
      if (!probes.start(options, error)) return fail(error);
      (all ? start_all : start_syscalls).push_back(now_ms() - begin);
      if (all) start_all_processor.push_back(now_ms(CLOCK_THREAD_CPUTIME_ID) - processor);
    }
    sched_setscheduler(0, SCHED_OTHER, &normal);
    sched_setaffinity(0, sizeof rest, &rest);
  }

  Printer printer(arguments.json);
  printer.machine();
  printer.comment("seed " + std::to_string(seed) + ", " + std::to_string(arguments.rounds) + " rounds of " +
                  std::to_string(arguments.calls) + " calls of getppid on processor " + std::to_string(cpu));
  printer.header();
  const auto spread = [&](const std::vector<double> &one) {
    char text[120];
    const Summary summary = summarize(one);
    snprintf(text, sizeof text, "  minimum %.1f, quartiles %.1f..%.1f", minimum(one), summary.low, summary.high);
    printer.comment(text);
  };
  const auto ratio_lines = [&](const std::string &name, const std::string &to, std::optional<double> limit) {
    const auto ratios = per_round(values[name], values[to], [](double a, double b) { return a / b; });
    printer.print(line_with_ratio(name, summarize(values[name]).median, "ns", to, summarize(ratios).median, limit));
    printer.print(line_with_ratio(name + "-minimum", minimum(values[name]), "ns", to,
                                  minimum(values[name]) / minimum(values[to]), limit));
    spread(values[name]);
  };
  printer.print({"none", summarize(values["none"]).median, "ns", "", std::nullopt, "", Verdict::info});
  spread(values["none"]);
  ratio_lines("yardstick", "none", std::nullopt);
  ratio_lines("untagged", "yardstick", 1.15);
  ratio_lines("tagged", "untagged", std::nullopt);
  // What the probes cost each program, whose own calls are not equally fast: libsgperf stands in front of syscall().
  const auto cost = [&](const std::string &name, const std::string &without) {
    return per_round(values[name], values[without], std::minus<>());
  };
  const auto tag = per_round(cost("tagged", "scope-none"), cost("untagged", "none"), std::minus<>());
  printer.print(line_with_limit("tag", summarize(tag).median, "ns", 50));
  printer.print(line_with_limit("tag-minimum",
                                minimum(values["tagged"]) - minimum(values["scope-none"]) -
                                    (minimum(values["untagged"]) - minimum(values["none"])),
                                "ns", 50));
  const auto changing = per_round(cost("tagged-changing", "scopes-none"), cost("tagged", "scope-none"), std::minus<>());
  printer.print({"tag-changing", summarize(changing).median, "ns", "", std::nullopt, "", Verdict::info});
  ratio_lines("empty", "none", std::nullopt);
  ratio_lines("bystander", "empty", 1.15);
  printer.print(line_with_limit("start-all", summarize(start_all).median, "ms", 25));
  spread(start_all);
  printer.print(
      {"start-all-processor", summarize(start_all_processor).median, "ms", "", std::nullopt, "", Verdict::info});
  printer.print({"start-syscalls", summarize(start_syscalls).median, "ms", "", std::nullopt, "", Verdict::info});

  const double none = minimum(values["none"]);
  const auto tool = [&](const std::string &name, double value) {
    if (std::isnan(value))
      printer.comment(name + ": not installed, or it does not run here");
    else
      printer.print(line_with_ratio(name, value, "ns", "none", value / none, std::nullopt));
  };
  const std::string pid = std::to_string(plain.pid());
  tool("strace-c", under_strace(plain_path, arguments.calls / 20, cpu));
  tool("bpftrace-count",
       beside({"bpftrace", "-e", "tracepoint:raw_syscalls:sys_enter /pid == " + pid + "/ { @[args->id] = count(); }"},
              plain, arguments.calls, 3000));
  tool("syscount-bpfcc", beside({"syscount-bpfcc", "-L", "-p", pid}, plain, arguments.calls, 3000));
  return printer.failed() ? 1 : 0;
}

} // namespace

int main(int argc, char **argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i++) {
    const std::string argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--json") {
      arguments.json = true;
    } else if (argument == "--rounds" && has_value && std::atoi(argv[i + 1]) > 0) {
      arguments.rounds = std::atoi(argv[++i]);
    } else if (argument == "--calls" && has_value && std::atol(argv[i + 1]) >= 1000) {
      arguments.calls = std::atol(argv[++i]);
    } else {
      fprintf(stderr, "usage: bench-syscalls [--json] [--rounds N] [--calls N, at least 1000]; found '%s'\n", argv[i]);
      return 2;
    }
  }
  signal(SIGPIPE, SIG_IGN);
  return measure(arguments);
}
