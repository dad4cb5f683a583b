// SPDX-License-Identifier: Apache-2.0
// The workloads' results against a second computation, in Python and by other ways (*_definitions.py): PolyBench in the
// two smallest data sets, the programs of the shootout byte by byte.
#include "native_workload.h"

#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>

using namespace sgperf::test;

namespace {

// What polybench.h prints.
struct Line {
  std::string kernel, dataset, sizes, bits;
  double sum = NAN, weighted = NAN;

  static Line read(const std::string &text) {
    Line line;
    std::istringstream in(text);
    std::string sum, weighted, word[3];
    in >> line.kernel >> line.dataset >> line.sizes >> word[0] >> sum >> word[1] >> weighted >> word[2] >> line.bits;
    if (word[0] != "sum" || word[1] != "weighted" || word[2] != "bits") return {};
    // Streams do not read hexadecimal floats.
    line.sum = strtod(sum.c_str(), nullptr);
    line.weighted = strtod(weighted.c_str(), nullptr);
    return line;
  }
};

class Definitions : public testing::Test {
protected:
  void SetUp() override {
    if (!WORKLOADS_BUILT) GTEST_SKIP() << "built with -Dworkloads=false: there are no workloads";
    if (!std::filesystem::exists("/usr/bin/python3")) GTEST_SKIP() << "/usr/bin/python3 is missing (package python3)";
  }
  static std::string computed(const std::string &script, const std::vector<std::string> &words) {
    std::vector<std::string> argv = {"/usr/bin/python3", (source_dir() / "tests/wasi" / script).string()};
    argv.insert(argv.end(), words.begin(), words.end());
    Options options;
    options.timeout_s = 300;
    options.env = {"PYTHONDONTWRITEBYTECODE=1"};
    Result result = run(argv, options);
    EXPECT_EQ(result.exit_code, 0) << script << ": " << result.err;
    return result.out;
  }
  static void compare_polybench(const std::string &dataset) {
    std::string small = dataset;
    for (char &c : small) c = static_cast<char>(tolower(c));
    std::istringstream lines(computed("polybench_definitions.py", {dataset}));
    int kernels = 0;
    for (std::string kernel, sizes, sum, weighted, magnitude; lines >> kernel >> sizes >> sum >> weighted >> magnitude;
         kernels++) {
      Result native = run_native(workload_base("polybench/" + kernel + "-" + small), 1);
      EXPECT_EQ(native.exit_code, 0) << kernel << ": " << native.err;
      Line line = Line::read(native.out);
      EXPECT_EQ(line.kernel, kernel) << native.out;
      EXPECT_EQ(line.dataset, dataset) << native.out;
      EXPECT_EQ(line.sizes, sizes) << kernel;
      // Both round differently; only deriche counts in floats.
      const double allowed = strtod(magnitude.c_str(), nullptr) * (kernel == "deriche" ? 1e-6 : 1e-13);
      EXPECT_GT(allowed, 0) << kernel;
      EXPECT_NEAR(line.sum, strtod(sum.c_str(), nullptr), allowed) << kernel;
      EXPECT_NEAR(line.weighted, strtod(weighted.c_str(), nullptr), allowed) << kernel;
    }
    EXPECT_EQ(kernels, 30);
  }
};

} // namespace

TEST_F(Definitions, PolybenchMini) {
  compare_polybench("MINI");
}

TEST_F(Definitions, PolybenchSmall) {
  compare_polybench("SMALL");
}

// All five data sets have the published sizes: what a kernel prints comes from the constants it is compiled with.
TEST_F(Definitions, PolybenchSizes) {
  const std::string datasets[] = {"MINI", "SMALL", "MEDIUM", "LARGE", "EXTRALARGE"};
  std::map<std::string, Line> results;
  std::istringstream table(read_file(source_dir() / "benchmarks/polybench/results.txt"));
  for (std::string text; std::getline(table, text);) {
    Line line = Line::read(text);
    EXPECT_TRUE(std::isfinite(line.sum) && std::isfinite(line.weighted)) << text;
    EXPECT_TRUE(results.emplace(line.kernel + " " + line.dataset, line).second) << text << " is there twice";
  }
  EXPECT_EQ(results.size(), 150u);
  std::istringstream published(computed("polybench_definitions.py", {"sizes"}));
  for (std::string text; std::getline(published, text);) {
    std::istringstream words(text);
    std::string kernel, sizes;
    words >> kernel;
    for (const std::string &dataset : datasets) {
      words >> sizes;
      EXPECT_EQ(results[kernel + " " + dataset].sizes, sizes) << kernel << " " << dataset;
    }
  }
}

TEST_F(Definitions, Shootout) {
  ASSERT_EQ(suite("shootout").size(), 20u);
  for (const std::string &name : suite("shootout")) {
    const std::string program = name.substr(name.find('/') + 1);
    EXPECT_EQ(read_file(workload_base(name).string() + ".stdout.expected"),
              computed("shootout_definitions.py", {program}))
        << name;
  }
}
