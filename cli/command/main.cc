// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char **argv) {
  namespace command = sgperf::command;
  CLI::App app{"Measure WebAssembly engines: phases, scopes, counters, per region of time.", "sgperf"};
  app.set_version_flag("--version", "sgperf " SGPERF_PROJECT_VERSION);
  app.require_subcommand(1);
  command::Action action;
  command::add_bench(app, action);
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
    app.parse(argc, argv);
    return action ? action() : command::exit_usage;
  } catch (const CLI::ParseError &error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : command::exit_usage;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "sgperf: %s\n", error.what());
    return command::exit_environment;
  }
}
