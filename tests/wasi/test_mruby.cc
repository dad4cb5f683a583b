// SPDX-License-Identifier: Apache-2.0
// benchmarks/build-mruby.sh where it cannot build: what it says and what it leaves behind.
#include "support/process.h"

#include <gtest/gtest.h>

using namespace sgperf::test;
namespace fs = std::filesystem;

namespace {

class BuildMruby : public testing::Test {
protected:
  TempDir dir;
  fs::path folder = dir.path() / "cache/workloads/mruby";

  void SetUp() override {
    fs::create_directories(dir.path() / "bin");
    for (const char *name : {"sh", "dirname", "mkdir", "sha256sum", "cut", "mktemp", "rm", "cp", "mv", "tar", "gzip",
                             "sed", "cat", "tail", "id", "gcc"})
      for (const char *where : {"/usr/bin/", "/bin/"})
        if (std::string from = std::string(where).append(name);
            fs::exists(from) && !fs::exists(dir.path() / "bin" / name))
          fs::create_symlink(from, dir.path() / "bin" / name);
  }
  void program(const std::string &name, const std::string &text) {
    write_file(dir.path() / "bin" / name, "#!/bin/sh\n" + text);
    fs::permissions(dir.path() / "bin" / name, fs::perms::owner_all);
  }
  // All that it asks for; what apt-get does is the test's.
  void programs(const std::string &apt_get) {
    for (const char *name : {"apt-cache", "dpkg-deb", "clang-16", "llvm-ar-16"}) program(name, "exit 1\n");
    program("apt-get", apt_get);
  }
  Result build(const std::vector<std::string> &args = {}) {
    Options options;
    options.env = {"PATH=" + (dir.path() / "bin").string(), "SGPERF_CACHE=" + (dir.path() / "cache").string(), "CLANG",
                   "LLVM_AR"};
    std::vector<std::string> argv{"/bin/sh", (source_dir() / "benchmarks/build-mruby.sh").string()};
    argv.insert(argv.end(), args.begin(), args.end());
    return run(argv, options);
  }
  void expect_clean() {
    for (const fs::path &where : {folder, dir.path() / "cache/sources"})
      if (fs::exists(where))
        for (const auto &entry : fs::directory_iterator(where)) ADD_FAILURE() << "left behind: " << entry.path();
  }
};

} // namespace

TEST_F(BuildMruby, SaysWhichProgramIsMissing) {
  Result result = build();
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("'apt-get'"), std::string::npos) << result.err;
  expect_clean();
}

TEST_F(BuildMruby, NoNetwork) {
  programs("echo 'temporary failure resolving' >&2\nexit 100\n");
  Result result = build();
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("is there a network"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("temporary failure resolving"), std::string::npos) << result.err;
  expect_clean();
}

TEST_F(BuildMruby, AnotherVersionIsRefused) {
  programs("case \"$*\" in *' source '*) echo >mruby_3.9.9.orig.tar.gz ;; esac\n");
  Result result = build();
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("expected mruby 3.1.0, found mruby_3.9.9.orig.tar.gz"), std::string::npos) << result.err;
  expect_clean();
}

TEST_F(BuildMruby, ChangedSourceIsRefused) {
  programs("case \"$*\" in *' source '*) echo >mruby_3.1.0.orig.tar.gz ;; esac\n");
  Result result = build();
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("expected mruby_3.1.0.orig.tar.gz with sha256 64ce0a967028"), std::string::npos)
      << result.err;
  expect_clean();
}

TEST_F(BuildMruby, WrongUse) {
  EXPECT_EQ(build({"something"}).exit_code, 2);
  Result help = build({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("Ruby interpreter"), std::string::npos) << help.out;
}
