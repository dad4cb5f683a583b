// SPDX-License-Identifier: Apache-2.0
// Session files that ended or killed programs left in the user's private session folders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::run {

struct Leftover {
  std::filesystem::path session, code; // code is empty if there is none
  std::vector<std::filesystem::path> modules;
  std::string comm, state;
  uint32_t pid = 0;
  double bytes = 0; // of memory
};

struct Leftovers {
  std::vector<Leftover> ended;
  size_t live = 0;                  // sessions of programs that run: never touched
  std::vector<std::string> strange; // files and folders that are not ours to judge, and why
};

Leftovers find_leftovers();
// Looks once more whether the program has really ended.  False: `error`; a live one is left alone and counts as done.
bool remove_leftover(const Leftover &leftover, std::string &error);
// Folders of runs that are empty now and whose owner is dead.
void remove_empty_run_folders();

} // namespace sgperf::run
