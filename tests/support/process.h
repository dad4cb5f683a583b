// SPDX-License-Identifier: Apache-2.0
// Running real programs from tests: own process group, timeout, output kept apart, leftovers found.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace sgperf::test {

struct Options {
  std::vector<std::string> env; // "NAME=value", added to the environment; "NAME" alone removes it
  std::filesystem::path cwd;
  double timeout_s = 60; // then the whole process group is killed and `timed_out` set
  std::string input;     // stdin
  int kill_signal = 0;   // sent after kill_after_s, 0 = none
  double kill_after_s = 0;
  std::function<void()> in_child; // between fork and exec: setrlimit, setuid, unshare, ..
};

struct Result {
  int exit_code = -1; // -1 = ended by `signal`
  int signal = 0;
  bool timed_out = false;
  pid_t pid = 0;
  std::string out, err;
  double seconds = 0;
};

Result run(const std::vector<std::string> &argv, const Options &options = {});
// Runs `body` in a forked child of this test: for things that would change or end the test's own process.
Result run_function(const std::function<int()> &body, const Options &options = {});

// Removed with all its content at the end of its scope.
class TempDir {
public:
  explicit TempDir(const std::string &parent = "/tmp");
  ~TempDir();
  TempDir(const TempDir &) = delete;
  TempDir &operator=(const TempDir &) = delete;
  const std::filesystem::path &path() const { return path_; }

private:
  std::filesystem::path path_;
};

std::filesystem::path build_dir();  // $SGPERF_BUILD_DIR
std::filesystem::path source_dir(); // $SGPERF_SOURCE_DIR
std::string read_file(const std::filesystem::path &path);
void write_file(const std::filesystem::path &path, const std::string &text);
std::vector<int> open_fds(); // of this process, sorted

} // namespace sgperf::test
