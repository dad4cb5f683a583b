// SPDX-License-Identifier: Apache-2.0
// `sgperf record` after a kill -9 of itself: the session stayed on the tmpfs, the engine's files where the engine wrote
// them.  A later command brings both into the recording, once the recorded programs have ended.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::run {

struct KilledRun {
  std::filesystem::path folder;    // run-XXXXXX, private to the run
  std::filesystem::path recording; // as far as it was written
};

// Runs whose recorder is dead, whose recording is still there and whose programs have all ended.
std::vector<KilledRun> find_killed_runs();

// Moves sessions, jitdumps and perf maps into the recording, copies the modules of the command to it, and removes what
// the run made elsewhere.  False: another command does it just now, or a program of the run lives after all.  Problems
// are added to `problems`, one a line.
bool finish_killed_run(const KilledRun &run, std::string &problems);

} // namespace sgperf::run
