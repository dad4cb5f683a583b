// SPDX-License-Identifier: Apache-2.0
#include "run/suite_build.h"

#include "formats/wasm_difference.h"
#include "formats/wasm_module.h"
#include "run/measures/clock.h"
#include "run/output_check.h"
#include "run/suite_tools.h"
#include "run/worker_process.h"

#include <fmt/format.h>

#include <algorithm>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path &path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::string run_recipe(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted) {
  switch (recipe.kind) {
  case RecipeKind::script:
    return run_script(recipe, run, interrupted);
  case RecipeKind::dockerfile:
    return run_dockerfile(recipe, run, interrupted);
  case RecipeKind::c:
    return run_c(recipe, run, interrupted);
  case RecipeKind::wat:
    return run_wat(recipe, run, interrupted);
  case RecipeKind::none:
    break;
  }
  return "there is no recipe";
}

// What was made, by name.  Docker and scripts may leave other files as well: all are taken, but not folders.
std::vector<fs::path> files_in(const fs::path &folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored))
    if (entry.is_regular_file(ignored) && !entry.is_symlink(ignored)) files.push_back(entry.path().filename());
  std::sort(files.begin(), files.end());
  return files;
}

std::string check_modules(const fs::path &folder, const std::vector<fs::path> &files) {
  bool any = false;
  for (const fs::path &file : files) {
    if (file.extension() != ".wasm") continue;
    any = true;
    const std::string bytes = read_whole(folder / file);
    std::string error;
    // A component is a workload for other tools; what is to be measured here says so when it is run.
    if (formats::has_wasm_magic(bytes) && bytes.size() >= 8 && bytes[6] == 1) continue;
    if (!formats::parse_wasm_module(bytes, error)) return file.string() + ": " + error;
  }
  return any             ? ""
         : files.empty() ? "expected a .wasm file to be made, found nothing"
                         : "expected a .wasm file to be made, found others only";
}

// Through a name beside it, so that nobody sees half of it.
std::string install(const fs::path &from, const fs::path &to) {
  std::error_code error;
  const fs::path beside = to.parent_path() / fmt::format(".{}.new", to.filename().string());
  fs::remove(beside, error);
  fs::copy_file(from, beside, error);
  if (!error) fs::rename(beside, to, error);
  return error ? to.string() + ": cannot be written: " + error.message() : "";
}

} // namespace

const char *to_text(RecipeKind kind) {
  switch (kind) {
  case RecipeKind::script:
    return "sgperf.build";
  case RecipeKind::dockerfile:
    return "Dockerfile";
  case RecipeKind::c:
    return "C source";
  case RecipeKind::wat:
    return "wat source";
  case RecipeKind::none:
    break;
  }
  return "none";
}

bool SuiteBuild::reproducible() const {
  return std::all_of(products.begin(), products.end(), [](const Product &one) { return one.differences.empty(); });
}

BuildRecipe find_recipe(const fs::path &folder, std::string &why) {
  BuildRecipe out;
  std::error_code ignored;
  out.folder = fs::canonical(folder, ignored);
  if (out.folder.empty() || !fs::is_directory(out.folder, ignored)) {
    why = folder.string() + ": expected a folder";
    return out;
  }
  out.name = out.folder.filename();
  const auto found = [&](RecipeKind kind, const fs::path &file) {
    out.kind = kind;
    out.file = out.folder / file;
    return out;
  };
  if (is_file(out.folder / "sgperf.build")) return found(RecipeKind::script, "sgperf.build");
  if (is_file(out.folder / "Dockerfile")) return found(RecipeKind::dockerfile, "Dockerfile");
  for (const auto &[kind, suffix] : {std::pair{RecipeKind::c, ".c"}, {RecipeKind::wat, ".wat"}}) {
    if (is_file(out.folder / (out.name + suffix))) return found(kind, out.name + suffix);
    std::vector<fs::path> sources;
    for (const auto &entry : fs::directory_iterator(out.folder, ignored))
      if (entry.path().extension() == suffix && entry.is_regular_file(ignored)) sources.push_back(entry.path());
    if (sources.size() != 1) continue;
    out.name = sources[0].stem();
    return found(kind, sources[0].filename());
  }
  why = folder.string() + ": expected sgperf.build, Dockerfile, " + out.name + ".c or " + out.name +
        ".wat, or a single .c or .wat file; found none";
  return out;
}

std::vector<BuildRecipe> find_recipes(const fs::path &folder, std::string &why) {
  if (BuildRecipe own = find_recipe(folder, why); own.kind != RecipeKind::none) return {own};
  std::vector<BuildRecipe> out;
  std::vector<fs::path> below;
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored))
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored) && entry.path().filename().string()[0] != '.')
      below.push_back(entry.path());
  std::sort(below.begin(), below.end());
  for (const fs::path &one : below) {
    std::string nothing;
    for (BuildRecipe &recipe : find_recipes(one, nothing)) out.push_back(std::move(recipe));
  }
  return out;
}

SuiteBuild build_workload(const BuildRecipe &recipe, const SuiteBuildOptions &options) {
  SuiteBuild out;
  out.recipe = recipe;
  const uint64_t begin = monotonic_ns();
  std::string error;
  WorkFolder work(error);
  if (work.path().empty()) {
    out.problem = error;
    return out;
  }
  // The second build goes into another folder: a path that gets into a module is a difference.
  std::vector<fs::path> folders{fs::path(work.path()) / "first"};
  if (options.check) folders.push_back(fs::path(work.path()) / "second-build");
  std::vector<fs::path> files;
  for (const fs::path &folder : folders) {
    std::error_code ignored;
    fs::create_directory(folder, ignored);
    out.problem = run_recipe(recipe, {folder, folder != folders[0], &options}, out.interrupted);
    if (out.problem.empty()) out.problem = check_modules(folder, files_in(folder));
    if (!out.problem.empty()) break;
    if (folder == folders[0]) files = files_in(folder);
  }
  const fs::path to = options.output.empty() ? recipe.folder : options.output / recipe.folder.filename();
  std::error_code failed;
  if (out.problem.empty()) fs::create_directories(to, failed);
  if (failed) out.problem = to.string() + ": cannot be made: " + failed.message();
  for (const fs::path &file : files) {
    if (!out.problem.empty()) break;
    Product product;
    product.path = to / file;
    const std::string bytes = read_whole(folders[0] / file);
    product.size = bytes.size();
    if (options.check)
      product.differences = is_file(folders[1] / file) ? formats::wasm_differences(bytes, read_whole(folders[1] / file))
                                                       : std::vector<std::string>{"the second build has not made it"};
    product.unchanged = is_file(product.path) && read_whole(product.path) == bytes;
    if (!product.unchanged) out.problem = install(folders[0] / file, product.path);
    out.products.push_back(std::move(product));
  }
  out.seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
  return out;
}

} // namespace sgperf::run
