// SPDX-License-Identifier: Apache-2.0
// `sgperf suite validate`: whether modules are workloads.
#include "run/suite_validate.h"
#include "command/suite_commands.h"
#include "command/text_output.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>

namespace sgperf::command {
namespace {

struct Arguments {
  run::ValidateOptions options;
  bool no_run = false, json = false;
};

std::string joined(const std::vector<std::string> &lines) {
  std::string text;
  for (const std::string &line : lines) text += (text.empty() ? "" : "; ") + line;
  // One line a file, whatever an engine says.
  for (char &c : text)
    if (c == '\n') c = ' ';
  return text;
}

// What was read says its path itself, which stands in front of the line already.
std::string without(const std::string &start, const std::string &text) {
  return text.starts_with(start) ? text.substr(start.size()) : text;
}

std::string as_json(const run::Validations &found) {
  using json = nlohmann::ordered_json;
  json files = json::array();
  for (const run::Validation &one : found.files)
    files.push_back({{"id", one.id},
                     {"path", one.path},
                     {"valid", one.problems.empty()},
                     {"ran", one.ran},
                     {"problems", one.problems},
                     {"remarks", one.remarks}});
  return json{{"schema", 1}, {"engine", found.engine}, {"files", files}}.dump(1, ' ', false,
                                                                              json::error_handler_t::replace) +
         "\n";
}

int validate(Arguments &arguments) {
  arguments.options.run = !arguments.no_run;
  const run::Validations found = run::validate_workloads(arguments.options);
  if (!found.error.empty()) {
    std::fprintf(stderr, "sgperf suite validate: %s\n", found.error.c_str());
    return found.no_engine ? exit_environment : exit_usage;
  }
  bool all = true;
  std::string text;
  for (const run::Validation &one : found.files) {
    all = all && one.problems.empty();
    const std::string remarks = one.remarks.empty() ? "" : " (" + joined(one.remarks) + ")";
    if (!one.problems.empty())
      text += "invalid  " + one.path + ": " + without(one.path + ": ", joined(one.problems)) + remarks + "\n";
    else
      text += "valid    " + one.path + ": " +
              (one.ran ? "run by " + found.engine + ", marks called once and in order" : "not run") + remarks + "\n";
  }
  if (!write_text("suite validate", arguments.json ? as_json(found) : text, "")) return exit_environment;
  return found.interrupted ? exit_interrupted : all ? exit_ok : exit_failed;
}

} // namespace

void add_suite_validate(CLI::App &suite, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = suite.add_subcommand(
      "validate", "Check that modules are workloads: valid, _start, both marks, called once and in order");
  sub->add_option("module", arguments->options.workloads, "Paths of modules, names of workloads, suites")->required();
  sub->add_option("-e,--engine", arguments->options.engine, "What runs them (default: wasmtime, else wabt)");
  sub->add_option("--timeout", arguments->options.timeout_s, "Seconds that one run may take")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_flag("--no-run", arguments->no_run, "Only what can be seen without running them");
  sub->add_flag("--json", arguments->json, "As JSON");
  sub->callback([arguments, &action] { action = [arguments] { return validate(*arguments); }; });
}

} // namespace sgperf::command
