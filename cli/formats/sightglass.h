// SPDX-License-Identifier: Apache-2.0
// Sightglass's measurements and summaries, JSON and CSV, as its crates/data writes them (revision 08180eb, 2026-07).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

struct SightglassMeasurement {
  std::string arch, engine;
  std::optional<std::string> engine_flags; // null in JSON, empty in CSV; absent before December 2025
  std::string wasm;
  uint32_t process = 0, iteration = 0;
  std::string phase; // "Compilation", "Instantiation", "Execution"
  std::string event;
  uint64_t count = 0;
  bool operator==(const SightglassMeasurement &) const = default;
};

struct SightglassSummary {
  std::string arch, engine;
  std::optional<std::string> engine_flags;
  std::string wasm, phase, event;
  uint64_t min = 0, max = 0, median = 0;
  double mean = 0, mean_deviation = 0;
};

enum class SightglassFormat { json, csv };
// The summary's columns: eleven since December 2025; the first form, of January 2021, has nine, without engine_flags
// and median.
enum class SummaryColumns { eleven, nine };

// nullopt: not such a file; `error` says in which row what was expected and found.
std::optional<std::vector<SightglassMeasurement>> parse_sightglass(SightglassFormat format, std::string_view text,
                                                                   std::string &error);
std::string to_sightglass(SightglassFormat format, const std::vector<SightglassMeasurement> &rows);
std::string to_sightglass(SightglassFormat format, const std::vector<SightglassSummary> &rows, SummaryColumns columns);

// JSON if the first character that is no blank opens an array.
SightglassFormat guess_sightglass(std::string_view text);

} // namespace sgperf::formats
