// SPDX-License-Identifier: Apache-2.0
// The include graph of the rooms, and which arrows of it are allowed (docs/architecture.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::test {

struct Include {
  std::filesystem::path file; // relative to the root of the tree
  int line = 0;
  std::string text;           // as written
  std::string room;           // of the file
  std::string target;         // room of what is included; empty = a header from outside the tree
  std::filesystem::path path; // of what is included, relative to the root; empty = from outside
};

// Source files of the tree: no build folders, nothing hidden but .ci, sorted.
std::vector<std::filesystem::path> tree_files(const std::filesystem::path &root);

// Room of a path relative to the root: "cli/merge", "libsgperf", "include", .. ; "" = none of the rooms.
std::string room_of(const std::filesystem::path &path);

std::vector<Include> includes_of(const std::filesystem::path &root);

// Why this include is against the rules; empty = it is fine.
std::string forbidden(const Include &include);

} // namespace sgperf::test
