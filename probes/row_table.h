// SPDX-License-Identifier: Apache-2.0
// The loader's side of the table of sums (rows.h): adds chunks, takes out the rows of threads that have ended, reads.
#pragma once

#include "probes/rows.h"
#include "probes/sums.h"

#include <cstddef>
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
    int first, chunks, free, index, overflow; // descriptors, owned by others
  };
  // `first`: rows of the first map; never more than `limit` are used.
  bool open(const Maps &maps, sgperf_control *control, uint32_t limit, uint32_t first, std::string &error);
  // As many rows again if less than half of a chunk is left and the limit allows it.
  void grow();
  // Takes out the list of rows that begins at `first`: their thread has ended.
  void take(uint32_t first);

  std::vector<SyscallSums> syscalls() const;
  std::vector<FaultSums> faults() const;

private:
  struct Chunk {
    int fd;
    sgperf_sum_row *rows;
  };
  bool add_chunks(size_t count);
  sgperf_sum_row *row(uint32_t index) const;
  template <typename F> void for_each(F &&function) const;

  Maps maps_{};
  sgperf_control *control_ = nullptr;
  uint32_t limit_ = 0, first_count_ = 0;
  sgperf_sum_row *first_ = nullptr;
  std::vector<Chunk> chunks_;
  sgperf_sum_row *overflow_ = nullptr;
  std::vector<SyscallSums> ended_syscalls_;
  std::vector<FaultSums> ended_faults_;
};

} // namespace sgperf::probes
