// SPDX-License-Identifier: Apache-2.0
// What a preloaded program starts is followed, belongs to it, and leaves nothing behind when it has said nothing.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <sstream>

#include "libsgperf/fixture.h"
#include "libsgperf/places.h"
#include "support/cache.h"

namespace fs = std::filesystem;

namespace sgperf::test {
namespace {

class Children : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    SKIP_WHEN_SANITIZED("a preloaded library needs an unsanitized host");
    options_.env.push_back("LD_PRELOAD=" + library());
    options_.env.push_back("TALKER=" + talker());
  }
  // Publishes code as an engine does, and ends by _exit.
  static std::string talker() { return build_dir() / "tests/preload/frames"; }
  static std::string host(const std::string &name) { return build_dir() / "tests/preload/programs" / ("host_" + name); }

  Result shell(const std::string &text) { return run({"/bin/sh", "-c", text}, options_); }

  std::vector<Session> sessions() {
    std::vector<Session> all;
    for (const fs::path &file : session_files(dir())) all.push_back(read_session(file));
    return all;
  }
  void remove_all() {
    for (const auto &entry : fs::directory_iterator(dir())) fs::remove(entry.path());
  }
  static std::string comm(const Session &session) { return session.header.comm; }
  // The first is the one that was started; all others are of its tree.
  static void expect_tree(const std::vector<Session> &all) {
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(std::string(all[0].header.parent_key), "");
    for (size_t i = 1; i < all.size(); ++i) {
      EXPECT_EQ(std::string(all[i].header.parent_key), all[0].key());
      EXPECT_TRUE(all[i].header.flags & SGPERF_SESSION_FLAG_PRELOADED);
      EXPECT_GE(all[i].header.start.monotonic, all[0].header.start.monotonic);
    }
  }
};

TEST_F(Children, WhoSaysNothingLeavesNothing) {
  const Result result = shell("echo a | cat; (true; (true); x=$(echo b | sed s/b/c/); echo $x); /bin/sh -c 'exit 3'; "
                              "for i in 1 2 3; do /bin/true & done; wait; /bin/sh -c 'kill -9 $$'; " +
                              host("processes") + " daemon; exec /bin/sh -c 'exec /bin/echo last'");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.out.ends_with("last\n")) << result.out;
  const auto all = sessions();
  ASSERT_EQ(all.size(), 1u) << "only the program that was started";
  EXPECT_EQ(comm(all[0]), "sh");
  EXPECT_EQ(all[0].header.pid, static_cast<uint32_t>(result.pid));
}

TEST_F(Children, WhoSaysSomethingIsOfTheTree) {
  for (const char *how :
       {"$TALKER", "$TALKER; true", "(true; ($TALKER))", "/bin/sh -c 'env $TALKER'", "exec $TALKER",
        "x=$($TALKER); true", "$TALKER | cat", "$TALKER & wait", "env -u TALKER setsid $TALKER; sleep 0.05"}) {
    SCOPED_TRACE(how);
    const Result result = shell(how);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto all = sessions();
    EXPECT_EQ(all.size(), 2u);
    expect_tree(all);
    if (all.size() == 2) {
      EXPECT_EQ(comm(all[1]), "frames");
      EXPECT_EQ(all[1].header.jit_count, 2u);
      EXPECT_EQ(all[1].header.pid == all[0].header.pid, std::string(how).starts_with("exec"));
      const auto code = code_files(dir());
      ASSERT_EQ(code.size(), 1u);
      EXPECT_EQ(code[0].filename(), "code-" + all[1].key() + ".sgc");
    }
    remove_all();
  }
}

TEST_F(Children, ScopesOfALinkedProgramAreAllThere) {
  const std::string calls = program("calls");
  EXPECT_EQ(shell(calls + " 100 3; " + calls + " 200 3; true").exit_code, 0);
  const auto all = sessions();
  ASSERT_EQ(all.size(), 3u);
  expect_tree(all);
  EXPECT_EQ(all[1].sums("alpha::outer").count, 100u);
  EXPECT_EQ(all[2].sums("alpha::outer").count, 200u);
  for (size_t i : {1u, 2u}) {
    EXPECT_EQ(all[i].header.state, unsigned{SGPERF_SESSION_EXITED});
    EXPECT_EQ(all[i].header.exit_code, 3u);
    EXPECT_NE(all[i].header.pid_ns, 0u);
    struct stat status {};
    ASSERT_EQ(stat(all[i].path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777u, 0600u);
  }
}

TEST_F(Children, FollowExecCanBeSwitchedOff) {
  options_.env.push_back("SGPERF_FOLLOW_EXEC=0");
  EXPECT_EQ(shell("$TALKER; " + program("calls") + " 10 0; exec $TALKER").exit_code, 0);
  EXPECT_EQ(sessions().size(), 1u) << "the program that was started is measured, what it executes is not";
  EXPECT_TRUE(code_files(dir()).empty());
  remove_all();
  EXPECT_EQ(run({talker()}, options_).exit_code, 0);
  EXPECT_EQ(sessions().size(), 1u);
  EXPECT_EQ(code_files(dir()).size(), 1u);
}

TEST_F(Children, AForkBeforeAnythingIsSaidIsFollowed) {
  EXPECT_EQ(run({talker(), "fork"}, options_).exit_code, 0);
  auto all = sessions();
  ASSERT_EQ(all.size(), 2u);
  expect_tree(all);
  EXPECT_EQ(all[0].header.jit_count, 0u);
  EXPECT_EQ(all[1].header.jit_count, 2u);
  EXPECT_EQ(all[1].header.ppid, all[0].header.pid);
  EXPECT_NE(all[1].header.pid, all[0].header.pid);
  EXPECT_EQ(code_files(dir()).size(), 1u);
  remove_all();
  // The same where the parent has no file either.
  EXPECT_EQ(shell("$TALKER fork; true").exit_code, 0);
  all = sessions();
  ASSERT_EQ(all.size(), 2u);
  expect_tree(all);
  EXPECT_EQ(comm(all[0]) + comm(all[1]), "shframes");
  remove_all();
  options_.env.push_back("SGPERF_FORK=0");
  EXPECT_EQ(run({talker(), "fork"}, options_).exit_code, 0);
  EXPECT_EQ(sessions().size(), 1u);
}

// The mark: in the environment of the started program and of all below, whatever was there; nothing else changes.
TEST_F(Children, TheMarkInTheEnvironment) {
  for (const bool many : {false, true}) {
    for (int i = 0; many && i < 2000; ++i)
      options_.env.push_back(std::string{"V"}.append(std::to_string(i)).append("=x"));
    for (const char *preset : {"", "SGPERF_PARENT="}) {
      SCOPED_TRACE(preset);
      if (*preset) options_.env.push_back(preset);
      Options plain = options_;
      plain.env.push_back("LD_PRELOAD");
      const auto lines = [](const std::string &text) {
        std::vector<std::string> found;
        std::istringstream in(text);
        for (std::string line; std::getline(in, line);)
          if (!line.starts_with("LD_PRELOAD=")) found.push_back(line);
        return found;
      };
      auto without = lines(run({"env"}, plain).out), with = lines(run({"env"}, options_).out);
      const auto all = sessions();
      ASSERT_EQ(all.size(), 1u);
      const std::string mark = "SGPERF_PARENT=" + all[0].key();
      if (*preset)
        std::replace(without.begin(), without.end(), std::string(preset), mark);
      else
        without.push_back(mark);
      std::sort(without.begin(), without.end());
      std::sort(with.begin(), with.end());
      EXPECT_EQ(with, without);
      remove_all();
    }
    options_.env.pop_back();
  }
}

TEST_F(Children, NoRoomForAFileIsNoHarm) {
  if (geteuid() != 0 || !may_mount()) GTEST_SKIP() << "needs root and mount namespaces: mounts a small tmpfs";
  for (const char *size : {"4k", "8k", "16k", "64k"}) {
    SCOPED_TRACE(size);
    options_.in_child = [&] { mount_small_tmpfs(dir(), size); };
    const Result result = shell("$TALKER && " + program("calls") + " 1000 0 && " + program("churn") + " 40 40 50");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(result.out.ends_with("calls 1000\nthreads 40\n")) << result.out;
  }
}

TEST_F(Children, TheFolderIsGoneOrAnother) {
  const Result gone = shell("rm -r \"$SGPERF_DIR\"; " + program("calls") +
                            " 10 0; ls \"$SGPERF_DIR\" | wc -l; mkdir -m 700 \"$SGPERF_DIR\" || true");
  EXPECT_EQ(gone.exit_code, 0) << gone.err;
  // A folder that was made in its place is used by those who start later; a program that began before is not misled.
  EXPECT_TRUE(gone.out.starts_with("calls 10\n")) << gone.out;
}

TEST_F(Children, AFilterTakesTheFileAlong) {
  const Result result = shell(program("filtered") + " prctl; true");
  EXPECT_EQ(result.out, "before\nafter\n");
  const auto all = sessions();
  ASSERT_EQ(all.size(), 2u);
  expect_tree(all);
  EXPECT_EQ(all[1].sums("filter::known").count, 200u);
}

TEST_F(Children, ARootChangedBeforeTheFirstWordMakesNothingThere) {
  SKIP_WITHOUT_ROOT("chroot");
  // The library is mapped by then; the folder of the same name in the new root is not the one of the start.
  const fs::path root = cwd_.path() / "root", copy = fs::path(root.string() + dir().string());
  fs::create_directories(copy);
  chmod(copy.c_str(), 0700);
  Options options = options_;
  const std::vector<std::string> argv{"/usr/bin/python3",
                                      "-I",
                                      "-c",
                                      "import ctypes, os, sys\n"
                                      "lib = ctypes.CDLL(sys.argv[2])\n"
                                      "os.chroot(sys.argv[1])\n"
                                      "print(lib.sgperf_phase_begin(b'late', ctypes.c_uint64(0)))\n",
                                      root.string(),
                                      library()};
  const Result result = run(argv, options);
  if (result.exit_code == 127) GTEST_SKIP() << "no python3 here";
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(fs::is_empty(copy));
  const size_t first = sessions().size();
  EXPECT_EQ(first, 1u) << "as the started program it had its file";
  remove_all();
  options.env.push_back("SGPERF_PARENT=host-1-1");
  const Result child = run(argv, options);
  EXPECT_EQ(child.exit_code, 0) << child.err;
  EXPECT_EQ(child.out, "0\n");
  EXPECT_TRUE(fs::is_empty(copy));
  EXPECT_TRUE(sessions().empty());
  fs::remove_all(root);
}

// What was published is there however the program ended, and the command finds it and says which.
TEST_F(Children, EndsInTheMiddle) {
  const std::string command = build_dir() / "cli/command/sgperf";
  options_.env.push_back("SGPERF_COMMAND=" + command);
  // By name: the newest session of this machine may be another test's.
  const auto report = [&](const fs::path &session) {
    Options plain = options_;
    plain.env.push_back("LD_PRELOAD");
    return run({command, "report", session}, plain);
  };
  for (const std::string how : {"", "kill", "abort", "exec"}) {
    for (const bool alone : {true, false}) {
      SCOPED_TRACE(std::string(how).append(alone ? ", started by the user" : ", in a script"));
      shell(std::string{alone ? "exec " : ""}.append("$TALKER ").append(how).append(alone ? "" : " 2>/dev/null; true"));
      const auto all = sessions();
      ASSERT_EQ(all.size(), 2u);
      EXPECT_EQ(comm(all[1]), "frames");
      EXPECT_EQ(all[1].header.state, unsigned{SGPERF_SESSION_LIVE});
      const auto code = code_files(dir());
      ASSERT_EQ(code.size(), 1u);
      EXPECT_EQ(read_code(code[0]).size(), how.empty() ? 2u : 1u);
      const Result told = report(all[1].path);
      EXPECT_EQ(told.exit_code, 0) << told.err;
      std::ostringstream expected;
      expected << "frames (pid " << all[1].header.pid << ", killed, or ended without being seen)";
      EXPECT_NE(told.out.find(expected.str()), std::string::npos) << told.out;
      remove_all();
    }
  }
  // While it runs; in the end clean removes all of it.
  const Result live = shell("mkfifo go; $TALKER wait <go >/dev/null & exec 3>go; rm go; sleep 0.3; "
                            "env -u LD_PRELOAD $SGPERF_COMMAND report $(ls -t $SGPERF_DIR/*.sgp | head -n 1); exec "
                            "3>&-; wait $!; echo ended $?");
  EXPECT_NE(live.out.find(", running)"), std::string::npos) << live.out << live.err;
  EXPECT_NE(live.out.find("ended 0"), std::string::npos) << live.out << live.err;
  EXPECT_EQ(session_files(dir()).size(), 2u);
  Options plain = options_;
  plain.env.push_back("LD_PRELOAD");
  EXPECT_EQ(run({command, "clean", "--yes"}, plain).exit_code, 0);
  EXPECT_TRUE(fs::is_empty(dir()));
}

// One script, two users: each has a folder of its own, and the sessions are of one tree all the same.
TEST_F(Children, TwoUsersAtOnce) {
  if (geteuid() != 0 || !may_mount())
    GTEST_SKIP() << "needs root and mount namespaces: another user, a /dev/shm of its own";
  const TempDir place, shm("/dev/shm"), other("/dev/shm"); // reachable for both, wherever the build is
  chmod(place.path().c_str(), 0755);
  chmod(shm.path().c_str(), 01777);
  fs::copy_file(library(), place.path() / "libsgperf.so");
  fs::copy_file(talker(), place.path() / "frames");
  options_.env.push_back("SGPERF_DIR");
  options_.env.push_back("LD_PRELOAD=" + (place.path() / "libsgperf.so").string());
  options_.env.push_back("TALKER=" + (place.path() / "frames").string());
  options_.in_child = [&] { replace_default_places(shm.path(), other.path()); };
  const Result result = shell("for i in 1 2 3 4 5 6 7 8; do $TALKER >/dev/null & "
                              "setpriv --reuid 65534 --regid 65534 --clear-groups $TALKER >/dev/null & done; wait");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  std::string first;
  for (const auto &[user, expected] : {std::pair{0u, 9u}, {65534u, 8u}}) {
    const fs::path folder = shm.path() / ("sgperf-" + std::to_string(user));
    struct stat status {};
    ASSERT_EQ(stat(folder.c_str(), &status), 0) << folder;
    EXPECT_EQ(status.st_mode & 07777u, 0700u);
    EXPECT_EQ(status.st_uid, user);
    const auto files = session_files(folder);
    EXPECT_EQ(files.size(), expected);
    EXPECT_EQ(code_files(folder).size(), 8u);
    for (const fs::path &file : files) {
      const Session session = read_session(file);
      EXPECT_EQ(session.header.uid, user);
      if (comm(session) == "sh")
        first = session.key();
      else
        EXPECT_EQ(std::string(session.header.parent_key), first);
    }
  }
}

TEST_F(Children, WrapperOfTheStockCommand) {
  if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)";
  const fs::path place = cwd_.path() / "w";
  fs::create_directory(place);
  write_file(place / "x.wat", "(module (func (export \"_start\")))");
  write_file(place / "wrapper.sh", "#!/bin/sh\nset -e\ncase $(uname) in *) ;; esac\n\"" + stock_wasmtime().string() +
                                       "\" run -C cache=n \"$1\"\necho done\n");
  chmod((place / "wrapper.sh").c_str(), 0755);
  const Result result = run({place / "wrapper.sh", place / "x.wat"}, options_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "done\n");
  const auto all = sessions();
  ASSERT_EQ(all.size(), 2u);
  expect_tree(all);
  EXPECT_EQ(comm(all[1]), "wasmtime");
  EXPECT_GE(all[1].header.jit_count, 1u);
  EXPECT_FALSE(all[1].phases_named("instantiate+execute").empty());
  fs::remove_all(place);
}

} // namespace
} // namespace sgperf::test
