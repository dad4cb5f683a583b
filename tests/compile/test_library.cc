// SPDX-License-Identifier: Apache-2.0
// What the library exports, needs and is: the promises of docs/abi.md.
#include "compile/compilers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>

namespace sgperf::test {
namespace {

std::string library() {
  return build_dir() / "libsgperf/libsgperf.so.1";
}

std::string output(const std::vector<std::string> &argv) {
  const Result result = run(argv);
  EXPECT_EQ(result.exit_code, 0) << argv[0] << ": " << result.err;
  return result.out;
}

TEST(Library, ExportsExactlyTheGoldenList) {
  std::istringstream lines(output({"nm", "-D", "--defined-only", library()}));
  std::vector<std::string> symbols;
  for (std::string address, type, name; lines >> address >> type >> name;)
    if (type != "A") symbols.push_back(name);
  std::sort(symbols.begin(), symbols.end());
  std::string text;
  for (const std::string &symbol : symbols) text += symbol + "\n";
  EXPECT_EQ(text, read_file(source_dir() / "tests/compile/symbols.golden"))
      << "a new symbol goes into the node of the next release and into the golden list; none may ever leave";
}

TEST(Library, NeedsLibcOnlyAndIsLoadedFirst) {
  const std::string dynamic = output({"readelf", "-dW", library()});
  std::istringstream lines(dynamic);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("(NEEDED)") == std::string::npos) continue;
    EXPECT_TRUE(line.find("[libc.so.6]") != std::string::npos || line.find("[ld-linux") != std::string::npos) << line;
  }
  EXPECT_NE(dynamic.find("[libsgperf.so.1]"), std::string::npos) << "SONAME";
  for (const char *flag : {"NODELETE", "INITFIRST", "NOW"}) EXPECT_NE(dynamic.find(flag), std::string::npos) << flag;
  EXPECT_EQ(dynamic.find("TEXTREL"), std::string::npos);
  EXPECT_EQ(dynamic.find("RPATH"), std::string::npos);
}

TEST(Library, ThreadLocalAccessIsInitialExecAndSmall) {
  const std::string code = output({"objdump", "-dR", library()});
  EXPECT_EQ(code.find("__tls_get_addr"), std::string::npos);
  EXPECT_EQ(code.find("R_X86_64_DTPMOD64"), std::string::npos);
  const std::string segments = output({"readelf", "-lW", library()});
  std::smatch match;
  ASSERT_TRUE(std::regex_search(segments, match, std::regex(R"(TLS +\S+ \S+ \S+ \S+ (0x[0-9a-f]+))")));
  EXPECT_LE(std::stoul(match[1], nullptr, 16), 16u) << "a dlopen'ed library gets little static TLS";
}

TEST(Library, CallsNothingItMustNot) {
  const std::string undefined = output({"nm", "-D", "--undefined-only", library()});
  for (const char *name : {"malloc", "calloc", "free", "printf", "fprintf", "puts", "sigaction", "signal",
                           "pthread_create", "pthread_mutex_lock", "setenv", "exit", "abort"})
    EXPECT_FALSE(std::regex_search(undefined, std::regex(std::string("\\b") + name + "(@|\\n)"))) << name;
  // dlopen finds a libgcc, a libc or an engine that is loaded already; it never loads anything.
  size_t calls = 0;
  for (const char *file : {"preload/frame_hooks.c", "preload/engine_calls.c", "libsgperf/process.c"}) {
    std::istringstream source(read_file(source_dir() / file));
    for (std::string line; std::getline(source, line);) {
      if (!std::regex_search(line, std::regex("(= |return |\\(void\\))dlopen\\("))) continue;
      ++calls;
      EXPECT_NE(line.find("RTLD_NOLOAD"), std::string::npos) << line;
    }
  }
  EXPECT_EQ(calls, 5u);
}

TEST(Library, HooksSatisfyNobodysLink) {
  const TempDir temporary;
  for (const Compiler &compiler : compilers()) {
    if (compiler.cpp) continue;
    for (const std::string call : {"syscall(39)", "prctl(0)", "writev(0, 0, 0)", "clock_nanosleep(0, 0, 0, 0)"}) {
      const Result result = run({compiler.name, "-nostdlib", "-Wl,-e,main", "-DCALL=" + call, source("hooks_link.c"),
                                 library(), "-o", (temporary.path() / "program").string()});
      EXPECT_NE(result.exit_code, 0) << compiler.name << " " << call;
      const std::string name = call.substr(0, call.find('('));
      EXPECT_TRUE(std::regex_search(result.err, std::regex("undefined reference to .*" + name))) << result.err;
    }
  }
}

// Wrappers of engines: the loader binds references to hidden definitions of the first node only.
TEST(Library, EngineWrappersSatisfyNobodysLink) {
  const std::string versions = output({"readelf", "-VW", library()});
  EXPECT_TRUE(std::regex_search(versions, std::regex("Index: 2 +Cnt: 1 +Name: SGPERF_ENGINES_1.0"))) << versions;
  const TempDir temporary;
  for (const Compiler &compiler : compilers()) {
    if (compiler.cpp) continue;
    const Result result =
        run({compiler.name, source("engines_link.c"), library(), "-o", (temporary.path() / "program").string()});
    EXPECT_NE(result.exit_code, 0) << compiler.name;
    for (const char *name : {"wasm_module_new", "wasmtime_func_call"})
      EXPECT_TRUE(std::regex_search(result.err, std::regex(std::string("undefined reference to .*") + name)))
          << result.err;
  }
}

} // namespace
} // namespace sgperf::test
