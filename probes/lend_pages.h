// SPDX-License-Identifier: Apache-2.0
// Lends the pages of a session to the programs in the kernel (sgperf_lent_pages, state.h).
#pragma once

#include "probes/events.h"

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace sgperf::probes {

class PageLender {
public:
  void use(int map) { map_ = map; }
  // For the thread that asks.  What does not work out costs time in that thread and nothing else.
  void lend(const sgperf_event_asks &asks);
  void forget(uint32_t pid) { sessions_.erase(pid); } // the process has ended, or executes another program
  size_t threads() const { return threads_; }         // that were served

private:
  size_t threads_ = 0;
  int map_ = -1;
  // pid -> address of the header in the process, and the file; empty: not to be had
  std::map<uint32_t, std::pair<uint64_t, std::string>> sessions_;
};

} // namespace sgperf::probes
