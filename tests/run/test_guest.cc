// SPDX-License-Identifier: Apache-2.0
// A module of the user's own: arguments, environment, standard input and folder reach the guest, on engines with WASI
// of their own and with the shim.
#include "run/bench_fixture.h"

#include <nlohmann/json.hpp>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using record::Status;

// Says on stderr what it sees, and leaves with a code, so that the row has all of it.
constexpr const char *source = R"(
#include <stdio.h>
#include <stdlib.h>
__attribute__((export_name("sub"))) int sub(int a, int b) {
  if (a - b != 5) __builtin_trap();
  return a - b;
}
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) fprintf(stderr, "arg<%s>\n", argv[i]);
  for (int i = 0; i < 2; i++) {
    const char *name = i ? "SHAPE" : "COLOUR", *value = getenv(name);
    fprintf(stderr, "%s<%s>\n", name, value ? value : "not set");
  }
  char line[100];
  while (fgets(line, sizeof line, stdin)) fprintf(stderr, "in<%s>\n", line);
  FILE *f = fopen("note", "r");
  fprintf(stderr, "note<%s>\n", f && fgets(line, sizeof line, f) ? line : "not there");
  FILE *out = fopen("made", "w");
  fprintf(stderr, "write<%s>\n", out ? "yes" : "no");
  if (out) fclose(out);
  puts("unlike what is expected");
  return argc > 1 ? 3 : 0;
}
)";

class Guest : public Bench, public testing::WithParamInterface<const char *> {
protected:
  void SetUp() override {
    const Result engine = run({sgperf_path(), "engines", GetParam()});
    if (engine.exit_code != 0) GTEST_SKIP() << GetParam() << " is not here: " << engine.out << engine.err;
    write_file(dir_.path() / "guest.c", source);
    Options options;
    options.cwd = dir_.path();
    const Result built = run({"clang-16", "--target=wasm32-wasi", "-O1", "guest.c", "-o", "guest.wasm"}, options);
    if (built.exit_code != 0) GTEST_SKIP() << "needs clang-16 and wasi-libc: " << built.err;
    fs::create_directory(dir_.path() / "data");
    write_file(dir_.path() / "data/note", "from the folder");
  }
  Result guest(const std::vector<std::string> &more, const std::vector<std::string> &env = {}) {
    std::vector<std::string> arguments{"-e", GetParam(),  "guest.wasm", "--processes", "1",       "--iterations",
                                       "1",  "--warmups", "0",          "--phase",     "execute", "--no-calibration",
                                       "-m", "wall"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Options options;
    options.env = env;
    return run_bench(arguments, options);
  }
  std::string seen() {
    const auto rows = failed();
    if (rows.size() != 1) return "rows: " + std::to_string(rows.size());
    EXPECT_EQ(rows[0].status, Status::exit_code) << rows[0].message;
    return rows[0].stderr_tail;
  }
};

TEST_P(Guest, SeesItsWorld) {
  write_file(dir_.path() / "typed", "one line");
  const Result result = guest({"--env", "COLOUR=dark red", "--env", "SHAPE", "--stdin", "typed", "--dir", "data::.",
                               "--", "first", "--json", "a b"},
                              {"SHAPE=round"});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  const std::string text = seen();
  for (const char *part : {"arg<first>", "arg<--json>", "arg<a b>", "COLOUR<dark red>", "SHAPE<round>", "in<one line>",
                           "note<from the folder>", "write<no>"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  EXPECT_EQ(meta().workloads.at(0).args, (std::vector<std::string>{"first", "--json", "a b"}));
}

TEST_P(Guest, HasNothingThatWasNotGiven) {
  guest({"--", "x"}, {"COLOUR=of ours"});
  const std::string text = seen();
  EXPECT_NE(text.find("COLOUR<not set>"), std::string::npos) << text;
  EXPECT_NE(text.find("note<not there>"), std::string::npos) << text;
  EXPECT_EQ(text.find("in<"), std::string::npos) << text;
}

TEST_P(Guest, WritesWhereItMay) {
  EXPECT_EQ(guest({"--dir", "data"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(dir_.path() / "data/made"));
  EXPECT_EQ(guest({"--dir", "data", "--writable"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(dir_.path() / "data/made"));
}

// The files beside the module are for the module as it is; what the user gives takes their place.
TEST_P(Guest, ArgumentsReplaceTheFilesBesideIt) {
  write_file(dir_.path() / "guest.args", "from\nfile\n");
  write_file(dir_.path() / "guest.stdout.expected", "something\n");
  guest({"--", "x"});
  EXPECT_EQ(seen().find("arg<from>"), std::string::npos);
  EXPECT_EQ(guest({"--"}).exit_code, 0) << "no argument at all, and the output is not compared";
  fs::remove(dir_.path() / "guest.args");
  const Result result = guest({});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(failed().at(0).status, Status::wrong_output) << "as it is, it is compared";
}

TEST_P(Guest, InvokedFunctionsTakeArgumentsBehindTheDashes) {
  const Result result = guest({"--invoke", "sub", "--", "7", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(meta().workloads.at(0).id, "guest.wasm#sub,7,2");
  EXPECT_EQ(guest({"--invoke", "sub", "--", "7", "3"}).exit_code, 3) << "traps: the arguments are what was given";
}

TEST_P(Guest, ResumesWithTheSame) {
  EXPECT_EQ(guest({"--env", "COLOUR=red", "--dir", "data", "--", "x"}).exit_code, 3);
  write_file(recording_ / "done.jsonl", "");
  EXPECT_EQ(run_bench({"--resume"}).exit_code, 3);
  const std::string text = seen();
  for (const char *part : {"arg<x>", "COLOUR<red>", "note<from the folder>"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
}

TEST_P(Guest, WrongUseIsSaid) {
  const struct {
    std::vector<std::string> arguments;
    const char *says;
  } cases[] = {{{"--dir", "data::/data"}, "expected the guest's name of the folder to be `.`, found `/data`"},
               {{"--dir", "nowhere"}, "found nothing"},
               {{"--dir", "data", "-d", "data"}, "excludes"},
               {{"--env", "=x"}, "expected NAME=value"},
               {{"--env", "SGPERF_TEST_NOT_SET"}, "that is set"},
               {{"--stdin", "nowhere"}, "nowhere"}};
  for (const auto &one : cases) {
    const Result result = guest(one.arguments);
    EXPECT_EQ(result.exit_code, 2) << one.says;
    EXPECT_NE(result.err.find(one.says), std::string::npos) << result.err;
  }
  write_file(dir_.path() / "component.wasm", std::string("\0asm\x0d\0\1\0", 8));
  run_bench({"-e", GetParam(), "component.wasm", "--processes", "1", "--no-calibration"});
  ASSERT_EQ(failed().size(), 1u);
  EXPECT_NE(failed()[0].message.find("is a component (layer 1); expected a core module"), std::string::npos);
  EXPECT_NE(failed()[0].message.find("wasm32-wasip1"), std::string::npos) << "what to do";
}

INSTANTIATE_TEST_SUITE_P(Engines, Guest, testing::Values("wabt", "wasmtime"),
                         [](const auto &info) { return std::string(info.param); });

} // namespace
} // namespace sgperf::test
