// SPDX-License-Identifier: Apache-2.0
// Readers of perf.data, lines of native files and isolate.json on damaged input.
#include "formats/jit_elf.h"
#include "formats/perf_data_writer.h"
#include "record/mutation.h"
#include "record/readers.h"

#include <elf.h>

namespace sgperf::test {
namespace {

class NativeMutation : public Mutation {
protected:
  // A file with lines.
  static std::string library() {
    using namespace formats;
    static constexpr JitLine lines[] = {{0x1000, 0, 3, 1}, {0x1004, 0, 4, 7}};
    static constexpr std::string_view files[] = {"a.c"};
    JitFunction one;
    one.name = "work", one.address = 0x1000, one.size = 16, one.code = "0123456789abcdef", one.lines = lines;
    const JitFunction functions[] = {one};
    return build_jit_elf({.functions = functions, .files = files, .directory = folder}).bytes.substr(SELFMAG);
  }
  static constexpr std::string_view folder = "/of/the/compiler";
};

TEST_F(NativeMutation, NativeLines) {
  const std::string good = library();
  ASSERT_TRUE(read_as_native_lines(good));
  const size_t at = good.find(folder);
  ASSERT_NE(at, std::string::npos);
  std::mt19937_64 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = good;
    for (int i = 0; i < 2; ++i) bytes[at - 40 + random() % (40 + folder.size() + 1)] = static_cast<char>(random());
    read_as_native_lines(bytes);
  }
}

TEST_F(NativeMutation, PerfData) {
  TempDir dir;
  formats::PerfEvent event;
  event.attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN |
                           PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
  event.attr.sample_id_all = 1;
  event.attr.sample_regs_user = 0b11;
  event.name = "cpu-clock";
  std::string error;
  auto out = formats::PerfDataWriter::create(dir.path() / "perf.data", {event}, error);
  ASSERT_TRUE(out) << error;
  const std::vector<uint64_t> chain{PERF_CONTEXT_USER, 0x401010, 0x401020}, registers{1, 2};
  formats::PerfSample sample;
  sample.callchain = chain, sample.user_regs = registers, sample.user_abi = PERF_SAMPLE_REGS_ABI_64;
  sample.user_stack = "0123456789abcdef", sample.time = 1000;
  out->comm({.pid = 7, .tid = 8, .name = "guest", .by_exec = true}, {.pid = 7, .tid = 8, .time = 900});
  ASSERT_TRUE(out->sample(sample));
  out->finished_round();
  formats::PerfFeatures features;
  features.command = {"sgperf", "record"}, features.hostname = "host";
  features.build_ids.push_back({.pid = -1, .id = {9, 8, 7}, .path = "/opt/guest"});
  ASSERT_TRUE(out->finish(features, error)) << error;
  const std::string good = read_file(dir.path() / "perf.data");
  torn(good, read_as_perf_data, 1);
  flipped(good, read_as_perf_data, 20000, good.size());
}

TEST_F(NativeMutation, Isolation) {
  const std::string good = read_file(source_dir() / "tests/fuzz/seeds/isolation/one");
  torn(good, read_as_isolation, 1);
  flipped(good, read_as_isolation, 3000, good.size());
}

} // namespace
} // namespace sgperf::test
