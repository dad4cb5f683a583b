// SPDX-License-Identifier: Apache-2.0
// `sgperf suite describe`: the static mix of modules.
#include "command/suite_commands.h"
#include "command/text_output.h"
#include "run/workload_contents.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <set>

namespace sgperf::command {
namespace {

struct Arguments {
  std::vector<std::string> names;
  std::string output;
  bool json = false, details = false;
};

int describe(const Arguments &arguments) {
  int code = exit_ok;
  const auto modules = read_modules("suite describe", arguments.names, code);
  if (modules.empty()) return code ? code : exit_usage;
  const std::string text =
      arguments.json ? emit::module_json(modules) : emit::module_text(modules, arguments.details, terminal_style());
  return write_text("suite describe", text, arguments.output) ? code : exit_environment;
}

} // namespace

std::vector<emit::DescribedModule> read_modules(const char *command, const std::vector<std::string> &names, int &code) {
  std::vector<emit::DescribedModule> out;
  std::set<std::string> seen;
  for (const std::string &name : names) {
    std::vector<run::Workload> workloads;
    std::string error;
    if (!run::resolve_workloads({name}, {}, workloads, error)) {
      std::fprintf(stderr, "sgperf %s: %s\n", command, error.c_str());
      code = exit_usage;
    }
    for (const run::Workload &workload : workloads) {
      if (!seen.insert(workload.path).second) continue;
      if (workload.is_native()) {
        std::fprintf(stderr, "sgperf %s: %s: left out: expected a WebAssembly module, found a native object\n", command,
                     workload.path.c_str());
        continue;
      }
      auto contents = run::workload_contents(workload, error);
      if (!contents) {
        std::fprintf(stderr, "sgperf %s: %s\n", command, error.c_str());
        code = exit_usage;
        continue;
      }
      out.push_back({workload.id, workload.path, workload.sha256, std::move(*contents)});
    }
  }
  return out;
}

void add_suite_describe(CLI::App &suite, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub =
      suite.add_subcommand("describe", "What modules are made of: instructions, sections, imports, features");
  sub->add_option("module", arguments->names, "Paths of modules, names of workloads, suites")->required();
  sub->add_flag("--details", arguments->details, "Of several modules each in full, not only a line");
  sub->add_flag("--json", arguments->json, "As JSON");
  sub->add_option("-o,--output", arguments->output, "Write to a file")->type_name("FILE");
  sub->callback([arguments, &action] { action = [arguments] { return describe(*arguments); }; });
}

} // namespace sgperf::command
