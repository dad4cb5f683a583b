// SPDX-License-Identifier: Apache-2.0
#include "run/suite_tools.h"

#include "run/find_program.h"
#include "run/output_check.h"
#include "run/paths.h"
#include "run/shell_words.h"

#include <unistd.h>

#include <cstdlib>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

// What is set in the environment may have options: "clang --sysroot=..".
std::vector<std::string> words(const std::string &text) {
  if (auto plain = plain_words(text)) return *plain;
  return {text};
}

std::string wasm_compiler() {
  return tool("WASM_CC", find_program("clang-16").empty() ? "clang" : "clang-16");
}

// Where sgperf_bench.h is.
fs::path header_folder() {
  std::error_code ignored;
  for (const fs::path &folder : paths().workload_folders)
    if (fs::is_regular_file(folder / "sgperf_bench.h", ignored)) return folder;
  return {};
}

// The clock of what is built into files: the same in every build, unless the user has set one.
std::string epoch() {
  const char *given = getenv("SOURCE_DATE_EPOCH");
  return std::string("SOURCE_DATE_EPOCH=") + (given && *given ? given : "0");
}

} // namespace

std::string tool(const char *name, const char *otherwise) {
  const char *given = getenv(name);
  return given && *given ? given : otherwise;
}

std::string run_tool(const std::vector<std::string> &command, const ChildOptions &how, const SuiteRun &run,
                     bool &interrupted, ChildResult *result) {
  ChildOptions options = how;
  options.timeout_s = run.options->timeout_s;
  if (run.options->verbose)
    options.on_output = [](std::string_view text) {
      [[maybe_unused]] const ssize_t n = write(2, text.data(), text.size());
    };
  const ChildResult child = run_child(command, options);
  interrupted = interrupted || child.interrupted;
  if (result) *result = child;
  if (child.ok() && !child.interrupted) return "";
  std::string name = command[0];
  if (command.size() > 1 && command[1][0] != '-') name += " " + command[1];
  const std::string tail = tail_of(child.log, 20, 4000);
  return name + " " + failure_of(child, options) + (tail.empty() ? "" : "\n" + tail);
}

std::string run_script(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted) {
  ChildOptions how;
  how.cwd = recipe.folder;
  how.env = {"OUT=" + run.out.string(),
             "NAME=" + recipe.name,
             "WASM_CC=" + wasm_compiler(),
             "CC=" + tool("CC", "cc"),
             "SGPERF_INCLUDE=" + header_folder().string(),
             epoch()};
  return run_tool({"sh", recipe.file.filename()}, how, run, interrupted);
}

std::string run_c(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted) {
  ChildOptions how;
  how.cwd = recipe.folder; // relative names in messages, debug data and __FILE__ do not change with the place
  how.env = {epoch()};
  // As the workloads that come with sgperf: no contraction, which would round differently where the host has it.
  std::vector<std::string> common{"-O2", "-std=gnu11", "-ffp-contract=off"};
  if (const fs::path folder = header_folder(); !folder.empty()) common.push_back("-I" + folder.string());
  std::vector<std::string> command = words(wasm_compiler());
  command.insert(command.end(), {"--target=wasm32-wasi", "-mexec-model=command", "-Wl,--strip-debug"});
  command.insert(command.end(), common.begin(), common.end());
  command.insert(command.end(), {recipe.file.filename(), "-o", run.out / (recipe.name + ".wasm"), "-lm"});
  std::string problem = run_tool(command, how, run, interrupted);
  if (!problem.empty() || interrupted || !run.options->native) return problem;
  command = words(tool("CC", "cc"));
  command.insert(command.end(),
                 {"-shared", "-fPIC", "-Dmain=native_entry", "-fvisibility=hidden", "-fno-semantic-interposition"});
  command.insert(command.end(), common.begin(), common.end());
  command.insert(command.end(), {recipe.file.filename(), "-o", run.out / (recipe.name + ".so"), "-lm"});
  return run_tool(command, how, run, interrupted);
}

std::string run_wat(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted) {
  ChildOptions how;
  how.cwd = recipe.folder;
  std::vector<std::string> command = words(tool("WAT2WASM", "wat2wasm"));
  command.insert(command.end(), {"--debug-names", recipe.file.filename(), "-o", run.out / (recipe.name + ".wasm")});
  return run_tool(command, how, run, interrupted);
}

} // namespace sgperf::run
