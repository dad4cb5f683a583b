// SPDX-License-Identifier: Apache-2.0
#include "bench/startup.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

namespace sgperf::bench {
namespace {

double now_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) * 1e-3;
}

// Wall time from posix_spawn to the return of waitpid, in us; < 0 = the program did not end with 0.
double run_once(const std::string &program, const std::string &preload, const std::string &session_dir) {
  std::string preload_entry = "LD_PRELOAD=" + preload, dir_entry = "SGPERF_DIR=" + session_dir;
  char *env[] = {preload_entry.data(), dir_entry.data(), nullptr};
  std::string name = program;
  char *argv[] = {name.data(), nullptr};
  pid_t pid = 0;
  int status = 0;
  const double start = now_us();
  if (posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, env) != 0) return -1;
  if (waitpid(pid, &status, 0) != pid) return -1;
  const double end = now_us();
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? end - start : -1;
}

// Each run leaves a session; thousands of them would slow down the folder that the next run makes its file in.
void empty(const std::filesystem::path &dir) {
  std::error_code ignored;
  for (const auto &entry : std::filesystem::directory_iterator(dir, ignored))
    std::filesystem::remove_all(entry.path(), ignored);
}

} // namespace

bool measure_startup(Printer &printer, const std::filesystem::path &dir, const std::filesystem::path &library,
                     const std::filesystem::path &session_dir, int pairs, std::string &error) {
  const std::string program = dir / "startup-program", nothing = dir / "libstartup-empty.so";
  for (const std::string &file : {program, nothing, library.string()})
    if (access(file.c_str(), R_OK) != 0) {
      error = file + ": " + strerror(errno) + "; build it first";
      return false;
    }
  for (int i = 0; i < 5; ++i) // page cache, dentries
    for (const std::string &preload : {library.string(), nothing}) {
      if (run_once(program, preload, session_dir) < 0) {
        error = program + " failed with LD_PRELOAD=" + preload;
        return false;
      }
      if (preload != nothing && std::filesystem::is_empty(session_dir)) {
        error = "the library made no session in " + session_dir.string() + ": there is nothing to measure";
        return false;
      }
    }
  std::vector<double> differences, with, without;
  for (int i = 0; i < pairs; ++i) {
    const bool first = (i & 1) != 0; // which one of a pair runs first alternates
    const double a = run_once(program, first ? library.string() : nothing, session_dir);
    const double b = run_once(program, first ? nothing : library.string(), session_dir);
    if (a < 0 || b < 0) {
      error = program + " failed in pair " + std::to_string(i);
      return false;
    }
    with.push_back(first ? a : b);
    without.push_back(first ? b : a);
    differences.push_back(with.back() - without.back());
    if (i % 16 == 15) empty(session_dir);
  }
  empty(session_dir);
  const Summary difference = summarize(differences), base = summarize(without), loaded = summarize(with);
  Line line = line_with_limit("startup-preload", difference.median, "us", 100);
  line.yardstick = "empty-library";
  line.ratio = loaded.median / base.median;
  printer.print(line);
  char text[240];
  snprintf(text, sizeof text,
           "  startup-preload: median of %d interleaved differences, quartiles %.1f..%.1f us; with the library %.1f "
           "us, with an empty one %.1f us",
           pairs, difference.low, difference.high, loaded.median, base.median);
  printer.comment(text);
  return true;
}

std::filesystem::path own_dir() {
  char path[4096];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n <= 0) return ".";
  path[n] = 0;
  return std::filesystem::path(path).parent_path();
}

std::filesystem::path built_library() {
  return own_dir().parent_path().parent_path() / "libsgperf" / "libsgperf.so.1";
}

} // namespace sgperf::bench
