// SPDX-License-Identifier: Apache-2.0
// Bench samples in Sightglass's schema: its phases, its events, one count a row, iteration 0 included as there.
#include "emit/report.h"

#include "formats/sightglass.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

namespace sgperf::emit {
namespace {

struct Name {
  const char *ours, *theirs;
};
// Sightglass counts user mode only.
constexpr std::array<Name, 7> events{{{"tsc_ticks", "cycles"},
                                      {"wall_ns", "nanoseconds"},
                                      {"cycles_user", "cpu-cycles"},
                                      {"instructions_user", "instructions-retired"},
                                      {"cache_accesses_user", "cache-accesses"},
                                      {"cache_misses_user", "cache-misses"},
                                      {"task_clock_ns", "task-clocks"}}};

const char *phase_name(const std::string &phase) {
  // Parsing is a part of Sightglass's compilation.
  if (phase == "parse" || phase == "compile" || phase == "parse+compile") return "Compilation";
  if (phase == "instantiate") return "Instantiation";
  if (phase == "execute") return "Execution";
  return nullptr;
}

std::string event_name(const merge::Model &model, const std::string &measure) {
  for (const Name &event : events)
    if (measure == event.ours) return event.theirs;
  // Events of an imported file that we have no name for go back as they came.
  return model.meta.kind == "import" ? measure : "";
}

std::string architecture(const merge::Model &model) {
  const auto at = model.meta.machine.find("arch");
  if (at != model.meta.machine.end() && !at->second.empty()) return at->second;
  utsname name{};
  return uname(&name) == 0 ? name.machine : "unknown";
}

std::vector<formats::SightglassMeasurement> measurements(const merge::Model &model) {
  std::vector<formats::SightglassMeasurement> out;
  const std::string arch = architecture(model);
  const bool imported = model.meta.kind == "import";
  for (const merge::Cell &cell : model.cells) {
    formats::SightglassMeasurement row;
    row.arch = arch;
    row.engine = cell.engine;
    if (const auto *engine = model.engine(cell.engine)) {
      if (imported) row.engine = engine->name;
      if (!engine->flags.empty()) row.engine_flags = engine->flags;
    }
    row.wasm = cell.workload;
    if (const auto *workload = model.workload(cell.workload); workload && !workload->path.empty())
      row.wasm = workload->path;
    // process, iteration, phase, event: rows in the order of a run; parse and compile are added up.
    std::map<std::tuple<uint32_t, uint32_t, uint32_t, std::string, std::string>, double> counts;
    for (const auto &[phase, series] : cell.phases) {
      const char *theirs = phase_name(phase);
      if (!theirs) continue;
      for (const auto &[measure, points] : series.measures) {
        const std::string event = event_name(model, measure);
        if (event.empty()) continue;
        for (const merge::Point &point : points)
          counts[{point.block, point.process, point.iteration, theirs, event}] += point.value;
      }
    }
    for (const auto &[key, value] : counts) {
      std::tie(std::ignore, row.process, row.iteration, row.phase, row.event) = key;
      row.count = value > 0 ? static_cast<uint64_t>(std::llround(value)) : 0;
      out.push_back(row);
    }
  }
  return out;
}

} // namespace

std::string to_sightglass_json(const merge::Model &model) {
  return formats::to_sightglass(formats::SightglassFormat::json, measurements(model));
}

std::string to_sightglass_csv(const merge::Model &model) {
  return formats::to_sightglass(formats::SightglassFormat::csv, measurements(model));
}

} // namespace sgperf::emit
