// SPDX-License-Identifier: Apache-2.0
// The loader's side of the table of sums (rows.h): takes out the rows of threads that have ended, reads.
#pragma once

#include "probes/rows.h"
#include "probes/sums.h"

#include <string>
#include <vector>

struct sgperf_control;

namespace sgperf::probes {

class RowTable {
public:
  RowTable() = default;
  ~RowTable();
  RowTable(const RowTable &) = delete;
  RowTable &operator=(const RowTable &) = delete;

  struct Maps {
    int first, more, free, index, overflow; // descriptors, owned by others
  };
  // `first`: rows of the first map; never more than `limit` are used at once.
  bool open(const Maps &maps, sgperf_control *control, uint32_t limit, uint32_t first, std::string &error);
  // Takes out the list of rows that begins at `first`: their thread has ended.
  void take(uint32_t first);

  std::vector<SyscallSums> syscalls() const;
  std::vector<FaultSums> faults() const;

private:
  // A copy; false: there is none.
  bool read(uint32_t index, sgperf_sum_row &out) const;
  template <typename F> void for_each(F &&function) const;

  Maps maps_{};
  sgperf_control *control_ = nullptr;
  uint32_t first_count_ = 0;
  sgperf_sum_row *first_ = nullptr, *overflow_ = nullptr;
  std::vector<SyscallSums> ended_syscalls_;
  std::vector<FaultSums> ended_faults_;
};

} // namespace sgperf::probes
