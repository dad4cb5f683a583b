// SPDX-License-Identifier: Apache-2.0
// Each example is built from a copy of its folder, by each of its build files, against an installation; it runs as
// always without sgperf, and its report tells what the program itself says that it did.
#include "compile/compilers.h"
#include "setup/installed.h"
#include "setup/measured.h"
#include "support/process.h"
#include "support/session.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <regex>

namespace fs = std::filesystem;
using namespace sgperf::test;

namespace {

struct Example {
  std::string language, program;
};
const Example c{"c", "calc"}, cpp{"cpp", "jobs"};

struct Combination {
  Example example;
  std::string build, compiler; // make, cmake, meson; gcc, clang
  std::string name() const { return example.language + "_" + build + "_" + compiler; }
};
void PrintTo(const Combination &combination, std::ostream *out) {
  *out << combination.name();
}

std::string tool(const std::string &build) {
  return build == "meson" ? "/usr/bin/meson" : build;
}

// A copy of an example's folder in which programs were built.
struct Built {
  TempDir folder;
  fs::path programs;
  std::string skipped, error; // why there is nothing; empty = there is
};

void copy_example(const Example &example, const fs::path &to) {
  for (const auto &entry : fs::directory_iterator(source_dir() / "examples" / example.language))
    if (entry.is_regular_file()) fs::copy(entry.path(), to / entry.path().filename());
}

// Every build file takes compiler and flags from where its users have them: the environment.
std::vector<std::string> flags(const std::string &compiler, const std::string &more = "") {
  const std::string warnings = "-O2 -Wall -Wextra -Wpedantic -Werror" + more;
  return {compiler == "clang" ? "CC=clang-16" : "CC=gcc", compiler == "clang" ? "CXX=clang++-16" : "CXX=g++",
          "CFLAGS=" + warnings, "CXXFLAGS=" + warnings};
}

void steps(const Installed &installed, Built &built, const std::vector<std::vector<std::string>> &commands,
           const std::vector<std::string> &environment) {
  for (const auto &command : commands) {
    const Result step = installed.run(built.folder.path(), command, environment);
    static const std::regex complaint("warning:|CMake (deprecation )?warning", std::regex::icase);
    if (step.exit_code == 0 && !std::regex_search(step.out + step.err, complaint)) continue;
    built.error = command[0] + " (exit code " + std::to_string(step.exit_code) + "), no warnings expected:\n" +
                  step.out + step.err;
    return;
  }
}

// Built once, whatever number of tests look at it.
const Built &built(const Combination &combination) {
  static std::map<std::string, std::unique_ptr<Built>> all;
  std::unique_ptr<Built> &place = all[combination.name()];
  if (place) return *place;
  place = std::make_unique<Built>();
  const std::string compiler = combination.compiler == "clang" ? "clang-16" : "g++";
  for (const std::string &needed : {compiler, tool(combination.build)}) {
    if (needed.starts_with("/") ? fs::exists(needed) : is_installed(needed)) continue;
    place->skipped = needed + " is not installed";
    return *place;
  }
  copy_example(combination.example, place->folder.path());
  place->programs = combination.build == "make" ? place->folder.path() : place->folder.path() / "out";
  static const std::map<std::string, std::vector<std::vector<std::string>>> commands = {
      {"make", {{"make"}}},
      {"cmake", {{"cmake", "-S", ".", "-B", "out"}, {"cmake", "--build", "out"}}},
      {"meson", {{"/usr/bin/meson", "setup", "out", "-Dwarning_level=3"}, {"/usr/bin/meson", "compile", "-C", "out"}}},
  };
  steps(Installed::get(), *place, commands.at(combination.build), flags(combination.compiler));
  return *place;
}

uint64_t number(const std::smatch &match, size_t group) {
  return std::stoull(match[group]);
}

// What the program says of itself, as the report must have it: nothing more, nothing less.
Measured said(const Example &example, const std::string &out) {
  std::smatch says;
  if (example.language == "c") {
    static const std::regex line(
        R"(231 after (\d+) runs of (\d+) instructions, (\d+) calls of the host, (\d+) deep\n)");
    if (!std::regex_match(out, says, line)) return {};
    const uint64_t runs = number(says, 1);
    return {{"calc::compile", {"scope", 1, 0}},
            {"calc::execute", {"scope", runs, runs}},
            {"calc::host_print", {"scope", number(says, 3), 0}},
            {"calc::instructions", {"counter", runs, runs * number(says, 2)}},
            {"calc::stack_depth", {"gauge", runs, number(says, 4)}},
            {"compile", {"phase", 1, 0}},
            {"execute", {"phase", 1, 0}},
            {"bench", {"phase", 1, 0}}};
  }
  static const std::regex lines(
      R"((\d+) functions: (\d+) compiled, (\d+) refused, 0 wrong, on \d+ threads\n)"
      R"((\d+) waits, (\d+) passes, (\d+) operations, at most (\d+) in a function, (\d+) bytes of machine code\n)");
  if (!std::regex_match(out, says, lines)) return {};
  const uint64_t functions = number(says, 1), compiled = number(says, 2);
  return {{"jobs::compile", {"scope", functions, functions}},
          {"jobs::parse", {"scope", functions, 0}},
          {"jobs::refused", {"counter", number(says, 3), number(says, 3)}},
          {"jobs::wait", {"scope", number(says, 4), 0}},
          {"jobs::pass", {"scope", number(says, 5), 0}},
          {"jobs::encode", {"scope", number(says, 6), 0}},
          {"jobs::length", {"gauge", compiled, number(says, 7)}},
          {"jobs::code_bytes", {"counter", compiled, number(says, 8)}},
          {"jobs::call", {"scope", compiled, 0}},
          {"compile", {"phase", 1, 0}},
          {"publish", {"phase", 1, 0}},
          {"execute", {"phase", 1, 0}}};
}

// Where no sgperf is: not on a path, not in the environment.
Result run_alone(const fs::path &program, const fs::path &sessions, const std::vector<std::string> &arguments = {}) {
  std::vector<std::string> argv = {"env", "-i", "SGPERF_DIR=" + sessions.string(), program.string()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run(argv);
}

// A folder for sessions beside the program that makes them.
class Place {
public:
  const fs::path &path() const { return dir_.path(); }
  fs::path sessions() const { return dir_.path() / "sessions"; }
  Place() {
    fs::create_directory(sessions());
    fs::permissions(sessions(), fs::perms::owner_all);
  }

private:
  TempDir dir_{"/dev/shm"};
};

std::string output_of(const Combination &combination) {
  const Place place;
  const Result result = run_alone(built(combination).programs / combination.example.program, place.sessions());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(fs::is_empty(place.sessions())) << "a program without the runtime left a session";
  return result.out;
}

bool needs_runtime(const fs::path &program) {
  const Result dynamic = run({"readelf", "-d", program.string()});
  EXPECT_EQ(dynamic.exit_code, 0) << dynamic.err;
  return std::regex_search(dynamic.out, std::regex(R"(\(NEEDED\).*\[libsgperf\.so\.1\])"));
}

class Examples : public ::testing::TestWithParam<Combination> {
protected:
  void SetUp() override {
    ASSERT_EQ(installed().error(), "");
    if (!built(GetParam()).skipped.empty()) GTEST_SKIP() << built(GetParam()).skipped;
    ASSERT_EQ(built(GetParam()).error, "");
  }
  static const Installed &installed() { return Installed::get(); }
  const Example &example() const { return GetParam().example; }
  fs::path program(const std::string &suffix = "") const {
    return built(GetParam()).programs / (example().program + suffix);
  }

  // Runs it and expects the output of a run without sgperf, and a report that agrees with it.
  void expect_measured(const fs::path &which, const std::vector<std::string> &environment) {
    const std::string alone = output_of(GetParam());
    const Measured expected = said(example(), alone);
    ASSERT_FALSE(expected.empty()) << "the program's output has another form:\n" << alone;
    const Place place;
    const Result live = installed().run(place.path(), {which.string()}, environment);
    EXPECT_EQ(live.exit_code, 0) << live.err;
    EXPECT_EQ(live.out, alone);
    EXPECT_EQ(live.err, "");
    EXPECT_EQ(measured(installed(), place.path()), expected);
  }
};

std::vector<Combination> combinations() {
  std::vector<Combination> all;
  for (const Example &example : {c, cpp}) {
    for (const char *build : {"make", "cmake", "meson"}) all.push_back({example, build, "gcc"});
    all.push_back({example, "make", "clang"});
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Each, Examples, testing::ValuesIn(combinations()),
                         [](const auto &info) { return info.param.name(); });

} // namespace

TEST_P(Examples, RunsWithoutSgperf) {
  EXPECT_FALSE(said(example(), output_of(GetParam())).empty());
  EXPECT_FALSE(needs_runtime(program())) << "the header alone must not need the library";
}

TEST_P(Examples, PreloadedIsMeasured) {
  expect_measured(program(), {"LD_PRELOAD=libsgperf.so"});
}

TEST_P(Examples, LinkedIsMeasuredWithoutPreload) {
  ASSERT_TRUE(needs_runtime(program("-linked")));
  expect_measured(program("-linked"), {});
}

// One library serves, so each event counts once.
TEST_P(Examples, LinkedAndPreloadedIsMeasuredOnce) {
  expect_measured(program("-linked"), {"LD_PRELOAD=libsgperf.so"});
}

namespace {

class OneExample : public ::testing::TestWithParam<Example> {
protected:
  void SetUp() override {
    ASSERT_EQ(Installed::get().error(), "");
    if (!built(plain()).skipped.empty()) GTEST_SKIP() << built(plain()).skipped;
    ASSERT_EQ(built(plain()).error, "");
  }
  Combination plain() const { return {GetParam(), "make", "gcc"}; }
  // Made anew with other flags; the header-only program alone.
  void make(Built &place, const std::string &compile_flags, const std::string &link_flags) {
    copy_example(GetParam(), place.folder.path());
    std::vector<std::string> environment = flags("gcc", compile_flags);
    environment.push_back("LDFLAGS=" + link_flags);
    steps(Installed::get(), place, {{"make", GetParam().program}}, environment);
    place.programs = place.folder.path();
  }
};
INSTANTIATE_TEST_SUITE_P(Each, OneExample, testing::Values(c, cpp),
                         [](const auto &info) { return info.param.language; });

} // namespace

// Nothing can be preloaded into it, and the header refers to nothing that a static program has not: it is off.
TEST_P(OneExample, StaticIsOff) {
  Built made;
  make(made, "", "-static");
  ASSERT_EQ(made.error, "");
  const fs::path program = made.programs / GetParam().program;
  const Result headers = run({"readelf", "-lW", program.string()});
  EXPECT_EQ(headers.out.find("INTERP"), std::string::npos) << "not static:\n" << headers.out;
  const Place place;
  const Result result = Installed::get().run(place.path(), {program.string()}, {"LD_PRELOAD=libsgperf.so"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, output_of(plain()));
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(fs::is_empty(place.sessions())) << "a static program left a session";
}

// A site that is switched off counts nothing; phases are no sites.
TEST_P(OneExample, SitesAreChosenAtRunTime) {
  const std::string one = GetParam().language == "c" ? "calc::host_print" : "jobs::pass";
  const Place place;
  const fs::path program = built(plain()).programs / GetParam().program;
  const Result live =
      Installed::get().run(place.path(), {program.string()}, {"LD_PRELOAD=libsgperf.so", "SGPERF_SITES=" + one});
  EXPECT_EQ(live.out, output_of(plain()));
  const Measured rows = measured(Installed::get(), place.path()), all = said(GetParam(), live.out);
  ASSERT_FALSE(all.empty());
  for (const auto &[name, expected] : all) {
    const auto row = rows.find(name);
    if (expected.kind == "phase" || name == one) {
      ASSERT_NE(row, rows.end()) << name;
      EXPECT_EQ(row->second, expected) << name;
    } else if (row != rows.end()) {
      EXPECT_EQ(row->second.count, 0u) << name << " is switched off";
    }
  }
}

// The way out by `goto` ends the scope that SGPERF_BEGIN opened.
TEST(ExampleC, RefusesAWrongProgramAndStillCounts) {
  ASSERT_EQ(Installed::get().error(), "");
  const Built &made = built({c, "make", "gcc"});
  ASSERT_EQ(made.error + made.skipped, "");
  const Place place;
  const Result live =
      Installed::get().run(place.path(), {(made.programs / "calc").string(), "1 2 ?"}, {"LD_PRELOAD=libsgperf.so"});
  EXPECT_EQ(live.exit_code, 1);
  EXPECT_EQ(live.out, "");
  EXPECT_EQ(live.err, "calc: expected a number or one of +-*., found '?'\n");
  EXPECT_EQ(measured(Installed::get(), place.path()),
            (Measured{{"calc::compile", {"scope", 1, 0}}, {"compile", {"phase", 1, 0}}}));
}

// Every macro compiled away: the preloaded runtime has nothing to measure.
TEST(ExampleC, CompiledAwayLeavesNoRow) {
  ASSERT_EQ(Installed::get().error(), "");
  Built made;
  copy_example(c, made.folder.path());
  steps(Installed::get(), made, {{"make", "calc"}}, flags("gcc", " -DSGPERF_DISABLE"));
  ASSERT_EQ(made.error, "");
  const Place place;
  const Result live =
      Installed::get().run(place.path(), {(made.folder.path() / "calc").string()}, {"LD_PRELOAD=libsgperf.so"});
  EXPECT_EQ(live.exit_code, 0) << live.err;
  EXPECT_FALSE(said(c, live.out).empty()) << live.out;
  EXPECT_EQ(measured(Installed::get(), place.path()), Measured{});
}

// Names of threads and of machine code are in the session; the code goes before the memory that it was in.
TEST(ExampleCpp, NamesThreadsAndMachineCode) {
  ASSERT_EQ(Installed::get().error(), "");
  const Built &made = built({cpp, "make", "gcc"});
  ASSERT_EQ(made.error + made.skipped, "");
  const Place place;
  const Result live =
      Installed::get().run(place.path(), {(made.programs / "jobs").string()}, {"LD_PRELOAD=libsgperf.so"});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  const uint64_t compiled = said(cpp, live.out).at("jobs::call").count;
  const Session session = only_session(place.sessions());
  size_t compilers = 0;
  for (const Block &block : session.blocks) compilers += std::string(block.owner.name) == "compiler";
  EXPECT_GE(compilers, 1u);
  const auto files = code_files(place.sessions());
  ASSERT_EQ(files.size(), 1u);
  std::map<std::string, int> loaded;
  uint64_t unloaded = 0;
  for (const CodeRecord &record : read_code(files[0])) {
    if (record.name.empty())
      ++unloaded;
    else
      ++loaded[record.name];
  }
  EXPECT_EQ(loaded.size(), compiled);
  EXPECT_EQ(unloaded, compiled);
  EXPECT_TRUE(loaded.contains("function[0]")) << loaded.begin()->first;
}
