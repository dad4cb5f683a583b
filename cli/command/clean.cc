// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "emit/readable.h"
#include "run/leftovers.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>

namespace sgperf::command {
namespace {

struct Arguments {
  bool yes = false, dry_run = false;
};

int clean(const Arguments &arguments) {
  const run::Leftovers found = run::find_leftovers();
  double bytes = 0;
  for (const run::Leftover &entry : found.ended) {
    bytes += entry.bytes;
    std::printf("%s  %s (pid %u, %s)  %s\n", entry.session.c_str(), entry.comm.c_str(), entry.pid, entry.state.c_str(),
                emit::bytes(entry.bytes).c_str());
  }
  for (const std::string &sentence : found.strange) std::printf("left alone: %s\n", sentence.c_str());
  if (found.live) std::printf("%zu of running programs are left alone\n", found.live);
  if (found.ended.empty()) {
    std::printf("nothing to remove\n");
    return exit_ok;
  }
  std::printf("%zu sessions of ended programs, %s\n", found.ended.size(), emit::bytes(bytes).c_str());
  if (arguments.dry_run) return exit_ok;
  if (!arguments.yes) {
    if (!isatty(STDIN_FILENO)) {
      std::printf("nothing was removed: say --yes, since there is no terminal to ask on\n");
      return exit_ok;
    }
    std::printf("remove them? [y/N] ");
    std::fflush(stdout);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "yes") return exit_ok;
  }
  size_t failed = 0;
  for (const run::Leftover &entry : found.ended) {
    std::string error;
    if (run::remove_leftover(entry, error)) continue;
    std::fprintf(stderr, "sgperf clean: %s\n", error.c_str());
    ++failed;
  }
  run::remove_empty_run_folders();
  std::printf("removed %zu sessions\n", found.ended.size() - failed);
  return failed ? exit_environment : exit_ok;
}

} // namespace

void add_clean(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand("clean", "Remove your session files of programs that have ended");
  sub->add_flag("-y,--yes", arguments->yes, "Do not ask");
  sub->add_flag("-n,--dry-run", arguments->dry_run, "Only list");
  sub->callback([arguments, &action] { action = [arguments] { return clean(*arguments); }; });
}

} // namespace sgperf::command
