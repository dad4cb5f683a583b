// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "run/import_sightglass.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sgperf::command {

void add_import(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<run::ImportOptions>();
  CLI::App *sub = app.add_subcommand("import", "Read Sightglass measurements (JSON or CSV) into a recording");
  sub->add_option("file", arguments->files, "Files to read")->required();
  sub->add_option("-o,--output", arguments->output, "The recording to make; an older one is kept as DIR.old")
      ->capture_default_str();
  sub->add_option("--format", arguments->format, "sightglass-json or sightglass-csv; default: seen from the text")
      ->check(CLI::IsMember({"sightglass-json", "sightglass-csv"}));
  sub->callback([arguments, &action] { action = [arguments] { return run::import_sightglass(*arguments); }; });
}

} // namespace sgperf::command
