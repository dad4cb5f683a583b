// SPDX-License-Identifier: Apache-2.0
// Every reader on torn, cut and bit-flipped input, the same every time: seeds are fixed, so a failure can be repeated.
#include "record/readers.h"
#include "record/sample.h"
#include "record/sample_file.h"
#include "record/session.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace sgperf::test {
namespace {

std::string head(const std::string &text, size_t lines) {
  size_t at = 0;
  while (lines-- && at != std::string::npos) at = text.find('\n', at + 1);
  return text.substr(0, at == std::string::npos ? at : at + 1);
}

std::string sightglass_json() {
  return R"([{"arch":"x86_64","engine":"e.so","engine_flags":null,"wasm":"w","process":1,"iteration":0,"phase":"Compilation","event":"cycles","count":7},)"
         R"({"arch":"x86_64","engine":"e.so","engine_flags":"-O2","wasm":"a,\"b","process":2,"iteration":1,"phase":"Execution","event":"nanoseconds","count":18446744073709551615}])";
}

std::string sightglass_csv() {
  return "arch,engine,engine_flags,wasm,process,iteration,phase,event,count\n"
         "x86_64,e.so,,w,1,0,Compilation,cycles,7\nx86_64,e.so,-O2,\"a,\"\"b\",2,1,execution,nanoseconds,"
         "18446744073709551615\n";
}

class Mutation : public ::testing::Test {
protected:
  using Reader = bool (*)(const std::string &);

  void torn(const std::string &good, Reader reader, size_t step) {
    ASSERT_TRUE(reader(good)) << "the input is to be good before it is damaged";
    for (size_t cut = 0; cut <= good.size(); cut += step) reader(good.substr(0, cut));
  }
  void flipped(const std::string &good, Reader reader, int rounds, size_t within) {
    std::mt19937_64 random(42);
    for (int round = 0; round < rounds; ++round) {
      std::string bytes = good;
      const size_t end = std::min(within, bytes.size());
      for (uint64_t i = 0, n = 1 + random() % 4; i < n; ++i) {
        char &byte = bytes[random() % end];
        switch (random() % 4) {
        case 0:
          byte = static_cast<char>(byte ^ (1 << random() % 8));
          break;
        case 1:
          byte = static_cast<char>(0xff);
          break;
        case 2:
          byte = 0;
          break;
        default:
          byte = static_cast<char>(random());
          break;
        }
      }
      reader(bytes);
    }
  }
  static std::string data(const char *name) { return read_file(source_dir() / "tests/data" / name); }
};

TEST_F(Mutation, Session) {
  const std::string good = data("ended/session-sample-1-1.sgp");
  torn(good, read_as_session, 61);
  flipped(good, read_as_session, 1500, 2100); // the header
  flipped(good, read_as_session, 500, good.size());
  flipped(data("killed/session-sample-2-2.sgp"), read_as_session, 500, good.size());
}

TEST_F(Mutation, SessionWhoseCountsLie) {
  std::string bytes = data("ended/session-sample-1-1.sgp");
  for (const size_t field :
       {offsetof(sgperf_session_header, site_offset), offsetof(sgperf_session_header, site_size),
        offsetof(sgperf_session_header, site_capacity), offsetof(sgperf_session_header, phase_offset),
        offsetof(sgperf_session_header, phase_capacity), offsetof(sgperf_session_header, block_offset),
        offsetof(sgperf_session_header, block_size), offsetof(sgperf_session_header, block_capacity)})
    for (const uint64_t lie :
         {uint64_t{0}, uint64_t{1}, uint64_t{7}, uint64_t{1} << 32, UINT64_MAX, UINT64_MAX - 4095}) {
      std::string changed = bytes;
      std::memcpy(changed.data() + field, &lie, sizeof lie);
      const uint32_t many = UINT32_MAX;
      std::memcpy(changed.data() + offsetof(sgperf_session_header, site_count), &many, sizeof many);
      std::memcpy(changed.data() + offsetof(sgperf_session_header, block_count), &many, sizeof many);
      std::memcpy(changed.data() + offsetof(sgperf_session_header, phase_count), &many, sizeof many);
      read_as_session(changed);
    }
}

TEST_F(Mutation, TornSessionKeepsWhatIsThere) {
  const std::string good = data("ended/session-sample-1-1.sgp");
  TempDir dir;
  write_file(dir.path() / "session-x.sgp", good.substr(0, good.size() - 700));
  std::string error;
  const auto session = record::Session::read(dir.path() / "session-x.sgp", error);
  ASSERT_TRUE(session) << error;
  ASSERT_EQ(session->remarks.size(), 1u);
  EXPECT_NE(session->remarks[0].find("torn"), std::string::npos);
  EXPECT_FALSE(session->sites.empty());
}

TEST_F(Mutation, CodeFile) {
  const std::string good = data("ended/code-sample-1-1.sgc").substr(0, 256);
  torn(good, read_as_code_file, 1);
  flipped(good, read_as_code_file, 2000, good.size());
}

TEST_F(Mutation, Samples) {
  const std::string good = head(data("bench/samples.jsonl"), 3);
  torn(good, read_as_samples, 1);
  flipped(good, read_as_samples, 3000, good.size());
}

TEST_F(Mutation, Meta) {
  const std::string good = data("bench/meta.json");
  torn(good, read_as_meta, 997);
  flipped(good, read_as_meta, 150, good.size());
}

TEST_F(Mutation, SightglassJson) {
  torn(sightglass_json(), read_as_sightglass_json, 1);
  flipped(sightglass_json(), read_as_sightglass_json, 3000, 4096);
}

TEST_F(Mutation, SightglassCsv) {
  torn(sightglass_csv(), read_as_sightglass_csv, 1);
  flipped(sightglass_csv(), read_as_sightglass_csv, 3000, 4096);
}

TEST_F(Mutation, DeepNestingIsNoStackOverflow) {
  for (const char open : {'[', '{'}) {
    std::string deep;
    for (int i = 0; i < 200000; ++i) deep += open == '[' ? "[" : "{\"a\":";
    read_as_meta(deep);
    read_as_meta("{\"schema\":1,\"x\":" + deep);
    read_as_samples("{\"engine\":" + deep + "\n");
    read_as_sightglass_json(deep);
  }
  // Closed, too: the value is really built and taken apart.
  read_as_meta("{\"schema\":1,\"x\":" + std::string(100000, '[') + std::string(100000, ']') + "}");
}

} // namespace
} // namespace sgperf::test
