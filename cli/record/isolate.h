// SPDX-License-Identifier: Apache-2.0
// isolate.json: the runs of `sgperf record --isolate`, each with its sessions in a folder of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::record {

struct IsolationRun {
  std::string site;   // the only one that was on
  std::string folder; // inside the recording
  double wall_ns = 0;
  int exit_code = 0;
};

struct Isolation {
  double wall_ns = 0; // of the run with all sites on, whose sessions are in the recording itself
  int exit_code = 0;
  std::vector<IsolationRun> runs;
};

bool write_isolation(const std::filesystem::path &recording, const Isolation &isolation, std::string &error);
// nullopt with an empty error: the recording has none.
std::optional<Isolation> read_isolation(const std::filesystem::path &recording, std::string &error);

} // namespace sgperf::record
