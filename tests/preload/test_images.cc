// SPDX-License-Identifier: Apache-2.0
// Code that engines publish through libgcc is copied, and libgcc hears of it all the same.
#include <elf.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "engines/engine_run.h"
#include "libsgperf/fixture.h"
#include "support/cache.h"

namespace fs = std::filesystem;

namespace sgperf::test {
namespace {

class Images : public Libsgperf {
protected:
  Result run_here(const std::vector<std::string> &argv, bool preload = true) {
    Options options = options_;
    if (preload) options.env.push_back("LD_PRELOAD=" + library());
    return run(argv, options);
  }
  static std::string own(const std::string &name) { return build_dir() / "tests/preload" / name; }
  std::vector<CodeRecord> records() {
    const auto files = code_files(dir());
    EXPECT_EQ(files.size(), 1u);
    return files.size() == 1 ? read_code(files[0]) : std::vector<CodeRecord>{};
  }
  // The function symbols of an image that was copied.
  std::string symbols(const CodeRecord &image) {
    const fs::path file = cwd_.path() / "image";
    write_file(file, image.bytes);
    const Result result = run({"readelf", "-sW", file.string()});
    fs::remove(file);
    EXPECT_EQ(result.err, "") << "the copy is not a whole ELF file";
    return result.out;
  }
  // A WASI command without imports that calls a function of its own: (func $work ..) (func (export "_start") ..)
  std::string module() {
    const fs::path text = cwd_.path() / "m.wat", binary = cwd_.path() / "m.wasm";
    write_file(text, "(module $named (memory (export \"memory\") 1)\n"
                     "  (func $work (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))\n"
                     "  (func $_start (export \"_start\") (drop (call $work (i32.const 14)))))\n");
    const Result result = run({"wat2wasm", "--debug-names", text.string(), "-o", binary.string()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return binary;
  }
  void TearDown() override {
    for (const char *name : {"m.wat", "m.wasm", "m.cwasm"}) fs::remove(cwd_.path() / name);
    Libsgperf::TearDown();
  }
};

void expect_image(const CodeRecord &image) {
  ASSERT_EQ(image.record.kind, unsigned{SGPERF_CODE_IMAGE});
  ASSERT_EQ(image.bytes.size(), image.record.length);
  ASSERT_GT(image.bytes.size(), sizeof(Elf64_Ehdr));
  Elf64_Ehdr header;
  memcpy(&header, image.bytes.data(), sizeof header);
  EXPECT_EQ(memcmp(header.e_ident, ELFMAG, SELFMAG), 0);
  EXPECT_EQ(header.e_shoff + uint64_t{header.e_shnum} * header.e_shentsize, image.bytes.size())
      << "to the end of its section headers, not of a mapping";
  EXPECT_EQ(image.record.base % 4096, 0u);
}

TEST_F(Images, StockWasmtimeCommand) {
  if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)";
  const std::string wasm = module();
  const Result plain = run_here({stock_wasmtime(), "run", wasm}, false),
               live = run_here({stock_wasmtime(), "run", wasm});
  EXPECT_EQ(live.exit_code, plain.exit_code) << live.err;
  EXPECT_EQ(live.out + live.err, plain.out + plain.err);
  const auto all = records();
  ASSERT_GE(all.size(), 1u);
  expect_image(all[0]);
  const std::string names = symbols(all[0]);
  EXPECT_NE(names.find("wasm[0]::function[0]::work"), std::string::npos) << names;
  EXPECT_NE(names.find("array_to_wasm_trampoline"), std::string::npos) << names;
  const Session session = this->session();
  EXPECT_GE(all[0].record.time, session.header.start.monotonic);
  EXPECT_EQ(session.header.dropped.jit, 0u);
}

// For stock perf: the functions of the image in the forms that it reads.
TEST_F(Images, AsPerfMapAndJitdump) {
  if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)";
  options_.env.push_back("SGPERF_JIT=both");
  const Result live = run_here({stock_wasmtime(), "run", module()});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  const auto all = records();
  ASSERT_GE(all.size(), 1u);
  const std::string pid = std::to_string(session().header.pid);
  const fs::path map = "/tmp/perf-" + pid + ".map", dump = dir() / ("jit-" + pid + ".dump");
  std::ifstream lines(map);
  const std::string dumped = read_file(fs::exists(dump) ? dump : fs::path("/tmp/jit-" + pid + ".dump"));
  std::string hex, size, name;
  bool work = false;
  while (lines >> hex >> size && std::getline(lines, name)) {
    const uint64_t address = std::stoull(hex, nullptr, 16);
    EXPECT_GE(address, all[0].record.base);
    EXPECT_LT(address + std::stoull(size, nullptr, 16), all[0].record.base + all[0].record.length);
    work = work || name == " wasm[0]::function[0]::work";
    EXPECT_NE(dumped.find(name.substr(1)), std::string::npos) << "both have all";
  }
  EXPECT_TRUE(work);
  fs::remove(map);
  fs::remove(dump);
  fs::remove("/tmp/jit-" + pid + ".dump");
}

// A compiled module is mapped from its file: the same image, and it counts.
TEST_F(Images, CompiledFileOfStockWasmtime) {
  if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)";
  const std::string compiled = cwd_.path() / "m.cwasm";
  ASSERT_EQ(run_here({stock_wasmtime(), "compile", "-o", compiled, module()}, false).exit_code, 0);
  const Result live = run_here({stock_wasmtime(), "run", "--allow-precompiled", compiled});
  EXPECT_EQ(live.exit_code, 0) << live.err;
  const auto all = records();
  ASSERT_GE(all.size(), 1u);
  expect_image(all[0]);
  EXPECT_NE(symbols(all[0]).find("wasm[0]::function[0]::work"), std::string::npos);
}

// The library comes by dlopen, where RTLD_NEXT knows no libgcc; neighbouring mappings merge, addresses are used again.
TEST_F(Images, FourModulesAliveOneGoesAnotherComes) {
  const fs::path wasmtime = fetched_wasmtime() / "_libwasmtime.so";
  if (!fs::exists(wasmtime)) GTEST_SKIP() << cannot_run("wasmtime");
  const Result live = run_here({own("modules"), wasmtime});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  EXPECT_EQ(live.out, "done\n");
  const auto all = records();
  std::vector<uint64_t> alive, order;
  std::vector<std::string> names;
  for (const CodeRecord &one : all) {
    if (one.record.kind == SGPERF_CODE_UNLOAD) {
      const auto at = std::find(alive.begin(), alive.end(), one.record.base);
      ASSERT_NE(at, alive.end()) << "an unload of nothing that was loaded";
      order.push_back(static_cast<uint64_t>(std::find(names.begin(), names.end(), names[0]) - names.begin()));
      alive.erase(at);
      continue;
    }
    expect_image(one);
    for (const uint64_t base : alive) EXPECT_NE(base, one.record.base) << "two images at one address";
    alive.push_back(one.record.base);
    names.push_back(symbols(one));
  }
  ASSERT_EQ(names.size(), 5u);
  EXPECT_EQ(order.size(), 5u);
  EXPECT_TRUE(alive.empty());
  for (size_t i = 0; i < 5; ++i)
    EXPECT_NE(names[i].find("number_" + std::to_string(i)), std::string::npos) << "each has its own bytes\n"
                                                                               << names[i];
}

TEST_F(Images, FramesWithoutAnImage) {
  const Result live = run_here({own("frames")});
  ASSERT_EQ(live.exit_code, 0) << "10 to 12: libgcc was not told, see frames.c\n" << live.err;
  std::istringstream in(live.out);
  uint64_t section = 0, length = 0, code = 0;
  in >> std::hex >> section >> std::dec >> length >> std::hex >> code;
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].record.kind, unsigned{SGPERF_CODE_FRAMES});
  EXPECT_EQ(all[0].record.base, section);
  ASSERT_EQ(all[0].bytes.size(), length);
  EXPECT_NE(all[0].bytes.find(std::string(reinterpret_cast<const char *>(&code), 8)), std::string::npos);
  EXPECT_EQ(all[1].record.kind, unsigned{SGPERF_CODE_UNLOAD});
  EXPECT_EQ(all[1].record.base, section);
}

TEST_F(Images, LibgccHearsOfItWithoutASessionToo) {
  EXPECT_EQ(run_here({own("frames")}, false).exit_code, 0);
  options_.env.push_back("SGPERF_FORK=0"); // the child is not measured
  EXPECT_EQ(run_here({own("frames"), "fork"}).exit_code, 0);
  EXPECT_TRUE(code_files(dir()).empty());
  Options nowhere = options_;
  nowhere.env.push_back("LD_PRELOAD=" + library());
  nowhere.env.push_back("SGPERF_DIR=/proc/no-such-folder");
  EXPECT_EQ(run({own("frames")}, nowhere).exit_code, 0);
}

} // namespace
} // namespace sgperf::test
