// SPDX-License-Identifier: Apache-2.0
// `sgperf suite build`, `validate`, `describe` and `pick` as real processes, on modules made while the test runs.
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <csignal>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;
using Words = std::vector<std::string>;

constexpr const char *marks = R"((import "bench" "start" (func $start)) (import "bench" "end" (func $end)) )";

class Suite : public ::testing::Test {
protected:
  Result sgperf(Words arguments, Words env = {}) {
    arguments.insert(arguments.begin(), build_dir() / "cli/command/sgperf");
    Options options;
    options.cwd = dir_.path();
    options.timeout_s = 120;
    options.env = env;
    options.env.insert(options.env.end(), {"SGPERF_BENCHMARKS", "NO_COLOR=1"});
    return run(arguments, options);
  }
  Result suite(Words arguments, Words env = {}) {
    arguments.insert(arguments.begin(), "suite");
    return sgperf(arguments, env);
  }
  std::string path(const std::string &name) const { return dir_.path() / name; }
  void file(const std::string &name, const std::string &text) {
    fs::create_directories((dir_.path() / name).parent_path());
    write_file(dir_.path() / name, text);
  }
  // name.wasm from its text.
  void module(const std::string &name, const std::string &body) {
    file(name + ".wat", std::string("(module ").append(body).append(")"));
    const Result result = run({"wat2wasm", "--debug-names", path(name + ".wat"), "-o", path(name + ".wasm")});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    fs::remove(dir_.path() / (name + ".wat"));
  }
  bool has_engine(const std::string &name) { return sgperf({"engines", name}).exit_code == 0; }

  TempDir dir_;
};

// ---- describe ----

TEST_F(Suite, DescribesOneModuleInFull) {
  module("one", std::string(marks) + R"((memory 1) (data (i32.const 0) "abc")
    (func $work (export "_start") (local i32) call $start (drop (i32.add (i32.const 1) (i32.const 2))) call $end))");
  const Result text = suite({"describe", "one.wasm"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  for (const char *part :
       {"functions  1 defined, 2 imported", "7 instructions", "1 page to no limit", "bench: start end",
        "3 B in 1 segment", "numeric-integer", "of 3 functions", "debug      none", "custom name"})
    EXPECT_NE(text.out.find(part), std::string::npos) << part << " in\n" << text.out;
  const json report = json::parse(suite({"describe", "one.wasm", "--json"}).out);
  const json &one = report["modules"][0];
  EXPECT_EQ(one["instructions"], 7) << "2 calls, 2 constants, add, drop, end";
  EXPECT_EQ(one["categories"].size(), 27u);
  EXPECT_EQ(one["categories"]["numeric-integer"], 3);
  EXPECT_EQ(one["groups"]["call"], 2);
  EXPECT_EQ(one["groups"]["constant"], 2);
  EXPECT_EQ(one["sections"].size(), 8u);
  EXPECT_EQ(one["largest_functions"][0]["name"], "work");
  EXPECT_EQ(one["sha256"].get<std::string>().size(), 64u);
}

TEST_F(Suite, DescribesSeveralInALineEach) {
  module("a", R"((func (export "_start") nop nop))");
  module("b", R"((func (export "_start") (drop (f64.add (f64.const 1) (f64.const 2)))))");
  file("both.suite", "a.wasm\nb.wasm\n");
  file("text.wasm", "no module");
  const Result lines = suite({"describe", "both.suite", "a.wasm"});
  EXPECT_EQ(lines.exit_code, 0) << lines.err;
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 3) << lines.out;
  EXPECT_NE(lines.out.find("% float"), std::string::npos);
  EXPECT_GT(suite({"describe", "both.suite", "--details"}).out.size(), 2 * lines.out.size());
  const Result mixed = suite({"describe", "a.wasm", "text.wasm", "missing.wasm"});
  EXPECT_EQ(mixed.exit_code, 2) << "what could be read is shown all the same";
  EXPECT_NE(mixed.out.find("a.wasm"), std::string::npos);
  EXPECT_NE(mixed.err.find("text.wasm: expected a WebAssembly module"), std::string::npos) << mixed.err;
  EXPECT_NE(mixed.err.find("'missing.wasm'"), std::string::npos) << mixed.err;
  EXPECT_EQ(suite({"describe", "a.wasm", "-o", path("out.txt")}).out, "");
  EXPECT_NE(read_file(dir_.path() / "out.txt").find("a.wasm"), std::string::npos);
}

// ---- validate ----

TEST_F(Suite, ValidatesByLookingAndByRunning) {
  if (!has_engine("wabt")) GTEST_SKIP() << "engine wabt is not here";
  const std::string start = R"((func (export "_start") )";
  module("good", marks + start + "call $start call $end)");
  module("twice", marks + start + "call $start call $end call $start call $end)");
  module("order", marks + start + "call $end call $start)");
  module("open", marks + start + "call $start)");
  module("never", marks + start + ")");
  module("traps", marks + start + "call $start unreachable)");
  module("no-start", std::string(marks) + R"((func (export "main") call $start call $end))");
  module("parameter", std::string(marks) + R"((func (export "_start") (param i32) call $start call $end))");
  module("one-mark", R"((import "bench" "start" (func $start)) (func (export "_start") call $start))");
  module("foreign",
         std::string(marks) + R"((import "env" "now" (func)) (func (export "_start") call $start call $end))");
  module("invalid", marks + start + "call $start call $end)");
  std::string bytes = read_file(dir_.path() / "invalid.wasm");
  const size_t call = bytes.find(std::string("\x10\x00\x10\x01", 4));
  ASSERT_NE(call, std::string::npos);
  bytes[call] = '\x1a'; // drop of nothing
  bytes[call + 1] = '\x01';
  write_file(dir_.path() / "invalid.wasm", bytes);
  file("component.wasm", std::string("\0asm\x0d\0\1\0", 8));
  const struct {
    const char *name, *says; // nullptr: it is valid
  } cases[] = {{"good", nullptr},
               {"twice", "bench.start was called 2 times and bench.end 2 times"},
               {"order", "bench.end was called before bench.start"},
               {"open", "bench.start was called, and bench.end never"},
               {"never", "neither bench.start nor bench.end was called"},
               {"traps", "unreachable"},
               {"no-start", "expected an exported function _start"},
               {"parameter", "expected _start without parameters, found 1"},
               {"one-mark", "expected an import of the function bench.end"},
               {"foreign", "found env.now"},
               {"invalid", "type mismatch"},
               {"component", "found a component"}};
  Words files{"validate", "-e", "wabt"};
  for (const auto &one : cases) files.push_back(std::string(one.name) + ".wasm");
  const Result result = suite(files);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), std::ssize(cases)) << "one line a file\n"
                                                                                       << result.out;
  std::istringstream lines(result.out);
  for (const auto &one : cases) {
    std::string line;
    std::getline(lines, line);
    EXPECT_TRUE(line.starts_with(one.says ? "invalid  " : "valid    ")) << line;
    EXPECT_NE(line.find(std::string(one.name) + ".wasm"), std::string::npos) << line;
    if (one.says) {
      EXPECT_NE(line.find(one.says), std::string::npos) << line;
    }
  }
  EXPECT_EQ(suite({"validate", "-e", "wabt", "good.wasm"}).exit_code, 0);
  const Result look = suite({"validate", "--no-run", "good.wasm", "twice.wasm", "one-mark.wasm", "--json"});
  EXPECT_EQ(look.exit_code, 3);
  const json found = json::parse(look.out);
  EXPECT_EQ(found["files"][1]["valid"], true) << "only a run shows it";
  EXPECT_EQ(found["files"][2]["valid"], false);
  EXPECT_EQ(suite({"validate", "-e", "nothing", "good.wasm"}).exit_code, 4);
  EXPECT_NE(suite({"validate", "-e", "native", "good.wasm"}).err.find("not WebAssembly"), std::string::npos);
}

TEST_F(Suite, ValidatesTheOutputThatIsExpected) {
  if (!has_engine("wabt")) GTEST_SKIP() << "engine wabt is not here";
  module("quiet", std::string(marks) + R"((func (export "_start") call $start call $end))");
  file("quiet.stdout.expected", "a line\n");
  const Result result = suite({"validate", "-e", "wabt", "quiet.wasm"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.out.find("stdout line 1"), std::string::npos) << result.out;
}

// ---- build ----

constexpr const char *c_source = R"(
#include "sgperf_bench.h"
int main(void) {
  uint32_t n = 3;
  bench_start();
  bench_black_box(&n);
  bench_end();
  bench_print("n", n);
  return 0;
}
)";
constexpr const char *wat_source =
    R"((module (import "bench" "start" (func)) (import "bench" "end" (func)) (func (export "_start") call 0 call 1)))";

TEST_F(Suite, BuildsEachKindOfRecipeAndGoesOnAfterFailures) {
  file("tree/square/square.c", c_source);
  file("tree/deep/below/text/any.wat", wat_source);
  file("tree/script/sgperf.build",
       "set -e\nwat2wasm source.txt -o \"$OUT/$NAME.wasm\"\necho 3 >\"$OUT/$NAME.calls\"\n");
  file("tree/script/source.txt", wat_source);
  file("tree/script/Dockerfile", "FROM nothing\n"); // the script comes first
  file("tree/bad/bad.c", "int main(void) { return missing; }\n");
  file("tree/empty/sgperf.build", "true\n");
  file("tree/lies/sgperf.build", "echo nothing >\"$OUT/lies.wasm\"\n");
  file("tree/.hidden/hidden.wat", wat_source);
  file("tree/two/a.wat", wat_source);
  file("tree/two/b.wat", wat_source);
  const Result result = suite({"build", "tree", "--json"});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  const json builds = json::parse(result.out)["builds"];
  std::map<std::string, json> by_name;
  for (const json &one : builds) by_name[fs::path(one["folder"].get<std::string>()).filename()] = one;
  ASSERT_EQ(by_name.size(), 6u) << builds.dump(1);
  EXPECT_EQ(by_name["square"]["products"].size(), 2u) << result.err;
  EXPECT_EQ(by_name["square"]["recipe"], "C source");
  EXPECT_EQ(by_name["text"]["recipe"], "wat source");
  EXPECT_EQ(by_name["script"]["recipe"], "sgperf.build");
  EXPECT_EQ(by_name["script"]["products"].size(), 2u);
  EXPECT_NE(by_name["bad"]["problem"].get<std::string>().find("missing"), std::string::npos)
      << "what the compiler says";
  EXPECT_NE(by_name["empty"]["problem"].get<std::string>().find("found nothing"), std::string::npos);
  EXPECT_NE(by_name["lies"]["problem"].get<std::string>().find("lies.wasm: expected a WebAssembly module"),
            std::string::npos);
  for (const char *name : {"square/square.wasm", "square/square.so", "deep/below/text/any.wasm", "script/script.wasm",
                           "script/script.calls"})
    EXPECT_TRUE(fs::exists(dir_.path() / "tree" / name)) << name;
  for (const char *name : {"bad/bad.wasm", "lies/lies.wasm"})
    EXPECT_FALSE(fs::exists(dir_.path() / "tree" / name)) << name;
  const Result table = suite({"build", "tree/square", "tree/bad", "tree/square"});
  EXPECT_EQ(table.exit_code, 3);
  EXPECT_NE(table.out.find("the same as before"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("failed"), std::string::npos);
  EXPECT_NE(table.out.find("1 error generated"), std::string::npos) << table.out;
  EXPECT_EQ(suite({"build", "tree/two"}).exit_code, 2) << "which of the two?";
  EXPECT_NE(suite({"build", "tree/two"}).err.find("expected sgperf.build, Dockerfile, two.c"), std::string::npos);
  EXPECT_EQ(suite({"build", "nowhere"}).exit_code, 2);
  if (has_engine("wabt")) {
    EXPECT_EQ(suite({"validate", "-e", "wabt", "tree/square/square.wasm", "tree/script/script.wasm"}).exit_code, 0);
  }
}

TEST_F(Suite, BuildsElsewhereAndWithoutNative) {
  file("square/square.c", c_source);
  EXPECT_EQ(suite({"build", "square", "-o", "out", "--no-native"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(dir_.path() / "out/square/square.wasm"));
  EXPECT_FALSE(fs::exists(dir_.path() / "out/square/square.so"));
  EXPECT_FALSE(fs::exists(dir_.path() / "square/square.wasm"));
}

TEST_F(Suite, ChecksThatABuildIsReproducible) {
  file("w/same/same.c", c_source);
  // The place where it is built gets into a data segment, and its length into code.
  file("w/place/sgperf.build", R"sh(set -e
printf '(module (memory 1) (data (i32.const 0) "%s") (func $quiet) (func $work (export "_start") (drop (i32.const %s))))' \
  "$OUT" "${#OUT}" >"$OUT/source.wat"
wat2wasm --debug-names "$OUT/source.wat" -o "$OUT/place.wasm"
rm "$OUT/source.wat"
)sh");
  const Result same = suite({"build", "--check", "w/same"});
  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
  EXPECT_NE(same.out.find("reproducible"), std::string::npos);
  const Result place = suite({"build", "--check", "w/place"});
  EXPECT_EQ(place.exit_code, 3);
  EXPECT_NE(place.out.find("not reproducible"), std::string::npos) << place.out;
  EXPECT_NE(place.out.find("place.wasm: data: "), std::string::npos) << place.out;
  EXPECT_NE(place.out.find("1 of 2 functions differ,"), std::string::npos) << place.out;
  EXPECT_EQ(place.out.find("place.wasm: type"), std::string::npos) << "what is the same is not named";
  EXPECT_TRUE(fs::exists(dir_.path() / "w/place/place.wasm")) << "it is there all the same";
}

TEST_F(Suite, BuildEndsWhatTakesTooLong) {
  file("slow/sgperf.build", "sleep 60\n");
  const Result result = suite({"build", "slow", "--timeout", "0.5"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_LT(result.seconds, 30);
  EXPECT_NE(result.out.find("took more than 0.5 s"), std::string::npos) << result.out;
}

TEST_F(Suite, BuildIsInterrupted) {
  file("slow/sgperf.build", "sleep 60\n");
  file("tail/tail.wat", wat_source);
  Options options;
  options.cwd = dir_.path();
  options.kill_signal = SIGINT;
  options.kill_after_s = 0.7;
  const Result result = run({build_dir() / "cli/command/sgperf", "suite", "build", "slow", "tail"}, options);
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_LT(result.seconds, 30);
  EXPECT_FALSE(fs::exists(dir_.path() / "tail/tail.wasm"));
}

TEST_F(Suite, DockerThatIsNotThere) {
  file("w/Dockerfile", "FROM scratch\n");
  const Result result = suite({"build", "w"}, {"DOCKER=/nowhere/docker"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("/nowhere/docker"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("DOCKER names another"), std::string::npos) << result.err;
}

// ---- pick ----

// Six workloads in three plain families: integers, floats, memory.
class Pick : public Suite {
protected:
  void SetUp() override {
    const std::string head = std::string(marks) + R"((memory 1) (func (export "_start") call $start )";
    const char *const bodies[] = {"(drop (i32.add (i32.const 1) (i32.const 2)))",
                                  "(drop (f64.mul (f64.const 1) (f64.const 2)))",
                                  "(i32.store (i32.const 1) (i32.load (i32.const 2)))"};
    // The second of each family has one piece of the next: all have as many instructions.
    for (int family = 0; family < 3; ++family)
      for (const int foreign : {0, 1}) {
        std::string body;
        for (int i = 0; i < 20; ++i) body += bodies[i < foreign ? (family + 1) % 3 : family];
        module(std::string(1, "ifm"[family]) + std::to_string(foreign), head + body + " call $end)");
      }
    file("six.suite", "i0.wasm\ni1.wasm\nf0.wasm\nf1.wasm\nm0.wasm\nm1.wasm\n");
  }
};

TEST_F(Pick, OneOfEachFamily) {
  const Result result = suite({"pick", "3", "six.suite", "--json", "-o", path("three.suite")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json picked = json::parse(result.out);
  ASSERT_EQ(picked["clusters"].size(), 3u);
  std::set<std::string> families;
  for (const json &cluster : picked["clusters"]) {
    ASSERT_EQ(cluster["members"].size(), 2u) << picked.dump(1);
    EXPECT_EQ(cluster["members"][0].get<std::string>()[0], cluster["members"][1].get<std::string>()[0]);
    families.insert(cluster["members"][0].get<std::string>().substr(0, 1));
  }
  EXPECT_EQ(families.size(), 3u);
  EXPECT_GT(picked["variance_kept"].get<double>(), 0.9);
  EXPECT_GE(picked["variance_between"].get<double>(), picked["variance_kept"].get<double>());
  EXPECT_GE(picked["components_variance"].get<double>(), 0.9);
  EXPECT_EQ(picked["sizes"].size(), 6u);
  EXPECT_DOUBLE_EQ(picked["sizes"][5]["variance_kept"].get<double>(), 1);
  // The choice is a suite that other commands read.
  const Result read = suite({"describe", "three.suite", "--json"});
  EXPECT_EQ(read.exit_code, 0) << read.err;
  EXPECT_EQ(json::parse(read.out)["modules"].size(), 3u);
  const std::string text = suite({"pick", "3", "six.suite"}).out;
  EXPECT_NE(text.find("3 of 6 workloads"), std::string::npos) << text;
  EXPECT_NE(text.find("3 *"), std::string::npos) << text;
}

TEST_F(Pick, WrongUse) {
  for (const Words &words : {Words{"0", "six.suite"}, Words{"7", "six.suite"}, Words{"2", "missing"},
                             Words{"2", "six.suite", "--recording", "nowhere"}}) {
    Words all{"pick"};
    all.insert(all.end(), words.begin(), words.end());
    const Result result = suite(all);
    EXPECT_EQ(result.exit_code, 2) << words[0];
    EXPECT_FALSE(result.err.empty());
  }
}

TEST_F(Pick, MeasuredRatiosCount) {
  if (!has_engine("wabt") || !has_engine("wasmtime")) GTEST_SKIP() << "needs the engines wabt and wasmtime";
  const Words bench{"bench", "-e", "wabt", "--processes",      "1",     "--iterations", "1", "--warmups",
                    "0",     "-m", "wall", "--no-calibration", "--raw", "six.suite"};
  Words both = bench, one = bench;
  both.insert(both.begin() + 1, {"-e", "wasmtime", "-o", "both"});
  one.insert(one.begin() + 1, {"-o", "one"});
  ASSERT_EQ(sgperf(both).exit_code, 0);
  ASSERT_EQ(sgperf(one).exit_code, 0);
  const Result result = suite({"pick", "3", "six.suite", "--recording", "both", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json picked = json::parse(result.out), plain = json::parse(suite({"pick", "3", "six.suite", "--json"}).out);
  EXPECT_EQ(picked["features"].get<int>(), plain["features"].get<int>() + 4) << "two engines, two phases";
  ASSERT_EQ(picked["estimates"].size(), 2u);
  for (const json &estimate : picked["estimates"]) {
    EXPECT_EQ(estimate["reference"], "wasmtime:cranelift");
    EXPECT_EQ(estimate["engine"], "wabt:interp");
    EXPECT_GT(estimate["all"].get<double>(), 0);
    EXPECT_GT(estimate["picked"].get<double>(), 0);
  }
  // All of them estimate themselves.
  const json all = json::parse(suite({"pick", "6", "six.suite", "--recording", "both", "--json"}).out);
  for (const json &estimate : all["estimates"])
    EXPECT_NEAR(estimate["picked"].get<double>() / estimate["all"].get<double>(), 1, 1e-9);
  const Result lonely = suite({"pick", "3", "six.suite", "--recording", "one"});
  EXPECT_EQ(lonely.exit_code, 2);
  EXPECT_NE(lonely.err.find("no two engines"), std::string::npos) << lonely.err;
}

TEST_F(Suite, HelpNamesTheCommands) {
  const Result result = suite({"--help"});
  for (const char *name : {"build", "validate", "describe", "pick"})
    EXPECT_NE(result.out.find(std::string("  ").append(name)), std::string::npos) << result.out;
  EXPECT_EQ(suite({"describe"}).exit_code, 2);
  EXPECT_EQ(suite({}).exit_code, 0);
}

} // namespace
} // namespace sgperf::test
