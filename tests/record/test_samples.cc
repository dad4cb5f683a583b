// SPDX-License-Identifier: Apache-2.0
#include "formats/json_text.h"
#include "record/meta.h"
#include "record/sample.h"
#include "record/sample_file.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sgperf::record {
namespace {

Sample full() {
  Sample sample;
  sample.engine = "wasmtime:cranelift";
  sample.workload = "dir/x y.wasm#\"fib\"\n\xff";
  sample.block = 3;
  sample.position = 4;
  sample.process = 1234;
  sample.process_index = 1;
  sample.iteration = 9;
  sample.role = Role::cold;
  sample.phase = "execute";
  sample.inner = 100000;
  sample.start_ns = 18446744073709551615u;
  sample.status = Status::wrong_output;
  sample.message = "line 3: expected `a`, found `b`";
  sample.stderr_tail = "tail\twith\x01 control";
  sample.values = {{"wall_ns", 1.5}, {"tsc_ticks", 1e15}, {"tiny", 1e-300}};
  sample.corrected = {{"wall_ns", -2}};
  sample.running = {{"cycles_user", 0.25}};
  sample.disturbed = {{"steal_ns", 10000000}};
  sample.warnings = {"bench.end missing"};
  sample.artefact_bytes = 77;
  sample.code_bytes = 78;
  return sample;
}

TEST(Samples, RoundTrip) {
  const Sample sample = full();
  const std::string line = to_line(sample);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto back = sample_from_line(line);
  ASSERT_TRUE(back) << line;
  EXPECT_EQ(back->engine, sample.engine);
  EXPECT_EQ(back->workload, formats::valid_utf8(sample.workload)); // bytes that are no text are replaced, once
  EXPECT_EQ(to_line(*back), line);
  EXPECT_EQ(back->start_ns, sample.start_ns);
  EXPECT_EQ(back->values, sample.values);
  EXPECT_EQ(back->corrected, sample.corrected);
  EXPECT_EQ(back->running, sample.running);
  EXPECT_EQ(back->disturbed, sample.disturbed);
  EXPECT_EQ(back->warnings, sample.warnings);
  EXPECT_EQ(back->status, Status::wrong_output);
  EXPECT_EQ(back->role, Role::cold);
  EXPECT_EQ(back->stderr_tail, sample.stderr_tail);
  EXPECT_EQ(back->artefact_bytes, 77u);
}

TEST(Samples, EveryStatusAndRoleHasItsText) {
  for (int i = 0; i <= static_cast<int>(Status::engine_missing); ++i)
    EXPECT_EQ(status_from_text(to_text(static_cast<Status>(i))), static_cast<Status>(i));
  for (int i = 0; i <= static_cast<int>(Role::calibration); ++i)
    EXPECT_EQ(role_from_text(to_text(static_cast<Role>(i))), static_cast<Role>(i));
  EXPECT_FALSE(status_from_text("splendid"));
}

TEST(Samples, NotANumberIsLeftOut) {
  Sample sample = full();
  sample.values = {{"a", std::nan("")}, {"b", INFINITY}, {"c", 1}};
  const auto back = sample_from_line(to_line(sample));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->values, (Values{{"c", 1}}));
}

// Written in full, 1.8446744073709552e19 is an integer above 2^64, which no reader takes; nor does it take the line.
TEST(Samples, NumbersBeyondIntegersComeBack) {
  Sample sample = full();
  sample.values = {
      {"a", 18446744073709551615.0}, {"b", 1e20},  {"c", -9223372036854775808.0}, {"d", 9007199254740993.0},
      {"e", 123456789012345678.0},   {"f", -1e19}, {"g", 1.7976931348623157e308}};
  const auto back = sample_from_line(to_line(sample));
  ASSERT_TRUE(back) << to_line(sample);
  EXPECT_EQ(back->values, sample.values);
}

TEST(Samples, UnknownMembersAndWrongTypesDoNoHarm) {
  const auto sample = sample_from_line(R"({"engine":"e","workload":"w","role":"timed","status":"ok","phase":"execute",)"
                                       R"("block":"three","inner":0,"values":{"wall_ns":2,"x":"y"},"new":[1,{}]})");
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->block, 0u);
  EXPECT_EQ(sample->inner, 1u); // nothing divides by zero
  EXPECT_EQ(sample->values, (Values{{"wall_ns", 2}}));
}

TEST(Samples, WhatIsNoSample) {
  const std::string line = to_line(full());
  for (size_t cut = 0; cut < line.size(); ++cut) EXPECT_FALSE(sample_from_line(line.substr(0, cut))) << cut;
  for (const char *text : {"", "{}", "[]", "null", "{\"engine\":\"e\"}",
                           "{\"engine\":\"e\",\"workload\":\"w\",\"role\":\"?\",\"status\":\"ok\"}"})
    EXPECT_FALSE(sample_from_line(text)) << text;
}

TEST(Samples, ATornTailIsCountedApart) {
  const std::string line = to_line(full());
  const std::string text = line + "\nnonsense\n\n" + line + "\n" + line.substr(0, line.size() / 2);
  size_t seen = 0;
  const auto counts = parse_samples(text, [&](Sample &&) { ++seen; });
  EXPECT_EQ(seen, 2u);
  EXPECT_EQ(counts.samples, 2u);
  EXPECT_EQ(counts.unreadable, 1u);
  EXPECT_TRUE(counts.torn);
  EXPECT_FALSE(parse_samples(line, [](Sample &&) {}).torn); // only the newline is missing
}

TEST(Samples, AFileLargerThanOnePiece) {
  test::TempDir dir;
  const std::string line = to_line(full()) + "\n";
  std::string text;
  while (text.size() < (size_t{9} << 20)) text += line;
  test::write_file(dir.path() / "samples.jsonl", text);
  SampleCounts counts;
  std::string error;
  ASSERT_TRUE(read_samples(
      dir.path() / "samples.jsonl", [](Sample &&) {}, counts, error))
      << error;
  EXPECT_EQ(counts.samples, text.size() / line.size());
  EXPECT_EQ(counts.unreadable, 0u);
}

TEST(Meta, RoundTrip) {
  test::TempDir dir;
  Meta meta;
  meta.kind = "bench";
  meta.command = {"sgperf", "bench", "a b", "\xff"};
  meta.started_realtime_ns = 1795238974229191645;
  meta.anchors = {{{"tsc", 1}, {"monotonic", 2}}, {{"tsc", 18446744073709551615u}}};
  meta.tsc_hz = 2596132178.25;
  meta.seed = 18446744073709551615u;
  meta.measures = {{"wall_ns", "ns", true, ""}, {"cycles_user", "", false, "no PMU"}};
  EngineEntry engine;
  engine.id = "wasmtime:winch";
  engine.capabilities = 7;
  meta.engines = {engine};
  WorkloadEntry workload;
  workload.id = "fibonacci";
  workload.size = 42;
  workload.calls = 1000;
  workload.args = {"x"};
  meta.workloads = {workload};
  meta.corrections = {{"wasmtime:winch", "execute", "wall_ns", 40.5, 38, 44, 1000, 2}};
  meta.machine = {{"cpu", "some"}};
  meta.warnings = {{"W001", "warning", "machine", "load"}};
  meta.exit_code = 137;
  std::string error;
  ASSERT_TRUE(write_meta(dir.path(), meta, error)) << error;
  const auto back = read_meta(dir.path(), error);
  ASSERT_TRUE(back) << error;
  EXPECT_EQ(to_json(*back), to_json(meta));
  EXPECT_EQ(back->seed, meta.seed);
  EXPECT_EQ(back->anchors, meta.anchors);
  EXPECT_EQ(back->workloads[0].calls, 1000u);
  EXPECT_EQ(back->corrections[0].median, 40.5);
  // Nothing but meta.json is left: it was renamed into place.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(Meta, ErrorsSayWhatWasExpected) {
  std::string error;
  EXPECT_FALSE(meta_from_json("", error));
  EXPECT_NE(error.find("an empty file"), std::string::npos) << error;
  EXPECT_FALSE(meta_from_json("[1]", error));
  EXPECT_FALSE(meta_from_json("{\"schema\":99}", error));
  EXPECT_NE(error.find("found 99"), std::string::npos) << error;
  EXPECT_FALSE(meta_from_json("{}", error));
  EXPECT_FALSE(read_meta("/nowhere", error));
  EXPECT_NE(error.find("/nowhere/meta.json"), std::string::npos) << error;
}

} // namespace
} // namespace sgperf::record
