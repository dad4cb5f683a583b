// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>

int main(int argc, char **argv) {
  namespace command = sgperf::command;
  CLI::App app{"Measure WebAssembly engines: phases, scopes, counters, per region of time.", "sgperf"};
  app.set_version_flag("--version", "sgperf " SGPERF_PROJECT_VERSION);
  app.require_subcommand(1);
  command::Action action;
  // Behind -- of bench stands what is the guest's own: the parser would take it for workloads.
  std::vector<std::string> words(argv + 1, argv + argc);
  std::optional<std::vector<std::string>> guest;
  if (const auto end = std::find(words.begin(), words.end(), "--"); end != words.end() && words[0] == "bench") {
    guest.emplace(end + 1, words.end());
    words.erase(end, words.end());
  }
  command::add_bench(app, action, guest);
  command::add_record(app, action);
  command::add_report(app, action);
  command::add_top(app, action);
  command::add_export(app, action);
  command::add_import(app, action);
  command::add_summarize(app, action);
  command::add_instrument(app, action);
  command::add_engines(app, action);
  command::add_suite(app, action);
  command::add_env(app, action);
  command::add_clean(app, action);
  try {
    std::reverse(words.begin(), words.end()); // as the parser wants them
    app.parse(words);
    return action ? action() : command::exit_usage;
  } catch (const CLI::ParseError &error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : command::exit_usage;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "sgperf: %s\n", error.what());
    return command::exit_environment;
  }
}
