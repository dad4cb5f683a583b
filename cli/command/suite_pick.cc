// SPDX-License-Identifier: Apache-2.0
// `sgperf suite pick`: a few workloads that stand for many.
#include "command/suite_commands.h"
#include "command/text_output.h"
#include "emit/pick_report.h"
#include "merge/load.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace sgperf::command {
namespace {

struct Arguments {
  std::vector<std::string> names;
  std::string recording, output;
  size_t count = 0;
  bool json = false;
};

int pick(const Arguments &arguments) {
  int code = exit_ok;
  const auto modules = read_modules("suite pick", arguments.names, code);
  if (code != exit_ok) return code; // a subset of what could be read would not stand for what was named
  std::string error;
  std::optional<merge::Model> model;
  if (!arguments.recording.empty()) {
    model = merge::load(arguments.recording, error);
    if (!model) {
      std::fprintf(stderr, "sgperf suite pick: %s\n", error.c_str());
      return exit_usage;
    }
  }
  const auto picked = emit::pick_workloads(modules, arguments.count, model ? &*model : nullptr, error);
  if (!picked) {
    std::fprintf(stderr, "sgperf suite pick: %s\n", error.c_str());
    return exit_usage;
  }
  if (!arguments.output.empty() && !write_text("suite pick", emit::pick_suite(modules, *picked), arguments.output))
    return exit_environment;
  const std::string text =
      arguments.json ? emit::pick_json(modules, *picked) : emit::pick_text(modules, *picked, terminal_style());
  return write_text("suite pick", text, "") ? exit_ok : exit_environment;
}

} // namespace

void add_suite_pick(CLI::App &suite, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub =
      suite.add_subcommand("pick", "Choose N workloads that stand for all, by clustering what they are made of");
  sub->add_option("n", arguments->count, "How many")->required();
  sub->add_option("workload", arguments->names, "Paths of modules, names of workloads, suites")->required();
  sub->add_option("--recording", arguments->recording, "Also by how engines differ on them in this recording of bench")
      ->type_name("RECORDING");
  sub->add_option("-o,--output", arguments->output, "Write the choice as a suite")->type_name("FILE.suite");
  sub->add_flag("--json", arguments->json, "As JSON");
  sub->callback([arguments, &action] { action = [arguments] { return pick(*arguments); }; });
}

} // namespace sgperf::command
