// SPDX-License-Identifier: Apache-2.0
#include "bench/jit_import_dump.h"

#include "formats/jitdump_writer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

namespace sgperf::bench {
namespace {

uint64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000000000 + static_cast<uint64_t>(time.tv_nsec);
}

} // namespace

std::filesystem::path write_dump(const std::filesystem::path &folder, const DumpShape &shape, std::string &error) {
  const auto pid = static_cast<uint32_t>(getpid());
  const auto path = folder / ("jit-" + std::to_string(pid) + ".dump");
  const auto fail = [&] {
    error = path.string() + ": " + std::strerror(errno);
    return std::filesystem::path();
  };
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  std::string out;
  formats::JitdumpHeader header;
  header.pid = pid;
  header.time = now();
  formats::JitdumpWriter writer(out, header);
  std::mt19937_64 random(5); // the same bytes each time
  std::string code(DumpShape::code_each, '\0');
  std::vector<formats::JitLine> lines(shape.lines_each);
  constexpr uint64_t base = 0x7f0000000000;
  for (uint32_t i = 0; i < shape.functions; ++i) {
    for (size_t at = 0; at < code.size(); at += 8) {
      const uint64_t word = random();
      std::memcpy(code.data() + at, &word, sizeof word);
    }
    const uint64_t address = base + uint64_t{i} * DumpShape::code_each;
    // 100 functions a source file.
    const std::string source = "src/part" + std::to_string(i / 100 % 1000) + ".c";
    const std::string_view files[] = {{}, source};
    for (uint32_t n = 0; n < shape.lines_each; ++n)
      lines[n] = {address + uint64_t{n} * DumpShape::code_each / shape.lines_each, 1, i % 100 * 50 + n, 1 + n % 7};
    const std::string name = "JS:interpreter_step_" + std::to_string(i) + "-" + std::to_string(i) + "-liftoff";
    writer.load({pid, pid, now(), address, code.size(), name, code, lines, files, nullptr});
    if (out.size() < 1 << 20) continue;
    file << out;
    out.clear();
  }
  file << out;
  file.close();
  if (!file) return fail();
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail();
  const void *mark = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  close(fd);
  if (mark == MAP_FAILED) return fail();
  return path;
}

} // namespace sgperf::bench
