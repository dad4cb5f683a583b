// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "run/record_run.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sgperf::command {

void add_record(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<run::RecordOptions>();
  CLI::App *sub =
      app.add_subcommand("record", "Run a program as it is, with libsgperf preloaded, and keep its scopes and phases");
  sub->add_option("-o,--output", arguments->output, "The recording to make; an older one is kept as DIR.old")
      ->capture_default_str();
  sub->add_flag("--isolate", arguments->isolate,
                "Run the program once with all sites on, then once a site with only that site on");
  sub->add_option("--timer", arguments->timer, "tsc or clock; default: tsc where it is invariant")
      ->check(CLI::IsMember({"tsc", "clock"}));
  sub->add_option("--sites", arguments->sites, "Which sites are on: GLOB,!GLOB,..");
  sub->add_flag("-q,--quiet", arguments->quiet, "Print nothing of our own but problems");
  sub->add_option("command", arguments->command, "The program and its arguments, after --")->required();
  sub->positionals_at_end();
  sub->callback([arguments, &action] { action = [arguments] { return run::run_record(*arguments); }; });
}

} // namespace sgperf::command
