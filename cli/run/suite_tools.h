// SPDX-License-Identifier: Apache-2.0
// The tools that make a workload, each leaving what it makes in a folder.
#pragma once

#include "run/suite_build.h"

namespace sgperf::run {

// How one build is run: where its output goes, and whether nothing may be taken from an earlier one.
struct SuiteRun {
  std::filesystem::path out;
  bool fresh = false; // docker: without cached layers
  const SuiteBuildOptions *options = nullptr;
};

// "" when it worked, else what failed with the end of the output; `interrupted` is set by SIGINT and SIGTERM.
std::string run_tool(const std::vector<std::string> &command, const ChildOptions &how, const SuiteRun &run,
                     bool &interrupted, ChildResult *result = nullptr);

std::string run_script(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted);
std::string run_c(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted);
std::string run_wat(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted);

// By the program that $DOCKER names, else docker: build, create, cp, and what was made is removed again; an image that
// was there before stays.
std::string run_dockerfile(const BuildRecipe &recipe, const SuiteRun &run, bool &interrupted);

// $NAME, else `otherwise`.
std::string tool(const char *name, const char *otherwise);

} // namespace sgperf::run
