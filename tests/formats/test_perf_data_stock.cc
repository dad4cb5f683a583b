// SPDX-License-Identifier: Apache-2.0
// Files that `perf record` wrote: our reader and `perf script` see the same, sample by sample.
#include "formats/perf_data_log.h"
#include "support/process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

using namespace sgperf;
using namespace sgperf::formats;
using namespace sgperf::test;

namespace {

// A sample as `perf report -D` dumps it: time, mode, pid/tid, ip, period; then one line for each of the raw chain, user
// registers and the stack's size.
using Dump = std::vector<std::string>;

struct Samples : PerfDataVisitor {
  std::vector<Dump> dumps;
  std::map<std::pair<std::string, uint64_t>, uint64_t> by_place; // (file, offset in it) -> samples in user space
  std::vector<std::pair<PerfMmap, std::string>> maps;
  std::vector<std::string> comms;
  std::map<uint64_t, uint64_t> stack_sizes;
  uint64_t forks = 0, exits = 0, execs = 0;

  void mmap(const PerfMmap &one, const PerfSampleId &) override { maps.emplace_back(one, one.path); }
  void comm(const PerfComm &one, const PerfSampleId &) override {
    comms.emplace_back(one.name);
    execs += one.by_exec;
  }
  void fork(const PerfTask &, const PerfSampleId &) override { ++forks; }
  void exit(const PerfTask &, const PerfSampleId &) override { ++exits; }
  void sample(const PerfSample &one) override {
    Dump dump;
    std::string head = one.type & PERF_SAMPLE_CPU ? fmt::format("{} ", one.cpu) : "";
    head += fmt::format("{}: 0x{:x}): {}/{}: 0x{:x} period: {} addr: 0", one.time, one.misc, one.pid, one.tid, one.ip,
                        one.period);
    dump.push_back(head);
    for (size_t i = 0; i < one.callchain.size(); ++i) dump.push_back(fmt::format("{}: {:016x}", i, one.callchain[i]));
    for (const uint64_t reg : one.user_regs) dump.push_back(fmt::format("0x{:016x}", reg));
    if (!one.user_stack.empty()) dump.push_back(fmt::format("ustack: size {}", one.user_stack.size()));
    dumps.push_back(dump);
    if (one.type & PERF_SAMPLE_STACK_USER) ++stack_sizes[one.user_stack.size()];
    if ((one.misc & PERF_RECORD_MISC_CPUMODE_MASK) != PERF_RECORD_MISC_USER) return;
    for (auto it = maps.rbegin(); it != maps.rend(); ++it) {
      const PerfMmap &map = it->first;
      if ((map.misc & PERF_RECORD_MISC_CPUMODE_MASK) != PERF_RECORD_MISC_USER || one.ip - map.address >= map.length)
        continue;
      ++by_place[{it->second, one.ip - map.address + map.page_offset}];
      break;
    }
  }
};

class Stock : public ::testing::Test {
protected:
  static inline std::string program = (build_dir() / "tests/formats/perf-data-program").string();
  TempDir dir;
  std::string file = (dir.path() / "perf.data").string();

  void SetUp() override {
    const auto perf = run({"/bin/sh", "-c", "command -v perf"});
    if (perf.exit_code != 0) GTEST_SKIP() << "there is no perf here";
    const auto tried = run({"perf", "record", "-e", "cpu-clock:u", "-o", file, "true"}, options());
    if (tried.exit_code != 0) GTEST_SKIP() << "perf record is not allowed here: " << tried.err;
    std::filesystem::remove(file);
  }
  Options options() const {
    return {.env = {"PERF_CONFIG=/dev/null", "DEBUGINFOD_URLS"}, .cwd = dir.path(), .input = {}, .in_child = {}};
  }

  std::string perf(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "perf");
    const auto result = run(arguments, options());
    EXPECT_EQ(result.exit_code, 0) << arguments[1] << ": " << result.err;
    return result.out;
  }
  void record(std::vector<std::string> more, const std::string &out = {}) {
    std::vector<std::string> arguments = {"record", "-e", "cpu-clock", "-F", "2000", "-o", out.empty() ? file : out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    perf(arguments);
  }
  PerfData read(PerfDataVisitor &visitor) {
    std::string error;
    auto data = read_perf_data_file(file, visitor, error);
    if (!data) throw std::runtime_error(error);
    EXPECT_EQ(data->counts.odd_records(), 0u);
    EXPECT_EQ(data->counts.torn_bytes, 0u);
    EXPECT_EQ(data->counts.unknown_types, 0u);
    EXPECT_EQ(data->counts.unknown_ids, 0u);
    EXPECT_EQ(data->counts.not_decompressed, 0u);
    EXPECT_EQ(data->counts.out_of_order, 0u);
    return std::move(*data);
  }
  // perf's view of the same file.
  std::vector<Dump> dumped_by_perf() {
    std::istringstream in(perf({"report", "-D", "-i", file}));
    std::vector<Dump> dumps;
    bool open = false;
    for (std::string text; std::getline(in, text);) {
      const size_t record = text.find(": PERF_RECORD_SAMPLE(IP, ");
      if (record != std::string::npos) { // "[cpu ]time 0xoffset [0xsize]: PERF_RECORD_SAMPLE(IP, 0x2): .."
        const std::string start = text.substr(0, text.find(" 0x"));
        dumps.push_back({start + ": " + text.substr(record + 25)});
      } else if (open && text.starts_with("..... "))
        dumps.back().push_back(text.substr(text.find_first_not_of(". ")));
      else if (open && text.starts_with(".... "))
        dumps.back().push_back(text.substr(text.find("0x")));
      else if (open && text.starts_with("... ustack: size "))
        dumps.back().push_back(text.substr(4, text.find(',') - 4));
      open = record != std::string::npos || (open && text.starts_with(".."));
    }
    return dumps;
  }
  void same_as_perf(const Samples &ours, size_t at_least = 100) {
    const auto theirs = dumped_by_perf();
    ASSERT_GT(theirs.size(), at_least);
    ASSERT_EQ(ours.dumps.size(), theirs.size());
    for (size_t i = 0; i < theirs.size(); ++i) ASSERT_EQ(ours.dumps[i], theirs[i]) << "sample " << i;
  }
  // Samples in user space of a function of the program, by its symbol table.
  std::map<std::string, uint64_t> by_function(const Samples &ours) {
    std::map<std::string, uint64_t> out;
    std::istringstream in(run({"nm", "-S", "--defined-only", program}).out);
    for (std::string text; std::getline(in, text);) {
      std::istringstream words(text);
      std::string address, size, kind, name;
      words >> address >> size >> kind >> name;
      if (kind != "T" && kind != "t") continue;
      const uint64_t begin = std::stoull(address, nullptr, 16), end = begin + std::stoull(size, nullptr, 16);
      for (const auto &[place, count] : ours.by_place)
        if (place.first == program && place.second >= begin && place.second < end) out[name] += count;
    }
    return out;
  }
};

} // namespace

TEST_F(Stock, FramePointerChains) {
  record({"-g", "-k", "mono", program});
  Samples ours;
  const PerfData data = read(ours);
  same_as_perf(ours);
  ASSERT_EQ(data.events.size(), 1u);
  EXPECT_EQ(data.events[0].name, "cpu-clock");
  EXPECT_EQ(data.events[0].attr.clockid, CLOCK_MONOTONIC);
  ASSERT_TRUE(data.features.clock);
  EXPECT_EQ(data.features.clock->clockid, static_cast<uint32_t>(CLOCK_MONOTONIC));
  EXPECT_EQ(data.features.command.back(), program);
  const PerfFeatures here = perf_features_of_this_machine();
  EXPECT_EQ(data.features.hostname, here.hostname);
  EXPECT_EQ(data.features.os_release, here.os_release);
  EXPECT_EQ(data.features.arch, here.arch);
  EXPECT_EQ(data.features.cpus_available, here.cpus_available);
  EXPECT_EQ(data.features.cpus_online, here.cpus_online);
  EXPECT_EQ(data.features.cpu_description, here.cpu_description);
  EXPECT_EQ(data.features.cpu_id, here.cpu_id);
  EXPECT_EQ(data.features.total_memory_kb, here.total_memory_kb);
  EXPECT_GE(ours.forks, 2u); // a thread and a process
  EXPECT_GE(ours.exits, 3u);
  EXPECT_EQ(ours.execs, 1u);
  // perf lists the files that had samples.
  const std::string list = perf({"buildid-list", "-i", file});
  bool seen = false;
  for (const PerfBuildId &one : data.features.build_ids) {
    std::string hex;
    for (const uint8_t byte : one.id) hex += fmt::format("{:02x}", byte);
    EXPECT_NE(list.find(hex + " " + one.path), std::string::npos) << hex << " " << one.path << "\n" << list;
    seen = seen || one.path == program;
  }
  EXPECT_TRUE(seen) << list;
}

TEST_F(Stock, FunctionTotalsAsInReport) {
  record({"--sample-cpu", program});
  Samples ours;
  read(ours);
  same_as_perf(ours);
  const auto functions = by_function(ours);
  std::istringstream in(perf({"report", "-i", file, "--stdio", "--sort", "sym", "-F", "sample,sym", "--dso",
                              std::filesystem::path(program).filename()}));
  std::map<std::string, uint64_t> theirs;
  for (std::string text; std::getline(in, text);) {
    std::istringstream words(text);
    uint64_t count;
    std::string level, name;
    if (words >> count >> level >> name && level == "[.]") theirs[name] = count;
  }
  EXPECT_EQ(functions, theirs);
  EXPECT_GT(functions.at("leaf_sum"), 20u);
  EXPECT_GT(functions.at("other_xor"), 5u);
}

TEST_F(Stock, StacksForDwarf) {
  record({"--call-graph", "dwarf,4096", "-F", "500", program});
  Samples ours;
  const PerfData data = read(ours);
  ASSERT_EQ(data.events.size(), 1u);
  EXPECT_TRUE(data.events[0].attr.sample_type & PERF_SAMPLE_STACK_USER);
  EXPECT_GT(ours.stack_sizes[4096] + ours.stack_sizes[0], 0u);
  EXPECT_EQ(ours.dumps.at(ours.dumps.size() / 2).size() > 20, true) << "registers and stack";
  same_as_perf(ours, 30);
}

TEST_F(Stock, WrittenToAPipe) {
  const auto result =
      run({"/bin/sh", "-c", "perf record -e cpu-clock -F 2000 -g -o - '" + program + "' > '" + file + "'"}, options());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  Samples ours;
  const PerfData data = read(ours);
  EXPECT_TRUE(data.pipe);
  same_as_perf(ours);
  ASSERT_EQ(data.events.size(), 1u);
  EXPECT_EQ(data.features.hostname, perf_features_of_this_machine().hostname);
}

TEST_F(Stock, Compressed) {
  record({"-z", "-g", program});
  Samples ours;
  const PerfData data = read(ours);
  if (!data.counts.records.contains(perf_compressed) && !data.counts.records.contains(perf_compressed2))
    GTEST_SKIP() << "this perf does not compress";
  same_as_perf(ours);
}

TEST_F(Stock, SeveralEventsAndSwitches) {
  record({"-e", "task-clock", "--switch-events", "-g", program});
  Samples ours;
  const PerfData data = read(ours);
  EXPECT_EQ(data.events.size(), 2u);
  EXPECT_TRUE(data.counts.records.contains(PERF_RECORD_SWITCH));
  same_as_perf(ours);
}

TEST_F(Stock, AttachedToAProcess) {
  const auto result = run({"/bin/sh", "-c",
                           "'" + program + "' 400 & pid=$!; perf record -e cpu-clock -F 2000 -g -o '" + file +
                               "' -p $pid; code=$?; wait $pid && exit $code"},
                          options());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  Samples ours;
  read(ours);
  same_as_perf(ours, 20);
  EXPECT_NE(std::find(ours.comms.begin(), ours.comms.end(), "perf-data-progr"), ours.comms.end());
}

// perf killed: data.size is 0, and what it wrote is read.
TEST_F(Stock, CutShort) {
  record({"-g", program});
  const std::string bytes = read_file(file);
  Samples whole;
  read(whole);
  size_t last = 0;
  for (size_t cut = 104; cut < bytes.size(); cut += 100) {
    const std::string part = bytes.substr(0, cut);
    Samples ours;
    std::string error;
    const auto data = read_perf_data(part, ours, error);
    ASSERT_TRUE(data) << cut << ": " << error;
    EXPECT_GE(ours.dumps.size(), last);
    last = ours.dumps.size();
    ASSERT_LE(last, whole.dumps.size());
  }
  EXPECT_EQ(last, whole.dumps.size());
  std::string unfinished = bytes;
  unfinished.replace(48, 8, 8, '\0'); // data.size
  Samples ours;
  std::string error;
  const auto data = read_perf_data(unfinished, ours, error);
  ASSERT_TRUE(data) << error;
  EXPECT_TRUE(data->unfinished);
  EXPECT_EQ(ours.dumps, whole.dumps);
}
