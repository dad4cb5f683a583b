// SPDX-License-Identifier: Apache-2.0
// `sgperf suite build`: workloads made from their folders.
#include "run/suite_build.h"
#include "command/suite_commands.h"
#include "command/text_output.h"
#include "emit/readable.h"
#include "run/signal_guard.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

namespace sgperf::command {
namespace fs = std::filesystem;
namespace {

struct Arguments {
  std::vector<std::string> folders;
  run::SuiteBuildOptions options;
  std::string output;
  bool no_native = false, json = false;
};

std::string result_of(const run::SuiteBuild &one, bool checked) {
  if (!one.problem.empty()) return "failed";
  if (checked) return one.reproducible() ? "reproducible" : "not reproducible";
  for (const run::Product &product : one.products)
    if (!product.unchanged) return "built";
  return "built, the same as before";
}

// The beginning, which tool and how, and the last line, where most tools say why.
std::string shortly(const std::string &text) {
  const size_t first = text.find('\n'), last = text.find_last_not_of('\n');
  if (first == std::string::npos || last <= first) return text.substr(0, first);
  const size_t line = text.find_last_of('\n', last) + 1;
  return text.substr(0, first) + ": " + text.substr(line, last - line + 1);
}

std::string as_text(const std::vector<run::SuiteBuild> &builds, bool checked, const emit::TextStyle &style) {
  emit::TextTable table({{"folder", emit::TextTable::left},
                         {"recipe", emit::TextTable::left},
                         {"made", emit::TextTable::left},
                         {"size"},
                         {"time"},
                         {"result", emit::TextTable::left}});
  for (const run::SuiteBuild &one : builds) {
    std::string names;
    uint64_t size = 0;
    for (const run::Product &product : one.products) {
      names += (names.empty() ? "" : " ") + product.path.filename().string();
      size += product.size;
    }
    table.row({one.recipe.folder, to_text(one.recipe.kind), names.empty() ? "-" : names,
               size ? emit::bytes(static_cast<double>(size)) : "-", fmt::format("{:.1f} s", one.seconds),
               result_of(one, checked)});
    if (!one.problem.empty()) table.remark(shortly(one.problem));
    for (const run::Product &product : one.products)
      for (const std::string &difference : product.differences)
        table.remark(product.path.filename().string() + ": " + difference);
  }
  return table.text(style);
}

std::string as_json(const std::vector<run::SuiteBuild> &builds, bool checked) {
  using json = nlohmann::ordered_json;
  json list = json::array();
  for (const run::SuiteBuild &one : builds) {
    json products = json::array();
    for (const run::Product &product : one.products)
      products.push_back({{"path", product.path.string()},
                          {"bytes", product.size},
                          {"unchanged", product.unchanged},
                          {"differences", product.differences}});
    list.push_back({{"folder", one.recipe.folder.string()},
                    {"recipe", to_text(one.recipe.kind)},
                    {"built", one.problem.empty()},
                    {"problem", one.problem},
                    {"reproducible", checked && one.problem.empty() ? json(one.reproducible()) : json(nullptr)},
                    {"seconds", one.seconds},
                    {"products", products}});
  }
  return json{{"schema", 1}, {"builds", list}}.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

int build(Arguments &arguments) {
  run::SuiteBuildOptions &options = arguments.options;
  options.native = !arguments.no_native;
  options.output = arguments.output;
  int code = exit_ok;
  std::vector<run::BuildRecipe> recipes;
  std::set<fs::path> seen;
  for (const std::string &folder : arguments.folders) {
    std::string why;
    const auto found = run::find_recipes(folder, why);
    if (found.empty()) {
      std::fprintf(stderr, "sgperf suite build: %s\n", why.c_str());
      code = exit_usage;
    }
    for (const run::BuildRecipe &recipe : found)
      if (seen.insert(recipe.folder).second) recipes.push_back(recipe);
  }
  if (recipes.empty()) return code;
  const run::SignalGuard guard;
  std::vector<run::SuiteBuild> builds;
  for (const run::BuildRecipe &recipe : recipes) {
    std::fprintf(stderr, "sgperf suite build: [%zu/%zu] %s (%s)\n", builds.size() + 1, recipes.size(),
                 recipe.folder.c_str(), to_text(recipe.kind));
    builds.push_back(run::build_workload(recipe, options));
    const run::SuiteBuild &one = builds.back();
    if (!one.problem.empty()) {
      std::fprintf(stderr, "sgperf suite build: %s: %s\n", recipe.folder.c_str(), one.problem.c_str());
      if (code == exit_ok) code = exit_failed;
    }
    if (!one.reproducible()) code = exit_failed;
    if (one.interrupted || run::interrupted) {
      code = exit_interrupted;
      break;
    }
  }
  const std::string text =
      arguments.json ? as_json(builds, options.check) : as_text(builds, options.check, terminal_style());
  return write_text("suite build", text, "") ? code : exit_environment;
}

} // namespace

void add_suite_build(CLI::App &suite, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = suite.add_subcommand(
      "build", "Make workloads from their folders: sgperf.build, Dockerfile, one .c or .wat source");
  sub->add_option("folder", arguments->folders, "Folders with a recipe, or trees of them")->required();
  sub->add_option("-o,--output", arguments->output, "Put what is made into DIR/<name of the folder>, not beside it")
      ->type_name("DIR");
  sub->add_flag("--check", arguments->options.check, "Build twice and say what differs");
  sub->add_flag("--no-native", arguments->no_native, "Of C sources no native object");
  sub->add_option("--timeout", arguments->options.timeout_s, "Seconds that one tool may take")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_flag("-v,--verbose", arguments->options.verbose, "Show what the tools say");
  sub->add_flag("--json", arguments->json, "The closing table as JSON");
  sub->callback([arguments, &action] { action = [arguments] { return build(*arguments); }; });
}

} // namespace sgperf::command
