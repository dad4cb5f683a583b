// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "command/report_text.h"
#include "run/bench_run.h"
#include "run/inventory.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace sgperf::command {
namespace {

struct Arguments {
  run::BenchOptions options;
  std::vector<std::string> guest_env;
  std::string guest_folder, guest_stdin;
  bool list = false, no_calibration = false;
};

std::vector<std::string> command_line() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) words.push_back(word);
  return words;
}

// False: said on stderr.
bool take_guest(const Arguments &arguments, run::BenchOptions &options) {
  std::string error, entry;
  const auto wrong = [&error](const char *option) {
    std::fprintf(stderr, "sgperf bench: %s %s\n", option, error.c_str());
    return false;
  };
  for (const std::string &text : arguments.guest_env) {
    if (!run::parse_guest_variable(text, entry, error)) return wrong("--env");
    options.guest.env.push_back(entry);
  }
  if (!arguments.guest_folder.empty() && !run::parse_guest_folder(arguments.guest_folder, options.working_dir, error))
    return wrong("--dir");
  if (!arguments.guest_stdin.empty()) options.guest.stdin_path = std::filesystem::absolute(arguments.guest_stdin);
  return true;
}

int bench(Arguments &arguments) {
  run::BenchOptions &options = arguments.options;
  if (arguments.list) {
    run::print_suites(options.json);
    return exit_ok;
  }
  options.calibrate = !arguments.no_calibration;
  options.command = command_line();
  if (!take_guest(arguments, options)) return exit_usage;
  const bool report = !options.dry_run && !options.quiet;
  std::string recording;
  const run::BenchOutcome outcome = run::run_bench(options, recording);
  const bool measured = outcome != run::BenchOutcome::usage && outcome != run::BenchOutcome::environment;
  if (report && measured && !recording.empty()) print_report(recording, options.json);
  switch (outcome) {
  case run::BenchOutcome::done:
    return exit_ok;
  case run::BenchOutcome::failed_cells:
    return exit_failed;
  case run::BenchOutcome::usage:
    return exit_usage;
  case run::BenchOutcome::environment:
    return exit_environment;
  case run::BenchOutcome::interrupted:
    return exit_interrupted;
  }
  return exit_environment;
}

} // namespace

void add_bench(CLI::App &app, Action &action, const std::optional<std::vector<std::string>> &guest) {
  auto arguments = std::make_shared<Arguments>();
  run::BenchOptions &o = arguments->options;
  o.guest.args_given = guest.has_value();
  if (guest) o.guest.args = *guest;
  CLI::App *sub = app.add_subcommand("bench", "Run engines x workloads in randomised blocks of fresh processes");
  sub->add_option("workload", o.workloads,
                  "Workloads: names, paths of .wasm or .so, FILE#EXPORT, suites (default: default)");
  sub->add_option("-e,--engine", o.engines,
                  "ENGINE[:TIER][,flag=F]..[,lib=PATH][,name=NAME][,iterations=N][,processes=N][,eager=1], PATH.so, "
                  "process:COMMAND; ENGINE:* = each of its tiers, all = each tier of each engine, all:default; "
                  "repeatable")
      ->allow_extra_args(false);
  sub->add_option("--suite", o.suites,
                  "Suites, beside the workloads named: a name or the path of a .suite file; "
                  "repeatable")
      ->allow_extra_args(false);
  sub->add_flag("--eager", o.eager,
                "Engines that compile functions when they are first called compile all at once, "
                "where they can");
  sub->add_option("--engine-flags", o.engine_flags, "Flags of each engine: none, or once for each -e")
      ->allow_extra_args(false);
  sub->add_option("--engine-flags-common", o.engine_flags_common, "Flags of all engines, before their own");
  sub->add_option("--engine-abi", o.engine_abi,
                  "sgperf-1, wasm_bench-5 or engine-0 instead of what the plug-in exports")
      ->check(CLI::IsMember({"sgperf-1", "wasm_bench-5", "engine-0"}));
  sub->add_option("-n,--name", o.names, "Names of the engines: none, or once for each -e")->allow_extra_args(false);
  sub->add_option("--processes", o.processes, "Processes of each cell, one a block")->capture_default_str();
  CLI::Option *iterations =
      sub->add_option("--iterations,--iterations-per-process", o.iterations,
                      "Timed iterations in a process, exactly; without it slow compilations and long runs get fewer")
          ->capture_default_str();
  sub->add_option("--warmups", o.warmups, "Iterations between the cold one and the timed ones")->capture_default_str();
  sub->add_option("--phase,--benchmark-phase", o.phases,
                  "Phases: all, compile, instantiate, execute, jit, aot, ..; repeatable")
      ->allow_extra_args(false);
  sub->add_option("-m,--measure", o.measures,
                  "Measures: all, wall, tsc, cpu, faults, switches, memory, perf, ..; repeatable")
      ->allow_extra_args(false);
  CLI::Option *seed = sub->add_option("--seed", o.seed, "Seed of the order (default: random, printed and stored)");
  sub->add_option("--timer", o.timer, "tsc or clock; default: tsc where it is invariant")
      ->check(CLI::IsMember({"tsc", "clock"}))
      ->envname("SGPERF_TIMER");
  sub->add_option("--timeout", o.timeout_s, "Seconds that one iteration may take")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_option("--pin", o.pin, "Run all workers on this CPU")->check(CLI::NonNegativeNumber);
  sub->add_option("--invoke", o.invoke,
                  "Call this exported function instead of _start: FUNCTION[,ARG].., or ARGs behind --");
  sub->add_option("-d,--working-dir", o.working_dir, "Folder that guests see as \".\" (default: the module's own)")
      ->check(CLI::ExistingDirectory);
  sub->add_option("--dir", arguments->guest_folder,
                  "The same, as runtimes write it: HOST, or HOST::GUEST with GUEST `.`")
      ->excludes("--working-dir");
  sub->add_flag("--writable", o.guest.writable,
                "Guests may write to that folder; what one run leaves the next one finds");
  sub->add_option("--env", arguments->guest_env,
                  "A variable of the guests' environment: NAME=value, or NAME; repeatable")
      ->allow_extra_args(false);
  sub->add_option("--stdin", arguments->guest_stdin, "What guests read from standard input (default: <stem>.stdin)")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  sub->add_flag("--small-workloads,--small-workload", o.small, "Set WASM_BENCH_USE_SMALL_WORKLOAD=1 for guests");
  sub->add_flag("--drop-caches", o.drop_caches, "Drop the artefact from the page cache before it is loaded");
  sub->add_flag("--scopes", o.scopes, "Preload libsgperf into the workers and keep their scopes");
  sub->add_flag("--no-calibration", arguments->no_calibration, "Do not measure the cost of an empty region first");
  sub->add_flag("--software-events", o.software_events, "")->group(""); // tests
  sub->add_option("-o,--output", o.output, "Recording; an older one is kept as DIR.old")->capture_default_str();
  sub->add_flag("--resume", o.resume, "Complete the recording that -o names");
  sub->add_flag("--dry-run", o.dry_run, "Print the plan and run nothing");
  sub->add_flag("--list", arguments->list, "List workloads and suites");
  sub->add_flag("--json", o.json, "Plan, list or report as JSON");
  sub->add_flag("--raw", o.quiet, "No report at the end, only the recording");
  sub->add_flag("-v,--verbose", o.verbose, "A line for every process, and warnings of severity info");
  sub->callback([arguments, seed, iterations, &action] {
    arguments->options.iterations_given = iterations->count() > 0;
    arguments->options.seed_given = seed->count() > 0;
    action = [arguments] { return bench(*arguments); };
  });
}

} // namespace sgperf::command
