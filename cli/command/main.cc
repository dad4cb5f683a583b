// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char **argv) {
  CLI::App app{"Measure WebAssembly engines: phases, scopes, counters, per region of time.", "sgperf"};
  app.set_version_flag("--version", "sgperf " SGPERF_PROJECT_VERSION);
  app.require_subcommand(1);
  sgperf::command::Action action;
  sgperf::command::add_bench(app, action);
  sgperf::command::add_engines(app, action);
  sgperf::command::add_suite(app, action);
  try {
    app.parse(argc, argv);
    return action ? action() : sgperf::command::exit_usage;
  } catch (const CLI::ParseError &error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : sgperf::command::exit_usage;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "sgperf: %s\n", error.what());
    return sgperf::command::exit_environment;
  }
}
