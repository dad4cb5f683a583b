// SPDX-License-Identifier: Apache-2.0
// benchmarks/fetch-python-wasi.sh without a network: what it says and leaves behind when it cannot fetch, and that it
// is content with what is in the cache.
#include "support/process.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace sgperf::test;
namespace fs = std::filesystem;

namespace {

class Fetch : public testing::Test {
protected:
  TempDir dir;
  fs::path script = source_dir() / "benchmarks/fetch-python-wasi.sh";
  fs::path folder = dir.path() / "cache/workloads/python";

  void SetUp() override { fs::create_directories(dir.path() / "bin"); }
  void program(const std::string &name, const std::string &text) {
    write_file(dir.path() / "bin" / name, text);
    fs::permissions(dir.path() / "bin" / name, fs::perms::owner_all);
  }
  // With only the programs that a minimal system has, and those of program() before them.
  Result fetch(const std::vector<std::string> &args = {}) {
    for (const char *name :
         {"sh", "dirname", "mkdir", "sha256sum", "cut", "mktemp", "rm", "cp", "mv", "tar", "gzip", "sed", "cat"})
      for (const char *where : {"/usr/bin/", "/bin/"})
        if (std::string from = std::string(where).append(name);
            fs::exists(from) && !fs::exists(dir.path() / "bin" / name))
          fs::create_symlink(from, dir.path() / "bin" / name);
    Options options;
    options.env = {"PATH=" + (dir.path() / "bin").string(), "SGPERF_CACHE=" + (dir.path() / "cache").string()};
    std::vector<std::string> argv{"/bin/sh", script.string()};
    argv.insert(argv.end(), args.begin(), args.end());
    return run(argv, options);
  }
  // Nothing half fetched, no folder of its own left.
  void expect_clean() {
    if (!fs::exists(folder)) return;
    for (const auto &entry : fs::directory_iterator(folder)) ADD_FAILURE() << "left behind: " << entry.path();
  }
};

} // namespace

TEST_F(Fetch, SaysWhichProgramIsMissing) {
  Result result = fetch();
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("'node'"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find((folder / "python.wasm").string()), std::string::npos) << result.err;
  expect_clean();
}

TEST_F(Fetch, NoNetwork) {
  program("node", "#!/bin/sh\n");
  program("npm", "#!/bin/sh\necho 'network is unreachable' >&2\nexit 1\n");
  Result result = fetch();
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("is there a network"), std::string::npos) << result.err;
  expect_clean();
}

TEST_F(Fetch, AnotherModuleIsRefused) {
  program("node", "#!/bin/sh\n");
  program("npm", "#!/bin/sh\nmkdir -p package/dist && echo something >package/dist/python.wasm && "
                 "echo >package/LICENSE && tar -czf x.tgz package && echo x.tgz\n");
  Result result = fetch();
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("expected dist/python.wasm with sha256"), std::string::npos) << result.err;
  expect_clean();
}

TEST_F(Fetch, WrongUse) {
  EXPECT_EQ(fetch({"something"}).exit_code, 2);
  Result help = fetch({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("CPython"), std::string::npos) << help.out;
}

TEST_F(Fetch, WhatIsCachedIsEnough) {
  const char *cache = getenv("SGPERF_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  fs::path real = cache ? fs::path(cache)
                  : xdg ? fs::path(xdg) / "sgperf"
                        : fs::path(home ? home : "/") / ".cache/sgperf";
  real /= "workloads/python/python.wasm";
  if (!fs::exists(real))
    GTEST_SKIP() << "CPython is not in the cache (" << real << "); benchmarks/fetch-python-wasi.sh fetches it";
  fs::create_directories(folder);
  fs::create_symlink(real, folder / "python.wasm");
  Result result = fetch(); // no node, no npm
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("ready: "), std::string::npos) << result.out;
}
