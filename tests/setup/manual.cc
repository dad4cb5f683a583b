// SPDX-License-Identifier: Apache-2.0
// The man page against the command's own --help: every command and option is in both.
#include "support/process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace fs = std::filesystem;
using namespace sgperf::test;

namespace {

std::string command() {
  return (build_dir() / "cli/command/sgperf").string();
}

std::string help(const std::vector<std::string> &words) {
  std::vector<std::string> argv = {command()};
  argv.insert(argv.end(), words.begin(), words.end());
  argv.push_back("--help");
  const Result result = run(argv);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

// Lines of the section "Subcommands:" that begin with two blanks and a name.
std::set<std::string> subcommands(const std::string &text) {
  std::set<std::string> names;
  static const std::regex row(R"(^  ([a-z][a-z-]*)(\s|$))");
  std::istringstream in(text);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (line.starts_with("Subcommands:"))
      inside = true;
    else if (inside && std::regex_search(line, match, row))
      names.insert(match[1]);
  }
  return names;
}

// "-o,--output FILE" and the like at the start of a line; "--no-stacks{false}" is a flag that switches something off.
std::set<std::string> options(const std::string &text) {
  std::set<std::string> names;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("  -")) continue;
    std::istringstream words(line);
    std::string first;
    words >> first;
    std::istringstream parts(first);
    for (std::string part; std::getline(parts, part, ',');) names.insert(part.substr(0, part.find_first_of("={")));
  }
  return names;
}

// Of a command and of the commands below it.
std::set<std::string> options_of(const std::string &name) {
  const std::string text = help({name});
  std::set<std::string> names = options(text);
  for (const std::string &below : subcommands(text)) names.merge(options(help({name, below})));
  return names;
}

// The manual as plain text, by section: .SS NAME inside COMMANDS.
std::map<std::string, std::string> manual() {
  std::map<std::string, std::string> sections;
  std::istringstream in(read_file(source_dir() / "packaging/man/sgperf.1"));
  std::string section;
  for (std::string line; std::getline(in, line);) {
    for (const char *escape : {"\\fB", "\\fI", "\\fR", "\\fP", "\\&"})
      for (size_t at; (at = line.find(escape)) != std::string::npos;) line.erase(at, std::string(escape).size());
    for (size_t at; (at = line.find("\\-")) != std::string::npos;) line.erase(at, 1);
    // Subsections are sections of their own among the commands only.
    if (line.starts_with(".SH ") || line.starts_with(".SS sgperf ")) {
      section = line.substr(4);
      std::erase(section, '"');
      if (section.starts_with("sgperf ")) section = section.substr(7);
      section = section.substr(0, section.find(' '));
    }
    sections[section] += line + "\n";
  }
  return sections;
}

bool has_word(const std::string &text, const std::string &word) {
  static const std::string inside = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || inside.find(text[at - 1]) == std::string::npos;
    const size_t end = at + word.size();
    if (begins && (end == text.size() || inside.find(text[end]) == std::string::npos)) return true;
  }
  return false;
}

} // namespace

TEST(Manual, HasEveryCommandAndOption) {
  const auto sections = manual();
  const auto names = subcommands(help({}));
  ASSERT_GT(names.size(), 5u);
  for (const std::string &name : names) {
    const auto section = sections.find(name);
    if (section == sections.end()) {
      ADD_FAILURE() << "sgperf.1 has no section .SS for " << name;
      continue;
    }
    for (const std::string &below : subcommands(help({name})))
      EXPECT_TRUE(has_word(section->second, below)) << "sgperf.1 does not name sgperf " << name << " " << below;
    for (const std::string &option : options_of(name)) {
      if (option == "-h" || option == "--help") continue;
      EXPECT_TRUE(has_word(section->second, option)) << "sgperf.1 does not name " << option << " of sgperf " << name;
    }
  }
}

// The other way round: what the manual promises, the command knows.
TEST(Manual, PromisesNothingElse) {
  const auto names = subcommands(help({}));
  static const std::regex option(R"((^|[\s,])(--[a-z][a-z-]*|-[a-zA-Z])(?=[\s,.;:=)]|$))");
  for (const auto &[section, text] : manual()) {
    if (!names.contains(section)) continue;
    const auto known = options_of(section);
    // An option is introduced by the line after .TP.
    std::istringstream in(text);
    bool introduced = false;
    for (std::string line; std::getline(in, line);) {
      if (introduced && line.find('-') != std::string::npos) {
        for (std::sregex_iterator match(line.begin(), line.end(), option), end; match != end; ++match)
          EXPECT_TRUE(known.contains((*match)[2])) << "sgperf " << section << " does not know " << (*match)[2];
      }
      introduced = line == ".TP";
    }
  }
}

TEST(Manual, NamesEveryExitCode) {
  const std::string text = manual()["EXIT"];
  static const std::regex code(R"(exit_[a-z]+ = (\d+))");
  const std::string source = read_file(source_dir() / "cli/command/commands.h");
  int codes = 0;
  for (std::sregex_iterator match(source.begin(), source.end(), code), end; match != end; ++match, ++codes)
    EXPECT_TRUE(has_word(text, (*match)[1])) << "exit code " << (*match)[1] << " is not explained";
  EXPECT_GE(codes, 5);
}

// Environment variables of the library and the command, as the sources read them.
TEST(Manual, NamesEveryVariable) {
  const std::string text = manual()["ENVIRONMENT"];
  static const std::regex variable(R"re("(SGPERF_[A-Z_]+)=?")re");
  std::set<std::string> names;
  for (const char *room : {"libsgperf", "preload", "cli", "engines"}) {
    for (const auto &entry : fs::recursive_directory_iterator(source_dir() / room)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".c" && entry.path().extension() != ".h")
        continue;
      const std::string source = read_file(entry.path());
      for (std::sregex_iterator match(source.begin(), source.end(), variable), end; match != end; ++match)
        names.insert((*match)[1]);
    }
  }
  // Not read from the environment: marks that a native program prints.
  std::erase_if(names,
                [](const std::string &name) { return name.starts_with("SGPERF_BENCH_") || name.ends_with("_"); });
  EXPECT_GE(names.size(), 3u);
  for (const std::string &name : names) EXPECT_TRUE(has_word(text, name)) << "sgperf.1 does not explain " << name;
}
