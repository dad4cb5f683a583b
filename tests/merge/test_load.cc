// SPDX-License-Identifier: Apache-2.0
#include "merge/load.h"
#include "record/isolate.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

namespace sgperf::merge {
namespace {

namespace fs = std::filesystem;

const ScopeRow *scope(const Model &model, const std::string &name) {
  for (const auto &row : model.scopes)
    if (row.name == name) return &row;
  return nullptr;
}

fs::path data(const char *name) {
  return test::source_dir() / "tests/data" / name;
}

Model load_or_throw(const fs::path &path) {
  std::string error;
  auto model = load(path, error);
  if (!model) throw std::runtime_error(error);
  return *model;
}

TEST(Load, OneSessionFile) {
  const Model model = load_or_throw(data("ended/session-sample-1-1.sgp"));
  EXPECT_FALSE(model.has_meta);
  ASSERT_EQ(model.sessions.size(), 1u);
  const ScopeRow *row = scope(model, "threei::make_syscall");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->module, "threei");
  EXPECT_EQ(row->count, 2000u);
  EXPECT_EQ(row->unit, Unit::ns);
  EXPECT_EQ(scope(model, "threei::calls")->unit, Unit::count);
  EXPECT_EQ(scope(model, "threei::deepest")->max, 7);
  ASSERT_EQ(model.session_phases.size(), 1u);
}

TEST(Load, SessionsOfSeveralProcessesAreAdded) {
  test::TempDir dir;
  const std::string bytes = test::read_file(data("ended/session-sample-1-1.sgp"));
  for (const char *name : {"session-h-1-1.sgp", "session-h-2-1.sgp", "session-h-3-1.sgp"})
    test::write_file(dir.path() / name, bytes);
  const Model one = load_or_throw(data("ended")), three = load_or_throw(dir.path());
  EXPECT_EQ(three.sessions.size(), 3u);
  EXPECT_EQ(scope(three, "kernel::close")->count, 3 * scope(one, "kernel::close")->count);
  EXPECT_DOUBLE_EQ(scope(three, "kernel::close")->total, 3 * scope(one, "kernel::close")->total);
  EXPECT_DOUBLE_EQ(scope(three, "kernel::close")->min, scope(one, "kernel::close")->min);
  EXPECT_DOUBLE_EQ(scope(three, "kernel::close")->max, scope(one, "kernel::close")->max);
  EXPECT_EQ(scope(three, "kernel::close")->threads, 6u);
  EXPECT_EQ(three.session_phases[0].count, 3u);
}

TEST(Load, ATreeOfProcessesIsTakenTogether) {
  test::TempDir dir;
  std::string bytes = test::read_file(data("ended/session-sample-1-1.sgp"));
  const auto write = [&](const std::string &key, const std::string &parent) {
    std::string copy = bytes;
    char *at = copy.data() + offsetof(sgperf_session_header, parent_key);
    memset(at, 0, sizeof sgperf_session_header::parent_key);
    memcpy(at, parent.data(), parent.size());
    const fs::path path = dir.path() / ("session-" + key + ".sgp");
    test::write_file(path, copy);
    return path;
  };
  const fs::path first = write("h-1-1", ""), child = write("h-2-1", "h-1-1"), grandchild = write("h-3-1", "h-2-1"),
                 stranger = write("h-4-1", ""), orphan = write("h-5-1", "h-9-1"), circle = write("h-6-1", "h-6-1");
  write("h-7-1", "h-9-1");
  std::string error;
  const auto sessions = [&](const fs::path &path, bool tree) {
    const auto model = load(path, error, tree);
    return model ? model->sessions.size() : 0;
  };
  for (const fs::path &path : {first, child, grandchild}) {
    EXPECT_EQ(sessions(path, true), 3u) << path;
    EXPECT_EQ(sessions(path, false), 1u) << path;
  }
  EXPECT_EQ(sessions(stranger, true), 1u);
  EXPECT_EQ(sessions(orphan, true), 2u) << "the first may be gone: both are of its tree";
  EXPECT_EQ(sessions(circle, true), 1u);
}

TEST(Load, AKilledSessionBorrowsTheFrequency) {
  test::TempDir dir;
  fs::copy_file(data("killed/session-sample-2-2.sgp"), dir.path() / "session-h-2-2.sgp");
  EXPECT_EQ(scope(load_or_throw(dir.path()), "kernel::close")->unit, Unit::ticks);
  record::Meta meta;
  meta.kind = "record";
  meta.tsc_hz = 2.6e9;
  std::string error;
  ASSERT_TRUE(record::write_meta(dir.path(), meta, error));
  const Model model = load_or_throw(dir.path());
  EXPECT_EQ(scope(model, "kernel::close")->unit, Unit::ns);
  EXPECT_EQ(model.sessions[0].state, record::SessionState::killed);
}

TEST(Load, TicksAndNanosecondsAreNeverAdded) {
  test::TempDir dir;
  fs::copy_file(data("ended/session-sample-1-1.sgp"), dir.path() / "session-h-1-1.sgp");
  // The same with a clock as timer: its slots are nanoseconds.
  std::string clock = test::read_file(data("ended/session-sample-1-1.sgp"));
  clock[offsetof(sgperf_session_header, timer)] = SGPERF_TIMER_CLOCK;
  test::write_file(dir.path() / "session-h-2-1.sgp", clock);
  // And one that cannot be converted at all.
  std::string anchorless = test::read_file(data("killed/session-sample-2-2.sgp"));
  std::memset(anchorless.data() + offsetof(sgperf_session_header, start), 0, sizeof(sgperf_anchor));
  test::write_file(dir.path() / "session-h-3-1.sgp", anchorless);
  const Model both = load_or_throw(dir.path());
  for (const auto &row : both.scopes)
    if (row.kind == SGPERF_SITE_SCOPE) {
      EXPECT_EQ(row.unit, Unit::ns);
    } // the frequency of the first serves the third
}

TEST(Load, DamageIsNamedAndTheRestIsShown) {
  test::TempDir dir;
  fs::copy_file(data("bench/samples.jsonl"), dir.path() / "samples.jsonl");
  const std::string samples = test::read_file(dir.path() / "samples.jsonl");
  test::write_file(dir.path() / "samples.jsonl", samples + "rubbish\n" + samples.substr(0, 300));
  test::write_file(dir.path() / "meta.json", "{");
  test::write_file(dir.path() / "session-h-1-1.sgp", "too short");
  const Model model = load_or_throw(dir.path());
  EXPECT_GT(model.samples, 50u);
  EXPECT_EQ(model.unreadable_samples, 1u);
  EXPECT_TRUE(model.torn);
  EXPECT_EQ(model.engines.size(), 2u);
  EXPECT_EQ(model.remarks.size(), 4u); // meta.json, session, a line, the torn tail
}

TEST(Load, NothingToRead) {
  test::TempDir dir;
  std::string error;
  EXPECT_FALSE(load(dir.path(), error));
  EXPECT_NE(error.find("meta.json"), std::string::npos) << error;
  EXPECT_FALSE(load("/nowhere/at/all", error));
  EXPECT_NE(error.find("/nowhere/at/all: expected a recording"), std::string::npos) << error;
  EXPECT_FALSE(load("/dev/null", error));
}

TEST(Load, IsolatedRuns) {
  test::TempDir dir;
  fs::copy_file(data("ended/session-sample-1-1.sgp"), dir.path() / "session-h-1-1.sgp");
  fs::create_directories(dir.path() / "isolated/0001");
  fs::copy_file(data("ended/session-sample-1-1.sgp"), dir.path() / "isolated/0001/session-h-2-1.sgp");
  std::string error;
  const record::Isolation isolation{1e6, 0, {{"kernel::close", "isolated/0001", 9e5, 0}, {"x", "../..", 1, 0}}};
  ASSERT_TRUE(record::write_isolation(dir.path(), isolation, error)) << error;
  const Model model = load_or_throw(dir.path());
  EXPECT_EQ(model.isolated_runs.size(), 2u); // a folder outside the recording is not followed
  ASSERT_TRUE(scope(model, "kernel::close")->isolated);
  EXPECT_EQ(scope(model, "kernel::close")->isolated->count, 2000u);
  EXPECT_EQ(scope(model, "kernel::close")->count, 2000u); // not added to the run with all sites
  EXPECT_FALSE(scope(model, "threei::make_syscall")->isolated);
}

TEST(Latest, IsTheNewestOfRecordingAndSessions) {
  const auto result = test::run_function([] {
    test::TempDir dir, runtime("/dev/shm");
    setenv("XDG_RUNTIME_DIR", runtime.path().c_str(), 1);
    setenv("SGPERF_DIR", runtime.path().c_str(), 1);
    fs::current_path(dir.path());
    const fs::path session = runtime.path() / "session-h-1-1.sgp";
    std::string bytes = test::read_file(data("ended/session-sample-1-1.sgp"));
    const auto session_at = [&](uint64_t when) {
      std::memcpy(bytes.data() + offsetof(sgperf_session_header, start) + offsetof(sgperf_anchor, realtime), &when,
                  sizeof when);
      test::write_file(session, bytes);
    };
    fs::create_directory("sgperf.data");
    record::Meta meta;
    meta.kind = "bench";
    meta.started_realtime_ns = 4000000000000000000;
    std::string error, what;
    if (!record::write_meta("sgperf.data", meta, error)) return 1;
    session_at(4000000000000000001);
    auto newest = latest(what, error);
    if (!newest || newest->filename() != session.filename() || what.find("session of sample_program") != 0) return 2;
    session_at(3999999999999999999);
    newest = latest(what, error);
    return newest && newest->string() == "sgperf.data" && what.find("recording ./sgperf.data") == 0 ? 0 : 3;
  });
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

} // namespace
} // namespace sgperf::merge
