// SPDX-License-Identifier: Apache-2.0
// Workloads made from their folders: `sgperf suite build`.
//
// A folder is made by the first of these that it has:
//   sgperf.build   a script, run as `sh sgperf.build` in the folder; it leaves what it makes in $OUT
//   Dockerfile     an image that leaves /benchmark/*.wasm (or /benchmark.wasm), as Sightglass's do
//   <name>.c       compiled by clang for wasm32-wasi, and by the C compiler to <name>.so; <name> is the folder's, or
//                  the only .c file
//   <name>.wat     assembled by wat2wasm
#pragma once

#include "run/child_process.h"

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::run {

enum class RecipeKind { none, script, dockerfile, c, wat };
const char *to_text(RecipeKind kind);

struct BuildRecipe {
  RecipeKind kind = RecipeKind::none;
  std::filesystem::path folder, file; // absolute
  std::string name;                   // of the workload: stem of the source, or the folder's
};

struct SuiteBuildOptions {
  std::filesystem::path output; // a folder for what is made, by the folders' names; empty: each beside its recipe
  bool check = false;           // build twice and compare
  bool native = true;           // c: also <name>.so
  bool verbose = false;         // the tools' output as it comes, on stderr
  double timeout_s = 3600;      // of one tool
};

struct Product {
  std::filesystem::path path; // where it is now
  uint64_t size = 0;
  bool unchanged = false;               // it was there already, with the same bytes
  std::vector<std::string> differences; // --check: between two builds, a line each
};

struct SuiteBuild {
  BuildRecipe recipe;
  std::vector<Product> products;
  std::string problem; // empty: it was built; else what failed, with the end of the tools' output
  bool interrupted = false;
  double seconds = 0;
  bool reproducible() const;
};

// What makes a folder; RecipeKind::none: nothing does, and `why` says what was looked for.
BuildRecipe find_recipe(const std::filesystem::path &folder, std::string &why);

// The folder itself if it has a recipe, else all below it that have one, by name; hidden folders are not entered, nor
// what is below a folder with a recipe.
std::vector<BuildRecipe> find_recipes(const std::filesystem::path &folder, std::string &why);

// Never throws; products appear by a rename, or not at all.  A module that is none is a failure.
SuiteBuild build_workload(const BuildRecipe &recipe, const SuiteBuildOptions &options);

} // namespace sgperf::run
