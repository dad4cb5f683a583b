// SPDX-License-Identifier: Apache-2.0
// The reader of sessions on what the library really writes: running, ended, killed, and on samples of earlier versions.
#include "record/code_file.h"
#include "record/private_folder.h"
#include "record/session.h"
#include "record/session_folder.h"
#include "support/process.h"
#include "support/session.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace sgperf::record {
namespace {

namespace fs = std::filesystem;

const SessionSite *site(const Session &session, const std::string &name) {
  for (const auto &entry : session.sites)
    if (entry.name == name) return &entry;
  return nullptr;
}

class Program : public ::testing::Test {
protected:
  Program() : dir_("/dev/shm") { chmod(dir_.path().c_str(), 0700); }

  test::Result run(const std::vector<std::string> &arguments, test::Options options = {}) {
    std::vector<std::string> argv{(test::build_dir() / "tests/record/sample-program").string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    options.env.push_back("LD_PRELOAD=" + (test::build_dir() / "libsgperf/libsgperf.so.1").string());
    options.env.push_back("SGPERF_DIR=" + dir_.path().string());
    options.env.push_back("SGPERF_HIST=kernel::*");
    return test::run(argv, options);
  }
  Session only() {
    const auto files = session_files(dir_.path());
    if (files.size() != 1) throw std::runtime_error("expected one session, found " + std::to_string(files.size()));
    std::string error;
    auto session = Session::read(files[0].path, error);
    if (!session) throw std::runtime_error(error);
    return *session;
  }

  test::TempDir dir_;
};

TEST_F(Program, ThatEnded) {
  ASSERT_EQ(run({"5000", "0", "3"}).exit_code, 3);
  const Session session = only();
  EXPECT_EQ(session.state(), SessionState::exited);
  EXPECT_EQ(session.comm(), "sample-program");
  ASSERT_EQ(session.command().size(), 4u);
  EXPECT_EQ(session.command()[3], "3");
  EXPECT_TRUE(session.remarks.empty());
  const auto *outer = site(session, "threei::make_syscall"), *inner = site(session, "kernel::close");
  ASSERT_TRUE(outer && inner);
  EXPECT_EQ(outer->count, 10000u);
  EXPECT_EQ(outer->threads, 2u);
  EXPECT_EQ(inner->total, inner->self);
  EXPECT_GE(outer->total, inner->total);
  EXPECT_EQ(outer->self + inner->total, outer->total); // nested scopes add up to the tick
  EXPECT_LE(outer->min, outer->total / outer->count);
  EXPECT_GE(outer->max, outer->total / outer->count);
  ASSERT_EQ(inner->histogram.size(), 64u);
  uint64_t in_histogram = 0;
  for (const uint64_t n : inner->histogram) in_histogram += n;
  EXPECT_EQ(in_histogram, 10000u);
  EXPECT_TRUE(outer->histogram.empty());
  ASSERT_EQ(session.phases.size(), 1u);
  EXPECT_EQ(session.phases[0].name, "execute");
  EXPECT_EQ(session.phases[0].state, 2u);
  // An independent reader, written from the layout alone, finds the same.
  const test::Session other = test::only_session(dir_.path());
  for (const char *name : {"threei::make_syscall", "kernel::close", "threei::calls", "threei::deepest"}) {
    const auto *mine = site(session, name);
    ASSERT_TRUE(mine) << name;
    EXPECT_EQ(mine->count, other.sums(name).count) << name;
    EXPECT_EQ(mine->total, other.sums(name).total) << name;
    EXPECT_EQ(mine->max, other.sums(name).max) << name;
  }
}

TEST_F(Program, TicksBecomeNanoseconds) {
  ASSERT_EQ(run({"1000"}).exit_code, 0);
  const Session session = only();
  if (!session.ticks()) GTEST_SKIP() << "no invariant time-stamp counter: the timer is a clock";
  ASSERT_TRUE(session.convertible());
  const auto &phase = session.phases.at(0);
  const double took = session.ns(phase.t1 - phase.t0);
  const double begin = session.monotonic_ns(phase.t0), end = session.monotonic_ns(phase.t1);
  EXPECT_NEAR(end - begin, took, 1 + took * 1e-6);
  EXPECT_GE(begin, static_cast<double>(session.header.start.monotonic));
  EXPECT_LE(end, static_cast<double>(session.header.end.monotonic) + 1e5);
  // The frequency over our own life agrees within a promille.
  const auto a = take_anchor();
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_NEAR(session.tsc_hz() / tsc_hz_between(a, take_anchor()), 1, 1e-3);
}

TEST_F(Program, WithTheClockAsTimer) {
  test::Options options;
  options.env = {"SGPERF_TIMER=clock"};
  ASSERT_EQ(run({"1000"}, options).exit_code, 0);
  const Session session = only();
  EXPECT_FALSE(session.ticks());
  EXPECT_TRUE(session.convertible());
  EXPECT_DOUBLE_EQ(session.ns(1234), 1234);
}

TEST_F(Program, ThatStillRuns) {
  std::thread target([&] { EXPECT_EQ(run({"1000", "3"}).exit_code, 0); });
  for (int i = 0; i < 100; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (session_files(dir_.path()).empty()) continue;
    std::string error;
    const auto session = Session::read(session_files(dir_.path())[0].path, error);
    const auto *entry = session ? site(*session, "threei::make_syscall") : nullptr;
    if (!entry || entry->count < 2000) continue;
    EXPECT_EQ(session->state(), SessionState::live);
    EXPECT_TRUE(session->convertible()); // there is no second anchor: ours takes its place
    EXPECT_EQ(entry->count, 2000u);
    target.join();
    EXPECT_EQ(only().state(), SessionState::exited);
    return;
  }
  target.join();
  FAIL() << "the session never showed its 2000 calls";
}

TEST_F(Program, ThatWasKilled) {
  test::Options options;
  options.kill_signal = SIGKILL;
  options.kill_after_s = 0.5;
  const auto result = run({"3000", "30"}, options);
  ASSERT_EQ(result.signal, SIGKILL);
  const Session session = only();
  EXPECT_EQ(session.state(), SessionState::killed);
  EXPECT_TRUE(session.convertible());
  const auto *entry = site(session, "threei::make_syscall");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->count, 6000u);
  const double average = session.ns(entry->total) / static_cast<double>(entry->count);
  EXPECT_GT(average, 10);
  EXPECT_LT(average, 1e6);
}

TEST_F(Program, CopiedIntoARecording) {
  ASSERT_EQ(run({"100"}).exit_code, 0);
  const std::string module = "module-" + session_files(dir_.path())[0].key + "-0.wasm";
  test::write_file(dir_.path() / module, "bytes of a module");
  test::write_file(dir_.path() / "module-another-1-1-0.wasm", "of a session that is elsewhere");
  test::TempDir recording;
  std::string error;
  EXPECT_EQ(copy_sessions(dir_.path(), recording.path(), true, error), 1u);
  EXPECT_EQ(error, "");
  EXPECT_TRUE(session_files(dir_.path()).empty());
  const auto files = session_files(recording.path());
  ASSERT_EQ(files.size(), 1u);
  EXPECT_LT(fs::file_size(files[0].path), size_t{8} << 20); // the holes at the end are gone
  const auto session = Session::read(files[0].path, error);
  ASSERT_TRUE(session) << error;
  EXPECT_TRUE(session->remarks.empty());
  EXPECT_EQ(site(*session, "kernel::close")->count, 200u);
  ASSERT_FALSE(files[0].code.empty());
  const auto code = read_code_file(files[0].code, error);
  ASSERT_TRUE(code) << error;
  ASSERT_EQ(code->records.size(), 1u);
  EXPECT_EQ(code->records[0].name, "wasm[0]::function[1]::zero");
  EXPECT_EQ(code->records[0].bytes.size(), 3u);
  EXPECT_EQ(code->torn_bytes, 0u);
  EXPECT_EQ(files[0].modules, std::vector<fs::path>{recording.path() / module});
  EXPECT_EQ(test::read_file(recording.path() / module), "bytes of a module");
  EXPECT_FALSE(fs::exists(dir_.path() / module));
  EXPECT_FALSE(fs::exists(recording.path() / "module-another-1-1-0.wasm"));
  fs::remove(dir_.path() / "module-another-1-1-0.wasm");
}

TEST(Samples, OfEarlierVersionsStayReadable) {
  std::string error;
  const auto ended = Session::read(test::source_dir() / "tests/data/ended/session-sample-1-1.sgp", error);
  ASSERT_TRUE(ended) << error;
  EXPECT_EQ(ended->state(), SessionState::exited);
  EXPECT_EQ(site(*ended, "threei::make_syscall")->count, 2000u);
  EXPECT_TRUE(ended->convertible());
  const auto killed = Session::read(test::source_dir() / "tests/data/killed/session-sample-2-2.sgp", error);
  ASSERT_TRUE(killed) << error;
  EXPECT_EQ(killed->state(), SessionState::killed);
  // Of another boot, without an end: ticks, and they say so.
  EXPECT_EQ(site(*killed, "threei::make_syscall")->count, 2000u);
  const auto code = read_code_file(test::source_dir() / "tests/data/ended/code-sample-1-1.sgc", error);
  ASSERT_TRUE(code) << error;
  EXPECT_EQ(code->records.size(), 1u);
}

TEST(Session, ErrorsNameTheFileAndWhatWasExpected) {
  test::TempDir dir;
  const fs::path good = test::source_dir() / "tests/data/ended/session-sample-1-1.sgp";
  const std::string bytes = test::read_file(good);
  const auto problem = [&](const std::string &text) {
    const fs::path file = dir.path() / "session-x.sgp";
    test::write_file(file, text);
    std::string error;
    EXPECT_FALSE(Session::read(file, error));
    EXPECT_EQ(error.find(file.string()), 0u) << error;
    EXPECT_NE(error.find("expected"), std::string::npos) << error;
    return error;
  };
  EXPECT_NE(problem("").find("found 0"), std::string::npos);
  EXPECT_NE(problem(std::string(8192, 'x')).find("magic"), std::string::npos);
  std::string changed = bytes;
  changed[offsetof(sgperf_session_header, major)] = 9;
  EXPECT_NE(problem(changed).find("9."), std::string::npos);
  changed = bytes;
  changed[offsetof(sgperf_session_header, gen_end)] = 0;
  EXPECT_NE(problem(changed).find("1/0"), std::string::npos);
  changed = bytes;
  changed[offsetof(sgperf_session_header, endian)] = 1;
  EXPECT_NE(problem(changed).find("byte order"), std::string::npos);
  std::string error;
  fs::create_symlink(good, dir.path() / "link.sgp");
  EXPECT_FALSE(Session::read(dir.path() / "link.sgp", error));
  EXPECT_NE(error.find("symbolic link"), std::string::npos) << error;
  ASSERT_EQ(mkfifo((dir.path() / "fifo.sgp").c_str(), 0600), 0);
  EXPECT_FALSE(Session::read(dir.path() / "fifo.sgp", error)); // and does not hang
  EXPECT_FALSE(Session::read(dir.path(), error));
}

TEST(Session, AnyMinorAndLargerRecordsAreRead) {
  test::TempDir dir;
  std::string bytes = test::read_file(test::source_dir() / "tests/data/ended/session-sample-1-1.sgp");
  bytes[offsetof(sgperf_session_header, minor)] = 77;
  test::write_file(dir.path() / "session-x.sgp", bytes);
  std::string error;
  const auto session = Session::read(dir.path() / "session-x.sgp", error);
  ASSERT_TRUE(session) << error;
  EXPECT_EQ(site(*session, "kernel::close")->count, 2000u);
}

TEST(Folders, OfOthersAreRefused) {
  test::TempDir dir;
  const fs::path folder = dir.path() / ("sgperf-" + std::to_string(geteuid()));
  ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
  const char *before = getenv("XDG_RUNTIME_DIR");
  const std::string saved = before ? before : "";
  setenv("XDG_RUNTIME_DIR", dir.path().c_str(), 1);
  const auto has = [&] {
    std::vector<std::string> refused;
    const auto folders = session_folders(&refused);
    return std::find(folders.begin(), folders.end(), fs::canonical(folder)) != folders.end();
  };
  EXPECT_TRUE(has());
  chmod(folder.c_str(), 0777);
  EXPECT_FALSE(has());
  chmod(folder.c_str(), 0700);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(folder.c_str(), 65534, 65534), 0);
    EXPECT_FALSE(has());
    ASSERT_EQ(chown(folder.c_str(), 0, 0), 0);
  }
  const fs::path elsewhere = dir.path() / "elsewhere";
  fs::rename(folder, elsewhere);
  fs::create_symlink(elsewhere, folder);
  EXPECT_FALSE(has());
  if (before)
    setenv("XDG_RUNTIME_DIR", saved.c_str(), 1);
  else
    unsetenv("XDG_RUNTIME_DIR");
}

} // namespace
} // namespace sgperf::record
