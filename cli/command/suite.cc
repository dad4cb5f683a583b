// SPDX-License-Identifier: Apache-2.0
// `sgperf suite`: what there is to run, and what is done to workloads: built, checked, described, chosen.
#include "command/commands.h"
#include "command/suite_commands.h"
#include "run/inventory.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sgperf::command {

void add_suite(CLI::App &app, Action &action) {
  auto json = std::make_shared<bool>(false);
  CLI::App *sub = app.add_subcommand("suite", "List workloads and suites; build, validate, describe and pick them");
  sub->add_flag("--json", *json, "As JSON");
  sub->require_subcommand(0, 1);
  add_suite_build(*sub, action);
  add_suite_validate(*sub, action);
  add_suite_describe(*sub, action);
  add_suite_pick(*sub, action);
  sub->callback([sub, json, &action] {
    if (!sub->get_subcommands().empty()) return; // has set its own
    action = [json] {
      run::print_suites(*json);
      return exit_ok;
    };
  });
}

} // namespace sgperf::command
