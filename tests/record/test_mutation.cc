// SPDX-License-Identifier: Apache-2.0
// Every reader on torn, cut and bit-flipped input, the same every time: seeds are fixed, so a failure can be repeated.
#include "formats/jitdump_writer.h"
#include "record/mutation.h"
#include "record/readers.h"
#include "record/sample.h"
#include "record/sample_file.h"
#include "record/session.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

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

// A report names the errors of counters; these numbers have no name.
TEST_F(Mutation, SessionWhoseErrorNumbersAreNone) {
  std::string bytes = data("ended/session-sample-1-1.sgp");
  const int32_t none = 0x7eadbeef;
  std::memcpy(bytes.data() + offsetof(sgperf_session_header, pmc_errors), &none, sizeof none);
  TempDir dir;
  write_file(dir.path() / "session-x.sgp", bytes);
  std::string error;
  const auto session = record::Session::read(dir.path() / "session-x.sgp", error);
  ASSERT_TRUE(session) << error;
  EXPECT_EQ(session->header.pmc_errors[0], EIO);
  ASSERT_FALSE(session->remarks.empty());
  EXPECT_TRUE(read_as_session(bytes));
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

// Loads with lines and unwinding, a move, and what V8 adds to it; the second half is of another engine.
std::string jitdump() {
  std::string out;
  formats::JitdumpHeader header;
  header.pid = 1234;
  formats::JitdumpWriter writer(out, header);
  const std::vector<formats::JitLine> lines{{0x1040, 1, 3, 9}, {0x1042, 1, 4, 1}, {0x1044, 2, 5, 1}};
  const std::vector<std::string_view> files{"", "/home/user/run.js", "node:path"};
  const formats::JitdumpUnwinding unwinding{"FRAME...", "\x01\x1b\x03\x3bHEADER", 8};
  writer.load(
      {1234, 1, 100, 0x1000, 70, "JS:*hot /home/user/run.js:3:9", std::string(70, 'c'), lines, files, &unwinding});
  writer.load({1234, 1, 200, 0x2000, 4, "JS:fib-1-liftoff", "code", {}, files, nullptr});
  writer.move(1234, 1, 300, 0x2000, 0x3000, 4, 1);
  const uint32_t v8 = 0xDEADBEEF;
  std::memcpy(out.data() + 16, &v8, sizeof v8);
  formats::JitdumpWriter other(out, header);
  other.load({1234, 2, 150, 0x4000, 4, "wasm[0]::function[6]::fib", "code", {}, files, nullptr});
  other.close(400);
  return out;
}

std::string perf_map() {
  return "7f00a000 1a0 JS:*fib /x/a b.js:1:1\n0x7f00b000 0x20 fib\r\n7f00c000  20  [app]#aot_func#1\n7f00a000 0 \xff\n"
         "ffffffffffffffff 2 f\n7f00d000\t20\n7f00e000 20 unfin";
}

std::string gdb_jit() {
  std::string out;
  for (const uint64_t word : {uint64_t{1} << 32 | 1, uint64_t{0x10018}, uint64_t{0x10018}, // the descriptor
                              uint64_t{0x10038}, uint64_t{0}, uint64_t{0x10058}, uint64_t{16}, uint64_t{0},
                              uint64_t{0x10018}, uint64_t{0x10058}, uint64_t{8}})
    out.append(reinterpret_cast<const char *>(&word), sizeof word);
  return out + "\177ELF............";
}

TEST_F(Mutation, Jitdump) {
  torn(jitdump(), read_as_jitdump, 1);
  flipped(jitdump(), read_as_jitdump, 20000, jitdump().size());
}

TEST_F(Mutation, JitdumpWhoseSizesLie) {
  const std::string good = jitdump();
  for (size_t at = 0; at + 8 <= good.size(); at += 4)
    for (const uint64_t lie :
         {uint64_t{0}, uint64_t{1}, uint64_t{15}, uint64_t{16}, uint64_t{0x7fffffff}, uint64_t{0xffffffff},
          uint64_t{1} << 31, uint64_t{1} << 32, UINT64_MAX, UINT64_MAX - 70}) {
      std::string changed = good;
      std::memcpy(changed.data() + at, &lie, sizeof lie);
      read_as_jitdump(changed);
    }
}

TEST_F(Mutation, PerfMap) {
  torn(perf_map(), read_as_perf_map, 1);
  flipped(perf_map(), read_as_perf_map, 20000, perf_map().size());
}

TEST_F(Mutation, GdbJit) {
  torn(
      gdb_jit(), [](const std::string &bytes) { return read_as_gdb_jit(bytes) || bytes.size() < 24; }, 1);
  flipped(gdb_jit(), read_as_gdb_jit, 20000, gdb_jit().size());
}

TEST_F(Mutation, JitNames) {
  for (const char *name : {"JS:fib-20001-liftoff", "JS:*hot /x/run.js:4:13", "JSC-WasmBBQ: <?>.wasm-function[fib]",
                           "wasm[0]::function[6]::fib", "wasm[0]::array_to_wasm_trampoline[3]", "[app]#aot_func#12"}) {
    torn(name, read_as_jit_name, 1);
    flipped(name, read_as_jit_name, 3000, 64);
  }
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
