// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "run/inventory.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace sgperf::command {

void add_engines(CLI::App &app, Action &action) {
  struct Arguments {
    std::vector<std::string> engines;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub =
      app.add_subcommand("engines", "List engines: version, library, tiers, what they can do, what is missing");
  sub->add_option("engine", arguments->engines, "Only these: names, or paths of plug-ins (default: all installed)");
  sub->add_flag("--json", arguments->json, "As JSON");
  sub->callback([arguments, &action] {
    action = [arguments] {
      return run::print_engines(arguments->engines, arguments->json) ? exit_ok : exit_environment;
    };
  });
}

} // namespace sgperf::command
