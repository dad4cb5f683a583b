// SPDX-License-Identifier: Apache-2.0
// Which cells a command line makes: tiers, suites, numbers of their own, what is left out; what a module says of
// itself.
#include "run/bench_fixture.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace sgperf::test {
namespace {

using record::Role;
using record::Sample;

class Cells : public Bench {
protected:
  // The fixture stands in a folder of plug-ins of its own, so that `all` is exactly that.
  Options only_the_fixture() {
    const auto folder = dir_.path() / "plugins";
    std::filesystem::create_directory(folder);
    std::error_code exists;
    std::filesystem::create_symlink(fixture_plugin(), folder / "libsgperf-engine-fixture.so", exists);
    Options options;
    options.env.push_back("SGPERF_ENGINES=" + folder.string());
    return options;
  }
  std::map<std::string, std::vector<Sample>> by_engine() const {
    std::map<std::string, std::vector<Sample>> out;
    for (const Sample &sample : samples())
      if (sample.role != Role::calibration) out[sample.engine].push_back(sample);
    return out;
  }
  std::vector<std::string> few(std::vector<std::string> arguments) {
    for (const char *word : {"--processes", "2", "--iterations", "2", "--no-calibration"}) arguments.push_back(word);
    return arguments;
  }
};

TEST_F(Cells, EveryTierOfAnEngine) {
  ASSERT_EQ(run_bench(few({"-e", fixture_plugin() + ":*,flag=lazy=3", module_path("plain")})).exit_code, 0);
  std::vector<std::string> ids;
  for (const auto &engine : meta().engines) ids.push_back(engine.tier);
  EXPECT_EQ(ids, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(by_engine().size(), 2u);
}

TEST_F(Cells, TierThatCannotBeUsedIsLeftOutWithTheReason) {
  const Result result = run_bench(few({"-e", fixture_plugin() + ":*,flag=refuse=two", module_path("plain")}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(meta().engines.size(), 1u);
  ASSERT_EQ(meta().left_out.size(), 1u);
  EXPECT_NE(meta().left_out[0].engine.find(":two"), std::string::npos) << meta().left_out[0].engine;
  EXPECT_NE(meta().left_out[0].reason.find("expected 1.2.3, found 9"), std::string::npos) << meta().left_out[0].reason;
  EXPECT_TRUE(has_warning("W104"));
}

TEST_F(Cells, DefaultTierThatCannotBeUsedDoesNotHideTheOthers) {
  const Result result = run_bench(few({"-e", fixture_plugin() + ":*,flag=refuse=one", module_path("plain")}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(meta().engines.size(), 1u);
  EXPECT_EQ(meta().engines[0].tier, "two");
  ASSERT_EQ(meta().left_out.size(), 1u);
}

TEST_F(Cells, AllIsEveryTierOfEveryEngineThatIsInstalled) {
  const Options options = only_the_fixture();
  const Result all = run_bench({"-e", "all", module_path("plain"), "--dry-run", "--json", "--processes", "1"}, options);
  ASSERT_EQ(all.exit_code, 0) << all.err;
  const auto count = [](const Result &result, const std::string &name) {
    const auto plan = nlohmann::json::parse(result.out);
    return std::count_if(plan["engines"].begin(), plan["engines"].end(),
                         [&](const auto &e) { return e["id"].template get<std::string>().find(name) == 0; });
  };
  EXPECT_EQ(count(all, "fixture:"), 2) << all.out;
  const Result defaults =
      run_bench({"-e", "all:default", module_path("plain"), "--dry-run", "--json", "--processes", "1"}, options);
  EXPECT_EQ(count(defaults, "fixture:"), 1) << defaults.out;
  EXPECT_EQ(run_bench({"-e", "all:winch", module_path("plain")}, options).exit_code, 2);
}

TEST_F(Cells, NumbersOfAnEngine) {
  const std::string plugin = fixture_plugin();
  const Result result = run_bench(few({"-e", plugin + ",name=few", "-e", plugin + ",name=many,iterations=7,processes=3",
                                       "-e", plugin + ",name=once,processes=1", module_path("plain")}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::map<std::string, std::map<uint32_t, int>> timed; // engine -> block -> number
  for (const auto &[engine, rows] : by_engine())
    for (const Sample &sample : rows)
      if (sample.role == Role::timed && sample.phase == "execute") ++timed[engine][sample.block];
  EXPECT_EQ(timed["few"], (std::map<uint32_t, int>{{1, 2}, {2, 2}}));
  EXPECT_EQ(timed["many"], (std::map<uint32_t, int>{{1, 7}, {2, 7}, {3, 7}}));
  EXPECT_EQ(timed["once"], (std::map<uint32_t, int>{{1, 2}}));
  EXPECT_EQ(meta().blocks, 3u);
}

TEST_F(Cells, SuitesByName) {
  write_file(dir_.path() / "pair.suite", module_path("plain") + "\n" + module_path("hooked") + "\n");
  const Result result = run_bench(few({"-e", fixture_plugin(), "--suite", (dir_.path() / "pair.suite").string()}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(meta().workloads.size(), 2u);
  const Result wrong = run_bench({"-e", fixture_plugin(), "--suite", "plain"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("no such suite"), std::string::npos) << wrong.err;
}

TEST_F(Cells, LazyCompilationIsInTheRowsAndEagerTakesItAway) {
  const std::string lazy = fixture_plugin() + ",flag=lazy=1";
  ASSERT_EQ(
      run_bench(few({"-e", lazy + ",name=lazy", "-e", lazy + ",name=eager,eager=1", module_path("plain")})).exit_code,
      0);
  for (const auto &[engine, rows] : by_engine())
    for (const Sample &sample : rows)
      if (sample.phase == "compile") {
        EXPECT_EQ(sample.lazy, engine == "lazy" ? 1u : 0u) << engine;
      }
  for (const auto &engine : meta().engines) {
    EXPECT_EQ(engine.eager, engine.id == "eager");
    EXPECT_EQ(engine.details, engine.id == "eager" ? "fixture, eager" : "fixture");
  }
  ASSERT_EQ(run_bench(few({"-e", lazy, "--eager", module_path("plain")})).exit_code, 0);
  for (const Sample &sample : samples()) EXPECT_EQ(sample.lazy, 0u);
}

// The first call of an export is a phase of its own; later ones are `execute`.
TEST_F(Cells, FirstCallIsKeptApart) {
  const Result result =
      run_bench(few({"-e", fixture_plugin() + ",flag=first=3000 call=200", module_path("plain"), "--invoke", "f,3"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  size_t firsts = 0;
  for (const Sample &sample : samples()) {
    if (!sample.values.count("wall_ns")) continue;
    const double us = sample.values.at("wall_ns") / static_cast<double>(sample.inner) / 1e3;
    if (sample.phase == "first-call") {
      EXPECT_EQ(sample.inner, 1u);
      EXPECT_GE(us, 3000);
      ++firsts;
    } else if (sample.phase == "execute") {
      EXPECT_LT(us, 2500);
    }
  }
  EXPECT_EQ(firsts, 2u * 4u); // cold, warm-up and two timed ones in two processes
}

} // namespace
} // namespace sgperf::test
