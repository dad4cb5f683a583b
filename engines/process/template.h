// SPDX-License-Identifier: Apache-2.0
// The command of `process:COMMAND`: words as a shell would split them, with places for what changes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::process {

// What stands for the places.
struct Places {
  std::string module;             // {}
  std::vector<std::string> args;  // {args}, a word of its own: the guest's arguments behind its name
  std::vector<std::string> flags; // {flags}, as well: those of flag=.. and --engine-flags
  std::string directory;          // {dir}: the guest's directory
  std::string loader;             // {loader}: a JavaScript program that runs the module that is its first argument
};

// Words as sh splits them: blanks, '..', "..", \.; nothing is expanded.  nullopt: a quote is open at the end.
std::optional<std::vector<std::string>> split_words(std::string_view text);

// The first place that is not known, "{foo}"; empty if all are.
std::string unknown_place(const std::vector<std::string> &words);
bool has_place(const std::vector<std::string> &words, std::string_view place);

// The command line.  Without {} the module follows at the end, and without {args} the arguments behind that.
std::vector<std::string> fill(const std::vector<std::string> &words, const Places &places);

} // namespace sgperf::process
