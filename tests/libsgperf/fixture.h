// SPDX-License-Identifier: Apache-2.0
// What the tests of libsgperf share: programs of ours run with a private session folder, and nothing may be left
// behind.
#pragma once

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/session.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SGPERF_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SGPERF_TEST_SANITIZED 1
#endif
#endif
#ifndef SGPERF_TEST_SANITIZED
#define SGPERF_TEST_SANITIZED 0
#endif

#if defined(__SANITIZE_THREAD__)
#define SGPERF_TEST_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SGPERF_TEST_TSAN 1
#endif
#endif
#ifndef SGPERF_TEST_TSAN
#define SGPERF_TEST_TSAN 0
#endif

#define SKIP_WITH_TSAN(reason)                                                                                         \
  if (SGPERF_TEST_TSAN) GTEST_SKIP() << "ThreadSanitizer build: " << reason
#define SKIP_WHEN_SANITIZED(reason)                                                                                    \
  if (SGPERF_TEST_SANITIZED) GTEST_SKIP() << "sanitizer build: " << reason
#define SKIP_WITHOUT_ROOT(reason)                                                                                      \
  if (geteuid() != 0) GTEST_SKIP() << "needs root: " << reason

namespace sgperf::test {

// Containers have a filter: then the library asks for less.
inline bool under_seccomp_filter() {
  return prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER;
}

inline std::string program(const std::string &name) {
  return build_dir() / "tests/libsgperf/programs" / name;
}
inline std::string library() {
  return build_dir() / "libsgperf/libsgperf.so.1";
}

class Libsgperf : public testing::Test {
protected:
  void SetUp() override {
    fds_ = open_fds();
    options_.cwd = cwd_.path();
    options_.env = {"SGPERF_DIR=" + dir().string(),
                    "SGPERF_SITES",
                    "SGPERF_TIMER",
                    "SGPERF_FORK",
                    "SGPERF_FOLLOW_EXEC",
                    "SGPERF_PARENT",
                    "SGPERF_JIT",
                    "LD_PRELOAD",
                    "XDG_RUNTIME_DIR"};
    // Programs are killed, change user and run out of memory here: leaks are looked for elsewhere.
    options_.env.push_back("ASAN_OPTIONS=detect_leaks=0:abort_on_error=0");
    options_.env.push_back("TSAN_OPTIONS=die_after_fork=0");
  }
  void TearDown() override {
    EXPECT_EQ(open_fds(), fds_) << "the test itself leaks descriptors";
    EXPECT_TRUE(std::filesystem::is_empty(cwd_.path())) << "something was written to the working directory";
    for (const auto &entry : std::filesystem::directory_iterator(dir())) {
      const std::string name = entry.path().filename();
      const bool ours = (name.starts_with("session-") && name.ends_with(".sgp")) ||
                        (name.starts_with("code-") && name.ends_with(".sgc")) ||
                        (name.starts_with("module-") && name.ends_with(".wasm"));
      EXPECT_TRUE(ours || expected_files_.contains(name)) << "left behind: " << entry.path();
    }
  }

  const std::filesystem::path &dir() const { return dir_.path(); }

  Result run_program(const std::string &name, const std::vector<std::string> &arguments = {}) {
    std::vector<std::string> argv{program(name)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run(argv, options_);
  }
  // Runs it, expects the exit code and nothing on stderr.
  Result run_ok(const std::string &name, const std::vector<std::string> &arguments = {}, int exit_code = 0) {
    const Result result = run_program(name, arguments);
    EXPECT_FALSE(result.timed_out) << name;
    EXPECT_EQ(result.signal, 0) << name;
    EXPECT_EQ(result.exit_code, exit_code) << name << ": " << result.out << result.err;
    EXPECT_EQ(result.err, "") << name;
    return result;
  }
  Session session() const { return only_session(dir()); }

  TempDir dir_{"/dev/shm"}; // sessions live on tmpfs
  TempDir cwd_;
  Options options_;
  std::set<std::string> expected_files_; // other files that a test puts into dir()

private:
  std::vector<int> fds_;
};

// The number after `word` in a program's output; fails the test when it is not there.
inline uint64_t number_after(const std::string &text, const std::string &word) {
  const auto at = text.find(word + " ");
  if (at == std::string::npos) {
    ADD_FAILURE() << "no '" << word << "' in: " << text;
    return 0;
  }
  return strtoull(text.c_str() + at + word.size() + 1, nullptr, 10);
}
inline long value_of(const std::string &text, const std::string &name) { // "name value" at the start of a line
  const std::string padded = "\n" + text;
  const auto at = padded.find("\n" + name + " ");
  if (at == std::string::npos) {
    ADD_FAILURE() << "no line '" << name << "' in: " << text;
    return -1;
  }
  return strtol(padded.c_str() + at + name.size() + 2, nullptr, 10);
}

} // namespace sgperf::test
