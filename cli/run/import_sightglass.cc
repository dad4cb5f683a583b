// SPDX-License-Identifier: Apache-2.0
#include "run/import_sightglass.h"

#include "formats/sightglass.h"
#include "record/meta.h"
#include "record/recording_folder.h"
#include "record/sample.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace sgperf::run {
namespace {

constexpr int bad_input = 2, cannot_write = 4; // command/commands.h

using formats::SightglassMeasurement;

std::string measure_name(const std::string &event) {
  static const std::map<std::string, std::string> names{{"cycles", "tsc_ticks"},
                                                        {"nanoseconds", "wall_ns"},
                                                        {"cpu-cycles", "cycles_user"},
                                                        {"instructions-retired", "instructions_user"},
                                                        {"cache-accesses", "cache_accesses_user"},
                                                        {"cache-misses", "cache_misses_user"},
                                                        {"task-clocks", "task_clock_ns"}};
  const auto at = names.find(event);
  return at == names.end() ? event : at->second; // callgrind's events keep their names
}

std::string phase_name(const std::string &phase) {
  return phase == "Compilation" ? "compile" : phase == "Instantiation" ? "instantiate" : "execute";
}

uint64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

// Rows -> samples: the events of one (process, iteration, phase) are one sample.
class Conversion {
public:
  void add(const SightglassMeasurement &row) {
    const std::string engine = engine_id(row);
    const std::string workload = row.wasm.empty() ? "(unnamed)" : row.wasm;
    if (workloads_.insert(workload).second) {
      record::WorkloadEntry entry;
      entry.id = workload;
      entry.path = row.wasm;
      meta_.workloads.push_back(entry);
    }
    const std::string measure = measure_name(row.event);
    if (measures_.insert(measure).second)
      meta_.measures.push_back(
          {measure, row.event == "nanoseconds" || row.event == "task-clocks" ? "ns" : "", true, ""});
    if (meta_.machine["arch"].empty())
      meta_.machine["arch"] = row.arch;
    else if (meta_.machine["arch"] != row.arch)
      architectures_.insert(row.arch);
    record::Sample &sample = samples_[{engine, workload, row.process, row.iteration, row.phase}];
    if (sample.engine.empty()) {
      sample.engine = engine;
      sample.workload = workload;
      sample.process = row.process;
      sample.iteration = row.iteration;
      sample.phase = phase_name(row.phase);
      order_.push_back(&sample);
      auto &processes = processes_[{engine, workload}];
      sample.block = processes.try_emplace(row.process, static_cast<uint32_t>(processes.size())).first->second;
    }
    auto &longest = iterations_[{engine, workload}];
    longest = std::max(longest, row.iteration);
    sample.values[measure] += static_cast<double>(row.count);
    ++rows_;
  }

  record::Meta finish(const std::vector<std::string> &command) {
    meta_.kind = "import";
    meta_.sgperf_version = SGPERF_PROJECT_VERSION;
    meta_.command = command;
    meta_.started_realtime_ns = meta_.ended_realtime_ns = now_ns();
    meta_.phases = {"compile", "instantiate", "execute"};
    meta_.warnings.push_back(
        {"W101", "info", "import",
         "imported measurements were not run in blocks: the n-th processes of the engines are paired in "
         "their order, so that ratios do not cancel drift"});
    for (const std::string &arch : architectures_)
      meta_.warnings.push_back({"W102", "warning", "import",
                                "expected one architecture, found " + arch + " besides " + meta_.machine["arch"] +
                                    "; ticks are not comparable between them"});
    // Iteration 0 of several is a cold one, here as in any process.
    for (record::Sample *sample : order_)
      sample->role = sample->iteration == 0 && iterations_[{sample->engine, sample->workload}] > 0
                         ? record::Role::cold
                         : record::Role::timed;
    return meta_;
  }

  const std::vector<record::Sample *> &samples() const { return order_; }
  size_t rows() const { return rows_; }

private:
  std::string engine_id(const SightglassMeasurement &row) {
    const std::string id =
        (row.engine.empty() ? "(unnamed)" : row.engine) + (row.engine_flags ? "," + *row.engine_flags : "");
    if (engines_.insert(id).second) {
      record::EngineEntry entry;
      entry.id = id;
      entry.name = row.engine;
      entry.flags = row.engine_flags.value_or("");
      meta_.engines.push_back(entry);
    }
    return id;
  }

  using Cell = std::pair<std::string, std::string>;
  record::Meta meta_;
  std::set<std::string> engines_, workloads_, measures_, architectures_;
  std::map<std::tuple<std::string, std::string, uint32_t, uint32_t, std::string>, record::Sample> samples_;
  std::vector<record::Sample *> order_;
  std::map<Cell, std::map<uint32_t, uint32_t>> processes_;
  std::map<Cell, uint32_t> iterations_;
  size_t rows_ = 0;
};

int import_all(const ImportOptions &arguments) {
  Conversion conversion;
  std::vector<std::string> command{"sgperf", "import"};
  for (const std::string &file : arguments.files) {
    command.push_back(file);
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "sgperf import: %s: cannot be opened: %s\n", file.c_str(), std::strerror(errno));
      return bad_input;
    }
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto format = arguments.format == "sightglass-json"  ? formats::SightglassFormat::json
                        : arguments.format == "sightglass-csv" ? formats::SightglassFormat::csv
                                                               : formats::guess_sightglass(text);
    std::string error;
    const auto rows = formats::parse_sightglass(format, text, error);
    if (!rows) {
      std::fprintf(stderr, "sgperf import: %s: %s; expected Sightglass's measurements (raw, not a summary) as %s\n",
                   file.c_str(), error.c_str(), format == formats::SightglassFormat::json ? "JSON" : "CSV");
      return bad_input;
    }
    for (const auto &row : *rows) conversion.add(row);
  }
  if (conversion.rows() == 0) {
    std::fprintf(stderr, "sgperf import: expected measurements, found none in %zu files\n", arguments.files.size());
    return bad_input;
  }
  std::string error;
  const std::filesystem::path folder = arguments.output;
  const record::Meta meta = conversion.finish(command);
  if (!record::make_recording(folder, error) || !record::write_meta(folder, meta, error)) {
    std::fprintf(stderr, "sgperf import: %s\n", error.c_str());
    return cannot_write;
  }
  std::ofstream out(folder / "samples.jsonl", std::ios::binary);
  for (const record::Sample *sample : conversion.samples()) out << record::to_line(*sample) << '\n';
  out.close();
  if (!out) {
    std::fprintf(stderr, "sgperf import: %s: cannot be written: %s\n", (folder / "samples.jsonl").c_str(),
                 std::strerror(errno));
    return cannot_write;
  }
  std::printf("imported %zu measurements as %zu samples into %s\n", conversion.rows(), conversion.samples().size(),
              folder.c_str());
  return 0;
}

} // namespace

int import_sightglass(const ImportOptions &options) {
  return import_all(options);
}

} // namespace sgperf::run
