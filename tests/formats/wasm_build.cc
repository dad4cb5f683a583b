// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_build.h"

namespace sgperf::test {

std::string build_wasm(const std::filesystem::path &folder, const std::string &source, std::string &why,
                       const WasmBuild &build) {
  const auto from = folder / build.name, object = folder / "guest.o", module = folder / "guest.wasm";
  write_file(from, source);
  // The name of the file as given: DWARF has it.
  std::vector<std::string> compile{"clang-16", "--target=wasm32", "-nostdlib", "-c", build.name, "-o", object};
  compile.insert(compile.end(), build.compile.begin(), build.compile.end());
  std::vector<std::string> link{"wasm-ld-16", object, "-o", module};
  link.insert(link.end(), build.link.begin(), build.link.end());
  Options options;
  options.cwd = folder;
  for (const auto &command : {compile, link}) {
    const Result result = run(command, options);
    if (result.exit_code == 0) continue;
    why = command[0] + ": exit code " + std::to_string(result.exit_code) + "\n" + result.err;
    return "";
  }
  return read_file(module);
}

// The lines are counted by the tests: keep them.
const char *const guest_source = R"(
__attribute__((import_module("host"), import_name("tick"))) int tick(int);
#define EXPORT __attribute__((visibility("default")))

static inline __attribute__((always_inline)) int square(int x) {
  volatile int y = x;
  return y * y;
}

static __attribute__((noinline)) int fib(int n) {
  if (n < 2) return square(n);
  return fib(n - 1) + fib(n - 2);
}

EXPORT int run(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i)
    sum += fib(i) + tick(i);
  return sum;
}

EXPORT int twice(int n) { return run(n) + run(n + 1); }
)";

} // namespace sgperf::test
