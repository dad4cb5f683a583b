// SPDX-License-Identifier: Apache-2.0
// `sgperf export`: a recording's profile in the forms that others read.
#include "command/commands.h"
#include "command/text_output.h"
#include "emit/code_export.h"
#include "emit/folded.h"
#include "emit/perf_export.h"
#include "emit/profile_json.h"
#include "merge/load.h"
#include "merge/profile_export.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::command {
namespace fs = std::filesystem;
namespace {

struct Arguments {
  std::string recording = "sgperf.data";
  std::string perf, jitdump, perf_map, folded, json;
  bool want_folded = false, want_json = false;
  emit::FoldedOptions folded_options;

  bool addresses() const { return !perf.empty() || !jitdump.empty() || !perf_map.empty(); }
  bool model() const { return want_folded || want_json; }
};

void say(const std::string &message) {
  std::fprintf(stderr, "sgperf export: %s\n", message.c_str());
}

int fail(const std::string &message, int code) {
  say(message);
  return code;
}

bool is_stdout(const std::string &file) {
  return file.empty() || file == "-";
}

// The two that are made of the Model.
int export_model(const Arguments &arguments) {
  std::string error;
  const auto model = merge::load(arguments.recording, error);
  if (!model) return fail(error, exit_usage);
  const merge::Profile &profile = model->profile;
  const auto why = [&](const char *what) {
    std::string text = arguments.recording + ": expected " + what + ", found none";
    for (const std::string &sentence : profile.missing) text += "; " + sentence;
    return text + "; make a recording with: sgperf record -- PROGRAM";
  };
  if (arguments.want_folded) {
    if (profile.samples.empty()) return fail(why("samples"), exit_usage);
    const std::string text = emit::to_folded(profile, arguments.folded_options);
    if (!write_text("export", text, arguments.folded)) return exit_environment;
  }
  if (arguments.want_json) {
    if (profile.empty()) return fail(why("samples, system calls or processes"), exit_usage);
    if (!write_text("export", emit::to_profile_json(profile), arguments.json)) return exit_environment;
  }
  return exit_ok;
}

// One file a process: into a folder under the names that perf's tools look for, else under the name given if there is
// only one.
int write_code(const std::vector<emit::CodeFile> &files, const std::string &out, const std::string &recording) {
  if (files.empty())
    return fail(recording + ": expected code that was made at run time, found none (no engine's code was seen)",
                exit_usage);
  std::error_code code;
  const bool folder = fs::is_directory(out, code) || out.ends_with('/');
  if (folder) fs::create_directories(out, code);
  if (!folder && files.size() > 1)
    return fail(out + ": expected a folder (a name that ends with /), since " + std::to_string(files.size()) +
                    " processes have code and each gets a file",
                exit_usage);
  for (const emit::CodeFile &file : files) {
    const std::string path = folder ? (fs::path(out) / file.name).string() : out;
    if (!write_text("export", file.bytes, path)) return exit_environment;
    std::string sentence = "wrote " + path + ": " + std::to_string(file.functions) + " functions";
    if (file.left_out)
      sentence += ", " + std::to_string(file.left_out) + " left out: too much of their code is missing";
    if (!is_stdout(path)) say(sentence);
  }
  return exit_ok;
}

int export_addresses(const Arguments &arguments) {
  std::string error;
  const auto from = merge::load_for_export(arguments.recording, error);
  if (!from) return fail(error, exit_usage);
  if (!arguments.perf.empty()) {
    const auto result = emit::export_perf(*from, arguments.perf, error);
    if (!result) return fail(error, exit_environment);
    say("wrote " + arguments.perf + ": " + std::to_string(result->samples) + " samples, " +
        std::to_string(result->functions) + " functions of code made at run time");
    for (const fs::path &file : result->code_files) say("wrote " + file.string() + " (perf reads it at this place)");
    if (result->left_out) say(std::to_string(result->left_out) + " functions or samples do not fit and are left out");
  }
  if (!arguments.jitdump.empty())
    if (const int code = write_code(emit::jitdump_files(*from), arguments.jitdump, arguments.recording)) return code;
  if (!arguments.perf_map.empty())
    if (const int code = write_code(emit::perf_map_files(*from), arguments.perf_map, arguments.recording)) return code;
  return exit_ok;
}

int export_all(const Arguments &arguments) {
  if (arguments.addresses())
    if (const int code = export_addresses(arguments)) return code;
  return arguments.model() ? export_model(arguments) : exit_ok;
}

} // namespace

void add_export(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand("export", "Write a recording's profile for other tools: perf, flame graphs, JSON");
  sub->add_option("recording", arguments->recording, "A recording, in front of the options")->capture_default_str();
  sub->add_option("--perf", arguments->perf, "A perf.data for stock perf; code of engines in OUT.jit-PID.so beside it")
      ->type_name("OUT");
  sub->add_option("--jitdump", arguments->jitdump, "Code of engines, with names and lines: a file, or a folder")
      ->type_name("OUT");
  sub->add_option("--perfmap", arguments->perf_map, "The same as perf map: a file, or a folder")->type_name("OUT");
  CLI::Option *folded =
      sub->add_option("--folded", arguments->folded, "Stacks, one a line, for flame graphs; default: to stdout")
          ->type_name("[OUT]")
          ->expected(0, 1);
  CLI::Option *json = sub->add_option("--json", arguments->json, "All samples and tables; default: to stdout")
                          ->type_name("[OUT]")
                          ->expected(0, 1);
  sub->add_flag("--suffixes", arguments->folded_options.suffixes,
                "With --folded: _[k] behind frames of the kernel, _[j] behind code of engines");
  sub->callback([arguments, folded, json, &action] {
    arguments->want_folded = folded->count() > 0;
    arguments->want_json = json->count() > 0;
    if (!arguments->addresses() && !arguments->model())
      throw CLI::ValidationError("export", "expected one of --perf, --jitdump, --perfmap, --folded, --json");
    if (arguments->want_folded && arguments->want_json && is_stdout(arguments->folded) && is_stdout(arguments->json))
      throw CLI::ValidationError("export", "--folded and --json both write to stdout: give one of them a file");
    for (const std::string &file : {arguments->folded, arguments->json})
      if (std::error_code ignored; fs::is_directory(file, ignored))
        throw CLI::ValidationError("export", file + ": expected a file to write, found a folder; if it is the "
                                                    "recording, name it in front of the options");
    if (arguments->folded_options.suffixes && !arguments->want_folded)
      throw CLI::ValidationError("export", "--suffixes is for --folded");
    action = [arguments] { return export_all(*arguments); };
  });
}

} // namespace sgperf::command
