// SPDX-License-Identifier: Apache-2.0
// bench-jit-import [--json] [--functions N] [--perf N] [--rounds N]: how long code of a jitdump takes to be read, and
// to become one ELF that perf opens; beside `perf inject -j` on a dump of the same kind.  docs/bench.md explains the
// measures.
#include "bench/bench_line.h"
#include "bench/harness_run.h"
#include "bench/jit_import_dump.h"
#include "formats/input_file.h"
#include "formats/jit_elf.h"
#include "formats/jit_name.h"
#include "formats/jitdump.h"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace {

using namespace sgperf::bench;
namespace formats = sgperf::formats;
namespace fs = std::filesystem;

constexpr uint32_t lines_each = 20;

class Folder {
public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "sgperf-bench-jit-XXXXXX").string();
    if (mkdtemp(name.data())) path = name;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;

  fs::path path; // empty: it could not be made
};

struct Import {
  double read = 0, whole = 0;     // seconds
  uint64_t content = 0, file = 0; // bytes: code and names as they are shown; the ELF's
  std::string error;
};

// From the dump to one file.  What `sgperf export --perf` does with it, without the samples: names in their one form,
// one ELF for all functions.
Import import(const fs::path &dump, const DumpShape &shape, const fs::path &out) {
  Import result;
  const auto begin = std::chrono::steady_clock::now();
  const auto since = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  const auto file = formats::InputFile::read(dump, result.error);
  if (!file) return result;
  const auto read = formats::read_jitdump(file->bytes(), result.error);
  if (!read) return result;
  result.read = since();
  // Fast and wrong is no measure.
  const uint64_t lines = uint64_t{shape.functions} * shape.lines_each;
  if (read->loads != shape.functions || read->lines.size() != lines || read->odd.total()) {
    result.error = "expected " + std::to_string(shape.functions) + " functions and " + std::to_string(lines) +
                   " lines, found " + std::to_string(read->loads) + " and " + std::to_string(read->lines.size()) +
                   "; " + to_text(read->odd);
    return result;
  }
  std::vector<std::string> names;
  std::vector<formats::JitFunction> functions;
  names.reserve(read->events.size());
  functions.reserve(read->events.size());
  for (const formats::JitdumpEvent &event : read->events) {
    names.push_back(formats::canonical_name(formats::parse_jit_name(event.name)));
    functions.push_back(
        {names.back(), event.address, event.size, event.time, UINT64_MAX, event.code, read->lines_of(event)});
    result.content += names.back().size() + 1 + event.code.size();
  }
  formats::JitElfInput input;
  input.functions = functions;
  input.files = read->files;
  const formats::JitElf elf = formats::build_jit_elf(input);
  std::ofstream to(out, std::ios::binary | std::ios::trunc);
  to.write(elf.bytes.data(), static_cast<std::streamsize>(elf.bytes.size()));
  to.close();
  result.whole = since();
  result.file = elf.bytes.size();
  if (!to) result.error = out.string() + ": cannot be written";
  if (elf.functions != shape.functions)
    result.error =
        "expected " + std::to_string(shape.functions) + " functions in the ELF, found " + std::to_string(elf.functions);
  return result;
}

struct Times {
  Summary read, whole;
  Import last;
};

Times repeat(const fs::path &dump, const DumpShape &shape, int rounds) {
  std::vector<double> read, whole;
  Times times;
  for (int i = 0; i < rounds; ++i) {
    times.last = import(dump, shape, dump.parent_path() / "code.so");
    if (!times.last.error.empty()) return times;
    read.push_back(times.last.read);
    whole.push_back(times.last.whole);
  }
  times.read = summarize(read);
  times.whole = summarize(whole);
  return times;
}

// A process that writes the dump and maps it is recorded, as perf's users do; its `perf inject -j` is what is timed.
// Seconds; < 0: `error` says what went wrong.
double perf_inject(const fs::path &folder, const fs::path &self, const DumpShape &shape, fs::path &dump,
                   std::string &error) {
  const fs::path data = folder / "perf.data";
  if (time_program({"perf", "record", "-N", "-k", "1", "-e", "cpu-clock", "-o", data, "--", self, "--write", folder,
                    std::to_string(shape.functions)}) < 0) {
    error = "perf record cannot record here, or is not installed";
    return -1;
  }
  const double seconds = time_program({"perf", "inject", "-j", "-i", data, "-o", folder / "injected.data"});
  uint32_t images = 0;
  for (const auto &entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    images += name.starts_with("jitted-") && name.ends_with(".so");
    if (name.starts_with("jit-") && name.ends_with(".dump")) dump = entry.path();
  }
  if (seconds < 0 || images != shape.functions || dump.empty()) {
    error = "expected perf inject -j to make " + std::to_string(shape.functions) + " files, found " +
            std::to_string(images);
    return -1;
  }
  return seconds;
}

std::string short_count(uint32_t n) {
  return n % 1000 ? std::to_string(n) : std::to_string(n / 1000) + "k";
}

int fail(const std::string &what) {
  fprintf(stderr, "bench-jit-import: %s\n", what.c_str());
  return 3;
}

int usage(const std::string &what) {
  fprintf(stderr, "usage: bench-jit-import [--json] [--functions N] [--perf N] [--rounds N]; found '%s'\n",
          what.c_str());
  return 2;
}

} // namespace

int main(int argc, char **argv) {
  bool json = false;
  // perf takes 170 to 195 us a function: 100 000 would take it 20 s, and as many files.
  uint32_t functions = 100000, for_perf = 5000, rounds = 11;
  if (argc == 4 && !strcmp(argv[1], "--write")) { // what perf records
    std::string error;
    return write_dump(argv[2], {static_cast<uint32_t>(atol(argv[3])), 0}, error).empty() ? fail(error) : 0;
  }
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    uint32_t *number = argument == "--functions" ? &functions
                       : argument == "--perf"    ? &for_perf
                       : argument == "--rounds"  ? &rounds
                                                 : nullptr;
    if (argument == "--json")
      json = true;
    else if (number && i + 1 < argc && atol(argv[i + 1]) > 0 && atol(argv[i + 1]) <= 10000000)
      *number = static_cast<uint32_t>(atol(argv[++i]));
    else
      return usage(argument);
  }
  Printer printer(json);
  printer.machine();
  printer.header();
  const auto seconds = [](const std::string &name, double value, std::optional<double> limit) {
    return limit ? line_with_limit(name, value, "s", *limit)
                 : Line{name, value, "s", "", std::nullopt, "", Verdict::info};
  };
  std::string error;
  // The goals are those of 100 000 functions, whatever number is asked for.
  for (const uint32_t lines : {uint32_t{0}, lines_each}) {
    Folder folder;
    if (folder.path.empty()) return fail("expected to make a folder in " + fs::temp_directory_path().string());
    const DumpShape shape{functions, lines};
    const fs::path dump = write_dump(folder.path, shape, error);
    if (dump.empty()) return fail(error);
    const Times times = repeat(dump, shape, static_cast<int>(rounds));
    if (!times.last.error.empty()) return fail(times.last.error);
    const std::string end = "-" + short_count(functions) + (lines ? "-lines" : "");
    printer.print(seconds("read" + end, times.read.median, lines ? 0.1 : 0.05));
    printer.print(lines ? seconds("import" + end, times.whole.median, std::nullopt)
                        : seconds("import" + end, times.whole.median, 0.1));
    if (!lines)
      printer.print(
          line_with_ratio("import" + end + "-size", static_cast<double>(times.last.file) / 1e6, "MB", "code+names",
                          static_cast<double>(times.last.file) / static_cast<double>(times.last.content), 1.3));
    char text[160];
    snprintf(text, sizeof text, "dump of %.1f MB; quartiles: read %.4f and %.4f, import %.4f and %.4f s",
             static_cast<double>(fs::file_size(dump)) / 1e6, times.read.low, times.read.high, times.whole.low,
             times.whole.high);
    printer.comment(text);
  }

  Folder folder;
  if (folder.path.empty()) return fail("expected to make a folder in " + fs::temp_directory_path().string());
  const DumpShape shape{for_perf, 0};
  fs::path dump;
  const double perf = perf_inject(folder.path, fs::read_symlink("/proc/self/exe"), shape, dump, error);
  if (perf < 0) {
    printer.comment("perf inject not measured: " + error);
    return printer.failed();
  }
  const std::string end = "-" + short_count(for_perf);
  printer.print(seconds("perf-inject" + end, perf, std::nullopt));
  const Times times = repeat(dump, shape, static_cast<int>(rounds));
  if (!times.last.error.empty()) return fail(times.last.error);
  printer.print(line_with_ratio("import" + end, times.whole.median, "s", "perf-inject" + end, times.whole.median / perf,
                                std::nullopt));
  char text[160];
  snprintf(text, sizeof text, "perf inject: %.0f us and a file a function; ours: %.2f us, one file of %.2f MB",
           perf / for_perf * 1e6, times.whole.median / for_perf * 1e6, static_cast<double>(times.last.file) / 1e6);
  printer.comment(text);
  return printer.failed();
}
