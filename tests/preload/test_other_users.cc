// SPDX-License-Identifier: Apache-2.0
// Sessions of several users: each finds his own, none touches another's, and who ran a program under sudo is told the
// command that reads its session.
#include "libsgperf/fixture.h"
#include "libsgperf/places.h"

#include <grp.h>
#include <regex>
#include <thread>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned first_user = 65534, second_user = 65533;

// /dev/shm is a folder of the test, as everybody may write to it as to the real one.
class OtherUsers : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    if (geteuid() != 0 || !may_mount()) GTEST_SKIP() << "needs root and mount namespaces: programs run as other users";
    for (const char *name : {"shm", "run"}) {
      fs::create_directory(dir() / name);
      expected_files_.insert(name);
    }
    chmod(dir().c_str(), 0755);
    chmod(cwd_.path().c_str(), 0755);
    chmod((dir() / "run").c_str(), 0755);
    chmod(shm().c_str(), 01777);
    options_.env.insert(options_.env.end(), {"SGPERF_DIR", "SUDO_UID"});
  }
  fs::path shm() const { return dir() / "shm"; }
  fs::path folder_of(unsigned user) const { return shm() / ("sgperf-" + std::to_string(user)); }
  static std::string sgperf() { return build_dir() / "cli/command/sgperf"; }

  // As `user`, without any other right; `env` on top.
  Result as(unsigned user, const std::vector<std::string> &command, const std::vector<std::string> &env = {}) const {
    Options options = options_;
    options.env.insert(options.env.end(), env.begin(), env.end());
    options.in_child = [this, user] {
      replace_default_places(shm(), dir() / "run");
      if (user && (setgroups(0, nullptr) != 0 || setgid(user) != 0 || setuid(user) != 0)) child_failed("setuid");
    };
    return run(command, options);
  }
  Result program_as(unsigned user, const std::string &calls, const std::vector<std::string> &env = {}) const {
    std::vector<std::string> all{"LD_PRELOAD=" + library()};
    all.insert(all.end(), env.begin(), env.end());
    const Result result = as(user, {program("calls"), calls, "3"}, all);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_EQ(result.out, "calls " + calls + "\n");
    EXPECT_EQ(result.err, "");
    return result;
  }
  static bool shows(const Result &report, const std::string &calls) {
    return std::regex_search(report.out, std::regex("alpha::outer +" + calls + " "));
  }
};

TEST_F(OtherUsers, TwoAtOnceDoNotMeet) {
  Result results[2];
  std::thread first([&] { results[0] = program_as(first_user, "111", {"TEST_BUSY_US=0"}); });
  std::thread second([&] { results[1] = program_as(second_user, "222", {"TEST_BUSY_US=0"}); });
  first.join();
  second.join();
  for (const unsigned user : {first_user, second_user}) {
    struct stat status {};
    ASSERT_EQ(lstat(folder_of(user).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode, unsigned{S_IFDIR} | 0700u);
    EXPECT_EQ(status.st_uid, user);
    const auto files = session_files(folder_of(user));
    ASSERT_EQ(files.size(), 1u);
    ASSERT_EQ(lstat(files[0].c_str(), &status), 0);
    EXPECT_EQ(status.st_mode, unsigned{S_IFREG} | 0600u);
    EXPECT_EQ(status.st_uid, user);
    EXPECT_EQ(read_session(files[0]).header.uid, user);
  }
  const Result by_first = as(first_user, {sgperf(), "report"}), by_second = as(second_user, {sgperf(), "report"});
  EXPECT_TRUE(shows(by_first, "111") && !shows(by_first, "222")) << by_first.out << by_first.err;
  EXPECT_TRUE(shows(by_second, "222") && !shows(by_second, "111")) << by_second.out << by_second.err;
  // Neither by name, nor to be removed.
  const fs::path other = "/dev/shm" / fs::relative(session_files(folder_of(second_user))[0], shm());
  const Result named = as(first_user, {sgperf(), "report", other});
  EXPECT_NE(named.exit_code, 0);
  EXPECT_NE(named.err.find(other.string() + ": not for this user to read"), std::string::npos) << named.err;
  EXPECT_EQ(as(first_user, {sgperf(), "clean", "--yes"}).exit_code, 0);
  EXPECT_TRUE(session_files(folder_of(first_user)).empty());
  EXPECT_EQ(session_files(folder_of(second_user)).size(), 1u);
}

TEST_F(OtherUsers, AFolderThatSomebodyElseMadeIsNotUsed) {
  fs::create_directory(folder_of(first_user));
  ASSERT_EQ(chown(folder_of(first_user).c_str(), second_user, second_user), 0);
  chmod(folder_of(first_user).c_str(), 0777);
  program_as(first_user, "10");
  EXPECT_TRUE(fs::is_empty(folder_of(first_user)));
  const Result report = as(first_user, {sgperf(), "report"});
  EXPECT_NE(report.err.find("expected owner 65534, found 65533"), std::string::npos) << report.err;
}

TEST_F(OtherUsers, UnderSudoTheCommandThatReadsItIsSaid) {
  // What sudo sets; the program runs as root, its session is root's alone.
  const std::string caller = "SUDO_UID=" + std::to_string(first_user);
  program_as(0, "333", {caller, "SUDO_GID=" + std::to_string(first_user)});
  ASSERT_EQ(session_files(folder_of(0)).size(), 1u);
  struct stat status {};
  ASSERT_EQ(lstat(session_files(folder_of(0))[0].c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0u) << "a user who can write to it could lead root's stores";
  EXPECT_FALSE(fs::exists(folder_of(first_user)));

  const Result nothing = as(first_user, {sgperf(), "report"});
  EXPECT_EQ(nothing.exit_code, 2);
  const std::string command = "sudo " + sgperf() + " report";
  EXPECT_NE(nothing.err.find("/dev/shm/sgperf-0"), std::string::npos) << nothing.err;
  ASSERT_NE(nothing.err.find(command + "\n"), std::string::npos) << nothing.err;
  EXPECT_NE(nothing.err.find("sgperf record --no-preload -- PROGRAM"), std::string::npos) << nothing.err;
  // And that does.
  const Result read = as(0, {"/bin/sh", "-c", command.substr(5)}, {caller});
  EXPECT_TRUE(shows(read, "333")) << read.out << read.err;

  // An older session of the caller's own is not taken for it without a word; a newer one is what is meant.
  program_as(first_user, "444");
  const Result newer = as(first_user, {sgperf(), "report"});
  EXPECT_TRUE(shows(newer, "444")) << newer.out << newer.err;
  EXPECT_EQ(newer.out.find("under sudo"), std::string::npos) << newer.out;
  program_as(0, "555", {caller});
  const Result older = as(first_user, {sgperf(), "report"});
  EXPECT_TRUE(shows(older, "444")) << older.out << older.err;
  EXPECT_NE(older.out.find(command + "\n"), std::string::npos) << older.out;
  // The other way round.
  program_as(first_user, "666");
  const Result by_root = as(0, {sgperf(), "report"}, {caller});
  EXPECT_TRUE(shows(by_root, "555")) << by_root.out << by_root.err;
  EXPECT_NE(by_root.out.find("sessions of user 65534, who called sudo, are in /dev/shm/sgperf-65534"),
            std::string::npos)
      << by_root.out;
}

TEST_F(OtherUsers, ARecordingThatRootMadeIsReadByWhoStandsThere) {
  ASSERT_EQ(chown(cwd_.path().c_str(), first_user, first_user), 0);
  const std::string caller = "SUDO_UID=" + std::to_string(first_user);
  const Result recorded =
      as(0, {sgperf(), "record", "-q", "--no-samples", "--no-probes", "--", program("calls"), "88"}, {caller});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  const Result report = as(first_user, {sgperf(), "report"});
  EXPECT_TRUE(shows(report, "88")) << report.out << report.err;
  EXPECT_EQ(report.out.find("under sudo"), std::string::npos) << "that is what was meant: " << report.out;
  fs::remove_all(cwd_.path() / "sgperf.data");
}

TEST_F(OtherUsers, AFolderThatOnlyLooksLikeRootsIsNotNamed) {
  fs::create_directory(folder_of(0));
  ASSERT_EQ(chown(folder_of(0).c_str(), second_user, second_user), 0);
  const Result nothing = as(first_user, {sgperf(), "report"});
  EXPECT_EQ(nothing.err.find("under sudo"), std::string::npos) << nothing.err;
}

// $SGPERF_DIR of the caller, kept by sudo: root writes nothing into it.
TEST_F(OtherUsers, RootWritesNothingIntoTheCallersFolder) {
  fs::create_directory(shm() / "mine");
  ASSERT_EQ(chown((shm() / "mine").c_str(), first_user, first_user), 0);
  program_as(0, "10", {"SGPERF_DIR=/dev/shm/mine"});
  EXPECT_TRUE(fs::is_empty(shm() / "mine"));
}

} // namespace
} // namespace sgperf::test
