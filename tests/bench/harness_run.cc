// SPDX-License-Identifier: Apache-2.0
#include "bench/harness_run.h"

#include "record/sample_file.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <stdexcept>

namespace sgperf::bench {
namespace {

namespace fs = std::filesystem;

double now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double run(const std::vector<std::string> &argv, int &code) {
  std::vector<char *> arguments;
  for (const std::string &word : argv) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int fd = 0; fd < 3; ++fd) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  pid_t pid = 0;
  int status = 0;
  const double begin = now();
  const bool started = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ) == 0;
  if (started) waitpid(pid, &status, 0);
  const double spent = now() - begin;
  posix_spawn_file_actions_destroy(&actions);
  code = started && WIFEXITED(status) ? WEXITSTATUS(status) : 127;
  return spent;
}

} // namespace

fs::path build_folder() {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path().parent_path();
}

double time_program(const std::vector<std::string> &argv) {
  int code = 0;
  const double spent = run(argv, code);
  return code == 0 ? spent : -1;
}

HarnessRun run_harness(const std::vector<std::string> &arguments) {
  char folder[] = "/tmp/sgperf-bench-harness-XXXXXX";
  if (!mkdtemp(folder)) throw std::runtime_error("no temporary folder");
  const fs::path recording = fs::path(folder) / "recording";
  std::vector<std::string> argv = {build_folder() / "cli/command/sgperf", "bench"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.insert(argv.end(), {"--raw", "-o", recording});
  HarnessRun result;
  result.seconds = run(argv, result.exit_code);
  record::SampleCounts counts;
  std::string error;
  record::read_samples(
      recording / "samples.jsonl", [&](record::Sample &&s) { result.samples.push_back(std::move(s)); }, counts, error);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return result;
}

std::string reference_engine() {
  for (const char *name : {"wasmtime", "wabt"})
    if (time_program({build_folder() / "cli/command/sgperf", "engines", name}) >= 0) return name;
  return "";
}

} // namespace sgperf::bench
