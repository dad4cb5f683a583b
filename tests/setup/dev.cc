// SPDX-License-Identifier: Apache-2.0
// `dev` on machines that lack something: what it says, what it exits with, and what it runs as root.
#include "support/process.h"

#include <gtest/gtest.h>

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace fs = std::filesystem;
using namespace sgperf::test;

namespace {

constexpr unsigned nobody = 65534;

// A machine whose dpkg-query knows one package less (until apt-get "installs" it), and whose sudo is of our making.
class Machine {
public:
  Machine() {
    chmod(dir_.path().c_str(), 0755);
    fs::create_directory(bin());
    script("dpkg-query", "for last; do :; done\n"
                         "if [ \"$last\" = wabt ] && [ ! -e " +
                             installed() +
                             " ]; then exit 1; fi\n"
                             "echo installed\n");
    no_sudo();
    // An engine that is there already: nothing may be fetched.
    const fs::path engine = dir_.path() / "cache/engines/wasmtime-50.0.1";
    fs::create_directories(engine);
    for (const char *file : {"_libwasmtime.so", "_bindings.py"}) write_file(engine / file, "x");
    // Ends `dev build` after the set-up.
    fs::create_directory(dir_.path() / "foreign");
    write_file(dir_.path() / "foreign/thesis.txt", "mine");
  }

  void no_sudo() { script("sudo", "exit 1\n"); }
  // Lets apt-get through, and writes down what it was asked for.
  void good_sudo() {
    write_file(log(), "");
    chmod(log().c_str(), 0666);
    chmod(dir_.path().c_str(), 0777);
    script("sudo", "echo \"$*\" >>" + log() +
                       "\n"
                       "case \" $* \" in *' install '*) : >" +
                       installed() +
                       " ;; esac\n"
                       "exit 0\n");
  }

  Result dev(const std::string &command) {
    Options options;
    options.env = {"PATH=" + bin() + ":/usr/bin:/bin", "SGPERF_CACHE=" + (dir_.path() / "cache").string(),
                   "SGPERF_BUILD=" + (dir_.path() / "foreign").string(), "HOME=" + dir_.path().string()};
    options.in_child = [] {
      if (getuid() == 0 && (setgroups(0, nullptr) || setgid(nobody) || setuid(nobody))) _exit(125);
    };
    return run({(source_dir() / "dev").string(), command}, options);
  }

  std::string log() const { return (dir_.path() / "log").string(); }
  fs::path foreign() const { return dir_.path() / "foreign/thesis.txt"; }

private:
  std::string bin() const { return (dir_.path() / "bin").string(); }
  std::string installed() const { return (dir_.path() / "wabt-is-installed").string(); }
  void script(const std::string &name, const std::string &body) {
    const std::string path = bin() + "/" + name;
    write_file(path, "#!/bin/sh\n" + body);
    chmod(path.c_str(), 0755);
  }
  TempDir dir_;
};

// The tree may stand where another user cannot go, as in /root.
bool readable_for_nobody() {
  Options options;
  options.in_child = [] {
    if (getuid() == 0 && (setgroups(0, nullptr) || setgid(nobody) || setuid(nobody))) _exit(125);
  };
  return run({"test", "-r", (source_dir() / "dev").string()}, options).exit_code == 0;
}

} // namespace

#define NEEDS_READABLE_TREE()                                                                                          \
  if (!readable_for_nobody()) GTEST_SKIP() << "the tree stands in a folder that an unprivileged user cannot read"

TEST(Dev, WithoutRootOrSudoPrintsTheAptLineAndExits2) {
  NEEDS_READABLE_TREE();
  for (const char *command : {"build", "demo", "test", "bench", "lint", "fuzz"}) {
    Machine machine;
    const Result result = machine.dev(command);
    EXPECT_EQ(result.exit_code, 2) << command << "\n" << result.err;
    EXPECT_EQ(result.out, "apt-get update && apt-get install -y --no-install-recommends wabt\n") << command;
    EXPECT_NE(result.err.find("1 Debian packages are missing"), std::string::npos) << result.err;
  }
}

TEST(Dev, OnlyAptRunsThroughSudo) {
  NEEDS_READABLE_TREE();
  Machine machine;
  machine.good_sudo();
  const Result result = machine.dev("build");
  EXPECT_EQ(result.exit_code, 2) << result.err; // stops at the build folder, after the set-up
  EXPECT_NE(result.err.find("Debian packages are there"), std::string::npos) << result.err;
  const std::string log = read_file(machine.log());
  EXPECT_NE(log.find("install -y --no-install-recommends wabt"), std::string::npos) << log;
  EXPECT_NE(log.find("update"), std::string::npos) << log;
  for (size_t at = 0; at < log.size(); at = log.find('\n', at) + 1)
    EXPECT_NE(log.substr(at, log.find('\n', at) - at).find("apt-get "), std::string::npos) << log;
}

TEST(Dev, LeavesAForeignFolderAlone) {
  NEEDS_READABLE_TREE();
  Machine machine;
  machine.good_sudo();
  const Result result = machine.dev("build");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("SGPERF_BUILD"), std::string::npos) << result.err;
  EXPECT_EQ(read_file(machine.foreign()), "mine");
}

TEST(Dev, UnknownCommandIsUsage) {
  const Result result = run({(source_dir() / "dev").string(), "dmeo"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("unknown command 'dmeo'"), std::string::npos) << result.err;
  EXPECT_EQ(run({(source_dir() / "dev").string(), "--help"}).exit_code, 0);
}

TEST(Dev, ScriptsArePosix) {
  std::vector<fs::path> scripts = {source_dir() / "dev"};
  for (const auto &entry : fs::directory_iterator(source_dir() / "packaging/dev"))
    if (entry.path().extension() == ".sh") scripts.push_back(entry.path());
  EXPECT_GT(scripts.size(), 8u);
  for (const fs::path &script : scripts) {
    const Result result = run({"dash", "-n", script.string()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }
}

TEST(Dev, CiRunsTheTests) {
  const fs::path ci = source_dir() / ".ci/run";
  EXPECT_EQ(access(ci.c_str(), X_OK), 0);
  EXPECT_EQ(run({"bash", "-n", ci.string()}).exit_code, 0);
  EXPECT_NE(read_file(ci).find("./dev test"), std::string::npos);
}
