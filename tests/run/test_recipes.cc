// SPDX-License-Identifier: Apache-2.0
// What engines are told, and what becomes of their files.  Programs here are files with the name and the strings that
// the recipes look at; real engines are in tests/command/test_record_engines.cc.
#include "formats/perf_data_writer.h"
#include "run/engine_recipes.h"
#include "run/recipe_files.h"
#include "support/process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <map>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class Recipes : public ::testing::Test {
protected:
  fs::path program(const std::string &name, const std::string &content = "no ELF") {
    const fs::path path = dir_.path() / "bin" / name;
    fs::create_directories(path.parent_path());
    test::write_file(path, content);
    chmod(path.c_str(), 0755);
    return path;
  }
  std::optional<Recipe> recipe(const Words &command, const RecipeWishes &wishes = {},
                               const fs::path &folder = "/private") {
    variables_.try_emplace("PATH", path_);
    const auto variable = [this](const char *name) -> const char * {
      const auto at = variables_.find(name);
      return at == variables_.end() ? nullptr : at->second.c_str();
    };
    return engine_recipe(command, folder, variable, wishes);
  }

  test::TempDir dir_;
  const std::string path_ = (dir_.path() / "bin").string();
  std::map<std::string, std::string> variables_;
};

TEST_F(Recipes, NodeOldAndNew) {
  program("node");
  auto old = recipe({"node", "x.js"});
  ASSERT_TRUE(old);
  EXPECT_EQ(old->engine, "node");
  EXPECT_EQ(old->env, Words{"NODE_OPTIONS=--perf-prof"});
  EXPECT_EQ(old->arguments, Words{"--logfile=/private/v8.log"});
  EXPECT_NE(old->why.find("working directory"), std::string::npos) << old->why;
  EXPECT_EQ(with_recipe({"node", "x.js"}, *old), (Words{"node", "--logfile=/private/v8.log", "x.js"}));
  for (const char *spelt : {"..perf-prof-path..", "..perf_prof_path.."}) {
    program("node", spelt);
    const auto latest = recipe({"node", "x.js"});
    ASSERT_TRUE(latest);
    EXPECT_EQ(latest->arguments, (Words{"--perf-prof-path=/private", "--logfile=/private/v8.log"}));
    EXPECT_NE(latest->why.find("private folder"), std::string::npos) << latest->why;
  }
}

// V8 says nothing where it cannot write its dump; its perf map is always in /tmp.
TEST_F(Recipes, NodeWhereNothingCanBeWritten) {
  const fs::path node = program("node");
  const auto old = recipe({"env", "-C", "/no/such/folder", node, "x.js"});
  ASSERT_TRUE(old);
  EXPECT_EQ(old->env, Words{"NODE_OPTIONS=--perf-basic-prof"});
  EXPECT_NE(old->why.find("/tmp"), std::string::npos) << old->why;
  program("node", "perf-prof-path");
  EXPECT_EQ(recipe({"env", "-C", "/no/such/folder", node, "x.js"})->env, Words{"NODE_OPTIONS=--perf-prof"});
}

TEST_F(Recipes, WhatTheUserSaysStays) {
  program("node");
  variables_["NODE_OPTIONS"] = "--max-old-space-size=100";
  EXPECT_EQ(recipe({"node", "x.js"})->env, Words{"NODE_OPTIONS=--max-old-space-size=100 --perf-prof"});
  for (const Words &own : {Words{"node", "--perf-prof", "x.js"}, Words{"node", "--perf_basic_prof", "x.js"},
                           Words{"node", "-r", "module", "--perf-prof", "x.js"}}) {
    const auto got = recipe(own);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->env.empty() && got->arguments.empty() && got->keep_files) << own[1];
    EXPECT_EQ(with_recipe(own, *got), own);
  }
  // A switch behind the script is the script's.
  EXPECT_FALSE(recipe({"node", "x.js", "--perf-prof"})->env.empty());
  EXPECT_TRUE(recipe({"node", "--prof", "x.js"})->arguments.empty()) << "its log is wanted where it is";
  variables_["NODE_OPTIONS"] = "--perf-basic-prof";
  EXPECT_TRUE(recipe({"node", "x.js"})->env.empty());
  program("jsc");
  EXPECT_EQ(recipe({"jsc"})->env, (Words{"JSC_useJITDump=1", "JSC_jitDumpDirectory=/private"}));
  variables_["JSC_useJITDump"] = "0";
  EXPECT_TRUE(recipe({"jsc"})->env.empty());
  program("deno", "DENO_V8_FLAGS perf-prof-path");
  variables_["DENO_V8_FLAGS"] = "--stack-size=500";
  EXPECT_EQ(recipe({"deno", "run", "x.js"})->env,
            Words{"DENO_V8_FLAGS=--stack-size=500,--perf-prof,--perf-prof-path=/private,--logfile=/private/v8.log"});
  EXPECT_TRUE(recipe({"deno", "run", "--v8-flags=--perf-prof", "x.js"})->keep_files);
}

TEST_F(Recipes, EnvScriptsAndLinks) {
  const fs::path node = program("node", "perf-prof-path");
  fs::create_symlink(node, dir_.path() / "bin/linked");
  EXPECT_EQ(recipe({"linked", "x.js"})->engine, "node");
  EXPECT_EQ(recipe({node, "x.js"})->engine, "node");
  EXPECT_FALSE(recipe({"absent"}));
  EXPECT_FALSE(recipe({}));
  // Behind `env`, variables of ours come last: before them are those that it sets.
  const auto env = recipe({"/usr/bin/env", "-i", "-u", "A", "B=1", "NODE_OPTIONS=--no-warnings", node, "x.js"});
  ASSERT_TRUE(env);
  EXPECT_EQ(with_recipe({"/usr/bin/env", "-i", "-u", "A", "B=1", "NODE_OPTIONS=--no-warnings", node, "x.js"}, *env),
            (Words{"/usr/bin/env", "-i", "-u", "A", "B=1", "NODE_OPTIONS=--no-warnings",
                   "NODE_OPTIONS=--no-warnings --perf-prof", node, "--perf-prof-path=/private",
                   "--logfile=/private/v8.log", "x.js"}));
  variables_["NODE_OPTIONS"] = "--cleared";
  EXPECT_EQ(recipe({"env", "-i", node})->env, Words{"NODE_OPTIONS=--perf-prof"}) << "-i clears it";
  variables_.erase("NODE_OPTIONS");
  EXPECT_FALSE(recipe({"env", "--split-string=node x"}));
  EXPECT_FALSE(recipe({"env"}));
  // Words behind a script go to the script: only variables get through.
  for (const std::string &line : {"#!" + node.string(), std::string("#!/usr/bin/env node"),
                                  std::string("#!/usr/bin/env -S node --no-warnings")}) {
    program("tool", line + "\nconsole.log(1)\n");
    const auto script = recipe({"tool", "--perf-prof"});
    ASSERT_TRUE(script) << line;
    EXPECT_EQ(script->env, Words{"NODE_OPTIONS=--perf-prof"}) << line;
    EXPECT_TRUE(script->arguments.empty()) << line;
  }
  program("loop", "#!" + (dir_.path() / "bin/loop").string() + "\n");
  EXPECT_FALSE(recipe({"loop"})) << "a script that is its own interpreter comes to an end here";
}

// What only starts another program is looked through, and left as it is.
TEST_F(Recipes, LaunchersAreLookedThrough) {
  program("node", "perf-prof-path");
  for (const Words &launcher : {Words{"taskset", "-c", "0"},
                                Words{"taskset", "0x3"},
                                Words{"taskset", "-ac", "0,1"},
                                Words{"nice"},
                                Words{"nice", "-n", "5"},
                                Words{"nice", "-n5"},
                                Words{"nice", "-5"},
                                Words{"nice", "--adjustment=5"},
                                Words{"timeout", "5"},
                                Words{"timeout", "-k", "1", "-s", "KILL", "--foreground", "5"},
                                Words{"timeout", "--signal", "INT", "0.5m"},
                                Words{"stdbuf", "-oL"},
                                Words{"stdbuf", "-o", "L", "--error=0"},
                                Words{"setsid", "-w"},
                                Words{"nohup"},
                                Words{"/usr/bin/time", "-f", "%e", "-o", "times"},
                                Words{"ionice", "-c", "3"},
                                Words{"chrt", "-f", "10"},
                                Words{"numactl", "-N0", "--membind=0", "-l", "--"},
                                Words{"setarch", "-R"},
                                Words{"setarch", "x86_64", "--addr-no-randomize"},
                                Words{"timeout", "5", "nice", "taskset", "-c", "0", "setsid"}}) {
    Words command = launcher;
    command.insert(command.end(), {"node", "x.js"});
    const auto got = recipe(command);
    ASSERT_TRUE(got) << launcher[0] << " " << launcher.back();
    EXPECT_EQ(got->env, Words{"NODE_OPTIONS=--perf-prof"});
    EXPECT_EQ(got->env_at, 0u) << "the environment gets through";
    Words want = launcher;
    want.insert(want.end(), {"node", "--perf-prof-path=/private", "--logfile=/private/v8.log", "x.js"});
    EXPECT_EQ(with_recipe(command, *got), want);
  }
  for (const Words &other :
       {Words{"taskset", "-p", "1", "node"}, Words{"timeout", "--no-such-option", "5", "node"}, Words{"timeout", "5"},
        Words{"chrt", "-p", "10", "node"}, Words{"nice", "-n"}, Words{"stdbuf", "--output"}, Words{"nice"}})
    EXPECT_FALSE(recipe(other)) << other[0];
  program("wasmer", "perfmap");
  EXPECT_EQ(with_recipe({"nice", "-n", "5", "wasmer", "run", "x.wasm"},
                        *recipe({"nice", "-n", "5", "wasmer", "run", "x.wasm"})),
            (Words{"nice", "-n", "5", "wasmer", "run", "--profiler=perfmap", "x.wasm"}));
}

// Variables of ours stand behind those that the last `env` sets, wherever it is.
TEST_F(Recipes, LaunchersAroundEnv) {
  program("node");
  variables_["NODE_OPTIONS"] = "--outer";
  const auto in = [this](const Words &command) {
    const auto got = recipe(command);
    return got ? with_recipe(command, *got) : Words{};
  };
  EXPECT_EQ(in({"nice", "env", "NODE_OPTIONS=--inner", "taskset", "1", "node", "x.js"}),
            (Words{"nice", "env", "NODE_OPTIONS=--inner", "NODE_OPTIONS=--inner --perf-prof", "taskset", "1", "node",
                   "--logfile=/private/v8.log", "x.js"}));
  EXPECT_EQ(in({"env", "NODE_OPTIONS=--first", "env", "-i", "node", "x.js"}),
            (Words{"env", "NODE_OPTIONS=--first", "env", "-i", "NODE_OPTIONS=--perf-prof", "node",
                   "--logfile=/private/v8.log", "x.js"}));
}

TEST_F(Recipes, OneSimpleCommandOfAShell) {
  program("node");
  const auto in = [this](const Words &command) {
    const auto got = recipe(command);
    return got ? with_recipe(command, *got) : Words{};
  };
  EXPECT_EQ(in({"sh", "-c", "node x.js"}), (Words{"sh", "-c", "node --logfile=/private/v8.log x.js"}));
  EXPECT_EQ(recipe({"sh", "-c", "node x.js"})->env, Words{"NODE_OPTIONS=--perf-prof"});
  EXPECT_EQ(recipe({"sh", "-c", "node x.js"})->env_at, 0u);
  EXPECT_EQ(in({"timeout", "5", "/bin/bash", "-ec", " exec  nice -n 5 node x.js ", "name", "--perf-prof"}),
            (Words{"timeout", "5", "/bin/bash", "-ec", "exec nice -n 5 node --logfile=/private/v8.log x.js", "name",
                   "--perf-prof"}));
  EXPECT_EQ(in({"sh", "-c", "NODE_OPTIONS=--own exec node x.js"}),
            (Words{"sh", "-c",
                   "NODE_OPTIONS=--own NODE_OPTIONS='--own --perf-prof' exec node --logfile=/private/v8.log x.js"}));
  EXPECT_EQ(in({"env", "NODE_OPTIONS=--own", "sh", "-c", "node x.js"}),
            (Words{"env", "NODE_OPTIONS=--own", "NODE_OPTIONS=--own --perf-prof", "sh", "-c",
                   "node --logfile=/private/v8.log x.js"}));
  // A user's own switch leaves his text as it was.
  EXPECT_EQ(in({"sh", "-c", "  node  --perf-prof x.js"}), (Words{"sh", "-c", "  node  --perf-prof x.js"}));
  for (const char *more : {"node x.js; true", "node x.js | cat", "node 'x.js'", "node $X", "cd /\nnode x.js", "node *",
                           "exec", "A=1", "", "(node)", "node x.js > out", "~/node"})
    EXPECT_FALSE(recipe({"sh", "-c", more})) << more;
  EXPECT_FALSE(recipe({"sh", "node"})) << "a script of that name";
  EXPECT_FALSE(recipe({"sh", "-s", "-c", "node"}));
}

// What is put into a shell's text comes out of the shell as it went in.
TEST_F(Recipes, WordsThroughAShell) {
  program("node");
  for (const char *folder : {"/pri vate", "/it's", "/$HOME/`id`/\"\\", "/a\nb"}) {
    const auto got = engine_recipe({"sh", "-c", "node x.js"}, folder, [this](const char *name) {
      return std::string_view(name) == "PATH" ? path_.c_str() : nullptr;
    });
    ASSERT_TRUE(got);
    program("node", "#!/bin/sh\nprintf '%s|' \"$@\"\n");
    Words command = with_recipe({"sh", "-c", "node x.js"}, *got);
    test::Options options;
    options.env = {"PATH=" + path_ + ":/bin:/usr/bin"};
    EXPECT_EQ(test::run(command, options).out, fmt::format("--logfile={}/v8.log|x.js|", folder));
    program("node");
  }
}

TEST_F(Recipes, SwitchesOnlyOfEnginesThatHaveThem) {
  program("wasmer");
  EXPECT_TRUE(recipe({"wasmer", "run", "x.wasm"})->arguments.empty()) << "no such switch among its strings";
  program("wasmer", "perfmap");
  const auto wasmer = recipe({"wasmer", "run", "x.wasm"});
  EXPECT_EQ(with_recipe({"wasmer", "run", "x.wasm"}, *wasmer),
            (Words{"wasmer", "run", "--profiler=perfmap", "x.wasm"}));
  EXPECT_TRUE(recipe({"wasmer", "x.wasm"})->arguments.empty());
  EXPECT_TRUE(recipe({"wasmer", "run", "--profiler=perfmap", "x.wasm"})->keep_files);
  program("iwasm");
  EXPECT_TRUE(recipe({"iwasm", "x.wasm"})->arguments.empty());
  program("iwasm", "--enable-linux-perf");
  EXPECT_EQ(recipe({"iwasm", "x.wasm"})->arguments, Words{"--enable-linux-perf"});
  program("js102");
  EXPECT_NE(recipe({"js102"})->why.find("no names"), std::string::npos);
  EXPECT_TRUE(recipe({"js102"})->env.empty());
  program("js102", "IONPERF PERF_SPEW_DIR");
  EXPECT_EQ(recipe({"js102"})->env, (Words{"IONPERF=func", "PERF_SPEW_DIR=/private"}));
  program("js");
  EXPECT_FALSE(recipe({"js"})) << "anything may be called js";
}

TEST_F(Recipes, NothingNeededIsSaid) {
  for (const char *name : {"wasmtime", "wasm-interp", "wasm3", "wasmedge", "python3", "python3.11"}) {
    program(name);
    const auto got = recipe({name, "x"});
    ASSERT_TRUE(got) << name;
    EXPECT_TRUE(got->env.empty() && got->arguments.empty()) << name;
    EXPECT_EQ(got->why.find('\n'), std::string::npos);
    EXPECT_TRUE(got->why.starts_with("nothing ")) << got->why;
  }
  EXPECT_FALSE(recipe({"/bin/sh", "-c", "absent x.js"}));
}

// A module with the marks of a benchmark runs on a command that does not have them.
TEST_F(Recipes, MarksOfABenchmark) {
  program("wasmtime");
  const std::string marked = test::build_dir() / "benchmarks/fibonacci/fibonacci.wasm";
  if (!fs::exists(marked)) GTEST_SKIP() << marked << " was not built";
  const auto got = recipe({"wasmtime", "run", "--dir", ".", marked});
  ASSERT_TRUE(got);
  EXPECT_EQ(with_recipe({"wasmtime", "run", "--dir", ".", marked}, *got),
            (Words{"wasmtime", "run", "--preload", "bench=/private/bench.wasm", "--dir", ".", marked}));
  ASSERT_EQ(got->files.size(), 1u);
  EXPECT_TRUE(got->marks);
  // It is valid, and needs nothing but WASI.
  const fs::path bench = dir_.path() / "bench.wasm";
  test::write_file(bench, got->files[0].second);
  EXPECT_EQ(test::run({"wasm-validate", bench}).exit_code, 0);
  const test::Result listed = test::run({"wasm-objdump", "-x", bench});
  EXPECT_NE(listed.out.find("wasi_snapshot_preview1.poll_oneoff"), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find("-> \"start\""), std::string::npos) << listed.out;
  // Where nobody would see marks, or WASI is switched off, the two functions do nothing.
  for (const auto &silent :
       {recipe({"wasmtime", "run", marked}, {.marks = false}), recipe({"wasmtime", "run", "-Scli=n", marked})}) {
    EXPECT_FALSE(silent->marks);
    test::write_file(bench, silent->files[0].second);
    EXPECT_EQ(test::run({"wasm-validate", bench}).exit_code, 0);
    EXPECT_EQ(test::run({"wasm-objdump", "-x", bench}).out.find("wasi"), std::string::npos);
  }
  const auto without = recipe({"wasmtime", marked});
  EXPECT_EQ(with_recipe({"wasmtime", marked}, *without),
            (Words{"wasmtime", "--preload", "bench=/private/bench.wasm", marked}));
  EXPECT_TRUE(recipe({"wasmtime", "run", "--preload", "bench=own.wasm", marked})->arguments.empty());
  const fs::path plain = dir_.path() / "plain.wasm";
  test::write_file(plain, std::string("\0asm\1\0\0\0", 8));
  EXPECT_TRUE(recipe({"wasmtime", "run", plain})->arguments.empty());
}

TEST_F(Recipes, MarksInNodeAreAScriptInFront) {
  program("node", "perf-prof-path");
  EXPECT_TRUE(recipe({"node", "x.js"})->files.empty()) << "nobody asked, and no module is named";
  const auto got = recipe({"node", "x.js"}, {.bench = true});
  EXPECT_EQ(got->env, Words{"NODE_OPTIONS=--perf-prof --require=/private/bench.cjs"});
  EXPECT_TRUE(got->marks);
  ASSERT_EQ(got->files.size(), 1u);
  EXPECT_EQ(got->files[0].first, "bench.cjs");
  EXPECT_FALSE(recipe({"node", "x.js"}, {.marks = false, .bench = true})->marks);
  variables_["NODE_OPTIONS"] = "--no-warnings";
  EXPECT_EQ(recipe({"node", "x.js"}, {.bench = true}, "/my folder")->env,
            Words{"NODE_OPTIONS=--no-warnings --perf-prof \"--require=/my folder/bench.cjs\""});
  EXPECT_EQ(recipe({"node", "--perf-prof", "x.js"}, {.bench = true})->env,
            Words{"NODE_OPTIONS=--no-warnings --require=/private/bench.cjs"})
      << "the user's own switches stay";
  // A module with marks among the words is asking enough.
  const fs::path marked = dir_.path() / "marked.wasm";
  test::write_file(marked, std::string("\0asm\1\0\0\0\1\4\1\x60\0\0\2\x0f\1\5bench\5start\0\0", 31));
  EXPECT_EQ(recipe({"node", "x.js", marked})->files.size(), 1u);
}

TEST_F(Recipes, LibrariesOfARealProgram) {
  const ProgramFile self("/proc/self/exe");
  const auto libraries = self.libraries();
  EXPECT_NE(std::find(libraries.begin(), libraries.end(), "libc.so.6"), libraries.end());
  EXPECT_TRUE(self.contains("a string that only this test has"));
  EXPECT_FALSE(self.contains(std::string("another string that is ") + "put together"));
  // Damaged files are no crash.
  const std::string whole = test::read_file("/bin/true");
  for (size_t keep = 0; keep < whole.size(); keep += keep < 4096 ? 7 : 997) {
    test::write_file(dir_.path() / "cut", whole.substr(0, keep));
    ProgramFile(dir_.path() / "cut").libraries();
    EXPECT_FALSE(ProgramFile(dir_.path() / "cut").contains("no such text anywhere"));
  }
  std::string odd = whole;
  for (size_t i = 16; i < 64 && i < odd.size(); ++i) {
    odd[i] = static_cast<char>(0xff);
    test::write_file(dir_.path() / "odd", odd);
    ProgramFile(dir_.path() / "odd").libraries();
    ProgramFile(dir_.path() / "odd").contains("x");
  }
}

class RecipeFiles : public ::testing::Test {
protected:
  RecipeFiles() {
    for (const fs::path &made : {folder_, recording_, elsewhere_}) fs::create_directories(made);
    started_ = now();
  }
  static uint64_t now() {
    timespec time{};
    clock_gettime(CLOCK_REALTIME, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
  }
  // As if `pid` had mapped them for perf.
  void mapped(const std::vector<std::pair<uint32_t, fs::path>> &files);
  std::string collect(bool keep = false) {
    std::string problems;
    collect_jit_files(folder_, recording_, {pid_}, started_, problems, keep);
    return problems;
  }

  test::TempDir dir_;
  const fs::path folder_ = dir_.path() / "private", recording_ = dir_.path() / "recording",
                 elsewhere_ = dir_.path() / "elsewhere";
  // No process can have it: above the kernel's limit of 2^22.
  const pid_t pid_ = (1 << 23) + getpid();
  uint64_t started_ = 0;
};

void RecipeFiles::mapped(const std::vector<std::pair<uint32_t, fs::path>> &files) {
  formats::PerfEvent event;
  event.attr.type = PERF_TYPE_SOFTWARE;
  event.attr.config = PERF_COUNT_SW_CPU_CLOCK;
  event.attr.sample_period = 1000000;
  event.attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  event.attr.sample_id_all = 1;
  event.name = "cpu-clock";
  std::string error;
  auto writer = formats::PerfDataWriter::create(recording_ / "perf.data", {event}, error);
  ASSERT_TRUE(writer) << error;
  for (const auto &[pid, path] : files) {
    formats::PerfMmap mmap;
    mmap.pid = mmap.tid = pid;
    mmap.address = 0x10000;
    mmap.length = 4096;
    mmap.protection = PROT_READ | PROT_EXEC;
    const std::string text = path;
    mmap.path = text;
    writer->mmap(mmap, {pid, pid, 1, 0, 0, 0});
  }
  ASSERT_TRUE(writer->finish({}, error)) << error;
}

TEST_F(RecipeFiles, FromThePrivateFolder) {
  fs::create_directories(folder_ / ".debug/jit/llvm-IR-jit-1");
  test::write_file(folder_ / "jit-5.dump", "five");
  test::write_file(folder_ / ".debug/jit/llvm-IR-jit-1/jit-5.dump", "again");
  test::write_file(folder_ / "perf-5.map", "map");
  test::write_file(folder_ / "isolate-0x1-5-v8.log", "log");
  test::write_file(elsewhere_ / "secret", "not to be taken");
  fs::create_symlink(elsewhere_ / "secret", folder_ / "jit-6.dump");
  EXPECT_EQ(collect(), "");
  EXPECT_FALSE(fs::exists(folder_));
  EXPECT_EQ(test::read_file(recording_ / "perf-5.map"), "map");
  const std::string one = test::read_file(recording_ / "jit-5.dump"),
                    two = test::read_file(recording_ / "jit-5-2.dump");
  EXPECT_TRUE((one == "five" && two == "again") || (one == "again" && two == "five")) << one << two;
  EXPECT_FALSE(fs::exists(recording_ / "jit-6.dump"));
  EXPECT_FALSE(fs::exists(recording_ / "isolate-0x1-5-v8.log"));
  EXPECT_EQ(test::read_file(elsewhere_ / "secret"), "not to be taken");
}

TEST_F(RecipeFiles, OfTheRecordedProcessesElsewhere) {
  const std::string number = std::to_string(pid_), other = std::to_string(pid_ + 1);
  const fs::path dump = elsewhere_ / ("jit-" + number + ".dump"), of_other = elsewhere_ / ("jit-" + other + ".dump");
  const fs::path log = elsewhere_ / ("isolate-0x1-" + number + "-v8.log"),
                 log_of_other = elsewhere_ / ("isolate-0x1-" + other + "-v8.log");
  const fs::path map = "/tmp/perf-" + number + ".map", map_of_other = "/tmp/perf-" + other + ".map";
  for (const fs::path &path : {dump, of_other, log, log_of_other, map, map_of_other}) test::write_file(path, "content");
  const auto pid = static_cast<uint32_t>(pid_);
  mapped({{pid, dump}, {pid + 1, of_other}, {pid, elsewhere_ / "libx.so"}, {pid, elsewhere_ / "jit-gone.dump"}});
  EXPECT_EQ(collect(), "");
  EXPECT_EQ(test::read_file(recording_ / dump.filename()), "content");
  EXPECT_EQ(test::read_file(recording_ / map.filename()), "content");
  EXPECT_FALSE(fs::exists(recording_ / of_other.filename()));
  EXPECT_FALSE(fs::exists(dump) || fs::exists(log) || fs::exists(map)) << "nothing of it is left";
  EXPECT_TRUE(fs::exists(of_other) && fs::exists(log_of_other) && fs::exists(map_of_other)) << "others are left alone";
  fs::remove(map_of_other);
}

TEST_F(RecipeFiles, WhatTheUserAskedForStays) {
  const fs::path dump = elsewhere_ / ("jit-" + std::to_string(pid_) + ".dump");
  test::write_file(dump, "content");
  mapped({{static_cast<uint32_t>(pid_), dump}});
  EXPECT_EQ(collect(true), "");
  EXPECT_EQ(test::read_file(recording_ / dump.filename()), "content");
  EXPECT_TRUE(fs::exists(dump));
}

// A number is used again: what an older process left is neither taken nor removed, and what was appended to is taken.
TEST_F(RecipeFiles, OlderFiles) {
  const std::string number = std::to_string(pid_);
  const fs::path map = "/tmp/perf-" + number + ".map", dump = elsewhere_ / ("jit-" + number + ".dump");
  test::write_file(map, "old");
  test::write_file(dump, "old");
  mapped({{static_cast<uint32_t>(pid_), dump}});
  usleep(50000);
  started_ = now();
  EXPECT_EQ(collect(), "");
  EXPECT_FALSE(fs::exists(recording_ / map.filename()) || fs::exists(recording_ / dump.filename()));
  usleep(50000);
  fs::create_directories(folder_);
  test::write_file(map, "old and new");
  EXPECT_EQ(collect(), "");
  EXPECT_EQ(test::read_file(recording_ / map.filename()), "old and new");
  EXPECT_TRUE(fs::exists(map)) << "it was there before";
  fs::remove(map);
}

TEST_F(RecipeFiles, LinksAndFilesOfOthersAreNotFollowed) {
  const fs::path map = "/tmp/perf-" + std::to_string(pid_) + ".map";
  test::write_file(elsewhere_ / "secret", "not to be taken");
  fs::create_symlink(elsewhere_ / "secret", map);
  EXPECT_EQ(collect(), "");
  EXPECT_FALSE(fs::exists(recording_ / map.filename()));
  EXPECT_TRUE(fs::is_symlink(map));
  fs::remove(map);
  if (geteuid() != 0) return;
  test::write_file(map, "of another user");
  ASSERT_EQ(chown(map.c_str(), 65534, 65534), 0);
  fs::create_directories(folder_);
  EXPECT_EQ(collect(), "");
  EXPECT_FALSE(fs::exists(recording_ / map.filename()));
  EXPECT_TRUE(fs::exists(map));
  fs::remove(map);
}

} // namespace
} // namespace sgperf::run
