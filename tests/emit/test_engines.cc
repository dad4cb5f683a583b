// SPDX-License-Identifier: Apache-2.0
// The tables that compare engines: by hand, of a real run, and with more engines and workloads than a terminal has
// room.
#include "emit/engine_rows.h"
#include "emit/golden.h"
#include "emit/report.h"
#include "formats/csv.h"
#include "merge/load.h"
#include "merge/samples.h"
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

namespace sgperf::emit {
namespace {

using json = nlohmann::json;

// Samples of a run that nobody made.
class Made {
public:
  void engine(const std::string &id, const std::string &wasi) {
    record::EngineEntry entry;
    entry.id = id;
    entry.name = id.substr(0, id.find(':'));
    entry.tier = id.substr(id.find(':') + 1);
    entry.wasi = wasi;
    model.meta.engines.push_back(entry);
  }
  void workload(const std::string &id, uint64_t size) {
    record::WorkloadEntry entry;
    entry.id = id;
    entry.size = size;
    model.meta.workloads.push_back(entry);
  }
  // In every block one timed sample, `blocks` times as long from block to block.
  void values(const std::string &engine, const std::string &workload, const char *phase, double ns, uint32_t lazy = 0) {
    for (uint32_t block = 1; block <= 4; ++block) {
      record::Sample sample;
      sample.engine = engine;
      sample.workload = workload;
      sample.block = block;
      sample.process = 100 + block;
      sample.role = record::Role::timed;
      sample.phase = phase;
      sample.values["wall_ns"] = ns * block; // drifts, alike for all
      sample.lazy = lazy;
      if (std::string(phase) == "compile") sample.code_bytes = 3000;
      samples_.push_back(sample);
    }
  }
  void failure(const std::string &engine, const std::string &workload, const std::string &message) {
    record::Sample sample;
    sample.engine = engine;
    sample.workload = workload;
    sample.phase = "instantiate";
    sample.status = record::Status::unknown_import;
    sample.message = message;
    samples_.push_back(sample);
  }
  const merge::Model &finish() {
    model.meta.kind = "bench";
    model.has_meta = true;
    merge::CellBuilder builder(model);
    for (record::Sample &sample : samples_) builder.add(std::move(sample));
    builder.finish();
    return model;
  }
  merge::Model model;

private:
  std::vector<record::Sample> samples_;
};

// native, an interpreter and a compiler on two workloads.
const merge::Model &three(Made &made) {
  made.engine("interp:a", "sgperf shim");
  made.engine("native:so", "");
  made.engine("jit:b", "own");
  made.workload("short", 1000);
  made.workload("long", 4000);
  made.values("native:so", "short", "execute", 100);
  made.values("interp:a", "short", "compile", 1000, 1);
  made.values("interp:a", "short", "execute", 1000);
  made.values("jit:b", "short", "compile", 5000);
  made.values("jit:b", "short", "execute", 200);
  made.values("native:so", "long", "execute", 100);
  made.values("interp:a", "long", "parse", 500);
  made.values("interp:a", "long", "compile", 500);
  made.values("interp:a", "long", "execute", 4000);
  made.values("jit:b", "long", "compile", 20000);
  made.values("jit:b", "long", "execute", 800);
  return made.finish();
}

TEST(Engines, RatiosByHand) {
  Made made;
  const merge::Model &model = three(made);
  const EngineRows rows(model, phase_rows(model));
  EXPECT_EQ(rows.native(), "native:so");
  const EngineValue *jit = rows.find("jit:b", "short", "pure"), *native = rows.find("native:so", "short", "pure"),
                    *interpreter = rows.find("interp:a", "short", "pure");
  ASSERT_TRUE(jit && native && interpreter);
  EXPECT_NEAR(jit->to_native->ratio, 2, 1e-9);
  EXPECT_NEAR(jit->to_native->interval->high, 2, 1e-9); // the drift of the blocks cancels
  EXPECT_EQ(jit->fastest, "jit:b");                     // never the native one
  EXPECT_FALSE(jit->to_fastest);
  EXPECT_NEAR(interpreter->to_fastest->ratio, 5, 1e-9);
  EXPECT_FALSE(native->to_native);
  EXPECT_NEAR(native->to_fastest->ratio, 0.5, 1e-9);
  // a + b where they are apart
  EXPECT_NEAR(rows.find("interp:a", "long", "compile")->median, 2500, 1e-9); // 1000 x the median block
  EXPECT_EQ(rows.find("interp:a", "long", "compile")->fastest, "interp:a");
  EXPECT_FALSE(rows.find("native:so", "long", "compile"));
}

TEST(Engines, MeansByHand) {
  Made made;
  const merge::Model &model = three(made);
  std::map<std::pair<std::string, std::string>, EngineMean> means;
  for (const EngineMean &mean : EngineRows(model, phase_rows(model)).means()) means[{mean.engine, mean.table}] = mean;
  const EngineMean &jit = means.at({"jit:b", "pure"}), &interpreter = means.at({"interp:a", "pure"});
  EXPECT_NEAR(jit.to_native->ratio.ratio, 4, 1e-9); // of 2 and 8
  EXPECT_EQ(jit.to_native->losses, 2u);
  EXPECT_TRUE(jit.complete_native);
  EXPECT_NEAR(jit.to_fastest->ratio.ratio, 1, 1e-9);
  EXPECT_NEAR(interpreter.to_native->ratio.ratio, 20, 1e-9); // of 10 and 40
  EXPECT_NEAR(interpreter.to_fastest->ratio.ratio, 5, 1e-9);
  EXPECT_NEAR(means.at({"jit:b", "compile"}).to_fastest->ratio.ratio, 10, 1e-9); // of 5 and 20
}

TEST(Engines, AMeanOverFewerWorkloadsSaysSo) {
  Made made;
  made.engine("a:x", "own");
  made.engine("b:y", "sgperf shim");
  for (const char *workload : {"one", "two"}) {
    made.workload(workload, 100);
    made.values("a:x", workload, "execute", 10);
  }
  made.values("b:y", "one", "execute", 30);
  made.failure("b:y", "two", "env.missing_call: nothing provides it");
  const merge::Model &model = made.finish();
  bool found = false;
  for (const EngineMean &mean : EngineRows(model, phase_rows(model)).means()) {
    EXPECT_EQ(mean.complete_fastest, mean.engine == "a:x");
    found = found || mean.engine == "b:y";
  }
  EXPECT_TRUE(found);
  const std::string text = to_text(model, {});
  EXPECT_NE(text.find("3.00x [3.00, 3.00] (1)"), std::string::npos) << text;
  EXPECT_NE(text.find("over n workloads only"), std::string::npos) << text;
  // The row that cannot run says which call is missing, in every format.
  EXPECT_NE(text.find("env.missing_call: nothing provides it"), std::string::npos) << text;
  EXPECT_NE(to_csv(model).find("env.missing_call"), std::string::npos);
  EXPECT_EQ(json::parse(to_json(model))["failures"][0]["status"], "unknown_import");
}

TEST(Engines, ThroughputByHand) {
  Made made;
  const merge::Model &model = three(made);
  for (const CompileRow &row : EngineRows(model, phase_rows(model)).compiles()) {
    ASSERT_TRUE(row.bytes_per_second);
    if (row.engine == "jit:b" && row.workload == "long") { // 4000 bytes in 20 us x 2.5
      EXPECT_NEAR(*row.bytes_per_second, 4000 / 50e-6, 1e-3);
      EXPECT_EQ(row.code_bytes, 3000u);
      EXPECT_EQ(row.module_bytes, 4000u);
    }
  }
}

TEST(Engines, BreakEvenByHand) {
  Made made;
  const merge::Model &model = three(made);
  const EngineRows rows(model, phase_rows(model));
  std::map<std::tuple<std::string, std::string, std::string>, BreakEvenRow> pairs;
  for (const BreakEvenRow &row : rows.break_even()) {
    EXPECT_NE(row.engine, "native:so") << "its compilation is not measured";
    pairs[{row.engine, row.other, row.workload}] = row;
  }
  // short: 4000 / 800 = 5, equal there; long: 19000 / 3200; together: 23000 / 4000
  const auto is = [&](const char *engine, const char *other, const char *workload, stats::BreakEven::Kind kind,
                      double executions) {
    const BreakEvenRow &row = pairs.at({engine, other, workload});
    EXPECT_EQ(row.result.kind, kind) << engine << " " << workload;
    EXPECT_EQ(row.result.executions, executions) << engine << " " << workload;
    EXPECT_TRUE(row.clear);
  };
  is("jit:b", "interp:a", "short", stats::BreakEven::from, 6);
  is("interp:a", "jit:b", "short", stats::BreakEven::below, 5);
  is("jit:b", "interp:a", "long", stats::BreakEven::from, 6);
  is("jit:b", "interp:a", "", stats::BreakEven::from, 6);
  is("interp:a", "jit:b", "", stats::BreakEven::below, 6);
  const auto cheapest = rows.cheapest();
  ASSERT_EQ(cheapest.size(), 3u);
  EXPECT_EQ(cheapest.back().workload, "");
  EXPECT_EQ(cheapest.back().engines.front().first, "interp:a");
  EXPECT_EQ(cheapest.back().engines.back(), (std::pair<std::string, double>("jit:b", 6)));
}

TEST(Engines, WasiAndLazinessAreInEveryRow) {
  Made made;
  made.model.meta.left_out = {{"wasmer:llvm", "its library is not installed: `get it`"}};
  const merge::Model &model = three(made);
  const json root = json::parse(to_json(model));
  for (const json &row : root["totals"]) {
    const std::string engine = row["engine_id"];
    EXPECT_EQ(row["wasi"], engine == "interp:a" ? "sgperf shim" : engine == "jit:b" ? "own" : "");
    EXPECT_EQ(row["lazy"], engine == "interp:a" && row["workload"] == "short" ? 1 : 0);
  }
  for (const json &row : root["phases"]) EXPECT_TRUE(row.contains("wasi") && row.contains("lazy"));
  EXPECT_EQ(root["left_out"][0]["engine"], "wasmer:llvm");
  const auto table = formats::parse_csv(to_csv(model));
  const auto column = [&](const std::string &name) {
    return static_cast<size_t>(std::find(table[0].begin(), table[0].end(), name) - table[0].begin());
  };
  size_t checked = 0;
  for (const auto &row : table) {
    if (row[column("engine_id")] != "interp:a") continue;
    EXPECT_EQ(row[column("wasi")], "sgperf shim") << row[1];
    checked += row[column("lazy")] == "1";
  }
  EXPECT_GT(checked, 3u);
  const std::string text = to_text(model, {});
  EXPECT_NE(text.find("interp:a (l)"), std::string::npos) << text;
  EXPECT_NE(text.find("(l) = functions are compiled when they are first called"), std::string::npos) << text;
  EXPECT_EQ(text.find("(t) ="), std::string::npos) << "a footnote of nothing";
  EXPECT_NE(text.find("wasmer:llvm"), std::string::npos);
  EXPECT_NE(text.find("its library is not installed: `get it`"), std::string::npos);
  // Every line of a table that begins with an engine has its WASI.
  std::istringstream lines(text.substr(text.find("Phases")));
  for (std::string line; std::getline(lines, line) && line.find("median and spread") == std::string::npos;)
    if (line.find("interp:a") != std::string::npos) {
      EXPECT_NE(line.find("shim"), std::string::npos) << line;
    }
}

// 24 engines and 30 workloads: nothing is wider than the terminal, and nothing is left out silently.
TEST(Engines, ManyFitIntoATerminal) {
  Made made;
  std::vector<std::string> engines, workloads;
  for (int i = 0; i < 24; ++i)
    engines.push_back((i % 2 ? "spidermonkey" : "wasmtime") + std::string(":tier-of-its-own-") +
                      static_cast<char>('a' + i));
  engines[3] = "native:so";
  for (int i = 0; i < 30; ++i) workloads.push_back("floyd-warshall-" + std::to_string(i));
  for (const std::string &engine : engines) made.engine(engine, engine == "native:so" ? "" : "own");
  for (size_t w = 0; w < workloads.size(); ++w) {
    made.workload(workloads[w], 10000 + w);
    for (size_t e = 0; e < engines.size(); ++e) {
      if (e == 5 && w == 7) {
        made.failure(engines[e], workloads[w], "env.missing_call: nothing provides it");
        continue;
      }
      const double factor = static_cast<double>(1 + (e * 7 + w * 3) % 23);
      for (const char *phase : {"jit", "execute", "call"}) made.values(engines[e], workloads[w], phase, 1e6 * factor);
      if (engines[e] == "native:so") continue;
      for (const char *phase : {"compile", "aot-compile", "aot-execute", "aot-total"})
        made.values(engines[e], workloads[w], phase, 3e7 / factor, e % 3 == 0 ? 2 : 0);
    }
  }
  const merge::Model &model = made.finish();
  for (const size_t width : {80u, 100u, 120u}) {
    ReportOptions options;
    options.style.width = width;
    const std::string text = to_text(model, options);
    std::istringstream lines(text);
    size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(display_width(line), width) << line;
    EXPECT_LT(count, width == 80 ? 3200u : width == 100 ? 2300u : 1700u);
    for (const std::string &name : engines) EXPECT_NE(text.find(name), std::string::npos) << name;
    for (const std::string &name : workloads) EXPECT_NE(text.find(name), std::string::npos) << name;
    EXPECT_NE(text.find("--details"), std::string::npos);
    EXPECT_NE(text.find("env.missing_call"), std::string::npos) << "a failure is never a detail";
    EXPECT_EQ(text.find("Phases, wall_ns"), std::string::npos);
    options.details = true;
    EXPECT_NE(to_text(model, options).find("Phases, wall_ns"), std::string::npos);
  }
}

TEST(Engines, OneEngineNeedsNoComparison) {
  Made made;
  made.engine("a:x", "own");
  made.workload("w", 100);
  made.values("a:x", "w", "execute", 10);
  made.values("a:x", "w", "compile", 10);
  const std::string text = to_text(made.finish(), {});
  EXPECT_EQ(text.find("Break-even"), std::string::npos) << text;
  EXPECT_EQ(text.find("Summary"), std::string::npos) << text;
  EXPECT_NE(text.find("Pure execution"), std::string::npos) << text;
}

// Every engine that could be had on one machine, on two workloads.
TEST(Engines, OfARealRunIsTheGolden) {
  setenv("TZ", "UTC", 1);
  std::string error;
  const auto model = merge::load(test::source_dir() / "tests/data/engines", error);
  ASSERT_TRUE(model) << error;
  test::expect_golden("emit", "engines", to_text(*model, {}));
  const json root = json::parse(to_json(*model));
  EXPECT_GE(root["engines"].size(), 20u);
  // Whatever ran on one engine has a value or a failure on each.
  std::set<std::pair<std::string, std::string>> cells;
  for (const json &row : root["totals"])
    if (row["table"] == "pure") cells.emplace(row["engine_id"], row["workload"]);
  for (const json &row : root["failures"]) cells.emplace(row["engine_id"], row["workload"]);
  EXPECT_EQ(cells.size(), root["engines"].size() * root["workloads"].size());
  for (const json &row : root["totals"]) {
    if (row["against_fastest"].is_null()) continue;
    EXPECT_GT(row["against_fastest"]["ratio"], 0) << row.dump();
    const bool native = row["engine_id"].get<std::string>().rfind("native", 0) == 0;
    if (!native && row["against_fastest"]["blocks"] == 2) {
      EXPECT_GE(row["against_fastest"]["ratio"], 1) << row.dump();
    }
  }
}

} // namespace
} // namespace sgperf::emit
