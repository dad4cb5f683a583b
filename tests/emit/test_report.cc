// SPDX-License-Identifier: Apache-2.0
// The report of the samples in tests/data, in every format.
#include "emit/golden.h"
#include "emit/readable.h"
#include "emit/report.h"
#include "formats/csv.h"
#include "formats/sightglass.h"
#include "merge/load.h"
#include "merge/samples.h"
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

namespace sgperf::emit {
namespace {

using json = nlohmann::json;

merge::Model load(const std::string &name) {
  std::string error;
  auto model = merge::load(test::source_dir() / "tests/data" / name, error);
  if (!model) throw std::runtime_error(error);
  return *model;
}

record::Sample sample(const char *engine, uint32_t block, uint32_t iteration, const char *phase, double ns) {
  record::Sample out;
  out.engine = engine;
  out.workload = "w";
  out.block = block;
  out.process = 100 + block;
  out.iteration = iteration;
  out.role = iteration == 0 ? record::Role::cold : record::Role::timed;
  out.phase = phase;
  out.values["wall_ns"] = ns;
  return out;
}

// Two engines, ten blocks, by hand: b takes twice as long as a, blocks drift.
merge::Model two_engines() {
  merge::Model model;
  model.meta.kind = "bench";
  model.has_meta = true;
  for (const char *id : {"a:one", "b:two"}) {
    record::EngineEntry entry;
    entry.id = id;
    entry.name = std::string(id).substr(0, 1);
    entry.tier = std::string(id).substr(2);
    model.meta.engines.push_back(entry);
  }
  record::WorkloadEntry workload;
  workload.id = "w";
  workload.size = 1000;
  workload.calls = 100;
  model.meta.workloads = {workload};
  model.meta.corrections = {{"a:one", "execute", "wall_ns", 5000, 4000, 6000, 100, 2}};
  model.meta.measures = {{"wall_ns", "ns", true, ""}, {"cycles_user", "", false, "no PMU here"}};
  merge::CellBuilder builder(model);
  for (uint32_t block = 0; block < 10; ++block)
    for (const char *engine : {"a:one", "b:two"}) {
      const double scale = (engine[0] == 'a' ? 1 : 2) * (1 + 0.1 * block);
      for (uint32_t iteration = 0; iteration < 3; ++iteration) {
        builder.add(sample(engine, block, iteration, "execute", 1e6 * scale * (iteration == 0 ? 5 : 1)));
        builder.add(sample(engine, block, iteration, "jit", 3e6 * scale));
        builder.add(sample(engine, block, iteration, "aot-total", 4.5e6 * scale));
        auto compile = sample(engine, block, iteration, "aot-compile", 2e6 * scale);
        compile.artefact_bytes = 4500;
        builder.add(std::move(compile));
      }
    }
  builder.finish();
  return model;
}

TEST(Text, OfASessionIsTheGolden) {
  setenv("TZ", "UTC", 1);
  ReportOptions options;
  options.all_sites = true;
  test::expect_golden("emit", "session", to_text(load("ended/session-sample-1-1.sgp"), options));
}

TEST(Text, OfABenchIsTheGolden) {
  setenv("TZ", "UTC", 1);
  test::expect_golden("emit", "bench", to_text(load("bench"), {}));
}

TEST(Text, OfAKilledForeignSessionSaysTicks) {
  const std::string text = to_text(load("killed"), {});
  EXPECT_NE(text.find(" ticks"), std::string::npos) << text;
  EXPECT_NE(text.find("cannot be converted"), std::string::npos);
  EXPECT_EQ(text.find(" us "), std::string::npos) << "a unit that nobody knows: " << text;
}

TEST(Text, FitsTheWidthAndHasNoEscapes) {
  for (const char *name : {"ended", "bench"}) {
    std::istringstream lines(to_text(load(name), {}));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(display_width(line), 120u) << line;
      EXPECT_EQ(line.find('\x1b'), std::string::npos);
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    }
  }
  ReportOptions colored;
  colored.style.color = true;
  EXPECT_NE(to_text(load("ended"), colored).find("\x1b[1m"), std::string::npos);
}

// Averages with all sites on and alone, by hand, in one row each.
TEST(Text, IsolatedRunsStandBesideAllOn) {
  merge::Model model = load("ended/session-sample-1-1.sgp");
  model.isolated_runs = {{"", 3e6, 0}, {"threei::make_syscall", 1e6, 0}, {"kernel::close", 2e6, 7}};
  const auto set = [&](const std::string &name, double average, double alone) {
    const auto row = std::find_if(model.scopes.begin(), model.scopes.end(), [&](auto &r) { return r.name == name; });
    ASSERT_NE(row, model.scopes.end()) << name;
    row->total = average * static_cast<double>(row->count);
    row->isolated = merge::IsolatedScope{row->count, alone * static_cast<double>(row->count)};
  };
  const auto cells = [&](const std::string &text, const std::string &name) {
    const size_t at = text.find("    " + name + " ");
    std::istringstream in(text.substr(at, text.find('\n', at) - at));
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    std::string out;
    for (size_t i = words.size() - 4; i < words.size(); ++i) out += (out.empty() ? "" : " ") + words[i];
    return out;
  };
  set("threei::make_syscall", 5000, 3000);
  set("kernel::close", 300, 300);
  std::string text = to_text(model, {});
  EXPECT_EQ(cells(text, "threei::make_syscall"), "3.00 us 2.00 us") << text;
  EXPECT_EQ(cells(text, "kernel::close"), "300 ns 0 ns") << text;
  EXPECT_NE(text.find("1.50 ms (median of 2): 2.000x"), std::string::npos) << text;
  EXPECT_NE(text.find("1 of these runs ended with another exit code"), std::string::npos) << text;
  EXPECT_EQ(text.find("Below 0"), std::string::npos) << text;
  // The innermost scope: nothing in it can cost, and below 0 needs a word.
  set("kernel::close", 300, 320);
  text = to_text(model, {});
  EXPECT_EQ(cells(text, "kernel::close"), "320 ns -20.0 ns") << text;
  EXPECT_NE(text.find("Below 0: noise of"), std::string::npos) << text;
}

TEST(Text, FailuresAreRowsWithTheirReason) {
  merge::Model model = two_engines();
  model.meta.timeout_s = 600;
  auto failed = sample("b:two", 0, 0, "execute", 0);
  failed.workload = "other";
  failed.status = record::Status::timeout;
  failed.message = "expected the end within 600 s";
  failed.stderr_tail = "first\nlast words \x1b[31mred\n";
  model.meta.workloads.push_back({});
  model.meta.workloads.back().id = "other";
  merge::Model again;
  again.meta = model.meta;
  merge::CellBuilder builder(again);
  builder.add(sample("a:one", 0, 1, "execute", 5));
  builder.add(std::move(failed));
  builder.finish();
  const std::string text = to_text(again, {});
  EXPECT_NE(text.find("> 600 s"), std::string::npos) << text;
  EXPECT_NE(text.find("expected the end within 600 s"), std::string::npos);
  EXPECT_NE(text.find("last words"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "a guest's escape codes reached the terminal";
  const json root = json::parse(to_json(again));
  EXPECT_EQ(root["failures"][0]["status"], "timeout");
  EXPECT_EQ(root["failures"][0]["engine"], "b:two");
}

TEST(Tables, MedianRatioAndColdByHand) {
  const auto model = two_engines();
  const auto rows = phase_rows(model);
  const PhaseRow *a = find_row(rows, "a:one", "w", "execute", "wall_ns"),
                 *b = find_row(rows, "b:two", "w", "execute", "wall_ns");
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->blocks, 10u);
  EXPECT_EQ(a->values, 20u);
  EXPECT_NEAR(a->summary.median, 1.45e6, 1); // 1.0 .. 1.9 ms
  ASSERT_TRUE(a->cold);
  EXPECT_NEAR(*a->cold, 7.25e6, 1); // never averaged in
  EXPECT_FALSE(a->ratio);
  ASSERT_TRUE(b->ratio && b->ratio->interval);
  EXPECT_NEAR(b->ratio->ratio, 2, 1e-9);
  EXPECT_NEAR(b->ratio->interval->high, 2, 1e-9); // drift of the blocks cancels
  EXPECT_EQ(b->reference, "a:one");
  ASSERT_TRUE(a->correction_share);
  EXPECT_NEAR(*a->correction_share, 5000 / 1.45e6, 1e-9);
  const auto differences = aot_difference_rows(model, rows);
  ASSERT_EQ(differences.size(), 2u);
  EXPECT_NEAR(differences[0].ratio.ratio, 1.5, 1e-9);
  const auto calls = call_rows(model, rows);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_NEAR(calls[1].per_call, 29000, 1);
  const auto artefacts = artefact_rows(model);
  ASSERT_EQ(artefacts.size(), 2u);
  EXPECT_NEAR(artefacts[0].artefact_ratio, 4.5, 1e-9);
  const std::string text = to_text(model, {});
  EXPECT_NE(text.find("+50.0 %"), std::string::npos) << text;  // AOT total against JIT
  EXPECT_NE(text.find("0.34 % !"), std::string::npos) << text; // correction above 0.1 %
  EXPECT_NE(text.find("n/a: cycles_user: no PMU here"), std::string::npos) << text;
}

TEST(Tables, InnerLoopsAndCorrections) {
  merge::Model model;
  merge::CellBuilder builder(model);
  auto batched = sample("e", 0, 1, "call", 1000);
  batched.inner = 100;
  batched.values["peak_rss_bytes"] = 4096;
  batched.corrected["wall_ns"] = 900;
  builder.add(std::move(batched));
  builder.finish();
  const auto rows = phase_rows(model);
  const PhaseRow *row = find_row(rows, "e", "w", "call", "wall_ns");
  ASSERT_TRUE(row);
  EXPECT_DOUBLE_EQ(row->summary.median, 9); // of one call, corrected
  EXPECT_DOUBLE_EQ(row->raw_median.value(), 10);
  EXPECT_DOUBLE_EQ(find_row(rows, "e", "w", "call", "peak_rss_bytes")->summary.median, 4096); // a peak is not divided
}

TEST(Json, HasTheDocumentedSchema) {
  for (const char *name : {"ended", "killed", "bench"}) {
    const json root = json::parse(to_json(load(name)));
    EXPECT_EQ(root["schema"], "sgperf-report");
    EXPECT_EQ(root["version"], report_schema_version);
    // docs/report-schema.md names every member.
    const std::string docs = test::read_file(test::source_dir() / "docs/report-schema.md");
    std::function<void(const json &)> documented = [&](const json &value) {
      if (value.is_object())
        for (const auto &[key, member] : value.items()) {
          EXPECT_NE(docs.find("`" + key + "`"), std::string::npos) << key << " is not documented";
          documented(member);
        }
      else if (value.is_array() && !value.empty())
        documented(value[0]);
    };
    for (const auto &[key, member] : root.items()) {
      EXPECT_NE(docs.find("`" + key + "`"), std::string::npos) << key << " is not documented";
      if (key != "machine") documented(member);
    }
  }
}

TEST(Json, KeysOfEngines) {
  const json root = json::parse(to_json(load("bench")));
  ASSERT_GT(root["phases"].size(), 0u);
  std::map<std::string, int> engines;
  for (const json &row : root["phases"]) ++engines[row["engine"].get<std::string>()];
  EXPECT_GT(engines["wasmtime:cranelift"], 0);
  EXPECT_EQ(engines.size(), 2u);
}

TEST(Csv, OneHeaderAndEqualRows) {
  for (const char *name : {"ended", "bench"}) {
    const auto rows = formats::parse_csv(to_csv(load(name)));
    ASSERT_GT(rows.size(), 1u);
    EXPECT_EQ(rows[0][0], "schema");
    EXPECT_EQ(rows[0][2], "engine");
    const std::string docs = test::read_file(test::source_dir() / "docs/report-schema.md");
    for (const auto &column : rows[0]) EXPECT_NE(docs.find("`" + column + "`"), std::string::npos) << column;
    for (const auto &row : rows) EXPECT_EQ(row.size(), rows[0].size());
  }
}

TEST(Sightglass, SchemaAndEvents) {
  const auto model = load("bench");
  const std::string csv = to_sightglass_csv(model);
  EXPECT_EQ(csv.substr(0, csv.find('\n')), "arch,engine,engine_flags,wasm,process,iteration,phase,event,count");
  std::string error;
  const auto rows = formats::parse_sightglass(formats::SightglassFormat::csv, csv, error);
  ASSERT_TRUE(rows) << error;
  const auto same = formats::parse_sightglass(formats::SightglassFormat::json, to_sightglass_json(model), error);
  ASSERT_TRUE(same) << error;
  EXPECT_EQ(*rows, *same);
  std::map<std::string, int> events, phases;
  for (const auto &row : *rows) {
    ++events[row.event];
    ++phases[row.phase];
    EXPECT_EQ(row.arch, "x86_64");
  }
  EXPECT_EQ(phases.size(), 3u);
  EXPECT_GT(events["cycles"], 0);
  EXPECT_EQ(events["cycles"], events["nanoseconds"]);
  EXPECT_EQ(events.count("minor_faults"), 0u); // Sightglass has no such event
  const json first = json::parse(to_sightglass_json(model))[0];
  EXPECT_EQ(first.size(), 9u);
  EXPECT_TRUE(first["engine_flags"].is_null());
}

TEST(Readable, Numbers) {
  EXPECT_EQ(duration(0), "0 ns");
  EXPECT_EQ(duration(1.234), "1.23 ns");
  EXPECT_EQ(duration(999.4), "999 ns");
  EXPECT_EQ(duration(999.6), "1.00 us");
  EXPECT_EQ(duration(12345), "12.3 us");
  EXPECT_EQ(duration(-2.5e6), "-2.50 ms");
  EXPECT_EQ(duration(6.0e11), "600 s");
  EXPECT_EQ(count(1000000), "1000000");
  EXPECT_EQ(count(123456.7), "123457");
  EXPECT_EQ(count(12345678), "12.3 M");
  EXPECT_EQ(bytes(1023), "1023 B");
  EXPECT_EQ(bytes(1536), "1.50 KiB");
  EXPECT_EQ(percent(0.5), "50.0 %");
  EXPECT_EQ(percent(0.00001), "<0.01 %");
  EXPECT_EQ(measure_value("task_clock_ns", 1e9), "1.00 s");
  EXPECT_EQ(measure_value("tsc_ticks", 5), "5");
}

TEST(Table, AlignsWideAndLongText) {
  TextTable table({{"name", TextTable::left}, {"value"}});
  table.row({"naïve", "1"});
  table.row({"日本", "22"});
  EXPECT_EQ(table.text({}), "  name   value\n  naïve      1\n  日本      22\n");
  TextTable wide({{"name", TextTable::left}, {"value"}});
  wide.row({std::string(200, 'a') + "END", "1"});
  TextStyle style;
  style.width = 40;
  const std::string text = wide.text(style);
  EXPECT_LE(text.find('\n', text.find('\n') + 1) - text.find('\n') - 1, 40u);
  EXPECT_NE(text.find("END"), std::string::npos); // both ends of a name tell something
}

// Whose guest cannot be seen says so, unless it was seen.
TEST(Programs, HintsOfRuntimes) {
  merge::Model model;
  merge::SessionRow &row = model.sessions.emplace_back();
  row.pid = 7;
  row.exit_code = 0;
  const auto text = [&](const char *exe) {
    row.exe = exe;
    return text_programs(model, {});
  };
  EXPECT_NE(text("/usr/bin/wasm-interp").find("an interpreter"), std::string::npos) << text("/usr/bin/wasm-interp");
  EXPECT_NE(text("/usr/bin/node").find("`sgperf record` asks it"), std::string::npos);
  EXPECT_NE(text("/usr/bin/js102").find("no names"), std::string::npos);
  EXPECT_EQ(text("/bin/ls").find("names"), std::string::npos);
  model.compiled.largest.emplace_back().pid = 7;
  EXPECT_EQ(text("/usr/bin/node").find("`sgperf record` asks it"), std::string::npos) << "it published its code";
}

} // namespace
} // namespace sgperf::emit
