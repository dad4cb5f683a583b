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
  sub->add_option("-p,--pid", arguments->attach,
                  "Record a process that runs already, until --duration, Ctrl-C or its end");
  sub->add_option("--duration", arguments->duration_s, "Seconds of samples; default: to the program's end")
      ->check(CLI::PositiveNumber);
  sub->add_option("-F,--freq", arguments->sampler.frequency, "Samples a second and thread")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  sub->add_option("-e,--event", arguments->sampler.event,
                  "cycles, cpu-clock or task-clock; default: cycles if the machine counts them, else cpu-clock")
      ->check(CLI::IsMember({"cycles", "cpu-clock", "task-clock"}));
  sub->add_flag("-g,!--no-stacks", arguments->sampler.callchain, "Stacks of samples (the default)");
  sub->add_option("-k,--clockid", "The clock of samples: mono, the only one")
      ->check(CLI::IsMember({"mono", "monotonic", "CLOCK_MONOTONIC", "1"}));
  sub->add_flag("!--no-samples", arguments->sampler.samples, "No samples of the processor");
  sub->add_flag("!--no-syscalls", arguments->syscalls, "System calls are not counted");
  sub->add_option("--syscall-rate", arguments->syscall_rate,
                  "One system call of N, at random, is kept with the function of the guest that made it; 0 = none")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  sub->add_flag("!--no-probes", arguments->probes, "Nothing in the kernel by eBPF: no system calls, no page faults");
  sub->add_flag("!--no-preload", arguments->preload, "Without libsgperf inside: seen from outside only");
  sub->add_flag("!--no-recipes", arguments->recipes,
                "Engines are not told to name their JIT code (variables and switches; -n shows them)");
  sub->add_flag("--bench", arguments->bench,
                "Supply bench.start and bench.end to whatever module the program loads, or say why that cannot be");
  sub->add_flag("-n,--dry-run", arguments->dry_run, "Only show what would be run, with what is added for the engine");
  sub->add_flag("-q,--quiet", arguments->quiet, "Print nothing of our own but problems");
  sub->add_option("command", arguments->command, "The program and its arguments, after --");
  sub->positionals_at_end();
  sub->callback([arguments, &action] {
    if (arguments->command.empty() == (arguments->attach == 0))
      throw CLI::ValidationError("record",
                                 "expected a program after --, or the number of a process after -p; one of them");
    if (arguments->bench && (arguments->attach || !arguments->recipes))
      throw CLI::ValidationError("record", "--bench needs a program that it starts: not with -p or --no-recipes");
    if (arguments->bench && !arguments->preload && !(arguments->probes && arguments->syscalls))
      throw CLI::ValidationError("record", "--bench needs libsgperf in the program, or the counting of system calls in "
                                           "the kernel: not --no-preload with --no-probes or --no-syscalls");
    action = [arguments] { return run::run_record(*arguments); };
  });
}

} // namespace sgperf::command
