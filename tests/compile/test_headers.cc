// SPDX-License-Identifier: Apache-2.0
// The public headers compile alone and twice in one unit, in every language version promised, without a warning and
// without a link dependency; and the programs behave with the runtime, without it, and compiled away.
#include "compile/compilers.h"

#include <gtest/gtest.h>

#include <optional>

namespace sgperf::test {
namespace {

struct Case {
  Compiler compiler;
  std::string standard;
};

void PrintTo(const Case &c, std::ostream *out) {
  *out << c.compiler.name << " -std=" << c.standard;
}

std::vector<Case> cases(bool cpp_only = false) {
  std::vector<Case> all;
  for (const Compiler &compiler : compilers())
    for (const char *standard : cpp_only && !compiler.cpp ? std::vector<const char *>{}
                                : compiler.cpp            ? std::vector<const char *>{"c++17", "c++20"}
                                                          : std::vector<const char *>{"c99", "c11", "gnu17"})
      all.push_back({compiler, standard});
  return all;
}

std::string library() {
  return build_dir() / "libsgperf/libsgperf.so.1";
}

class Headers : public testing::TestWithParam<Case> {
protected:
  // Compiles, and returns the program.
  std::optional<std::string> build(std::vector<std::string> arguments) {
    const std::string program = temporary_.path() / ("program" + std::to_string(count_++));
    arguments.insert(arguments.begin(), "-std=" + GetParam().standard);
    arguments.insert(arguments.end(), {"-o", program});
    Options options;
    options.cwd = temporary_.path();
    const Result result = run(command(GetParam().compiler, arguments), options);
    EXPECT_EQ(result.exit_code, 0) << result.err.substr(0, 2000);
    EXPECT_EQ(result.err, "");
    return result.exit_code == 0 ? std::optional(program) : std::nullopt;
  }
  std::string unit(const std::string &name) { return source(name + (GetParam().compiler.cpp ? ".cc" : ".c")); }

  void expect_runs(const std::string &program, bool preload) {
    const TempDir sessions;
    Options options;
    options.env = {"SGPERF_DIR=" + sessions.path().string(), "SGPERF_SITES", "SGPERF_TIMER"};
    options.env.push_back(preload ? "LD_PRELOAD=" + library() : "LD_PRELOAD");
    const Result result = run({program}, options);
    EXPECT_EQ(result.exit_code, 0) << (preload ? "with" : "without")
                                   << " the runtime; the number is the return statement";
    EXPECT_EQ(result.out + result.err, "");
  }

  TempDir temporary_;
  int count_ = 0;
};

TEST_P(Headers, Client) {
  for (const char *optimization : {"-O0", "-O2"}) {
    const auto program = build({optimization, unit("client"), unit("another_unit")});
    ASSERT_TRUE(program) << optimization;
    expect_runs(*program, false);
    expect_runs(*program, true);
  }
}

TEST_P(Headers, CompiledAway) {
  const auto program = build({"-O2", "-DSGPERF_DISABLE", unit("client"), unit("another_unit")});
  ASSERT_TRUE(program);
  expect_runs(*program, false);
  const auto object = build({"-O2", "-DSGPERF_DISABLE", "-c", unit("another_unit")});
  ASSERT_TRUE(object);
  const Result code = run({"objdump", "-d", *object});
  ASSERT_EQ(code.exit_code, 0) << code.err;
  EXPECT_NE(code.out.find("in_another_unit"), std::string::npos) << code.out;
  EXPECT_EQ(code.out.find("rdtsc"), std::string::npos) << code.out;
  EXPECT_EQ(code.out.find("call"), std::string::npos) << code.out;
}

TEST_P(Headers, SharedObjectWithoutTlsCalls) {
  const auto library = build({"-O2", "-fPIC", "-shared", unit("another_unit")});
  ASSERT_TRUE(library);
  const Result code = run({"objdump", "-dR", *library});
  ASSERT_EQ(code.exit_code, 0) << code.err;
  EXPECT_NE(code.out.find("rdtsc"), std::string::npos) << "not the instrumented function";
  EXPECT_EQ(code.out.find("__tls_get_addr"), std::string::npos);
  EXPECT_EQ(code.out.find("TLSDESC"), std::string::npos);
  const Result needed = run({"readelf", "-dW", *library});
  EXPECT_EQ(needed.out.find("libsgperf"), std::string::npos) << "a link dependency";
}

TEST_P(Headers, StaticProgramLinksAndStaysOff) {
  const auto program = build({"-O2", "-static", unit("client"), unit("another_unit")});
  ASSERT_TRUE(program);
  expect_runs(*program, false);
  expect_runs(*program, true); // a static program has no loader to preload anything
}

TEST_P(Headers, Layouts) {
  const auto program = build({"-O0", unit("layout")});
  ASSERT_TRUE(program);
}

class CppHeaders : public Headers {};

TEST_P(CppHeaders, Raii) {
  for (const char *optimization : {"-O0", "-O2"}) {
    const auto program = build({optimization, source("raii.cc")});
    ASSERT_TRUE(program);
    expect_runs(*program, false);
    expect_runs(*program, true);
  }
}

TEST_P(Headers, ANameMustBeALiteral) {
  const std::string bad = temporary_.path() / (GetParam().compiler.cpp ? "bad.cc" : "bad.c");
  write_file(bad, "#include \"sgperf/sgperf.h\"\nint f(const char *name);\n"
                  "int f(const char *name) { SGPERF_SCOPE(name); return 0; }\n");
  const Result result =
      run(command(GetParam().compiler, {"-std=" + GetParam().standard, "-c", bad, "-o", "/dev/null"}));
  EXPECT_NE(result.exit_code, 0) << "a site's name is static";
}

std::string case_name(const testing::TestParamInfo<Case> &info) {
  std::string name = info.param.compiler.name + "_" + info.param.standard;
  for (char &c : name)
    if (!isalnum(static_cast<unsigned char>(c))) c = c == '+' ? 'p' : '_';
  return name;
}
INSTANTIATE_TEST_SUITE_P(Matrix, Headers, testing::ValuesIn(cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Matrix, CppHeaders, testing::ValuesIn(cases(true)), case_name);

TEST(Matrix, GccAndClangAreThere) {
  size_t gcc = 0, clang = 0;
  for (const Compiler &compiler : compilers()) (compiler.name.starts_with("g") ? gcc : clang)++;
  EXPECT_GE(gcc, 2u) << "install gcc and g++";
  EXPECT_GE(clang, 2u) << "install clang-16 (packaging/debian-12.txt)";
}

} // namespace
} // namespace sgperf::test
