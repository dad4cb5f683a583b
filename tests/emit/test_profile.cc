// SPDX-License-Identifier: Apache-2.0
// A profile in every format of the report.
#include "emit/folded.h"
#include "emit/golden.h"
#include "emit/profile_json.h"
#include "emit/profile_model.h"
#include "emit/profile_rows.h"
#include "emit/report.h"
#include "formats/csv.h"
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

namespace sgperf::emit {
namespace {

using json = nlohmann::json;

std::vector<std::string> words(const std::string &text, const std::string &line_with) {
  const size_t at = text.find(line_with);
  if (at == std::string::npos) return {};
  const size_t begin = text.rfind('\n', at) + 1;
  std::istringstream in(text.substr(begin, text.find('\n', at) - begin));
  return {std::istream_iterator<std::string>(in), {}};
}

TEST(ProfileText, OfASmallProfileIsTheGolden) {
  setenv("TZ", "UTC", 1);
  test::expect_golden("emit", "profile", to_text(test::profile_model(), {}));
}

TEST(ProfileText, NothingRecordedIsNotAWord) {
  merge::Model model = test::profile_model();
  model.profile = {};
  for (const auto part : {text_profile, text_functions, text_syscalls, text_processes}) EXPECT_EQ(part(model, {}), "");
  // What was asked for and is missing is said all the same.
  model.profile.missing = {"samples: refused"};
  EXPECT_NE(to_text(model, {}).find("missing: samples: refused"), std::string::npos);
}

TEST(ProfileText, FitsTheWidthWithLongNamesAndHasNoEscapes) {
  merge::Model model = test::profile_model();
  model.profile.functions[2].name = "app!" + std::string(300, 'x') + "\x1b[31m";
  model.profile.lines[0].file = "/" + std::string(300, 'd') + "/fib.c";
  model.profile.processes[1].command = {std::string(300, 'p'), "\n\x1b[31m"};
  model.profile.syscalls[0].scope = std::string(300, 's');
  std::istringstream lines(to_text(model, {}));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), 120u) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
  }
}

TEST(ProfileText, LongTablesSayWhatIsLeftOut) {
  merge::Model model = test::profile_model();
  ReportOptions options;
  options.top = 2;
  const std::string text = to_text(model, options);
  // 200 samples: fib 110, fib [liftoff] 30; eight others have the remaining 60.
  EXPECT_NE(text.find("8 more functions with 30.0 % of the samples"), std::string::npos) << text;
  EXPECT_NE(text.find("1 more lines with 5.00 % of the samples"), std::string::npos) << text;
  options.top = 0;
  EXPECT_EQ(to_text(model, options).find(" more "), std::string::npos);
}

TEST(ProfileText, SharesByHand) {
  const std::string text = to_text(test::profile_model(), {});
  EXPECT_EQ(words(text, "app!fib "),
            (std::vector<std::string>{"55.0", "%", "110", "60.0", "%", "app!fib", "turbofan", "app", "guest"}))
      << text; // recursion counts once: 90 + 20 + 10 of 200
  EXPECT_EQ(words(text, "src/fib.c:12"), (std::vector<std::string>{"45.0", "%", "90", "src/fib.c:12", "app!fib"}));
  EXPECT_EQ(words(text, "  read "),
            (std::vector<std::string>{"read", "5", "200", "us", "40.0", "us", "150", "us", "75.0", "%", "4.00", "KiB",
                                      "-", "2", "EINTR,", "1", "EAGAIN"}));
  // The two processes' rows are one of the phase.
  EXPECT_EQ(words(text, "  write ")[1], "1010");
}

TEST(ProfileRows, CoverageSharesByHand) {
  merge::ProfileCoverage coverage;
  EXPECT_FALSE(coverage_shares(coverage).named);
  EXPECT_FALSE(coverage_shares(coverage).lines);
  coverage.samples = 1000;
  coverage.unnamed = 20;
  coverage.jit = 600;
  coverage.jit_unnamed = 6;
  coverage.jit_lines = 540;
  coverage.native = 200;
  coverage.native_lines = 60;
  coverage.complete = 900;
  const CoverageShares shares = coverage_shares(coverage);
  EXPECT_DOUBLE_EQ(*shares.named, 0.98);
  EXPECT_DOUBLE_EQ(*shares.jit_unnamed, 0.006);
  EXPECT_DOUBLE_EQ(*shares.lines, 0.75);
  EXPECT_DOUBLE_EQ(*shares.jit_lines, 0.9);
  EXPECT_DOUBLE_EQ(*shares.native_lines, 0.3);
  EXPECT_DOUBLE_EQ(*shares.complete, 0.9);
}

TEST(ProfileRows, SidesAndRegionsSumUp) {
  const merge::Profile profile = test::profile_model().profile;
  std::map<std::string, SideRow> sides;
  uint64_t all = 0;
  for (const SideRow &row : side_rows(profile)) {
    sides[merge::to_text(row.side)] = row;
    all += row.samples;
  }
  EXPECT_EQ(all, 200u);
  EXPECT_EQ(sides["guest"].samples, 152u);
  EXPECT_EQ(sides["runtime"].samples, 24u);
  EXPECT_EQ(sides["runtime"].compiling, 24u);
  EXPECT_EQ(sides["guest"].compiling, 0u);
  EXPECT_EQ(sides["kernel"].samples, 10u);
  EXPECT_EQ(sides["kernel"].threads, 2u);
  const auto phases = phase_rows_of(profile);
  ASSERT_EQ(phases.size(), 3u);
  EXPECT_EQ(phases[0].name, "execute");
  EXPECT_EQ(phases[0].samples, 166u);
  for (const RegionRow &row : phases) {
    uint64_t sum = 0;
    for (const uint64_t one : row.sides) sum += one;
    EXPECT_EQ(sum, row.samples) << row.name;
  }
  // Nothing is in any scope: the table would say nothing.
  merge::Profile outside = profile;
  for (auto &sample : outside.samples) sample.scope = 0;
  EXPECT_TRUE(scope_rows_of(outside).empty());
  EXPECT_EQ(scope_rows_of(profile).size(), 2u);
}

TEST(ProfileRows, IndicesOutOfRangeAreUnknown) {
  merge::Profile profile = test::profile_model().profile;
  profile.samples[0].node = 1u << 30;
  profile.samples[1].phase = 1u << 30;
  EXPECT_EQ(side_of(profile, profile.samples[0]), merge::Side::unknown);
  profile.samples[0].user = false;
  EXPECT_EQ(side_of(profile, profile.samples[0]), merge::Side::kernel);
  profile.nodes.back().parent = 1u << 20; // a damaged tree ends somewhere
  EXPECT_FALSE(to_folded(profile, {}).empty());
  EXPECT_EQ(phase_rows_of(profile).size(), 3u);
}

TEST(ProfileRows, SyscallsOfARegionKeepTheirSums) {
  const merge::Profile profile = test::profile_model().profile;
  for (const RegionKind kind : {RegionKind::phase, RegionKind::scope}) {
    uint64_t calls = 0, time = 0, out = 0;
    for (const SyscallGroup &group : syscall_groups(profile, kind))
      for (const merge::SyscallRow &row : group.rows) {
        calls += row.count;
        time += row.total_ns;
        out += row.bytes_out;
      }
    EXPECT_EQ(calls, 1026u);
    EXPECT_EQ(time, 4'355'000u);
    EXPECT_EQ(out, 65546u);
  }
  const auto phases = syscall_groups(profile, RegionKind::phase);
  ASSERT_EQ(phases.size(), 3u);
  EXPECT_EQ(phases[0].region, "execute");
  EXPECT_EQ(phases[0].rows[0].max_ns, 90'000u); // the larger one of two processes
  EXPECT_EQ(phases.back().region, "");          // outside comes last, whatever it took
  EXPECT_EQ(errno_text(-2), "ENOENT");
  EXPECT_EQ(errno_text(512), "ERESTARTSYS");
  EXPECT_EQ(errno_text(600), "errno 600");
}

TEST(ProfileRows, ATreeOfReusedPidsAndStrangers) {
  merge::Profile profile;
  const auto add = [&](uint32_t pid, uint32_t parent, uint64_t started) {
    merge::ProfileProcess process;
    process.pid = pid;
    process.parent = parent;
    process.started = started;
    profile.processes.push_back(process);
  };
  add(10, 1, 100);
  add(20, 10, 200); // first of pid 20
  add(30, 20, 250);
  add(20, 10, 300); // pid 20 again
  add(31, 20, 350);
  add(40, 40, 400); // its own parent
  add(50, 51, 0);   // two that name each other
  add(51, 50, 0);
  std::vector<std::pair<size_t, size_t>> rows;
  for (const ProcessRow &row : process_tree(profile)) rows.emplace_back(row.process, row.depth);
  EXPECT_EQ(rows,
            (std::vector<std::pair<size_t, size_t>>{{0, 0}, {1, 1}, {2, 2}, {3, 1}, {4, 2}, {5, 0}, {6, 0}, {7, 1}}));
}

// docs/report-schema.md names every member, in all rows.
void documented(const json &value, const std::string &docs) {
  if (value.is_object())
    for (const auto &[key, member] : value.items()) {
      EXPECT_NE(docs.find("`" + key + "`"), std::string::npos) << key << " is not documented";
      documented(member, docs);
    }
  else if (value.is_array() && !value.empty())
    documented(value[0], docs);
}

TEST(ProfileJson, HasTheDocumentedSchema) {
  const std::string docs = test::read_file(test::source_dir() / "docs/report-schema.md");
  const merge::Model model = test::profile_model();
  const json report = json::parse(to_json(model));
  documented(report["profile"], docs);
  documented(json::parse(to_profile_json(model.profile)), docs);
  EXPECT_TRUE(json::parse(to_json(merge::Model{}))["profile"].is_null());
}

TEST(ProfileJson, RowsByHand) {
  const json profile = json::parse(to_json(test::profile_model()))["profile"];
  EXPECT_EQ(profile["event"], "cpu-clock");
  EXPECT_EQ(profile["coverage"]["samples"], 200);
  EXPECT_EQ(profile["coverage"]["jit_lines"], 120);
  EXPECT_EQ(profile["coverage"]["odd"][0]["count"], 1);
  const json &first = profile["functions"][0];
  EXPECT_EQ(first["name"], "app!fib");
  EXPECT_EQ(first["tier"], "turbofan");
  EXPECT_EQ(first["self"], 110);
  EXPECT_EQ(first["total"], 120);
  EXPECT_EQ(first["side"], "guest");
  EXPECT_EQ(profile["functions"].size(), 10u);
  EXPECT_EQ(profile["regions"][0]["phase"], "execute");
  EXPECT_EQ(profile["regions"][0]["guest"], 152);
  EXPECT_EQ(profile["regions"].back()["scope"], "wasi::fd_write");
  EXPECT_EQ(profile["regions"].back()["phase"], "");
  EXPECT_EQ(profile["syscalls"][0]["pid"], 100);
  EXPECT_EQ(profile["syscalls"][0]["histogram"], json::parse(R"([{"from":1024,"calls":1000}])"));
  EXPECT_EQ(profile["syscalls"][1]["errnos"][0]["name"], "EINTR");
  EXPECT_EQ(profile["processes"][1]["exit_code"], 3);
  EXPECT_TRUE(profile["processes"][0]["exit_code"].is_null());
  EXPECT_EQ(profile["processes"][0]["signal"], 9);
  EXPECT_EQ(profile["faults"].size(), 3u);
}

// The whole profile can be rebuilt from the document: stacks by following `parent`.
TEST(ProfileJson, StacksAndSamplesOfTheWholeDocument) {
  const merge::Profile profile = test::profile_model().profile;
  const json root = json::parse(to_profile_json(profile));
  EXPECT_EQ(root["schema"], "sgperf-profile");
  ASSERT_EQ(root["samples"]["node"].size(), profile.samples.size());
  ASSERT_EQ(root["nodes"]["parent"].size(), profile.nodes.size());
  std::map<std::string, uint64_t> counts;
  for (size_t i = 0; i < profile.samples.size(); ++i) {
    std::string stack;
    for (size_t node = root["samples"]["node"][i]; node; node = root["nodes"]["parent"][node])
      stack = ";" + root["functions"][root["nodes"]["function"][node].get<size_t>()]["name"].get<std::string>() + stack;
    const size_t process = root["samples"]["process"][i];
    ++counts[root["processes"][process]["comm"].get<std::string>() + stack];
  }
  EXPECT_EQ(counts["engine;main;engine::run(Module&);app!fib;app!fib"], 20u);
  EXPECT_EQ(counts["helper;[unknown+0x12]"], 6u);
  EXPECT_TRUE(root["nodes"]["function"][0].is_null());
  EXPECT_EQ(root["samples"]["line"][0], 0);
  EXPECT_EQ(root["samples"]["user"].back(), true);
  EXPECT_EQ(root["samples"]["time"][0], profile.samples[0].time);
}

TEST(ProfileJson, IsolatedRunsAreMembers) {
  merge::Model model;
  EXPECT_EQ(json::parse(to_json(model))["isolated_runs"], json::array());
  model.isolated_runs = {{"", 3e6, 0}, {"threei::make_syscall", 1e6, 7}};
  const json runs = json::parse(to_json(model))["isolated_runs"];
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_TRUE(runs[0]["site"].is_null());
  EXPECT_EQ(runs[1]["site"], "threei::make_syscall");
  EXPECT_EQ(runs[1]["wall_ns"], 1e6);
  EXPECT_EQ(runs[1]["exit_code"], 7);
  documented(runs, test::read_file(test::source_dir() / "docs/report-schema.md"));
}

TEST(ProfileCsv, RowsByHand) {
  merge::Model model = test::profile_model();
  model.isolated_runs = {{"", 3e6, 0}, {"a::b", 1e6, 7}};
  const auto rows = formats::parse_csv(to_csv(model));
  const auto column = [&](const char *name) {
    return static_cast<size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
  };
  const std::string docs = test::read_file(test::source_dir() / "docs/report-schema.md");
  std::map<std::string, uint64_t> tables;
  uint64_t self = 0, in_phases = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    const auto cell = [&](const char *name) { return rows[i].at(column(name)); };
    ASSERT_EQ(rows[i].size(), rows[0].size());
    const std::string table = cell("table");
    ++tables[table];
    EXPECT_NE(docs.find("`" + table + "`"), std::string::npos) << table;
    if (table == "function") self += std::stoull(cell("self"));
    if (table == "region" && !cell("phase").empty()) in_phases += std::stoull(cell("count"));
    if (table == "syscall" && cell("name") == "read") {
      EXPECT_EQ(cell("text"), "EINTR 2, EAGAIN 1");
      EXPECT_EQ(cell("pid"), "100");
      EXPECT_EQ(cell("bytes_in"), "4096");
      EXPECT_EQ(cell("mean"), "40000");
    }
    if (table == "isolated_run") {
      EXPECT_EQ(cell("status"), cell("name") == "a::b" ? "7" : "0");
    }
    if (table == "process") {
      EXPECT_EQ(cell("status"), cell("pid") == "101" ? "SIGKILL" : "exit 3");
    }
  }
  for (const std::string &column_name : rows[0])
    EXPECT_NE(docs.find("`" + column_name + "`"), std::string::npos) << column_name << " is not documented";
  EXPECT_EQ(self, 200u);
  EXPECT_EQ(in_phases, 190u);
  for (const auto &[table, count] : std::map<std::string, uint64_t>{{"coverage", 12},
                                                                    {"side", 5},
                                                                    {"function", 10},
                                                                    {"line", 3},
                                                                    {"syscall", 5},
                                                                    {"fault", 6},
                                                                    {"process", 2},
                                                                    {"missing", 1},
                                                                    {"isolated_run", 2}})
    EXPECT_EQ(tables[table], count) << table;
}

TEST(Folded, OfASmallProfile) {
  const merge::Profile profile = test::profile_model().profile;
  EXPECT_EQ(to_folded(profile, {}), "engine;engine::compile() 24\n"
                                    "engine;main;engine::run(Module&);[jit+0x7f0012] 2\n"
                                    "engine;main;engine::run(Module&);app!fib [liftoff] 30\n"
                                    "engine;main;engine::run(Module&);app!fib [turbofan] 90\n"
                                    "engine;main;engine::run(Module&);app!fib [turbofan];app!fib [turbofan] 20\n"
                                    "engine;main;engine::run(Module&);app!fib [turbofan];app!step: now [turbofan] 10\n"
                                    "engine;main;engine::run(Module&);memcpy 8\n"
                                    "engine;main;engine::run(Module&);memcpy;ksys_write 6\n"
                                    "helper;[unknown+0x12] 6\n"
                                    "helper;main;ksys_write 4\n");
  FoldedOptions options;
  options.suffixes = true;
  const std::string text = to_folded(profile, options);
  EXPECT_NE(text.find("memcpy;ksys_write_[k] 6\n"), std::string::npos) << text;
  EXPECT_NE(text.find(";app!fib [turbofan]_[j];app!fib [turbofan]_[j] 20\n"), std::string::npos) << text;
  EXPECT_NE(text.find("engine;engine::compile() 24\n"), std::string::npos) << text;
}

} // namespace
} // namespace sgperf::emit
