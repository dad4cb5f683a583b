// SPDX-License-Identifier: Apache-2.0
// `sgperf engines install` with a real engine, the smallest one (wasm3: a crate and a C compiler), into caches of the
// tests' own; and what `sgperf engines` says of all.
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <regex>
#include <thread>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;
using Words = std::vector<std::string>;

std::string command() {
  return build_dir() / "cli/command/sgperf";
}

Options in_cache(const fs::path &cache) {
  Options options;
  options.env = {"SGPERF_CACHE=" + cache.string()};
  options.timeout_s = 120;
  return options;
}

// A C compiler that takes `seconds`, says that it has begun, and does not optimise: what it makes is not run.
std::string compiler(const fs::path &folder, const char *seconds) {
  const fs::path file = folder / "cc";
  write_file(file,
             "#!/bin/sh\necho $$ >>" + (folder / "began").string() + "\nsleep " + seconds + "\nexec cc \"$@\" -O0\n");
  fs::permissions(file, fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  return file;
}

// Runs no more, or is a zombie that whoever inherited it has not buried.
bool has_ended(const std::string &pid) {
  const std::string stat = read_file("/proc/" + pid + "/stat");
  const size_t state = stat.rfind(") ");
  return state == std::string::npos || stat[state + 2] == 'Z' || stat[state + 2] == 'X';
}

// Why the crate cannot be had here, "" if it can: asked once, by an installation into a cache that is thrown away.
const std::string &no_wasm3() {
  static const std::string why = [] {
    TempDir cache;
    const Result result = run({command(), "engines", "install", "wasm3"}, in_cache(cache.path()));
    // No network or no toolchain; whatever else goes wrong is for the tests.
    return result.exit_code == 4 ? "wasm3 cannot be fetched or built here: " + result.err : std::string();
  }();
  return why;
}

class EnginesInstall : public testing::Test {
protected:
  TempDir cache;
  fs::path folder = cache.path() / "engines/wasm3-0.9.0";
  TempDir quick;
  std::string quick_cc = "CC=" + compiler(quick.path(), "0");

  Options options() const { return in_cache(cache.path()); }
  Result install(const Words &words) const {
    Words argv = {command(), "engines", "install"};
    argv.insert(argv.end(), words.begin(), words.end());
    Options quickly = options();
    quickly.env.push_back(quick_cc);
    return run(argv, quickly);
  }
  void expect_whole() const {
    EXPECT_TRUE(fs::is_regular_file(folder / "libwasm3.so"));
    EXPECT_TRUE(fs::is_regular_file(folder / "include/wasm3.h"));
    const std::string source = read_file(folder / "source.txt");
    EXPECT_NE(source.find("package: crate wasm3x-sys 0.2.1\nversion: 0.9.0\nlicence: MIT\n"), std::string::npos)
        << source;
    // Nothing half done beside it.
    for (const auto &entry : fs::directory_iterator(folder.parent_path()))
      EXPECT_TRUE(entry.path() == folder || entry.path().extension() == ".lock") << entry.path();
  }
};

TEST_F(EnginesInstall, BuildsOnceAndAgainByForce) {
  if (!no_wasm3().empty()) GTEST_SKIP() << no_wasm3();
  const Result first = install({"wasm3"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.out, "") << "stdout is for what can be piped";
  for (const char *line : {"wasm3 0.9.0: [1/3] fetching the crate wasm3x-sys 0.2.1\n", "wasm3 0.9.0: [2/3] compiling",
                           "wasm3 0.9.0: [3/3]", "wasm3-0.9.0 ("})
    EXPECT_NE(first.err.find(line), std::string::npos) << first.err;
  expect_whole();
  EXPECT_TRUE(fs::is_regular_file(cache.path() / "logs/install-wasm3-0.9.0.log"));

  const auto made = fs::last_write_time(folder / "libwasm3.so");
  const Result again = install({"wasm3"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.err, "wasm3 0.9.0: there already, " + folder.string() + "\n");
  EXPECT_EQ(fs::last_write_time(folder / "libwasm3.so"), made);

  const Result forced = install({"--force", "wasm3"});
  EXPECT_EQ(forced.exit_code, 0) << forced.err;
  expect_whole();
  EXPECT_NE(fs::last_write_time(folder / "libwasm3.so"), made);

  // What an older run left behind when it was killed is no obstacle.
  fs::remove_all(folder);
  fs::create_directories(cache.path() / "engines/.wasm3-0.9.0.new/include");
  EXPECT_EQ(install({"wasm3"}).exit_code, 0);
  expect_whole();
}

TEST_F(EnginesInstall, InterruptedItEndsItsChildrenAndGoesOnLater) {
  if (!no_wasm3().empty()) GTEST_SKIP() << no_wasm3();
  TempDir tools;
  Options slow = options();
  slow.env.push_back("CC=" + compiler(tools.path(), "60"));
  std::thread killer([&] {
    for (int i = 0; i < 600 && !fs::exists(tools.path() / "began"); ++i) usleep(100000);
    usleep(200000);
    // The command only, not its group: what it started is for the command to end.
    const std::string pid = read_file(tools.path() / "pid");
    if (!pid.empty()) kill(std::stoi(pid), SIGINT);
  });
  const Result result = run({"/bin/sh", "-c", "echo $$ >" + (tools.path() / "pid").string() + "; exec \"$@\"", "sh",
                             command(), "engines", "install", "wasm3"},
                            slow);
  killer.join();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_NE(result.err.find("wasm3 0.9.0: interrupted"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("the same command goes on from there"), std::string::npos) << result.err;
  EXPECT_LT(result.seconds, 50);
  EXPECT_FALSE(fs::exists(folder));
  std::string started = read_file(tools.path() / "began");
  ASSERT_NE(started, "");
  started.resize(started.find('\n'));
  for (int i = 0; i < 50 && !has_ended(started); ++i) usleep(100000);
  EXPECT_TRUE(has_ended(started)) << "the compiler was left running";

  const Result again = install({"wasm3"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  expect_whole();
}

TEST_F(EnginesInstall, TwoAtOnceTakeTurns) {
  if (!no_wasm3().empty()) GTEST_SKIP() << no_wasm3();
  TempDir tools;
  Options slow = options();
  slow.env.push_back("CC=" + compiler(tools.path(), "3"));
  Result first, second;
  std::thread one([&] { first = run({command(), "engines", "install", "wasm3"}, slow); });
  for (int i = 0; i < 600 && !fs::exists(tools.path() / "began"); ++i) usleep(50000);
  second = install({"wasm3"});
  one.join();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_TRUE(
      std::regex_search(second.err, std::regex("wasm3 0\\.9\\.0: being installed by process [0-9]+; waiting for it\n"
                                               "wasm3 0\\.9\\.0: there already")))
      << second.err;
  expect_whole();
}

TEST_F(EnginesInstall, AMissingToolchainIsNamedWithItsPackages) {
  // Everything that a shell script needs, and no compiler and no cargo.
  TempDir bin;
  for (const char *tool : {"sh", "dirname", "basename", "mkdir", "rm", "mv", "cp", "sed", "sort", "tr", "nproc",
                           "flock", "mktemp", "rmdir", "cat", "printf", "chmod"})
    for (const char *place : {"/usr/bin/", "/bin/"})
      if (fs::exists(std::string(place) + tool)) {
        fs::create_symlink(std::string(place) + tool, bin.path() / tool);
        break;
      }
  Options bare = options();
  bare.env.push_back("PATH=" + bin.path().string());
  Result result = run({command(), "engines", "install", "wasm3"}, bare);
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_NE(result.err.find(
                "error: expected a C compiler in PATH, or its name in CC ('cc'), found none; Debian: apt install gcc"),
            std::string::npos)
      << result.err;
  EXPECT_FALSE(fs::exists(folder));

  bare.env.push_back("CARGO=/nowhere/cargo");
  bare.env.push_back("CC=/bin/true");
  result = run({command(), "engines", "install", "wasm3"}, bare);
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_NE(result.err.find("expected the program cargo"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("apt install cargo-web rustc-web"), std::string::npos) << result.err;

  // No program at all: still a sentence, not the shell's complaints alone.
  bare.env.push_back("PATH=/nowhere");
  result = run({command(), "engines", "install", "wasm3"}, bare);
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_NE(result.err.find("error: expected the program "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("PATH=/nowhere"), std::string::npos) << result.err;
}

TEST_F(EnginesInstall, ACompilerThatFailsShowsTheEndOfItsLog) {
  if (!no_wasm3().empty()) GTEST_SKIP() << no_wasm3();
  TempDir tools;
  const fs::path compiler = tools.path() / "cc";
  write_file(compiler, "#!/bin/sh\necho 'm3_api.c:1: out of temper' >&2\nexit 1\n");
  fs::permissions(compiler, fs::perms::owner_all);
  Options broken = options();
  broken.env.push_back("CC=" + compiler.string());
  const Result result = run({command(), "engines", "install", "wasm3"}, broken);
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_NE(result.err.find("m3_api.c:1: out of temper"), std::string::npos) << result.err;
  const fs::path log = cache.path() / "logs/install-wasm3-0.9.0.log";
  EXPECT_NE(result.err.find("all of it: " + log.string()), std::string::npos) << result.err;
  EXPECT_NE(read_file(log).find("out of temper"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(EnginesInstall, NeedsNoPrivilege) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else; the other tests ran without privilege";
  if (!no_wasm3().empty()) GTEST_SKIP() << no_wasm3();
  fs::permissions(cache.path(), fs::perms::all);
  Options nobody = options();
  nobody.env.push_back("HOME=" + cache.path().string());
  nobody.env.push_back("CARGO_HOME=" + (cache.path() / "cargo").string());
  nobody.env.push_back("PATH=/usr/bin:/bin");
  nobody.env.push_back(quick_cc);
  fs::permissions(quick.path(),
                  fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec | fs::perms::others_write);
  fs::remove(quick.path() / "began");
  nobody.cwd = cache.path();
  nobody.in_child = [] {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(99);
  };
  const Result result = run({command(), "engines", "install", "wasm3"}, nobody);
  if (result.exit_code == 127 || result.exit_code == 126) GTEST_SKIP() << "the build folder cannot be read by others";
  if (result.exit_code == 4) GTEST_SKIP() << "cannot be fetched by another user here: " << result.err;
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_whole();
}

TEST_F(EnginesInstall, ACacheThatCannotBeWrittenIsSaid) {
  write_file(cache.path() / "logs", "a file where a folder should be");
  const Result result = install({"wasm3"});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_NE(result.err.find("cannot make folders in " + cache.path().string()), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("set SGPERF_CACHE"), std::string::npos) << result.err;
}

TEST_F(EnginesInstall, WhatCannotBeInstalledIsSaidWithTheReason) {
  Result result = install({"no-such-engine"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("there is no engine 'no-such-engine'; expected all, or some of wasmtime, "),
            std::string::npos)
      << result.err;
  result = install({"lucet"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("lucet is not to be had: "), std::string::npos) << result.err;
  // Nobody gets a licence with restrictions without asking for it by name.
  result = install({"wasmer-llvm"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("Business Source License"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("sgperf engines install wasmer-llvm --accept-licence BUSL-1.1"), std::string::npos)
      << result.err;
  result = install({"wasmer-llvm", "--accept-licence", "MIT"});
  EXPECT_EQ(result.exit_code, 2) << result.err;
  result = install({"wasmer-llvm", "--accept-licence", "BUSL-1.1", "--dry-run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("wasmer-llvm 7.4.2: about "), std::string::npos) << result.out;
  for (const char *heavy : {"", "--heavy"}) {
    Words words = {"all", "--dry-run"};
    if (*heavy) words.emplace_back(heavy);
    result = install(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_NE(result.out.find("wasm3 0.9.0: "), std::string::npos) << result.out;
    EXPECT_EQ(result.out.find("wasmer-llvm"), std::string::npos) << result.out;
    EXPECT_EQ(result.out.find("wasmer 7.4.2: ") != std::string::npos, *heavy != '\0') << result.out;
  }
  EXPECT_FALSE(fs::exists(cache.path() / "engines"));
}

// ---- the listing

json listed(const Words &words = {}, const std::string &cache = {}) {
  Words argv = {command(), "engines", "--json"};
  argv.insert(argv.end(), words.begin(), words.end());
  Options options;
  if (!cache.empty()) options.env.push_back("SGPERF_CACHE=" + cache);
  return json::parse(run(argv, options).out);
}

TEST(EnginesListing, TiersOfAnEngineSayWhatTheyCan) {
  const json wabt = listed({"wabt"})["engines"][0];
  if (!wabt["usable"]) GTEST_SKIP() << wabt["problem"];
  EXPECT_EQ(wabt["phases"], json::array({"compile", "instantiate", "execute", "call"}));
  ASSERT_EQ(wabt["tier_list"].size(), 1u);
  EXPECT_EQ(wabt["tier_list"][0]["wasi"], "sgperf shim");
  EXPECT_EQ(wabt["tier_list"][0]["code_names"], "none: interpreter");

  const json wasmtime = listed({"wasmtime"})["engines"][0];
  if (!wasmtime["usable"]) GTEST_SKIP() << wasmtime["problem"];
  std::map<std::string, std::string> names;
  for (const json &tier : wasmtime["tier_list"]) {
    EXPECT_TRUE(tier["usable"]) << tier;
    names[tier["tier"]] = tier["code_names"];
  }
  const std::map<std::string, std::string> expected = {{"cranelift", "image in memory"},
                                                       {"cranelift-none", "image in memory"},
                                                       {"winch", "image in memory"},
                                                       {"pulley", "none: interpreter"}};
  EXPECT_EQ(names, expected);
  EXPECT_NE(std::find(wasmtime["phases"].begin(), wasmtime["phases"].end(), "deserialize"), wasmtime["phases"].end());
}

TEST(EnginesListing, AnEmptyCacheHasOneCommandForEachEngine) {
  TempDir cache;
  const json all = listed({}, cache.path());
  size_t commands = 0, reasons = 0;
  for (const json &entry : all["catalogue"]) {
    const std::string name = entry["name"], state = entry["state"], how = entry["command"];
    if (state == "not to be had") {
      EXPECT_EQ(how, "") << entry;
      EXPECT_GT(entry["note"].get<std::string>().size(), 20u) << entry;
      ++reasons;
    } else if (entry.contains("file")) {
      EXPECT_EQ(state, "available") << entry;
      EXPECT_EQ(how.find("sgperf engines install " + name), 0u) << entry;
      EXPECT_NE(entry["licence"], "") << entry;
      ++commands;
    }
  }
  EXPECT_GE(commands, 13u);
  EXPECT_GE(reasons, 6u);
  const Result text = run({command(), "engines"}, in_cache(cache.path()));
  EXPECT_NE(text.out.find("\nTo be had\n"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("sgperf engines install wasmi "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("\nNot to be had\n"), std::string::npos) << text.out;
}

// The recipes say themselves what the set-up reads; the catalogue must say the same.
TEST(EnginesListing, RecipesAndCatalogueAgree) {
  std::map<std::string, json> entries;
  const json all = listed();
  for (const json &entry : all["catalogue"])
    if (entry.contains("file")) entries[entry["name"]] = entry;
  std::map<std::string, bool> seen;
  for (const auto &folder : fs::directory_iterator(source_dir() / "engines")) {
    const fs::path recipe = folder.path() / "install.sh";
    if (!fs::is_regular_file(recipe)) continue;
    const std::string name = folder.path().filename(), text = read_file(recipe);
    ASSERT_TRUE(entries.contains(name)) << name << " is not in the catalogue";
    const json &entry = entries[name];
    seen[name] = true;
    const bool engine = entry["engine"] != "",
               asked = entry["command"].get<std::string>().find("--accept") != std::string::npos;
    const std::string kind = std::string(asked            ? "asked "
                                         : entry["heavy"] ? "heavy "
                                                          : "") +
                             (engine ? "engine " : "command ");
    const std::string line = "\n#: " + kind + name + "-" + entry["version"].get<std::string>() + "\n";
    EXPECT_NE(text.find(line), std::string::npos) << recipe << " lacks the line" << line;
    EXPECT_EQ(access(recipe.c_str(), R_OK), 0);
    // Where packages come from is the business of their clients.
    EXPECT_FALSE(std::regex_search(text, std::regex("[a-z]://"))) << recipe;
  }
  for (const auto &[name, entry] : entries) EXPECT_TRUE(seen[name]) << name << " has no recipe";
  EXPECT_FALSE(std::regex_search(read_file(source_dir() / "engines/install.sh"), std::regex("[a-z]://")));
}

// What was installed says itself where it is from: the same as the catalogue.
TEST(EnginesListing, InstalledEnginesAreOfTheVersionTheyAreFiledUnder) {
  size_t checked = 0;
  const json all = listed();
  for (const json &entry : all["catalogue"]) {
    if (!entry.contains("file") || entry["state"] != "installed") continue;
    const std::string file = entry["file"],
                      folder = "/" + entry["name"].get<std::string>() + "-" + entry["version"].get<std::string>() + "/";
    const std::string source = read_file(file.substr(0, file.find(folder) + folder.size()) + "source.txt");
    if (source.empty()) continue; // of an earlier set-up
    EXPECT_NE(source.find("\nversion: " + entry["version"].get<std::string>()), std::string::npos) << file << "\n"
                                                                                                   << source;
    ++checked;
  }
  if (!checked) GTEST_SKIP() << "no engine was installed by a recipe";
}

} // namespace
} // namespace sgperf::test
