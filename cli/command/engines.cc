// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "run/engine_install.h"
#include "run/engine_listing.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace sgperf::command {
namespace {

int exit_code(run::InstallOutcome outcome) {
  switch (outcome) {
  case run::InstallOutcome::done:
    return exit_ok;
  case run::InstallOutcome::usage:
    return exit_usage;
  case run::InstallOutcome::failed:
    return exit_failed;
  case run::InstallOutcome::environment:
    return exit_environment;
  case run::InstallOutcome::interrupted:
    return exit_interrupted;
  }
  return exit_environment;
}

CLI::App *add_install(CLI::App &engines, Action &action) {
  auto wishes = std::make_shared<run::InstallWishes>();
  CLI::App *sub = engines.add_subcommand(
      "install", "Fetch or build engines into the cache, by the names of packages; again it goes on where it was");
  sub->add_option("name", wishes->names,
                  "Engines as `sgperf engines` lists them, or all: every engine that is not heavy")
      ->required();
  sub->add_flag("--heavy", wishes->heavy, "all: also those that take more than 10 minutes of CPU to build");
  sub->add_flag("--force", wishes->force, "Fetch and build again what is there");
  sub->add_flag("--dry-run", wishes->dry_run, "Only say what would be done: packages, licences, folders");
  sub->add_option("--accept-licence", wishes->accepted,
                  "A licence that must be accepted by name (wasmer-llvm: BUSL-1.1)")
      ->allow_extra_args(false);
  sub->callback([wishes, &action] { action = [wishes] { return exit_code(run::install_engines(*wishes)); }; });
  return sub;
}

} // namespace

void add_engines(CLI::App &app, Action &action) {
  struct Arguments {
    std::vector<std::string> engines;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand(
      "engines", "List engines: version, library, tiers, what they can do; how to get the others. Install them");
  sub->add_option("engine", arguments->engines, "Only these: names, or paths of plug-ins (default: all)");
  sub->add_flag("--json", arguments->json, "As JSON");
  const CLI::App *install = add_install(*sub, action);
  sub->callback([arguments, install, &action] {
    if (install->parsed()) return; // its own callback has been called
    action = [arguments] {
      return run::print_engines(arguments->engines, arguments->json) ? exit_ok : exit_environment;
    };
  });
}

} // namespace sgperf::command
