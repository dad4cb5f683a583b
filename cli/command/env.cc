// SPDX-License-Identifier: Apache-2.0
// `sgperf env`: the preload line of this build, and the variables that change something.
#include "command/commands.h"
#include "run/paths.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace sgperf::command {
namespace {

struct Variable {
  const char *name, *meaning;
};

constexpr Variable variables[] = {
    {"SGPERF_SITES", "which sites are on: GLOB,!GLOB,.. (default all)"},
    {"SGPERF_HIST", "sites that keep a log2 histogram: GLOB,!GLOB,.. (default those that ask for one)"},
    {"SGPERF_TIMER", "tsc or clock (default tsc where it is invariant)"},
    {"SGPERF_FORK",
     "follow or 0: forked children are measured always or never (default: if forked before anything was)"},
    {"SGPERF_FOLLOW_EXEC", "0: programs that the started one executes are not measured (default: they are)"},
    {"SGPERF_DIR",
     "absolute folder of session files (default sgperf-<uid> in XDG_RUNTIME_DIR, /dev/shm, /run or /tmp)"},
    {"SGPERF_JIT", "jitdump or perfmap: also write what the engine reports as JIT code for perf"},
    {"SGPERF_CACHE", "fetched engines and compiled artefacts (default ~/.cache/sgperf)"},
    {"SGPERF_ENGINES", "folders with engine plug-ins, before the installed ones"},
    {"SGPERF_BENCHMARKS", "folders with workloads and suites, before the installed ones"},
    {"LD_PRELOAD", "what is preloaded already; `sgperf record` keeps it"},
    {"XDG_RUNTIME_DIR", "where session files go first, if it is a tmpfs"},
    {"NO_COLOR", "set: no colours and no escape codes"},
};

int env() {
  const auto library = run::paths().library;
  std::error_code ignored;
  const bool there = std::filesystem::exists(library, ignored);
  if (!there) {
    std::fprintf(stderr,
                 "sgperf env: expected the library at %s, found nothing there; build or install sgperf as a whole\n",
                 library.c_str());
    return exit_environment;
  }
  std::printf("LD_PRELOAD=%s\n\n", library.c_str());
  std::printf("# this is %s; put the line above before a command, or: export LD_PRELOAD\n",
              run::paths().build_tree ? "a build tree, not an installation" : "the installed library");
  for (const Variable &variable : variables) {
    const char *value = std::getenv(variable.name);
    std::printf("# %-18s %-12s %s\n", variable.name, value ? (*value ? value : "(empty)") : "(not set)",
                variable.meaning);
  }
  return exit_ok;
}

} // namespace

void add_env(CLI::App &app, Action &action) {
  CLI::App *sub = app.add_subcommand("env", "Print the LD_PRELOAD line and the environment variables");
  sub->callback([&action] { action = env; });
}

} // namespace sgperf::command
