// SPDX-License-Identifier: Apache-2.0
// `sgperf record` of real engines as they are installed: what they are told makes their code known by name, and leaves
// nothing behind.  Engines are looked for in the PATH; one that is not there is skipped.
#include "run/engine_recipes.h"
#include "run/recipe_files.h"
#include "support/cache.h"
#include "support/process.h"
#include "support/wasmtime_python.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;
using Words = std::vector<std::string>;

// fib is called so often that the highest tier has it; spin is one call, which an engine without a way into a running
// loop leaves in its first tier.
constexpr const char *module_text = R"((module $work
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $spin (param $n i32) (result i32) (local $x i32)
    (loop $again
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func (export "main") (result i32) (local $sum i32) (local $n i32) (local.set $n (i32.const TIMES))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $fib (i32.const 20))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.xor (local.get $sum) (call $spin (i32.const SPIN)))))
)";

struct Size {
  int times, spin;
  int32_t result() const { // of main
    uint32_t x = 0;
    for (int i = 0; i < spin; ++i) x = x * 1664525u + 1013904223u;
    return times * 6765 ^ static_cast<int32_t>(x); // fib(20) = 6765
  }
};
constexpr Size compiled{2200, 200'000'000}, interpreted{5, 2'000'000};

std::set<std::string> names_in(const fs::path &folder) {
  std::set<std::string> out;
  std::error_code code;
  for (const auto &entry : fs::directory_iterator(folder, code)) out.insert(entry.path().filename());
  return out;
}

class RecordEngines : public ::testing::Test {
protected:
  RecordEngines() : runtime_("/dev/shm"), before_(fs::current_path()) {
    chmod(runtime_.path().c_str(), 0700);
    fs::current_path(dir_.path());
  }
  ~RecordEngines() override { fs::current_path(before_); }

  void SetUp() override {
    const Result probe = sgperf({"record", "-q", "-o", "probe", "--", "/bin/true"});
    ASSERT_EQ(probe.exit_code, 0) << probe.err;
    if (!fs::exists("probe/perf.data")) GTEST_SKIP() << "perf events are refused here: " << probe.err;
    fs::remove_all("probe");
  }

  Options options() const {
    Options out;
    out.timeout_s = 120;
    out.env = {"XDG_RUNTIME_DIR=" + runtime_.path().string(),
               "PERF_CONFIG=/dev/null",
               "DEBUGINFOD_URLS",
               "SGPERF_DIR",
               "SGPERF_SITES",
               "LD_PRELOAD",
               "NODE_OPTIONS"};
    return out;
  }
  Result sgperf(Words arguments) {
    arguments.insert(arguments.begin(), build_dir() / "cli/command/sgperf");
    return run(arguments, options());
  }

  // `sgperf record -- command`.  The recording is sgperf.data; why_ is what its -n says of the engine.
  Result record(const Words &command, const Words &switches = {"-F", "2000"}) {
    Words arguments{"record", "-q"};
    arguments.insert(arguments.end(), switches.begin(), switches.end());
    arguments.push_back("--");
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Result result = sgperf(arguments);
    arguments.insert(arguments.begin() + 1, "-n");
    why_ = sgperf(arguments).out;
    EXPECT_FALSE(fs::exists(dir_.path() / "sgperf.data/engine"));
    return result;
  }

  // The same, with checks that nothing but the recording appears in the working directory, and nothing of the
  // recorded processes in /tmp.
  Result record_cleanly(const Words &command) {
    std::set<std::string> before = names_in(".");
    before.insert("sgperf.data");
    const Result result = record(command);
    EXPECT_EQ(names_in("."), before);
    const json all = profile();
    EXPECT_GE(all["processes"].size(), 1u);
    for (const json &process : all["processes"]) {
      const std::string pid = std::to_string(process["pid"].get<int>());
      for (const std::string &name : names_in("/tmp")) {
        EXPECT_NE(name, "perf-" + pid + ".map");
        EXPECT_FALSE(name.starts_with("jit-" + pid)) << name;
        EXPECT_FALSE(name.find("-" + pid + "-v8.log") != std::string::npos) << name;
      }
    }
    return result;
  }

  json profile() {
    const json root = json::parse(sgperf({"report", "sgperf.data", "--json"}).out, nullptr, false);
    return root.is_object() ? root["profile"] : json();
  }
  // Samples of a function; without a tier: of all its tiers.
  static uint64_t self(const json &all, const std::string &name, const std::string &tier = "") {
    uint64_t sum = 0;
    for (const json &row : all["functions"])
      if (row["name"] == name && (tier.empty() || row["tier"] == tier)) sum += row["self"].get<uint64_t>();
    return sum;
  }
  static uint64_t side(const json &all, const std::string &side) {
    uint64_t sum = 0;
    for (const json &row : all["functions"])
      if (row["side"] == side) sum += row["self"].get<uint64_t>();
    return sum;
  }
  static fs::path in_path(const std::string &name) {
    std::istringstream folders(getenv("PATH") ? getenv("PATH") : "/usr/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
      if (access((fs::path(folder) / name).c_str(), X_OK) == 0) return fs::path(folder) / name;
    return {};
  }
  void write_module(const Size &size) {
    std::string text = module_text;
    text.replace(text.find("TIMES"), 5, std::to_string(size.times));
    text.replace(text.find("SPIN"), 4, std::to_string(size.spin));
    write_file("work.wat", text);
    const Result made = test::run({"wat2wasm", "--debug-names", "work.wat", "-o", "work.wasm"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  // For a shell of JavaScript: how it reads a file and prints a line.
  void write_script(const std::string &read, const std::string &show) {
    write_module(compiled);
    write_file("run.js", "const wasm = new WebAssembly.Module(" + read + ");\n" + show +
                             "(new WebAssembly.Instance(wasm).exports.main());\n");
  }
  // V8 10.2 (node 18) leaves fib in Liftoff, however often it is called; 11.3 and newer do not.
  static bool node_optimises() { return std::atoi(test::run({"node", "-p", "process.versions.v8"}).out.c_str()) >= 11; }
  // Both functions by name, and little of the generated code without one.
  static void expect_named(const json &all, const std::string &module) {
    const uint64_t samples = all["coverage"]["samples"];
    ASSERT_GT(samples, 200u);
    EXPECT_EQ(all["coverage"]["lost"], 0);
    const uint64_t both = self(all, module + "!fib") + self(all, module + "!spin");
    EXPECT_GT(both * 2, samples) << all["functions"];
    EXPECT_LE(all["coverage"]["jit_unnamed"].get<uint64_t>() * 20, all["coverage"]["jit"].get<uint64_t>())
        << all["coverage"];
  }
  // With optimised code: Liftoff's and TurboFan's told apart.
  void expect_v8(bool optimised = true) {
    const json all = profile();
    expect_named(all, "wasm");
    EXPECT_GT(self(all, "wasm!fib", optimised ? "turbofan" : "liftoff"), 20u) << all["functions"];
    EXPECT_GT(self(all, "wasm!spin", "liftoff"), 20u) << "V8 has no way from Liftoff into a running loop";
    const Result folded = sgperf({"export", "--folded", "--suffixes"});
    EXPECT_EQ(folded.exit_code, 0) << folded.err;
    EXPECT_NE(folded.out.find("wasm!fib"), std::string::npos);
  }

  TempDir dir_, runtime_;
  std::string why_; // what the recipe says

private:
  fs::path before_;
};

#define NEEDS(name, package)                                                                                           \
  if (in_path(name).empty()) GTEST_SKIP() << "no " name " in the PATH (" package ")"

TEST_F(RecordEngines, Node) {
  NEEDS("node", "Debian: nodejs");
  write_script("require('fs').readFileSync('work.wasm')", "console.log");
  const Result recorded = record_cleanly({"node", "run.js"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  expect_v8(node_optimises());
}

// A script's words are not node's, and a child of node starts elsewhere: only the variable gets there.
TEST_F(RecordEngines, NodeAsAScriptAndItsChild) {
  NEEDS("node", "Debian: nodejs");
  write_script("require('fs').readFileSync('work.wasm')", "console.log");
  write_file("tool", "#!/usr/bin/env node\nrequire('child_process').execFileSync('node', ['" +
                         (dir_.path() / "run.js").string() + "'], {stdio: 'inherit', cwd: process.argv[2]});\n");
  chmod("tool", 0755);
  fs::create_directory("elsewhere");
  fs::copy("work.wasm", "elsewhere/work.wasm");
  const Result recorded = record_cleanly({"./tool", "elsewhere"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  EXPECT_EQ(names_in("elsewhere"), std::set<std::string>{"work.wasm"}) << "the child's files are found, too";
  EXPECT_EQ(profile()["processes"].size(), 2u);
  expect_v8(node_optimises());
}

TEST_F(RecordEngines, NodeBehindLaunchers) {
  NEEDS("node", "Debian: nodejs");
  write_script("require('fs').readFileSync('work.wasm')", "console.log");
  const Result recorded = record_cleanly(
      {"timeout", "100", "taskset", "-a", "1", "env", "A=1", "nice", "-n", "1", "sh", "-c", "node run.js"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  EXPECT_NE(why_.find(" A=1 NODE_OPTIONS=--perf-prof nice -n 1 sh -c 'node --"), std::string::npos) << why_;
  expect_v8(node_optimises());
}

// kill -9 of the recorder: V8's files stay until a later command brings them into the recording.
TEST_F(RecordEngines, NodeWhoseRecorderIsKilled) {
  NEEDS("node", "Debian: nodejs");
  write_script("require('fs').readFileSync('work.wasm')", "console.log");
  constexpr Size longer{60000, 200'000'000}; // node goes on for some seconds
  write_module(longer);
  write_file("start", "#!/bin/sh\n" + (build_dir() / "cli/command/sgperf").string() +
                          " record -q -F 2000 -- node run.js > out 2>&1 & sleep 0.9; kill -9 $!\n");
  chmod("start", 0755);
  const std::set<std::string> before = names_in(".");
  const Result started = test::run({"./start"}, options());
  ASSERT_EQ(started.exit_code, 0) << started.err << read_file("out");
  EXPECT_GT(names_in("sgperf.data/engine").size() + names_in(".").size(), before.size() + 2) << "its dump or its log";
  // It is left alone as long as node runs.
  sgperf({"clean", "--yes"});
  EXPECT_TRUE(fs::exists("sgperf.data/engine"));
  for (int i = 0; i < 200 && read_file("out").empty(); ++i) usleep(50000);
  EXPECT_EQ(read_file("out"), std::to_string(longer.result()) + "\n");
  usleep(300000); // to its end
  const Result next = sgperf({"record", "-o", "next", "--", "/bin/true"});
  EXPECT_NE(next.err.find("finished " + (dir_.path() / "sgperf.data").string()), std::string::npos) << next.err;
  EXPECT_FALSE(fs::exists("sgperf.data/engine"));
  std::set<std::string> after = before;
  after.insert({"sgperf.data", "next", "out"});
  EXPECT_EQ(names_in("."), after);
  EXPECT_EQ(names_in(runtime_.path() / ("sgperf-" + std::to_string(geteuid()))).size(), 0u);
  const json all = profile();
  EXPECT_GT(self(all, "wasm!fib"), 100u) << all["functions"];
  EXPECT_LE(all["coverage"]["jit_unnamed"].get<uint64_t>() * 20, all["coverage"]["jit"].get<uint64_t>());
}

TEST_F(RecordEngines, NodeWhosePerfFileTheUserWants) {
  NEEDS("node", "Debian: nodejs");
  write_script("require('fs').readFileSync('work.wasm')", "console.log");
  const Result recorded = record({"node", "--perf-prof", "run.js"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  size_t dumps = 0;
  for (const std::string &name : names_in(".")) dumps += name.starts_with("jit-");
  EXPECT_EQ(dumps, 1u) << "it stays";
  expect_v8(node_optimises());
  // The other form, which V8 writes nowhere but in /tmp.
  const Result again = record({"node", "--perf-basic-prof", "run.js"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  const std::string map = "perf-" + std::to_string(profile()["processes"][0]["pid"].get<int>()) + ".map";
  EXPECT_TRUE(names_in("/tmp").contains(map));
  EXPECT_TRUE(names_in("sgperf.data").contains(map));
  fs::remove("/tmp/" + map);
  expect_v8(node_optimises());
}

TEST_F(RecordEngines, Deno) {
  NEEDS("deno", "npm: deno");
  write_script("Deno.readFileSync('work.wasm')", "console.log");
  const Result recorded = record_cleanly({"env", "DENO_NO_UPDATE_CHECK=1", "DENO_DIR=" + runtime_.path().string(),
                                          "deno", "run", "--allow-read", "run.js"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  expect_v8();
}

TEST_F(RecordEngines, Bun) {
  NEEDS("bun", "npm: bun");
  write_script("require('fs').readFileSync('work.wasm')", "console.log");
  const Result recorded = record_cleanly({"bun", "run.js"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  const json all = profile();
  expect_named(all, "work");
  EXPECT_GT(self(all, "work!fib", "omg"), 20u) << all["functions"];
}

TEST_F(RecordEngines, JavaScriptCore) {
  NEEDS("jsc", "Debian: libjavascriptcoregtk-4.0-bin");
  write_script("readFile('work.wasm', 'binary')", "print");
  const Result recorded = record_cleanly({"jsc", "run.js"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  const json all = profile();
  expect_named(all, "work");
  EXPECT_GT(self(all, "work!fib", "omg"), 20u) << all["functions"];
}

// Known by the library that it is linked against, whatever its own name.
TEST_F(RecordEngines, AHostOfJavaScriptCore) {
  NEEDS("gcc", "Debian: gcc");
  write_module(compiled);
  std::string bytes;
  for (const unsigned char byte : read_file("work.wasm")) bytes += std::to_string(byte) + ",";
  write_file("host.c",
             "#include <stddef.h>\n#include <stdio.h>\n"
             "void *JSGlobalContextCreate(void *), *JSStringCreateWithUTF8CString(const char *);\n"
             "const void *JSEvaluateScript(void *, void *, void *, void *, int, const void **);\n"
             "double JSValueToNumber(void *, const void *, const void **);\n"
             "int main(void) {\n"
             "  void *context = JSGlobalContextCreate(NULL);\n"
             "  void *script = JSStringCreateWithUTF8CString(\"new WebAssembly.Instance(new WebAssembly.Module(\"\n"
             "    \"new Uint8Array([" +
                 bytes +
                 "]))).exports.main()\");\n"
                 "  const void *result = JSEvaluateScript(context, script, NULL, NULL, 1, NULL);\n"
                 "  if (!result) return 1;\n"
                 "  printf(\"%.0f\\n\", JSValueToNumber(context, result, NULL));\n"
                 "  return 0;\n"
                 "}\n");
  const Result built = test::run({"gcc", "-O1", "host.c", "-o", "host", "-l:libjavascriptcoregtk-4.0.so.18"});
  if (built.err.find("cannot find -l") != std::string::npos)
    GTEST_SKIP() << "no libjavascriptcoregtk-4.0.so.18 (Debian: libjavascriptcoregtk-4.0-18)";
  ASSERT_EQ(built.exit_code, 0) << built.err;
  const Result recorded = record_cleanly({"./host"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  const json all = profile();
  expect_named(all, "work");
  EXPECT_GT(self(all, "work!fib", "omg"), 20u) << all["functions"];
}

TEST_F(RecordEngines, SpiderMonkeyWithoutPerfSaysSo) {
  NEEDS("js102", "Debian: libmozjs-102-dev");
  write_script("os.file.readFile('work.wasm', 'binary')", "print");
  const Result recorded = record_cleanly({"js102", "run.js"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  if (why_.find("no names") == std::string::npos) GTEST_SKIP() << "this js102 was built with perf support: " << why_;
  const json all = profile();
  EXPECT_EQ(self(all, "wasm!fib"), 0u);
  EXPECT_GT(all["coverage"]["jit_unnamed"].get<uint64_t>() * 2, all["coverage"]["samples"].get<uint64_t>());
  bool said = false;
  for (const json &what : all["missing"])
    said = said || what.get<std::string>().find("names of code made at run time") != std::string::npos;
  EXPECT_TRUE(said) << all["missing"];
}

// Nothing is told to Python or to the library: the image of the code in memory has the names.
TEST_F(RecordEngines, WasmtimeInPython) {
  NEEDS("python3", "Debian: python3");
  const fs::path library = cache_folder() / "engines/wasmtime-50.0.1/_libwasmtime.so";
  if (!fs::exists(library)) GTEST_SKIP() << library << " is missing (./dev test fetches it)";
  write_module(compiled);
  write_file("run.py", std::string(wasmtime_python) + "load(open('work.wasm', 'rb').read())\n"
                                                      "print(call(b'main', 1)[0].of.i32)\n");
  const Result recorded = record_cleanly({"/usr/bin/python3", "run.py", library, "work.wasm"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, std::to_string(compiled.result()) + "\n");
  EXPECT_NE(why_.find("nothing needed"), std::string::npos) << why_;
  expect_named(profile(), "work");
}

// What a program registers for debuggers is seen from outside, with the library inside and without it.
TEST_F(RecordEngines, CodeRegisteredForDebuggers) {
  const std::string program = build_dir() / "tests/command/gdb-jit-program";
  for (const char *with : {"--preload", "--no-preload"}) {
    Words switches{"-F", "2000"};
    if (with == std::string("--no-preload")) switches.push_back(with);
    const Result recorded = record({program, "0.6"}, switches);
    EXPECT_EQ(recorded.out, "done\n") << recorded.err;
    const json all = profile();
    const uint64_t samples = all["coverage"]["samples"];
    const uint64_t first = self(all, "made_first"), second = self(all, "made_second");
    EXPECT_GT((first + second) * 10, samples * 8) << with << all["functions"];
    // Both were at the same address; a change is seen within a twentieth of a second.
    EXPECT_GT(first * 10, samples * 3) << with << all["functions"];
    EXPECT_GT(second * 10, samples * 3) << with << all["functions"];
  }
}

TEST_F(RecordEngines, CodeRegisteredForDebuggersSeenByALateAttach) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, or ptrace_scope 0";
  const pid_t pid = fork();
  if (pid == 0) {
    const fs::path program = build_dir() / "tests/command/gdb-jit-program";
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(null, STDOUT_FILENO);
    execl(program.c_str(), program.c_str(), "2", nullptr);
    _exit(9);
  }
  usleep(300000);
  const Result recorded = sgperf({"record", "-q", "-p", std::to_string(pid), "--duration", "0.5"});
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  const json all = profile();
  EXPECT_GT(self(all, "made_first") * 10, all["coverage"]["samples"].get<uint64_t>() * 8) << all["functions"];
}

TEST_F(RecordEngines, LlvmInPython) {
  if (test::run({"/usr/bin/python3", "-c", "import llvmlite"}).exit_code != 0)
    GTEST_SKIP() << "no llvmlite (Debian: python3-llvmlite)";
  write_file("run.py", R"(import ctypes, time
import llvmlite.binding as llvm
llvm.initialize(); llvm.initialize_native_target(); llvm.initialize_native_asmprinter()
text = """
define i64 @%s(i64 %%n) {
entry:
  br label %%loop
loop:
  %%i = phi i64 [0, %%entry], [%%j, %%loop]
  %%x = phi i64 [1, %%entry], [%%z, %%loop]
  %%y = mul i64 %%x, 1664525
  %%z = add i64 %%y, 1013904223
  %%j = add i64 %%i, 1
  %%c = icmp ult i64 %%j, %%n
  br i1 %%c, label %%loop, label %%done
done:
  ret i64 %%z
}
"""
target = llvm.Target.from_default_triple().create_target_machine()
engine = llvm.create_mcjit_compiler(llvm.parse_assembly(''), target)
for name in ('made_first', 'made_second'):
    module = llvm.parse_assembly(text % name)
    engine.add_module(module)
    engine.finalize_object()
    call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(engine.get_function_address(name))
    end = time.time() + 0.7
    while time.time() < end: call(1000000)
    engine.remove_module(module)
)");
  const Result recorded = record_cleanly({"/usr/bin/python3", "run.py"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  const json all = profile();
  const uint64_t samples = all["coverage"]["samples"];
  EXPECT_GT(self(all, "made_first") * 10, samples * 3) << all["functions"];
  EXPECT_GT(self(all, "made_second") * 10, samples * 3) << all["functions"];
}

// A host that is linked with the library: its calls are seen, and the bytes of the module are taken from them.
TEST_F(RecordEngines, AHostOfLibwasmtime) {
  const fs::path library = cache_folder() / "engines/wasmtime-50.0.1/_libwasmtime.so";
  if (!fs::exists(library)) GTEST_SKIP() << library << " is missing (./dev test fetches it)";
  NEEDS("clang-16", "Debian: clang-16");
  write_file("work.c", R"(__attribute__((noinline)) static int step(int x) {
  return x * 1664525 + 1013904223;
}
__attribute__((export_name("run"))) int run(int x) {
  for (int i = 0; i < 1000000; i++) x = step(x);
  return x & 1;
}
)");
  const Result compiled = run(
      {"clang-16", "--target=wasm32", "-g", "-O1", "-nostdlib", "-Wl,--no-entry", "work.c", "-o", "hidden"}, options());
  if (compiled.exit_code != 0) GTEST_SKIP() << "clang-16 cannot make modules here: " << compiled.err;
  const std::string digest = run({"sha256sum", "hidden"}).out.substr(0, 64);
  for (const char *api : {"wasm", "wasmtime"}) {
    SCOPED_TRACE(api);
    const Result recorded =
        record_cleanly({"env", "LD_LIBRARY_PATH=" + library.parent_path().string(), "LINKED_HOST_MODULE=hidden",
                        build_dir() / "tests/preload/linked_host", api, "500"});
    EXPECT_LT(recorded.exit_code, 100) << recorded.err;
    std::vector<std::string> modules;
    for (const std::string &name : names_in("sgperf.data"))
      if (name.starts_with("module-")) modules.push_back(name);
    EXPECT_EQ(modules, std::vector<std::string>{"module-" + digest + ".wasm"});
    const json all = profile();
    EXPECT_GT(self(all, "wasm!step"), 20u);
    bool lines = false;
    for (const json &row : all["lines"])
      lines = lines || (row["file"].get<std::string>().ends_with("work.c") && row["line"] == 2);
    EXPECT_TRUE(lines) << all["lines"] << all["missing"];
    fs::remove_all("sgperf.data");
  }
}

// Wasmer tells libgcc where its functions are, in the order of their indices: the module's names are theirs.
TEST_F(RecordEngines, Wasmer) {
  const fs::path wasmer = cache_folder() / "engines/wasmer-cli-7.4.2/wasmer";
  if (!fs::exists(wasmer)) GTEST_SKIP() << wasmer << " is missing (a long build: `sgperf engines install wasmer-cli`)";
  NEEDS("clang-16", "Debian: clang-16");
  write_file("work.c", R"(#include <stdio.h>
__attribute__((noinline)) int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
int main(void) { printf("%d\n", fib(34)); return 0; }
)");
  const Result compiled =
      test::run({"clang-16", "--target=wasm32-wasi", "-O2", "work.c", "-o", "work.wasm"}, options());
  if (compiled.exit_code != 0) GTEST_SKIP() << "clang-16 cannot make WASI modules here: " << compiled.err;
  // Its home, where it keeps what it compiled.
  Options with = options();
  with.env.push_back("WASMER_DIR=" + (dir_.path() / "home").string());
  const fs::path command = build_dir() / "cli/command/sgperf";
  int known = 0;
  for (const char *compiler : {"--cranelift", "--singlepass", "--llvm"}) {
    SCOPED_TRACE(compiler);
    if (test::run({wasmer, "run", compiler, "work.wasm"}, with).exit_code != 0) continue; // built without it
    ++known;
    const Result recorded = test::run({command, "record", "-q", "--", wasmer, "run", compiler, "work.wasm"}, with);
    EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
    EXPECT_EQ(recorded.out, "5702887\n");
    const json all = profile();
    const uint64_t samples = all["coverage"]["samples"];
    EXPECT_GT(self(all, "work!fib") * 10, samples * 3) << all["functions"];
    fs::remove_all("sgperf.data");
    // Alone, without a recorder: its functions by the module that the command names.
    with.env.push_back("LD_PRELOAD=" + (build_dir() / "libsgperf/libsgperf.so.1").string());
    EXPECT_EQ(test::run({wasmer, "run", compiler, "work.wasm"}, with).out, "5702887\n");
    with.env.pop_back();
    const Result report = test::run({command, "report", "--top", "0"}, with);
    EXPECT_NE(report.out.find("work!fib"), std::string::npos) << report.out << report.err;
    EXPECT_NE(report.out.find("start-up+compile"), std::string::npos) << report.out;
  }
  EXPECT_GT(known, 0);
}

TEST_F(RecordEngines, AnInterpreterHasNoCodeToName) {
  NEEDS("wasm-interp", "Debian: wabt");
  write_module(interpreted);
  const Result recorded = record_cleanly({"wasm-interp", "work.wasm", "--run-all-exports"});
  EXPECT_NE(recorded.out.find("main() => i32:" + std::to_string(static_cast<uint32_t>(interpreted.result()))),
            std::string::npos)
      << recorded.out << recorded.err;
  EXPECT_NE(why_.find("interpreter"), std::string::npos) << why_;
  const json all = profile();
  const uint64_t samples = all["coverage"]["samples"];
  EXPECT_GT(samples, 100u);
  EXPECT_EQ(all["coverage"]["jit"], 0);
  EXPECT_GT(side(all, "runtime") * 10, samples * 8) << all["functions"];
  EXPECT_EQ(side(all, "guest"), 0u);
}

// ---- the same as perf ----

// Of two runs with n1 and n2 samples, k1 and k2 of them in a function: with p = (k1 + k2) / (n1 + n2), the difference
// of the shares has a standard deviation of at most s = sqrt(p (1 - p) (1/n1 + 1/n2)) if samples are independent
// (binomial; a timer's are more even than that).  One sample is added for functions of few.
void expect_share(const std::string &name, uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2) {
  const auto real = [](uint64_t value) { return static_cast<double>(value); };
  const double p = real(k1 + k2) / real(n1 + n2);
  const double s = std::sqrt(p * (1 - p) * (1 / real(n1) + 1 / real(n2)));
  EXPECT_LE(std::abs(real(k1) / real(n1) - real(k2) / real(n2)), 4 * s + 1 / real(std::min(n1, n2)))
      << name << ": perf " << k1 << " of " << n1 << ", sgperf " << k2 << " of " << n2;
}

class AsPerf : public RecordEngines {
protected:
  void SetUp() override {
    if (in_path("perf").empty()) GTEST_SKIP() << "no perf in the PATH (Debian: linux-perf)";
    RecordEngines::SetUp();
  }
  // Symbol -> samples, and under "" their sum.
  std::map<std::string, uint64_t> perf(const Words &command) {
    Words arguments{"perf", "record", "-q", "-F", "999", "-e", "cpu-clock", "-g", "-o", "perf.out", "--"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    Options with_home = options();
    with_home.env.push_back("HOME=" + dir_.path().string()); // perf's cache of build ids
    const Result recorded = test::run(arguments, with_home);
    EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
    const Result report = test::run({"perf", "report", "-i", "perf.out", "--stdio", "--no-children", "-g", "none", "-F",
                                     "sample,symbol", "-t", ";", "--percent-limit", "0"},
                                    with_home);
    EXPECT_EQ(report.exit_code, 0) << report.err;
    std::map<std::string, uint64_t> rows;
    std::istringstream in(report.out);
    for (std::string line; std::getline(in, line);) {
      const size_t mark = line.find(";[");
      if (line.starts_with('#') || mark == std::string::npos || mark + 5 > line.size()) continue;
      std::string name = line.substr(mark + 5);
      name.erase(name.find_last_not_of(' ') + 1);
      const uint64_t count = std::strtoull(line.c_str(), nullptr, 10);
      rows[name] += count;
      rows[""] += count;
    }
    return rows;
  }
};

TEST_F(AsPerf, SharesOfANativeProgram) {
  // Four functions with 1, 2, 3 and 4 parts of the time, in rounds of about a millisecond: what disturbs the machine
  // disturbs them alike.
  std::string text = "#include <stdio.h>\n";
  for (const char *name : {"one", "two", "three", "four"})
    text +=
        std::string("__attribute__((noinline)) unsigned ") + name +
        "(unsigned x, int n) { for (int i = 0; i < n; i++) x = x * 1664525u + 1013904223u + (x >> 16); return x; }\n";
  text += "int main(void) { unsigned x = 1; for (int i = 0; i < 2400; i++) {\n"
          "x = one(x, 25000); x = two(x, 50000); x = three(x, 75000); x = four(x, 100000); }\n"
          "printf(\"%u\\n\", x); return 0; }\n";
  write_file("parts.c", text);
  // No folding of functions that are the same: their names would be one.
  const Result built =
      test::run({"gcc", "-O1", "-g", "-fno-ipa-icf", "-fno-omit-frame-pointer", "parts.c", "-o", "parts"});
  ASSERT_EQ(built.exit_code, 0) << built.err;
  auto rows = perf({"./parts"});
  ASSERT_EQ(record({"./parts"}, {"-F", "999", "-e", "cpu-clock"}).exit_code, 0);
  const json all = profile();
  const uint64_t samples = all["coverage"]["samples"];
  ASSERT_GT(rows[""], 300u);
  ASSERT_GT(samples, 300u);
  for (const char *name : {"one", "two", "three", "four"}) {
    EXPECT_GT(rows[name], 20u) << name;
    expect_share(name, rows[name], rows[""], self(all, name), samples);
  }
}

TEST_F(AsPerf, SharesOfAGuestOfWasmtime) {
  const fs::path wasmtime = stock_wasmtime();
  if (!fs::exists(wasmtime)) GTEST_SKIP() << wasmtime << " is missing (./dev test fetches it)";
  std::string text = "(module $parts\n";
  for (const char *name : {"one", "two", "three", "four"})
    text += std::string("  (func $") + name +
            " (param $x i32) (param $n i32) (result i32) (loop $again\n"
            "    (local.set $x (i32.add (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223))\n"
            "      (i32.shr_u (local.get $x) (i32.const 16))))\n"
            "    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $x))\n";
  text += "  (memory (export \"memory\") 1)\n"
          "  (func (export \"_start\") (local $x i32) (local $i i32) (local.set $i (i32.const 2400)) (loop $again\n";
  for (const auto &[name, count] : std::map<std::string, int>{{"one", 25}, {"two", 50}, {"three", 75}, {"four", 100}})
    text += "    (local.set $x (call $" + name + " (local.get $x) (i32.const " + std::to_string(count * 1000) + ")))\n";
  text += "    (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))))\n";
  write_file("parts.wat", text);
  const Result built = test::run({"wat2wasm", "--debug-names", "parts.wat", "-o", "parts.wasm"});
  ASSERT_EQ(built.exit_code, 0) << built.err;
  // perf has names of the guest only from a map; sgperf has them without.  The exec keeps the shell's number.
  auto rows = perf({"/bin/sh", "-c", "echo $$ >pid; exec \"$0\" run --profile=perfmap parts.wasm", wasmtime});
  std::string pid = read_file("pid");
  pid.resize(pid.find('\n'));
  fs::remove("/tmp/perf-" + pid + ".map");
  ASSERT_EQ(record({wasmtime, "run", "parts.wasm"}, {"-F", "999", "-e", "cpu-clock"}).exit_code, 0);
  const json all = profile();
  // Shares of what the guest had: perf's run also writes the map, and starts a shell.
  uint64_t of_perf = 0, of_sgperf = 0;
  const auto perf_samples = [&](const std::string &name) {
    uint64_t sum = 0;
    for (const auto &[symbol, count] : rows)
      if (symbol == name || symbol.ends_with("::" + name)) sum += count;
    return sum;
  };
  for (const char *name : {"one", "two", "three", "four"}) {
    of_perf += perf_samples(name);
    of_sgperf += self(all, std::string("parts!") + name);
  }
  ASSERT_GT(of_perf, 300u) << ::testing::PrintToString(rows);
  ASSERT_GT(of_sgperf, 300u) << all["functions"];
  for (const char *name : {"one", "two", "three", "four"})
    expect_share(name, perf_samples(name), of_perf, self(all, std::string("parts!") + name), of_sgperf);
}

} // namespace
} // namespace sgperf::test
