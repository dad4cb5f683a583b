// SPDX-License-Identifier: Apache-2.0
// Seeds that are made, not kept: make-seeds FOLDER OBJECT.  perf.data by our own writer, and OBJECT, a small library
// that the compiler has just made, without the first four bytes (readers.h).
#include "formats/jit_elf.h"
#include "formats/perf_data_writer.h"

#include <zstd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

using namespace sgperf::formats;
namespace fs = std::filesystem;

namespace {

void write(const fs::path &file, std::string_view bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

std::string read(const fs::path &file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return out.str();
}

PerfEvent event(const char *name, uint64_t sample_type, uint64_t id) {
  PerfEvent out;
  out.name = name;
  out.attr.type = PERF_TYPE_SOFTWARE;
  out.attr.config = PERF_COUNT_SW_CPU_CLOCK;
  out.attr.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
                         PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD | sample_type;
  out.attr.sample_id_all = 1;
  out.attr.sample_regs_user = 0b111;
  out.attr.sample_stack_user = 64;
  out.ids = {id};
  return out;
}

// A file with all that the writer can write.
void perf_data(const fs::path &file) {
  fs::create_directories(file.parent_path());
  std::string error;
  auto out = PerfDataWriter::create(
      file,
      {event("cpu-clock", PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER, 11),
       event("page-faults", PERF_SAMPLE_ADDR | PERF_SAMPLE_RAW | PERF_SAMPLE_BRANCH_STACK, 12)},
      error, true);
  if (!out) throw std::runtime_error(error);
  const PerfSampleId who{.pid = 7, .tid = 8, .time = 1000, .id = 0, .stream_id = 0, .cpu = 1};
  const uint8_t id[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  out->comm({.pid = 7, .tid = 8, .name = "guest", .by_exec = true}, who);
  PerfMmap mmap;
  mmap.pid = mmap.tid = 7, mmap.address = 0x401000, mmap.length = 0x1000, mmap.path = "/opt/guest", mmap.build_id = id;
  out->mmap(mmap, who);
  mmap.build_id = {}, mmap.inode = 5;
  out->mmap(mmap, who);
  out->fork({.pid = 9, .parent_pid = 7, .tid = 9, .parent_tid = 8, .time = 1001}, who);
  out->ksymbol({.address = 0xffffffffc0000000, .length = 64, .type = 1, .flags = 0, .name = "bpf_prog"}, who);
  const std::vector<uint64_t> chain{PERF_CONTEXT_USER, 0x401010, 0x401020}, registers{1, 2, 3};
  PerfSample sample;
  sample.ip = 0x401010, sample.pid = 7, sample.tid = 8, sample.cpu = 1, sample.period = 1000;
  sample.user_abi = PERF_SAMPLE_REGS_ABI_64, sample.callchain = chain, sample.user_regs = registers;
  sample.user_stack = "0123456789abcdef";
  for (const uint64_t time : {1010, 1005}) {
    sample.time = time;
    if (!out->sample(sample)) throw std::runtime_error("a sample was not written");
  }
  out->finished_round();
  sample.event = 1, sample.time = 1020, sample.address = 0x1234, sample.raw = "raw!";
  if (!out->sample(sample)) throw std::runtime_error("a sample of the second event was not written");
  out->lost({.id = 11, .lost = 3}, who);
  out->lost_samples(2, who);
  out->exit({.pid = 9, .parent_pid = 7, .tid = 9, .parent_tid = 8, .time = 1030}, who);
  PerfFeatures features;
  features.hostname = "host", features.os_release = "6.1", features.version = "1", features.arch = "x86_64";
  features.cpus_available = features.cpus_online = 2;
  features.command = {"sgperf", "record"};
  features.build_ids.push_back({.pid = -1, .misc = PERF_RECORD_MISC_USER, .id = {9, 8, 7}, .path = "/opt/guest"});
  features.clock = PerfClockData{1, 5000, 1000};
  if (!out->finish(features, error)) throw std::runtime_error(error);
}

std::string record(uint32_t type, std::string body) {
  body.resize((body.size() + 7) / 8 * 8);
  const uint16_t misc = 0, size = static_cast<uint16_t>(8 + body.size());
  std::string out;
  out.append(reinterpret_cast<const char *>(&type), 4).append(reinterpret_cast<const char *>(&misc), 2);
  out.append(reinterpret_cast<const char *>(&size), 2);
  return out + body;
}

// As `perf record -z -o -` writes it: events as records, the kernel's records compressed.
std::string pipe_of(const std::string &file) {
  uint64_t attr_size = 0, attrs = 0, attrs_size = 0, data = 0, data_size = 0;
  const auto word = [&file](size_t at, uint64_t &to) { std::memcpy(&to, file.data() + at, 8); };
  word(16, attr_size), word(24, attrs), word(32, attrs_size), word(40, data), word(48, data_size);
  std::string out = "PERFILE2";
  out.append("\x10\0\0\0\0\0\0\0", 8);
  for (uint64_t at = attrs; at < attrs + attrs_size; at += attr_size) {
    uint64_t ids = 0;
    word(at + attr_size - 16, ids);
    out += record(perf_header_attr, file.substr(at, attr_size - 16) + file.substr(ids, 8));
  }
  std::string packed(ZSTD_compressBound(data_size), 0);
  const size_t size = ZSTD_compress(packed.data(), packed.size(), file.data() + data, data_size, 1);
  if (ZSTD_isError(size)) throw std::runtime_error("ZSTD_compress failed");
  packed.resize(size);
  const uint64_t stated = size;
  out += record(perf_compressed2, std::string(reinterpret_cast<const char *>(&stated), 8) + packed);
  return out;
}

std::string jit_elf() {
  const JitLine lines[] = {{0x1000, 0, 3, 1}, {0x1004, 0, 4, 7}, {0x1008, 1, 9, 2}};
  const std::string_view files[] = {"a.c", "b.c"};
  JitFunction one;
  one.name = "wasm[0]::work", one.address = 0x1000, one.size = 16, one.code = "0123456789abcdef", one.lines = lines;
  JitFunction two = one;
  two.name = "next", two.address = 0x1010, two.lines = {};
  const JitFunction functions[] = {one, two};
  return build_jit_elf({.functions = functions, .files = files, .directory = "/src"}).bytes;
}

} // namespace

int main(int argc, char **argv) try {
  if (argc != 3) throw std::runtime_error("expected FOLDER OBJECT");
  const fs::path folder = argv[1];
  perf_data(folder / "perf-data/file");
  write(folder / "perf-data/pipe", pipe_of(read(folder / "perf-data/file")));
  const std::string native = read(argv[2]).substr(4), jit = jit_elf().substr(4);
  for (const char *reader : {"native-frames", "native-lines", "elf-symbols"}) {
    write(folder / reader / "library", native);
    write(folder / reader / "jit", jit);
  }
  // Or the build would make them again each time: a folder is only as new as its last new file.
  fs::last_write_time(folder, fs::file_time_type::clock::now());
  return 0;
} catch (const std::exception &error) {
  std::fprintf(stderr, "make-seeds: %s\n", error.what());
  return 1;
}
