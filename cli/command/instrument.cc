// SPDX-License-Identifier: Apache-2.0
// `sgperf instrument`: a module with bench.start and bench.end for runtimes that do not have them.
#include "run/instrument.h"
#include "command/commands.h"
#include "command/text_output.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace sgperf::command {
namespace fs = std::filesystem;
namespace {

using Call = formats::WasmMark::Call;

struct Arguments {
  std::string module, output, map;
  Call call = Call::write;
};

void say(const std::string &message) {
  std::fprintf(stderr, "sgperf instrument: %s\n", message.c_str());
}

bool same_file(const std::string &one, const std::string &other) {
  std::error_code ignored;
  return fs::equivalent(one, other, ignored);
}

int instrument(const Arguments &arguments) {
  std::string error;
  const auto module = run::instrument_file(arguments.module, arguments.call, error);
  if (!module) {
    say(error);
    return exit_usage;
  }
  if (!write_text("instrument", module->bytes, arguments.output)) return exit_environment;
  if (!arguments.map.empty() && !write_text("instrument", module->offsets.text(), arguments.map))
    return exit_environment;
  if (arguments.output != "-")
    say(fmt::format("wrote {}: {} {} of bench.start and bench.end replaced; {}", arguments.output, module->calls,
                    module->calls == 1 ? "use" : "uses",
                    module->offsets.all_in_place() ? "all code is where it was"
                                                   : "code has moved, and the module says from where"));
  for (const std::string &note : module->notes) say(note);
  return exit_ok;
}

} // namespace

void add_instrument(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand(
      "instrument", "Make a module's bench.start and bench.end calls of WASI that `sgperf record` takes for marks");
  sub->add_option("module", arguments->module, "A WebAssembly module that imports them")
      ->required()
      ->check(CLI::ExistingFile);
  sub->add_option("-o,--output", arguments->output, "Where to write the new one; - for stdout")->required();
  sub->add_option("--map", arguments->map, "Write where each piece of code is and was; the module holds the same")
      ->type_name("FILE");
  sub->add_option("--call", arguments->call,
                  "write: an empty fd_write, for node and wasm3; sleep: a short poll_oneoff, for Wasmtime")
      ->type_name("write|sleep")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Call>{{"write", Call::write}, {"sleep", Call::sleep}}))
      ->default_str("write");
  sub->callback([arguments, &action] {
    for (const std::string &file : {arguments->output, arguments->map})
      if (same_file(file, arguments->module))
        throw CLI::ValidationError("instrument", file + ": expected another file than the module itself");
    action = [arguments] { return instrument(*arguments); };
  });
}

} // namespace sgperf::command
