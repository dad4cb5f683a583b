// SPDX-License-Identifier: Apache-2.0
// The rooms include each other only along the arrows of docs/architecture.md.
#include "setup/includes.h"
#include "support/process.h"

#include <gtest/gtest.h>

namespace fs = std::filesystem;
using namespace sgperf::test;

TEST(Arrows, TreeHasOnlyAllowedOnes) {
  const auto includes = includes_of(source_dir());
  ASSERT_GT(includes.size(), 100u) << "hardly any #include found below " << source_dir();
  for (const Include &include : includes) {
    const std::string why = forbidden(include);
    EXPECT_EQ(why, "") << include.file.string() << ":" << include.line << ": #include of " << include.text;
  }
}

// The checker itself: every kind of forbidden include is seen in a tree that has it.
TEST(Arrows, CheckerSeesForbiddenOnes) {
  struct {
    const char *file, *include, *target; // target: a file to be there, or nullptr
    bool allowed;
  } const cases[] = {
      {"libsgperf/a.cc", "<atomic>", nullptr, false},
      {"libsgperf/a.cc", "<stdatomic.h>", nullptr, true},
      {"preload/a.cc", "<fmt/core.h>", nullptr, false},
      {"preload/a.cc", "\"libsgperf/session.h\"", "libsgperf/session.h", true},
      {"libsgperf/a.cc", "\"record/sample.h\"", "cli/record/sample.h", false},
      {"cli/emit/a.cc", "\"record/reader.h\"", "cli/record/reader.h", false},
      {"cli/emit/a.cc", "\"merge/model.h\"", "cli/merge/model.h", true},
      {"cli/run/a.cc", "\"emit/text.h\"", "cli/emit/text.h", false},
      {"cli/run/a.cc", "<sgperf/engine.h>", "include/sgperf/engine.h", true},
      {"cli/run/a.cc", "\"libsgperf/session_layout.h\"", "libsgperf/session_layout.h", true},
      {"cli/run/a.cc", "\"libsgperf/session.h\"", "libsgperf/session.h", false},
      {"cli/run/a.cc", "\"engines/sightglass/foreign.h\"", "engines/sightglass/foreign.h", true},
      {"cli/run/a.cc", "\"engines/wasmtime/api.h\"", "engines/wasmtime/api.h", false},
      {"probes/a.cc", "\"libsgperf/session_layout.h\"", "libsgperf/session_layout.h", true},
      {"probes/a.cc", "\"record/sample.h\"", "cli/record/sample.h", false},
      {"cli/run/a.cc", "\"probes/probes.h\"", "probes/probes.h", true},
      {"cli/merge/a.cc", "\"probes/probes.h\"", "probes/probes.h", false},
      {"cli/stats/a.cc", "\"../merge/model.h\"", "cli/merge/model.h", false},
      {"cli/merge/a.cc", "\"command/commands.h\"", "cli/command/commands.h", false},
      {"tests/a.cc", "\"command/commands.h\"", "cli/command/commands.h", false},
      {"engines/native/a.cc", "\"libsgperf/session_layout.h\"", "libsgperf/session_layout.h", true},
      {"engines/native/a.cc", "\"libsgperf/runtime.h\"", "libsgperf/runtime.h", false},
      {"engines/x/a.cc", "\"run/worker.h\"", "cli/run/worker.h", false},
      {"tests/merge/a.cc", "\"merge/model.h\"", "cli/merge/model.h", true},
  };
  for (const auto &one : cases) {
    TempDir tree;
    for (const char *name : {one.file, one.target}) {
      if (!name) continue;
      fs::create_directories((tree.path() / name).parent_path());
      write_file(tree.path() / name, name == one.file ? std::string("#  include ") + one.include + "\n" : "");
    }
    const auto includes = includes_of(tree.path());
    ASSERT_EQ(includes.size(), 1u) << one.file << " " << one.include;
    EXPECT_EQ(forbidden(includes[0]).empty(), one.allowed) << one.file << " " << one.include;
  }
}
