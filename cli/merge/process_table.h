// SPDX-License-Identifier: Apache-2.0
// The processes of a perf.data, told apart also where the kernel used a number again.
#pragma once

#include "formats/perf_event.h"
#include "merge/profile.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace sgperf::merge {

class ProcessTable {
public:
  explicit ProcessTable(std::vector<ProfileProcess> &processes) : processes_(processes) {}

  void fork(const formats::PerfTask &task);
  void exit(const formats::PerfTask &task, uint32_t cpu);
  void comm(const formats::PerfComm &comm, uint64_t time);
  // Index of the process that a sample belongs to.  A thread that is just going has no numbers any more: it is the one
  // whose end that processor has just reported.
  uint32_t of_sample(const formats::PerfSample &sample);

private:
  uint32_t known(uint32_t pid); // the latest of that number; made if there is none
  uint32_t added(uint32_t pid);

  std::vector<ProfileProcess> &processes_;
  std::unordered_map<uint32_t, uint32_t> latest_; // by pid
  std::unordered_map<uint32_t, uint32_t> going_;  // by processor
};

} // namespace sgperf::merge
