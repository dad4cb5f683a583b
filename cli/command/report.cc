// SPDX-License-Identifier: Apache-2.0
#include "emit/report.h"
#include "command/commands.h"
#include "command/report_text.h"
#include "command/text_output.h"
#include "merge/load.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace sgperf::command {
namespace {

struct Arguments {
  std::string recording, format = "text", output;
  bool all_sites = false, details = false;
  int width = -1;
  size_t top = emit::ReportOptions{}.top;
};

int report(const Arguments &arguments) {
  std::filesystem::path source = arguments.recording;
  std::string error, what;
  if (source.empty()) {
    const auto newest = merge::latest(what, error);
    if (!newest) {
      std::fprintf(stderr, "sgperf report: %s\n", error.c_str());
      return exit_usage;
    }
    source = *newest;
  } else
    what = source.string();
  const auto model = merge::load(source, error, arguments.recording.empty());
  if (!model) {
    std::fprintf(stderr, "sgperf report: %s\n", error.c_str());
    return exit_usage;
  }
  std::string text;
  if (arguments.format == "text") {
    emit::ReportOptions options;
    options.all_sites = arguments.all_sites;
    options.top = arguments.top;
    options.details = arguments.details;
    options.style = arguments.output.empty() ? terminal_style() : emit::TextStyle{};
    if (arguments.width >= 0) options.style.width = static_cast<size_t>(arguments.width);
    text = "report of " + what + "\n" + emit::to_text(*model, options);
  } else {
    // Tables for programs go to stdout alone; what they are of is told beside them.
    if (arguments.recording.empty()) std::fprintf(stderr, "sgperf report: %s\n", what.c_str());
    if (arguments.format == "json")
      text = emit::to_json(*model);
    else if (arguments.format == "csv")
      text = emit::to_csv(*model);
    else if (arguments.format == "sightglass-json")
      text = emit::to_sightglass_json(*model);
    else
      text = emit::to_sightglass_csv(*model);
  }
  return write_text("report", text, arguments.output) ? exit_ok : exit_environment;
}

} // namespace

int print_report(const std::filesystem::path &recording, bool json) {
  Arguments arguments;
  if (json) arguments.format = "json";
  arguments.recording = recording.string();
  return report(arguments);
}

void add_report(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand("report", "Print what a recording or a session says; the newest if none is named");
  sub->add_option("recording", arguments->recording,
                  "A recording (folder) or a session file; default: the newest of ./sgperf.data and your sessions");
  sub->add_option("--format", arguments->format, "text, json, csv, sightglass-json or sightglass-csv")
      ->check(CLI::IsMember({"text", "json", "csv", "sightglass-json", "sightglass-csv"}))
      ->capture_default_str();
  sub->add_flag(
      "--json", [arguments](int64_t) { arguments->format = "json"; }, "The same as --format json");
  sub->add_option("-o,--output", arguments->output, "Write to this file instead of stdout");
  sub->add_flag("--all-sites", arguments->all_sites, "Also list sites that were never called");
  sub->add_flag("--details", arguments->details,
                "Of a bench with many cells also every phase and measure of each cell");
  sub->add_option("--top", arguments->top, "Rows of each table of a profile; 0 = all")->capture_default_str();
  sub->add_option("--width", arguments->width, "Columns of the text; 0 = as wide as it needs (default 120)");
  sub->callback([arguments, &action] { action = [arguments] { return report(*arguments); }; });
}

} // namespace sgperf::command
