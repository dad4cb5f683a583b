// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "run/inventory.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sgperf::command {

void add_suite(CLI::App &app, Action &action) {
  auto json = std::make_shared<bool>(false);
  CLI::App *sub = app.add_subcommand("suite", "List workloads and suites");
  sub->add_flag("--json", *json, "As JSON");
  sub->callback([json, &action] {
    action = [json] {
      run::print_suites(*json);
      return exit_ok;
    };
  });
}

} // namespace sgperf::command
