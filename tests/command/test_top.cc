// SPDX-License-Identifier: Apache-2.0
// `sgperf top` on real programs that run.
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>

namespace sgperf {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr const char *endless = "1000000000"; // calls: minutes

// Ended at the end of its scope.
class Child {
public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ > 0) {
      kill(-pid_, SIGKILL);
      wait();
    }
  }
  Child(const Child &) = delete;
  Child &operator=(const Child &) = delete;
  pid_t pid() const { return pid_; }
  int wait() {
    int status = -1;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

private:
  pid_t pid_;
};

class Top : public ::testing::Test {
protected:
  Top() : runtime_("/dev/shm") { chmod(runtime_.path().c_str(), 0700); }

  std::string sgperf() const { return (test::build_dir() / "cli/command/sgperf").string(); }
  std::string program() const { return (test::build_dir() / "tests/record/sample-program").string(); }
  fs::path sessions() const { return runtime_.path() / ("sgperf-" + std::to_string(geteuid())); }

  // Only what this test makes is found.
  void environment() const {
    setenv("XDG_RUNTIME_DIR", runtime_.path().c_str(), 1);
    for (const char *name : {"SGPERF_DIR", "LD_PRELOAD", "SGPERF_SITES", "SGPERF_TIMER"}) unsetenv(name);
    if (chdir(dir_.path().c_str()) != 0) _exit(127);
  }
  // In a group of its own, with the library inside; stdout goes nowhere.
  pid_t start(const std::vector<std::string> &argv, bool preload = true) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    setpgid(0, 0);
    environment();
    if (preload) setenv("LD_PRELOAD", (test::build_dir() / "libsgperf/libsgperf.so.1").c_str(), 1);
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2}) dup2(null, fd);
    std::vector<char *> pointers;
    for (const std::string &word : argv) pointers.push_back(const_cast<char *>(word.c_str()));
    pointers.push_back(nullptr);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  test::Result run(std::vector<std::string> arguments, test::Options options = {}) {
    arguments.insert(arguments.begin(), sgperf());
    options.cwd = dir_.path();
    options.timeout_s = 30;
    options.env.insert(options.env.end(), {"XDG_RUNTIME_DIR=" + runtime_.path().string(), "SGPERF_DIR", "LD_PRELOAD",
                                           "SGPERF_SITES", "SGPERF_TIMER"});
    return test::run(arguments, options);
  }
  // Waits until top has something to show of this process: its first scope.
  bool measures(pid_t pid) {
    for (int i = 0; i < 200; ++i) {
      const auto rows = lines(run({"top", "-p", std::to_string(pid), "-n", "1", "--json"}).out);
      if (!rows.empty() && !rows[0]["sessions"][0]["scopes"].empty()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
  }
  static std::vector<json> lines(const std::string &text) {
    std::vector<json> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
    return out;
  }
  static size_t count(const std::string &text, const std::string &what) {
    size_t n = 0;
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
    return n;
  }

  test::TempDir dir_, runtime_;
};

TEST_F(Top, TwoBlocksOfPlainText) {
  const Child child(start({program(), endless}));
  ASSERT_TRUE(measures(child.pid()));
  const auto result = run({"top", "-d", "0.4", "-n", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(count(result.out, "sgperf top  "), 2u) << result.out;
  EXPECT_EQ(count(result.out, "\x1b"), 0u);
  EXPECT_EQ(count(result.out, "sample-program (pid " + std::to_string(child.pid()) + ", running)"), 2u) << result.out;
  EXPECT_EQ(count(result.out, ", phase execute\n"), 2u) << result.out;
  EXPECT_EQ(count(result.out, "  since its start, "), 1u) << result.out;
  EXPECT_EQ(count(result.out, "  of the last "), 1u) << result.out;
  for (const char *row : {"\n  kernel::close ", "\n  threei::make_syscall ", "\n  threei::calls ", "1 open"})
    EXPECT_EQ(count(result.out, row), 2u) << row << "\n" << result.out;
  EXPECT_EQ(count(result.out, "those of a program that `sgperf record -- PROGRAM` runs"), 2u) << result.out;
}

TEST_F(Top, JsonHasRatesOfEachInterval) {
  const Child child(start({program(), endless}));
  ASSERT_TRUE(measures(child.pid()));
  const auto result = run({"top", std::to_string(child.pid()), "-d", "0.5", "-n", "3", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto rows = lines(result.out);
  ASSERT_EQ(rows.size(), 3u);
  uint64_t before = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i]["sessions"].size(), 1u);
    const json &session = rows[i]["sessions"][0];
    EXPECT_EQ(session["pid"], child.pid());
    EXPECT_EQ(session["state"], "live");
    EXPECT_EQ(session["phase"], "execute");
    EXPECT_EQ(session["threads"], 2);
    EXPECT_EQ(session["since_start"], i == 0);
    EXPECT_TRUE(session["whole"].is_null());
    EXPECT_TRUE(rows[i]["syscalls"].is_null());
    ASSERT_EQ(session["scopes"].size(), 2u);
    const double seconds = session["seconds"];
    if (i) {
      EXPECT_GE(seconds, 0.5);
      EXPECT_LT(seconds, 5) << "on a loaded machine";
    }
    double self = 0, share = 0;
    for (const json &scope : session["scopes"]) {
      EXPECT_NEAR(scope["calls_per_s"].get<double>() * seconds, scope["calls"].get<double>(), 1);
      self += scope["self"].get<double>();
      share += scope["share"].get<double>();
      EXPECT_GT(scope["average"].get<double>(), 1);
    }
    EXPECT_NEAR(share, 1, 1e-9);
    // Two threads do nothing else than these scopes; what a read costs is between them.
    EXPECT_LE(self / 1e9, 2 * seconds * 1.02);
    EXPECT_GT(self / 1e9, 0.05 * seconds) << "two threads, on a loaded machine";
    const json &close = session["scopes"][0];
    EXPECT_EQ(close["name"], "kernel::close");
    // Nothing is lost between two looks.
    if (i) {
      EXPECT_EQ(before + close["calls"].get<uint64_t>(), close["calls_so_far"].get<uint64_t>());
    }
    before = close["calls_so_far"];
  }
}

TEST_F(Top, EndsWithAProgramThatIsKilled) {
  Child child(start({program(), endless}));
  ASSERT_TRUE(measures(child.pid()));
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    kill(child.pid(), SIGKILL);
  });
  // The end is seen when it comes, not at the next look: that would be after the time limit.
  const auto result = run({"top", "-d", "60"});
  killer.join();
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(count(result.out, "sgperf top  "), 2u) << result.out;
  EXPECT_TRUE(result.out.ends_with("sample-program (pid " + std::to_string(child.pid()) +
                                   ") was killed, or ended without being seen\n"))
      << result.out;
  EXPECT_EQ(count(result.out, "  since its start, "), 2u) << result.out;
}

TEST_F(Top, EndsWithAProgramThatExits) {
  Child child(start({program(), "1000", "2", "7"}));
  ASSERT_TRUE(measures(child.pid()));
  const auto result = run({"top", "-p", std::to_string(child.pid()), "-d", "0.2", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto rows = lines(result.out);
  ASSERT_GE(rows.size(), 2u);
  const json &last = rows.back()["sessions"][0];
  EXPECT_EQ(rows.back()["over"], true);
  EXPECT_EQ(last["state"], "exited");
  EXPECT_EQ(last["exit_code"], 7);
  EXPECT_TRUE(last["scopes"].empty());
  EXPECT_EQ(last["whole"]["scopes"][0]["calls"], 2000);
  EXPECT_EQ(last["whole"]["phases"][0]["name"], "execute");
  EXPECT_EQ(last["whole"]["phases"][0]["open"], 0);
  // By now there is nothing to show, and the session says so.
  const auto ended = run({"top", last["path"].get<std::string>()});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_NE(ended.err.find("the program has ended (ended)"), std::string::npos) << ended.err;
}

TEST_F(Top, FollowsAProgramThatExecutesAnother) {
  Child child(start({"/bin/sh", "-c", "sleep 1; exec " + program() + " 500 2 9"}));
  for (int i = 0; i < 200 && run({"top", "-n", "1", "-p", std::to_string(child.pid())}).exit_code != 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const auto result = run({"top", "-p", std::to_string(child.pid()), "-d", "0.3", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  bool executed = false;
  const auto rows = lines(result.out);
  for (const json &row : rows)
    for (const json &session : row["sessions"]) executed = executed || session["state"] == "executed";
  EXPECT_TRUE(executed) << result.out;
  const json &last = rows.back()["sessions"][0];
  ASSERT_EQ(last["program"], "sample-program") << result.out;
  EXPECT_EQ(last["exit_code"], 9);
  EXPECT_EQ(last["whole"]["scopes"][0]["calls"], 1000);
}

TEST_F(Top, EndsWhereAProgramWithoutASessionIsExecuted) {
  Child child(start({"/bin/sh", "-c", "sleep 1; unset LD_PRELOAD; exec sleep 30"}));
  for (int i = 0; i < 200 && run({"top", "-n", "1", "-p", std::to_string(child.pid())}).exit_code != 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const auto result = run({"top", "-p", std::to_string(child.pid()), "-d", "0.3"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_FALSE(result.timed_out);
  EXPECT_TRUE(result.out.ends_with("sh (pid " + std::to_string(child.pid()) +
                                   ") executed a program without a session: nothing more can be seen\n"))
      << result.out;
}

TEST_F(Top, ARunningRecordingHasItsTree) {
  Child child(start({sgperf(), "record", "-q", "--no-samples", "--", "/bin/sh", "-c", program() + " 300 4; :"}, false));
  json found;
  for (int i = 0; i < 100 && found.is_null(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto result = run({"top", "sgperf.data", "-n", "1", "--json"});
    if (result.exit_code != 0) continue;
    const json row = lines(result.out).at(0);
    for (const json &session : row["sessions"])
      if (session["program"] == "sample-program" && !session["scopes"].empty()) found = row;
  }
  ASSERT_FALSE(found.is_null());
  EXPECT_EQ(found["sessions"].size(), 2u); // the shell's too
  EXPECT_EQ(found["sessions"][0]["program"], "sample-program");
  // The recorder takes the sessions away at the end: nothing is said to be lost.
  const auto result = run({"top", "-d", "0.5"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(count(result.out, "cannot be read any more"), 0u) << result.out;
  EXPECT_GE(count(result.out, "ended, exit code 0"), 1u) << result.out;
  ASSERT_TRUE(WIFEXITED(child.wait()));
  if (!fs::exists(dir_.path() / "sgperf.data/syscalls.jsonl"))
    GTEST_SKIP() << "no eBPF here: system calls are not counted";
  EXPECT_NE(result.out.find("of the whole run so far, as `sgperf record` wrote them"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\n  close "), std::string::npos) << result.out;
}

TEST_F(Top, NothingToShowIsSaid) {
  const auto none = run({"top"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.out, "");
  EXPECT_NE(none.err.find("nothing to show: expected a session of a program that runs"), std::string::npos) << none.err;
  const auto plain = run({"top", "-p", std::to_string(getpid())});
  EXPECT_EQ(plain.exit_code, 2);
  EXPECT_NE(plain.err.find("has no session"), std::string::npos) << plain.err;
  const auto missing = run({"top", "-p", "4194303"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_NE(missing.err.find("found none of the number 4194303"), std::string::npos) << missing.err;
  for (const std::vector<std::string> &wrong :
       {std::vector<std::string>{"top", "-d", "0"}, {"top", "-n", "0"}, {"top", "-p", "1", "2"}})
    EXPECT_EQ(run(wrong).exit_code, 2);
}

TEST_F(Top, AnotherUsersSessionIsNotRead) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  const Child child(start({program(), endless}));
  ASSERT_TRUE(measures(child.pid()));
  const fs::path file = fs::directory_iterator(sessions())->path();
  test::TempDir here; // one that the other user can enter
  chmod(here.path().c_str(), 0755);
  const fs::path copy = here.path() / "sgperf"; // the build may lie where only we can go
  fs::copy_file(sgperf(), copy);
  chmod(copy.c_str(), 0755);
  test::Options options;
  options.cwd = here.path();
  options.in_child = [] {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(126);
  };
  options.env = {"XDG_RUNTIME_DIR=" + runtime_.path().string(), "SGPERF_DIR", "LD_PRELOAD"};
  const auto by_name = test::run({copy, "top", "-n", "1", file}, options);
  EXPECT_EQ(by_name.exit_code, 2) << by_name.out;
  EXPECT_NE(by_name.err.find("ermission denied"), std::string::npos) << by_name.err;
  const auto by_pid = test::run({copy, "top", "-n", "1", "-p", std::to_string(child.pid())}, options);
  EXPECT_EQ(by_pid.exit_code, 2) << by_pid.out;
  EXPECT_NE(by_pid.err.find("belongs to another user (uid 0)"), std::string::npos) << by_pid.err;
  EXPECT_EQ(test::run({copy, "top", "-n", "1"}, options).exit_code, 2);
}

// On a terminal: in place, q ends it, and the terminal is as it was.
TEST_F(Top, OnATerminal) {
  const Child child(start({program(), endless}));
  ASSERT_TRUE(measures(child.pid()));
  for (const bool key : {true, false}) {
    int terminal = -1;
    winsize size{};
    size.ws_row = 12;
    size.ws_col = 80;
    const pid_t pid = forkpty(&terminal, nullptr, nullptr, &size);
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      environment();
      setenv("TERM", "xterm", 1);
      unsetenv("NO_COLOR");
      execl(sgperf().c_str(), "sgperf", "top", "-d", "0.2", nullptr);
      _exit(127);
    }
    Child top(pid);
    // Open beyond the child's end: what it leaves behind is looked at.
    const int kept = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    std::string out;
    bool told = false;
    for (int i = 0; i < 200; ++i) {
      pollfd one{terminal, POLLIN, 0};
      if (poll(&one, 1, 100) <= 0) {
        if (told) break; // nothing comes any more
        continue;
      }
      char bytes[4096];
      const ssize_t got = read(terminal, bytes, sizeof bytes);
      if (got <= 0) break;
      out.append(bytes, static_cast<size_t>(got));
      if (count(out, "sgperf top  ") < 3 || told) continue;
      told = true;
      if (key)
        EXPECT_EQ(write(terminal, "q", 1), 1);
      else
        kill(pid, SIGINT);
    }
    const int status = top.wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status << " " << out;
    EXPECT_GE(count(out, "\x1b[H"), 3u);
    EXPECT_EQ(count(out, "\x1b[2J"), 1u);
    EXPECT_EQ(count(out, "\x1b[H"), count(out, "\x1b[J"));
    EXPECT_LE(count(out, "\n"), 11 * count(out, "\x1b[H")); // less than the screen has rows
    EXPECT_NE(out.find("\x1b[1m"), std::string::npos);      // bold headings
    termios after{};
    ASSERT_EQ(tcgetattr(kept, &after), 0);
    EXPECT_EQ(after.c_lflag & (ICANON | ECHO), tcflag_t{ICANON | ECHO});
    close(kept);
    close(terminal);
  }
}

} // namespace
} // namespace sgperf
