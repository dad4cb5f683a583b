// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "emit/sightglass_summary.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace sgperf::command {
namespace {

struct Arguments {
  std::vector<std::string> files;
  emit::SummaryOptions options;
};

bool read(const std::string &file, std::string &text) {
  if (file.empty() || file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    return true;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "sgperf summarize: %s: cannot be opened: %s\n", file.c_str(), std::strerror(errno));
    return false;
  }
  text.assign(std::istreambuf_iterator<char>(in), {});
  return true;
}

int summarize(const Arguments &arguments) {
  std::vector<emit::NamedText> files;
  const std::vector<std::string> standard_input{"-"};
  for (const std::string &file : arguments.files.empty() ? standard_input : arguments.files) {
    files.push_back({file == "-" ? "stdin" : file, ""});
    if (!read(file, files.back().text)) return exit_usage;
  }
  std::string error;
  const auto out = emit::sightglass_summary(files, arguments.options, error);
  if (!out) {
    std::fprintf(stderr, "sgperf summarize: %s\n", error.c_str());
    return exit_usage;
  }
  const bool written = std::fwrite(out->data(), 1, out->size(), stdout) == out->size() && std::fflush(stdout) == 0;
  return written ? exit_ok : exit_environment;
}

} // namespace

void add_summarize(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand("summarize", "Sum up Sightglass measurements as Sightglass does; reads stdin");
  sub->add_option("-f,--input-file", arguments->files, "Files to read instead of stdin; repeatable");
  sub->add_option("-i,--input-format", arguments->options.input, "json or csv; default: seen from the text")
      ->check(CLI::IsMember({"json", "csv"}));
  sub->add_option("-o,--output-format", arguments->options.output, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
  sub->add_flag("--nine-columns", arguments->options.nine_columns,
                "Write the nine columns of Sightglass's first form (no engine_flags, no median)");
  sub->callback([arguments, &action] { action = [arguments] { return summarize(*arguments); }; });
}

} // namespace sgperf::command
