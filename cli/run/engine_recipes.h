// SPDX-License-Identifier: Apache-2.0
// What a runtime must be told so that it names its JIT code: variables and switches an engine, without a word from the
// user.
#pragma once

#include "run/recipe_program.h"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sgperf::run {

struct Recipe {
  std::string engine;           // "node", "jsc", ..
  std::vector<std::string> env; // "NAME=value": what the user had there is part of the value
  // Switches that no variable can carry.
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> files; // name and content, for the private folder
  std::string why; // one line, for -n: what is added and what for, or why nothing is or can be

  // Places among the command's words, where what `sh -c` is told is words of its own (StartedProgram::words).
  size_t arguments_at = 0; // `arguments` go in front of this one
  size_t env_at = 0;   // `env` goes in front of this one, since the command itself sets or clears variables (`env ..`);
                       // 0: it comes through the environment
  size_t shell_at = 0; // from here on the words are one of the command, for `sh -c`; 0: there is no shell
  // The user asked the engine for its files himself: they are copied into the recording, and stay where they are.
  bool keep_files = false;
  bool marks = false; // modules find bench.start and bench.end, and they make marks
};

struct RecipeWishes {
  bool marks = true;  // they will be seen: libsgperf is inside, or the kernel's side hears them
  bool bench = false; // bench.start and bench.end for modules that the command does not name, too
};

// Recognises the runtime that `command` starts: by the base name, through PATH, links, launchers, `sh -c` with a simple
// command and the first line of scripts, and by the libraries that a program is linked against.  nullopt: none that is
// known here.  `folder`: private, where engines write their files; absolute.  Reads files and starts nothing.
std::optional<Recipe> engine_recipe(const std::vector<std::string> &command, const std::filesystem::path &folder,
                                    const Environment &environment, const RecipeWishes &wishes = {});

// The command with the recipe's arguments in their place, and, where it sets variables itself, with the recipe's behind
// those of the user.  `command` is the one that the recipe was made for.
std::vector<std::string> with_recipe(std::vector<std::string> command, const Recipe &recipe);

} // namespace sgperf::run
