// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "emit/readable.h"
#include "run/killed_runs.h"
#include "run/leftovers.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <vector>

namespace sgperf::command {
namespace {

struct Arguments {
  bool yes = false, dry_run = false;
};

// Not what goes into a recording.
std::vector<run::Leftover> removable(const run::Leftovers &found, const std::vector<run::KilledRun> &killed) {
  std::vector<run::Leftover> out;
  for (const run::Leftover &entry : found.ended)
    if (std::none_of(killed.begin(), killed.end(),
                     [&](const auto &run) { return run.folder == entry.session.parent_path(); }))
      out.push_back(entry);
  return out;
}

int clean(const Arguments &arguments) {
  const std::vector<run::KilledRun> killed = run::find_killed_runs();
  const run::Leftovers found = run::find_leftovers();
  const std::vector<run::Leftover> ended = removable(found, killed);
  double bytes = 0;
  for (const run::KilledRun &entry : killed)
    std::printf("%s: its recorder was killed; to be finished: what it left elsewhere is moved into it\n",
                entry.recording.c_str());
  for (const run::Leftover &entry : ended) {
    bytes += entry.bytes;
    std::printf("%s  %s (pid %u, %s)  %s\n", entry.session.c_str(), entry.comm.c_str(), entry.pid, entry.state.c_str(),
                emit::bytes(entry.bytes).c_str());
  }
  for (const std::string &sentence : found.strange) std::printf("left alone: %s\n", sentence.c_str());
  if (found.live) std::printf("%zu of running programs are left alone\n", found.live);
  if (ended.empty() && killed.empty()) {
    std::printf("nothing to remove\n");
    return exit_ok;
  }
  if (!ended.empty()) std::printf("%zu sessions of ended programs, %s\n", ended.size(), emit::bytes(bytes).c_str());
  if (arguments.dry_run) return exit_ok;
  if (!arguments.yes) {
    if (!isatty(STDIN_FILENO)) {
      std::printf("nothing was removed: say --yes, since there is no terminal to ask on\n");
      return exit_ok;
    }
    std::printf("%s? [y/N] ", killed.empty()  ? "remove them"
                              : ended.empty() ? "finish them"
                                              : "finish and remove them");
    std::fflush(stdout);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "yes") return exit_ok;
  }
  size_t failed = 0;
  bool trouble = false;
  for (const run::KilledRun &entry : killed) {
    std::string problems;
    if (run::finish_killed_run(entry, problems) && problems.empty())
      std::printf("finished %s\n", entry.recording.c_str());
    else if (!problems.empty()) {
      std::fprintf(stderr, "sgperf clean: %s", problems.c_str());
      trouble = true;
    }
  }
  for (const run::Leftover &entry : ended) {
    std::string error;
    if (run::remove_leftover(entry, error)) continue;
    std::fprintf(stderr, "sgperf clean: %s\n", error.c_str());
    ++failed;
  }
  run::remove_empty_run_folders();
  if (!ended.empty()) std::printf("removed %zu sessions\n", ended.size() - failed);
  return failed || trouble ? exit_environment : exit_ok;
}

} // namespace

void add_clean(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand("clean", "Remove your session files of programs that have ended, and finish "
                                              "recordings whose recorder was killed");
  sub->add_flag("-y,--yes", arguments->yes, "Do not ask");
  sub->add_flag("-n,--dry-run", arguments->dry_run, "Only list");
  sub->callback([arguments, &action] { action = [arguments] { return clean(*arguments); }; });
}

} // namespace sgperf::command
