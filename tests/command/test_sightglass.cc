// SPDX-License-Identifier: Apache-2.0
// `sgperf import`, `summarize` and the Sightglass formats of `report`: round trips.
#include "support/process.h"

#include <gtest/gtest.h>

namespace sgperf {
namespace {

class Sightglass : public ::testing::Test {
protected:
  test::Result run(std::vector<std::string> arguments, const std::string &input = "") {
    arguments.insert(arguments.begin(), (test::build_dir() / "cli/command/sgperf").string());
    test::Options options;
    options.cwd = dir_.path();
    options.input = input;
    return test::run(arguments, options);
  }
  void write(const char *name, const std::string &text) { test::write_file(dir_.path() / name, text); }

  test::TempDir dir_;
};

constexpr const char *header = "arch,engine,engine_flags,wasm,process,iteration,phase,event,count\n";
// Two engines (one twice, with flags), a name that needs quotes, an event that has no name of ours.
const std::string rows = std::string(header) + "x86_64,a.so,,\"b,\"\"1\"\".wasm\",10,0,Compilation,cycles,900\n"
                                               "x86_64,a.so,,\"b,\"\"1\"\".wasm\",10,0,Execution,cycles,50\n"
                                               "x86_64,a.so,,\"b,\"\"1\"\".wasm\",10,0,Execution,virtual-cycles,7\n"
                                               "x86_64,a.so,,\"b,\"\"1\"\".wasm\",10,1,Compilation,cycles,800\n"
                                               "x86_64,a.so,,\"b,\"\"1\"\".wasm\",10,1,Execution,cycles,40\n"
                                               "x86_64,a.so,-O2,\"b,\"\"1\"\".wasm\",11,0,Execution,cycles,30\n"
                                               "x86_64,a.so,-O2,\"b,\"\"1\"\".wasm\",11,1,Execution,cycles,20\n";

TEST_F(Sightglass, CsvComesBackRowForRow) {
  write("in.csv", rows);
  ASSERT_EQ(run({"import", "in.csv"}).exit_code, 0);
  const auto back = run({"report", "sgperf.data", "--format", "sightglass-csv"});
  EXPECT_EQ(back.out, rows);
}

TEST_F(Sightglass, JsonAndCsvAreTheSame) {
  write("in.csv", rows);
  ASSERT_EQ(run({"import", "in.csv", "-o", "one"}).exit_code, 0);
  const auto as_json = run({"report", "one", "--format", "sightglass-json"});
  write("in.json", as_json.out);
  ASSERT_EQ(run({"import", "in.json", "-o", "two"}).exit_code, 0);
  EXPECT_EQ(run({"report", "two", "--format", "sightglass-csv"}).out, rows);
  EXPECT_EQ(run({"report", "two", "--format", "sightglass-json"}).out, as_json.out);
}

TEST_F(Sightglass, AnImportIsReported) {
  write("in.csv", rows);
  ASSERT_EQ(run({"import", "in.csv"}).exit_code, 0);
  const auto text = run({"report", "sgperf.data"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_NE(text.out.find("Phases, tsc_ticks"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("a.so,-O2"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("not run in blocks"), std::string::npos) << text.out;
}

TEST_F(Sightglass, OwnSamplesGoThroughTheirSchemaAndBack) {
  const auto bench = (test::source_dir() / "tests/data/bench").string();
  const auto out = run({"report", bench, "--format", "sightglass-csv"});
  ASSERT_EQ(out.exit_code, 0);
  write("own.csv", out.out);
  ASSERT_EQ(run({"import", "own.csv"}).exit_code, 0);
  EXPECT_EQ(run({"report", "sgperf.data", "--format", "sightglass-csv"}).out, out.out);
}

TEST_F(Sightglass, SummaryByHand) {
  // 1 2 3 10: upper median 3, mean 4, mean deviation (3+2+1+6)/4
  std::string text = header;
  for (const char *count : {"10", "1", "3", "2"})
    text += std::string("x86_64,e,,w,1,0,execution,cycles,") + count + "\n";
  EXPECT_EQ(run({"summarize", "-i", "csv", "-o", "csv"}, text).out,
            "arch,engine,engine_flags,wasm,phase,event,min,max,median,mean,mean_deviation\n"
            "x86_64,e,,w,Execution,cycles,1,10,3,4.0,3.0\n");
  EXPECT_EQ(run({"summarize", "-o", "csv", "--nine-columns"}, text).out,
            "arch,engine,wasm,phase,event,min,max,mean,mean_deviation\nx86_64,e,w,Execution,cycles,1,10,4.0,3.0\n");
  EXPECT_EQ(run({"summarize", "-o", "json"}, text).out,
            "[\n{\"arch\":\"x86_64\",\"engine\":\"e\",\"engine_flags\":null,\"wasm\":\"w\",\"phase\":\"Execution\","
            "\"event\":\"cycles\","
            "\"min\":1,\"max\":10,\"median\":3,\"mean\":4.0,\"mean_deviation\":3.0}\n]\n");
  EXPECT_NE(run({"summarize"}, text).out.find("cycles"), std::string::npos);
}

TEST_F(Sightglass, OlderMeasurementsHaveNoFlags) {
  const auto summary = "arch,engine,engine_flags,wasm,phase,event,min,max,median,mean,mean_deviation\nx86_64,e,,w,"
                       "Compilation,cycles,5,5,5,5.0,0.0\n";
  EXPECT_EQ(run({"summarize", "-o", "csv"},
                "arch,engine,wasm,process,iteration,phase,event,count\nx86_64,e,w,1,0,Compilation,cycles,5\n")
                .out,
            summary);
  EXPECT_EQ(run({"summarize", "-o", "csv"}, "x86_64,e,w,1,0,Compilation,cycles,5\n").out, summary);
  EXPECT_EQ(run({"summarize", "-o", "csv"}, "x86_64,e,,w,1,0,Compilation,cycles,5\n").out, summary);
  EXPECT_EQ(
      run({"summarize", "-i", "json", "-o", "csv"},
          R"([{"arch":"x86_64","engine":"e","wasm":"w","process":1,"iteration":0,"phase":"compilation","event":"cycles","count":5}])")
          .out,
      summary);
}

TEST_F(Sightglass, CountsOf64BitsStayExact) {
  const auto out =
      run({"summarize", "-o", "csv"}, std::string(header) + "x86_64,e,,w,1,0,Execution,cycles,18446744073709551615\n")
          .out;
  EXPECT_NE(out.find(",18446744073709551615,18446744073709551615,18446744073709551615,"), std::string::npos) << out;
}

TEST_F(Sightglass, ErrorsNameFileRowAndExpectation) {
  write("bad.csv", std::string(header) + "x86_64,e,,w,one,0,Execution,cycles,1\n");
  const auto bad = run({"import", "bad.csv"});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.err.find("bad.csv: row 2: expected a process id, found `one`"), std::string::npos) << bad.err;
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "sgperf.data")); // nothing is half imported
  EXPECT_NE(run({"summarize", "-i", "csv"}, "a,b\n").err.find("row 1: expected 9 fields, found 2"), std::string::npos);
  EXPECT_EQ(run({"summarize", "-f", "nowhere.json"}).exit_code, 2);
  EXPECT_EQ(run({"summarize", "-i", "json"}, "[{").exit_code, 2);
  EXPECT_EQ(run({"import", "bad.csv", "-o", "/"}).exit_code, 2);
}

} // namespace
} // namespace sgperf
