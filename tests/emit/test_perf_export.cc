// SPDX-License-Identifier: Apache-2.0
// A profile as perf.data: what stock perf shows of it are the names and counts that went in.
#include "emit/code_export.h"
#include "emit/perf_export.h"
#include "emit/perf_export_maps.h"
#include "emit/profile_rows.h"
#include "formats/jitdump.h"
#include "formats/perf_data_reader.h"
#include "formats/perf_map.h"
#include "support/process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <linux/perf_event.h>
#include <sys/mman.h>

#include <map>
#include <sstream>

namespace sgperf::emit {
namespace {

namespace fs = std::filesystem;
using merge::ExportFunction;
using test::run;

constexpr uint32_t engine = 5001, forked = 5002, other = 5003;
constexpr uint64_t second = 1'000'000'000;
// mov eax,1; add eax,2; nop..; ret: something to disassemble.
const std::string code_bytes = [] {
  std::string code("\xb8\x01\x00\x00\x00\x83\xc0\x02", 8);
  code.resize(63, '\x90');
  return code + '\xc3';
}();

formats::PerfEvent event() {
  formats::PerfEvent out;
  out.name = "cpu-clock";
  out.attr.type = PERF_TYPE_SOFTWARE;
  out.attr.config = PERF_COUNT_SW_CPU_CLOCK;
  out.attr.freq = 1;
  out.attr.sample_freq = 999;
  // As the recorder has it: with registers and stack bytes, which the export leaves out.
  out.attr.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
                         PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER |
                         PERF_SAMPLE_STACK_USER;
  out.attr.sample_regs_user = 0xff0fff;
  out.attr.sample_stack_user = 64;
  out.attr.sample_id_all = out.attr.mmap = out.attr.mmap2 = out.attr.comm = out.attr.task = 1;
  out.attr.use_clockid = 1;
  out.attr.clockid = CLOCK_MONOTONIC;
  out.ids = {77};
  return out;
}

// A recording made by hand; `expected` counts what each function has to show.
struct Builder {
  merge::ProfileExport from;
  std::map<std::string, uint64_t> expected;
  std::map<std::string, uint64_t> expected_total;
  uint64_t samples = 0;

  Builder() {
    from.events = {event()};
    from.features = formats::perf_features_of_this_machine();
    from.features.command = {"sgperf", "record", "--", "engine"};
  }
  void comm(uint32_t pid, const char *name, uint64_t time) {
    from.comms.push_back({time, {.pid = pid, .tid = pid, .name = name, .by_exec = true}});
  }
  void fork(uint32_t pid, uint32_t parent, uint64_t time) {
    from.tasks.push_back({{.pid = pid, .parent_pid = parent, .tid = pid, .parent_tid = parent, .time = time}, false});
  }
  void map(uint32_t pid, uint64_t time, uint64_t address, uint64_t length, uint64_t offset, const std::string &path) {
    merge::ExportMapping one;
    one.time = time;
    one.mmap.pid = one.mmap.tid = pid;
    one.mmap.address = address;
    one.mmap.length = length;
    one.mmap.page_offset = offset;
    one.mmap.protection = PROT_READ | PROT_EXEC;
    one.mmap.flags = MAP_PRIVATE;
    one.mmap.path = from.keep(path);
    from.mappings.push_back(one);
  }
  void function(uint32_t pid, const std::string &name, const char *tier, uint64_t address, uint64_t load,
                uint64_t unload = UINT64_MAX) {
    ExportFunction one;
    one.pid = pid;
    one.name = from.keep(name);
    one.tier = tier;
    one.address = address;
    one.size = code_bytes.size();
    one.load_time = load;
    one.unload_time = unload;
    one.code = code_bytes;
    from.functions.push_back(one);
  }
  // The first lines of a file, one every `bytes` bytes of the function that was added last.
  void lines(const std::string &file, uint32_t first, uint32_t count, uint64_t bytes) {
    ExportFunction &function = from.functions.back();
    from.files.push_back(from.keep(file));
    function.first_line = from.lines.size();
    function.line_count = count;
    for (uint32_t i = 0; i < count; ++i)
      from.lines.push_back({function.address + i * bytes, static_cast<uint32_t>(from.files.size() - 1), first + i, 0});
  }
  // Samples 1 us apart; chain: return addresses, innermost first, without the ip.
  void sample(const std::string &name, uint32_t pid, uint64_t time, uint64_t ip, uint64_t times,
              const std::vector<std::pair<std::string, uint64_t>> &callers = {}) {
    for (uint64_t i = 0; i < times; ++i) {
      merge::ExportSample one;
      one.time = time + i * 1000;
      one.period = 1001001;
      one.ip = ip;
      one.pid = one.tid = pid;
      one.cpu = 1;
      one.misc = PERF_RECORD_MISC_USER;
      one.chain = from.chains.size();
      from.chains.push_back(PERF_CONTEXT_USER);
      from.chains.push_back(ip);
      for (const auto &[caller, address] : callers) from.chains.push_back(address);
      one.chain_length = static_cast<uint32_t>(from.chains.size() - one.chain);
      from.samples.push_back(one);
    }
    expected[name] += times;
    expected_total[name] += times;
    for (const auto &[caller, address] : callers) expected_total[caller] += times;
    samples += times;
  }
  void sort() {
    std::stable_sort(from.samples.begin(), from.samples.end(),
                     [](const auto &a, const auto &b) { return a.time < b.time; });
  }
};

class PerfExportTest : public ::testing::Test {
protected:
  test::TempDir dir;
  std::string out = (dir.path() / "out.data").string();

  test::Options options() const {
    test::Options out;
    out.env = {"PERF_CONFIG=/dev/null", "DEBUGINFOD_URLS", "HOME=" + dir.path().string()};
    out.cwd = dir.path();
    return out;
  }
  bool have_perf() { return run({"/bin/sh", "-c", "command -v perf"}).exit_code == 0; }
  std::string perf(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "perf");
    const auto result = run(arguments, options());
    EXPECT_EQ(result.exit_code, 0) << arguments[1] << ": " << result.err;
    return result.out;
  }
  PerfExport write(const merge::ProfileExport &from) {
    std::string error;
    auto result = export_perf(from, out, error);
    if (!result) throw std::runtime_error(error);
    EXPECT_EQ(result->left_out, 0u);
    return *result;
  }
  struct Counts {
    double share = 0; // %
    uint64_t samples = 0;
  };
  // `perf report` as a map: symbol -> its share and samples.
  std::map<std::string, Counts> report(bool children = false) {
    std::istringstream in(perf({"report", "-i", out, "--stdio", "-n", "-s", "sym", "-g", "none",
                                children ? "--children" : "--no-children", "--percent-limit", "0", "-w", "0,0,400"}));
    std::map<std::string, Counts> rows;
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line[0] == '#') continue;
      std::istringstream words(line);
      std::string share, self, samples, kind, name;
      words >> share;
      if (children) words >> self;
      words >> samples >> kind;
      std::getline(words >> std::ws, name);
      while (!name.empty() && name.back() == ' ') name.pop_back();
      if (name.ends_with("  -      -")) name = name.substr(0, name.find("  "));
      Counts &row = rows[name];
      row.share += std::stod(share);
      row.samples += std::stoull(samples);
    }
    return rows;
  }
  void expect_report(const Builder &build) {
    const auto rows = report();
    uint64_t all = 0;
    for (const auto &[name, row] : rows) all += row.samples;
    EXPECT_EQ(all, build.samples);
    for (const auto &[name, count] : build.expected) {
      const auto row = rows.find(name);
      if (row == rows.end()) {
        ADD_FAILURE() << name << " is not in perf report";
        continue;
      }
      EXPECT_EQ(row->second.samples, count) << name;
      EXPECT_NEAR(row->second.share, 100.0 * static_cast<double>(count) / static_cast<double>(build.samples), 0.1)
          << name;
    }
    EXPECT_EQ(rows.size(), build.expected.size());
    for (const auto &[name, row] : report(true)) {
      const auto expected = build.expected_total.find(name);
      ASSERT_NE(expected, build.expected_total.end()) << name << " is in perf report, but not in the recording";
      EXPECT_NEAR(row.share, 100.0 * static_cast<double>(expected->second) / static_cast<double>(build.samples), 0.1)
          << name;
    }
  }
};

// Offset and address of a function in the program of tests/formats, by its symbol table.
struct Native {
  std::string path = (test::build_dir() / "tests/formats/perf-data-program").string();
  uint64_t base = 0x555500000000, text_offset = 0, text_length = 0;
  std::map<std::string, uint64_t> symbols; // run-time addresses

  Native() {
    std::istringstream segments(run({"readelf", "-lW", path}).out);
    for (std::string line; std::getline(segments, line);) {
      std::istringstream words(line);
      std::string type, offset, virtual_address, physical, file_size, memory_size, flags;
      words >> type >> offset >> virtual_address >> physical >> file_size >> memory_size >> flags;
      std::string rest;
      std::getline(words, rest);
      if (type != "LOAD" || (flags + rest).find('E') == std::string::npos) continue;
      text_offset = std::stoull(offset, nullptr, 16);
      text_length = (std::stoull(file_size, nullptr, 16) + 4095) / 4096 * 4096;
      virtual_address_ = std::stoull(virtual_address, nullptr, 16);
    }
    std::istringstream names(run({"nm", "--defined-only", path}).out);
    for (std::string line; std::getline(names, line);) {
      std::istringstream words(line);
      std::string address, kind, name;
      words >> address >> kind >> name;
      if (kind == "T") symbols[name] = base + std::stoull(address, nullptr, 16);
    }
  }
  // Where the executable segment is mapped.
  uint64_t text() const { return base + virtual_address_; }

private:
  uint64_t virtual_address_ = 0;
};

// Everything at once: native code, two tiers of a function, an address that was used again, pages reported anew, a file
// mapped over living code, and a child that inherits it all.
TEST_F(PerfExportTest, StockPerfShowsTheSameNamesAndCounts) {
  if (!have_perf()) GTEST_SKIP() << "there is no perf here";
  const Native native;
  ASSERT_TRUE(native.symbols.contains("leaf_sum"));
  const uint64_t code = 0x7f0000000000, file_code = 0x7f1000000000;
  Builder build;
  build.fork(engine, 1, second);
  build.comm(engine, "engine", second);
  build.map(engine, second, native.text(), native.text_length, native.text_offset, native.path);
  build.map(engine, second, code, 0x10000, 0, "//anon");
  build.function(engine, "app!fib", "liftoff", code, second + 1000, 3 * second);
  build.function(engine, "app!step; now [x]", "turbofan", code + 64, second + 1000);
  build.function(engine, "app!fib", "turbofan", code, 3 * second); // the same place
  // Known to be there before the process was seen to start, and in a file that is mapped later than it was loaded.
  build.function(engine, "aot!start", "cranelift", file_code + 64, 0);
  build.function(engine, "aot!early", "", file_code + 0x5000, 0);
  build.map(engine, 2 * second, code, 0x10000, 0, "//anon"); // pages change their protection
  build.map(engine, 2 * second, file_code, 0x1000, 0, "/tmp/app.cwasm");
  // A library of another process at the very addresses.
  build.fork(other, 1, second);
  build.comm(other, "other", second);
  build.map(other, second, native.text(), native.text_length, native.text_offset, native.path);
  build.fork(forked, engine, 4 * second);

  const uint64_t run_address = native.symbols.at("middle_sum") + 4;
  build.sample("app!fib [liftoff]", engine, 2 * second + 5000, code + 8, 167, {{"middle_sum", run_address}});
  build.sample("app!fib [turbofan]", engine, 3 * second + 5000, code + 8, 333,
               {{"app!step; now [x] [turbofan]", code + 70}, {"middle_sum", run_address}});
  build.sample("app!step; now [x] [turbofan]", engine, 2 * second + 5500, code + 127, 100);
  build.sample("aot!start [cranelift]", engine, 3 * second + 5500, file_code + 80, 50);
  build.sample("aot!early", engine, 3 * second + 5550, file_code + 0x5001, 25);
  build.sample("leaf_sum", engine, 3 * second + 5600, native.symbols.at("leaf_sum") + 8, 200,
               {{"middle_sum", run_address}, {"app!step; now [x] [turbofan]", code + 71}});
  build.sample("other_xor", other, 3 * second + 5700, native.symbols.at("other_xor") + 8, 120);
  build.sample("app!fib [turbofan]", forked, 5 * second, code + 12, 30);
  build.sort();
  build.from.lost = 4;

  const PerfExport result = write(build.from);
  EXPECT_EQ(result.samples, build.samples);
  EXPECT_EQ(result.functions, 5u);
  ASSERT_EQ(result.code_files.size(), 1u);
  EXPECT_EQ(result.code_files[0].string(), out + ".jit-5001.so");
  // Nothing else: one ELF for all code of the process.
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 2);
  expect_report(build);

  // perf script: each sample with its time, thread, period and names.
  std::istringstream script(perf({"script", "-i", out, "--ns", "-F", "comm,pid,tid,cpu,time,period,ip,sym", "-G"}));
  std::map<std::string, uint64_t> leaves;
  size_t at = 0;
  for (std::string line; std::getline(script, line); ++at) {
    ASSERT_LT(at, build.from.samples.size());
    const auto &expected = build.from.samples[at];
    std::istringstream words(line);
    std::string comm, ids, cpu, time, period, ip, name;
    words >> comm >> ids >> cpu >> time >> period >> ip;
    std::getline(words >> std::ws, name);
    EXPECT_EQ(ids, fmt::format("{}/{}", expected.pid, expected.tid)) << line;
    EXPECT_EQ(comm, expected.pid == other ? "other" : "engine") << line;
    EXPECT_EQ(cpu, "[001]");
    EXPECT_EQ(time, fmt::format("{}.{:09}:", expected.time / second, expected.time % second));
    EXPECT_EQ(period, std::to_string(expected.period));
    EXPECT_EQ(std::stoull(ip, nullptr, 16), expected.ip) << line;
    ++leaves[name];
  }
  EXPECT_EQ(at, build.samples);
  EXPECT_EQ(leaves, build.expected);
}

TEST_F(PerfExportTest, StockPerfAnnotatesWithSourceLines) {
  if (!have_perf()) GTEST_SKIP() << "there is no perf here";
  if (run({"/bin/sh", "-c", "command -v objdump"}).exit_code != 0) GTEST_SKIP() << "perf annotate needs objdump";
  const fs::path source = dir.path() / "guest.c";
  test::write_file(source, "int fib(int n) {\n  return 1 + /* the hot place */ n;\n  return 2; /* cold */\n}\n");
  Builder build;
  build.fork(engine, 1, second);
  build.comm(engine, "engine", second);
  build.function(engine, "app!fib", "turbofan", 0x7f0000000000, second);
  build.lines(source.string(), 1, 3, 5);
  build.function(engine, "app!other", "turbofan", 0x7f0000000040, second);
  build.sample("app!fib [turbofan]", engine, 2 * second, 0x7f0000000005, 300);
  build.sample("app!fib [turbofan]", engine, 3 * second, 0x7f0000000000, 100);
  build.sort();
  write(build.from);
  const std::string text = perf({"annotate", "-i", out, "--stdio", "-l", "app!fib [turbofan]"});
  EXPECT_NE(text.find("the hot place"), std::string::npos) << text;
  EXPECT_NE(text.find("75.00"), std::string::npos) << text;
  EXPECT_NE(text.find("guest.c:2"), std::string::npos) << text;
  EXPECT_NE(text.find("add    $0x2,%eax"), std::string::npos) << text;
  expect_report(build);
}

TEST_F(PerfExportTest, TwoExportsOfOneRecordingCompareInPerfDiff) {
  if (!have_perf()) GTEST_SKIP() << "there is no perf here";
  Builder build;
  build.fork(engine, 1, second);
  build.comm(engine, "engine", second);
  build.function(engine, "app!fib", "turbofan", 0x7f0000000000, second);
  build.sample("app!fib [turbofan]", engine, 2 * second, 0x7f0000000005, 300);
  write(build.from);
  const std::string first = (dir.path() / "first.data").string();
  fs::copy_file(out, first);
  const std::string text = perf({"diff", first, out});
  EXPECT_NE(text.find("app!fib [turbofan]"), std::string::npos) << text;
  EXPECT_NE(text.find("100.00%"), std::string::npos) << text;
}

// The kernel's names are not in the file either: perf reads them from /proc/kallsyms, if the recording has the kernel's
// own mapping.
TEST_F(PerfExportTest, KernelNamesByTheRecordedMapping) {
  if (!have_perf()) GTEST_SKIP() << "there is no perf here";
  uint64_t text = 0, function = 0;
  std::istringstream symbols(test::read_file("/proc/kallsyms"));
  for (std::string line; std::getline(symbols, line);) {
    if (line.ends_with(" T _text")) text = std::stoull(line, nullptr, 16);
    if (line.ends_with(" T vfs_write")) function = std::stoull(line, nullptr, 16);
  }
  if (!text || !function) GTEST_SKIP() << "/proc/kallsyms shows no addresses here (kernel.kptr_restrict)";
  Builder build;
  build.fork(engine, 1, second);
  build.comm(engine, "engine", second);
  build.map(UINT32_MAX, 0, text, 0x10000000, text, "[kernel.kallsyms]_text");
  build.from.mappings.back().mmap.tid = 0;
  build.from.mappings.back().mmap.misc = PERF_RECORD_MISC_KERNEL;
  build.sample("vfs_write", engine, 2 * second, function + 4, 300);
  for (auto &sample : build.from.samples) {
    sample.misc = PERF_RECORD_MISC_KERNEL;
    build.from.chains[sample.chain] = PERF_CONTEXT_KERNEL;
  }
  write(build.from);
  expect_report(build);
}

// Without perf: the file's own records say the same, and what the export drops is dropped.
TEST_F(PerfExportTest, RecordsOfTheFile) {
  Builder build;
  const uint64_t code = 0x7f0000000000;
  build.fork(engine, 1, second);
  build.map(engine, second, code, 0x1000, 0, "//anon");
  build.function(engine, "a!dies", "x", code, 2 * second, 3 * second);
  build.map(engine, 2 * second + 1, code, 0x1000, 0, "//anon");
  build.map(engine, 4 * second, code, 0x1000, 0, "//anon"); // nobody lives there any more
  build.map(engine, 2 * second + 1, code + 0x1000, 0x1000, 0, "[anon:elsewhere]");
  build.sample("a!dies [x]", engine, 2 * second + 5, code, 10);
  const PerfExport result = write(build.from);
  struct Seen : formats::PerfDataVisitor {
    std::vector<std::pair<uint64_t, std::string>> maps;
    uint64_t samples = 0, extra = 0, last = 0;
    void mmap(const formats::PerfMmap &one, const formats::PerfSampleId &who) override {
      maps.emplace_back(who.time, one.path);
    }
    void sample(const formats::PerfSample &one) override {
      ++samples;
      extra += one.user_regs.size() + one.user_stack.size();
      EXPECT_GE(one.time, last);
      last = one.time;
      EXPECT_EQ(one.id, 77u);
    }
  } seen;
  std::string error;
  const auto data = formats::read_perf_data_file(out, seen, error);
  ASSERT_TRUE(data) << error;
  EXPECT_FALSE(data->unfinished);
  EXPECT_EQ(data->counts.odd_records() + data->counts.torn_bytes + data->counts.out_of_order, 0u);
  EXPECT_EQ(data->features.command, build.from.features.command);
  EXPECT_EQ(seen.samples, 10u);
  EXPECT_EQ(seen.extra, 0u);
  const std::string elf = result.code_files.at(0);
  EXPECT_EQ(seen.maps,
            (std::vector<std::pair<uint64_t, std::string>>{
                {second, "//anon"}, {2 * second, elf}, {2 * second + 1, "[anon:elsewhere]"}, {4 * second, "//anon"}}));
}

TEST_F(PerfExportTest, ARecordingWithoutCodeOrSamplesIsAnEmptyFile) {
  merge::ProfileExport from;
  from.events = {event()};
  const PerfExport result = write(from);
  EXPECT_EQ(result.samples, 0u);
  EXPECT_TRUE(result.code_files.empty());
  EXPECT_TRUE(fs::exists(out));
  std::string error;
  EXPECT_FALSE(export_perf(from, dir.path(), error));
  EXPECT_NE(error.find("found a folder"), std::string::npos) << error;
  EXPECT_FALSE(export_perf(from, dir.path() / "no/such/folder/x", error));
  EXPECT_NE(error.find("No such file"), std::string::npos) << error;
}

TEST(LiveCodeTest, RangesByHand) {
  std::vector<ExportFunction> functions(4);
  const auto set = [&](size_t i, uint64_t address, uint64_t size, uint64_t load, uint64_t unload) {
    functions[i].address = address;
    functions[i].size = size;
    functions[i].load_time = load;
    functions[i].unload_time = unload;
  };
  set(0, 100, 1000, 5, 10); // long, and dead later
  set(1, 200, 10, 20, UINT64_MAX);
  set(2, 210, 10, 20, UINT64_MAX);
  set(3, 400, 0, 0, UINT64_MAX); // nothing
  std::vector<const ExportFunction *> pointers;
  for (const auto &one : functions) pointers.push_back(&one);
  LiveCode live{pointers};
  EXPECT_TRUE(live.any_at(5, 1099, 2000));
  EXPECT_FALSE(live.any_at(5, 1100, 2000));
  EXPECT_FALSE(live.any_at(4, 100, 1100));
  EXPECT_FALSE(live.any_at(10, 100, 1100));
  EXPECT_FALSE(live.any_at(20, 220, 1100));
  const auto ranges = live.at(30, 205, 10000);
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0].begin, 205u);
  EXPECT_EQ(ranges[0].end, 220u);
  // Of two mappings that show there, the newer one comes later and both are cut.
  const std::vector<formats::JitMapping> mappings{{1, 100, 1000, 0}, {2, 208, 4, 5000}, {40, 205, 5, 9000}};
  const auto again_there = again(mappings, 30, ranges);
  ASSERT_EQ(again_there.size(), 2u);
  EXPECT_EQ(again_there[0].address, 205u);
  EXPECT_EQ(again_there[0].length, 15u);
  EXPECT_EQ(again_there[0].offset, 105u);
  EXPECT_EQ(again_there[1].address, 208u);
  EXPECT_EQ(again_there[1].time, 30u);
}

TEST(CodeExport, JitdumpAndPerfMapOfTwoProcesses) {
  Builder build;
  build.from.directory = "/src/app";
  build.function(engine, "app!fib", "liftoff", 0x1000, 3 * second);
  build.function(engine, "app!start", "", 0x2000, 2 * second);
  build.lines("main.c", 7, 2, 16);
  build.function(engine, "app!fib", "turbofan", 0x1000, 4 * second);
  build.function(other, "b!x", "", 0x1000, second);
  const auto dumps = jitdump_files(build.from);
  ASSERT_EQ(dumps.size(), 2u);
  EXPECT_EQ(dumps[0].name, "jit-5001.dump");
  EXPECT_EQ(dumps[0].functions, 3u);
  std::string error;
  const auto dump = formats::read_jitdump(dumps[0].bytes, error);
  ASSERT_TRUE(dump) << error;
  EXPECT_EQ(dump->header.pid, engine);
  ASSERT_EQ(dump->events.size(), 3u);
  EXPECT_EQ(dump->events[0].name, "app!start");
  EXPECT_EQ(dump->events[0].code, code_bytes);
  EXPECT_EQ(dump->events[1].name, "app!fib [liftoff]");
  EXPECT_EQ(dump->events[2].name, "app!fib [turbofan]");
  EXPECT_EQ(dump->events[2].time, 4 * second);
  const auto lines = dump->lines_of(dump->events[0]);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].line, 8u);
  EXPECT_EQ(dump->files.at(lines[1].file), "/src/app/main.c");
  const auto maps = perf_map_files(build.from);
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[0].name, "perf-5001.map");
  EXPECT_EQ(maps[0].bytes, "2000 40 app!start\n1000 40 app!fib [liftoff]\n1000 40 app!fib [turbofan]\n");
  EXPECT_EQ(maps[1].bytes, "1000 40 b!x\n");
}

} // namespace
} // namespace sgperf::emit
