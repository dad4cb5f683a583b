// SPDX-License-Identifier: Apache-2.0
#include "probes/row_table.h"

#include "probes/state.h"

#include <bpf/bpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sgperf::probes {
namespace {

constexpr size_t page = 4096;

size_t mapped_size(size_t rows) {
  return (rows * sizeof(sgperf_sum_row) + page - 1) & ~(page - 1);
}

sgperf_sum_row *map_rows(int fd, size_t rows) {
  void *at = mmap(nullptr, mapped_size(rows), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return at == MAP_FAILED ? nullptr : static_cast<sgperf_sum_row *>(at);
}

Place place_of(const sgperf_sum_row &row) {
  return {row.key.pid, row.key.tid, row.key.tag.phase, row.key.tag.site, row.key.image};
}

bool is_empty(const sgperf_sum_row &row) {
  return !row.count && !row.unreturned && !row.errors;
}

SyscallSums syscall_sums(const sgperf_sum_row &row, uint32_t number) {
  SyscallSums out;
  out.place = place_of(row);
  out.number = number % SGPERF_NUMBER_COMPAT;
  out.compat = number >= SGPERF_NUMBER_COMPAT;
  out.count = row.count;
  out.unreturned = row.unreturned;
  out.errors = row.errors;
  out.total_ns = row.total_ns;
  out.blocked_ns = row.blocked_ns;
  out.max_ns = row.max_ns;
  out.bytes_in = row.bytes_in;
  out.bytes_out = row.bytes_out;
  for (const uint64_t slot : row.errnos)
    if (slot)
      out.errnos[static_cast<uint32_t>(slot >> SGPERF_ERRNO_SHIFT)] += slot & ((1ull << SGPERF_ERRNO_SHIFT) - 1);
  std::copy(std::begin(row.histogram), std::end(row.histogram), out.histogram.begin());
  return out;
}

FaultSums fault_sums(const sgperf_sum_row &row) {
  return {place_of(row), row.count, row.errors, row.max_ns};
}

} // namespace

RowTable::~RowTable() {
  if (first_) munmap(first_, mapped_size(first_count_));
  if (overflow_) munmap(overflow_, mapped_size(SGPERF_NUMBERS));
}

bool RowTable::open(const Maps &maps, sgperf_control *control, uint32_t limit, uint32_t first, std::string &error) {
  maps_ = maps;
  control_ = control;
  first_count_ = first;
  first_ = map_rows(maps.first, first);
  overflow_ = map_rows(maps.overflow, SGPERF_NUMBERS);
  if (!first_ || !overflow_) {
    error = std::string("table of sums: ") + std::strerror(errno);
    return false;
  }
  control_->rows_used = 1; // row 0 is none
  __atomic_store_n(&control_->rows_capacity, limit, __ATOMIC_RELEASE);
  return true;
}

bool RowTable::read(uint32_t index, sgperf_sum_row &out) const {
  if (index < first_count_)
    out = first_[index];
  else if (bpf_map_lookup_elem(maps_.more, &index, &out) != 0)
    return false;
  return out.index == index && index != 0;
}

void RowTable::take(uint32_t first) {
  sgperf_sum_row row;
  for (uint32_t at = first; read(at, row); at = row.next) {
    if (row.key.number == SGPERF_NUMBER_FAULTS)
      ended_faults_.push_back(fault_sums(row));
    else if (!is_empty(row))
      ended_syscalls_.push_back(syscall_sums(row, row.key.number));
    bpf_map_delete_elem(maps_.index, &row.key);
    if (at < first_count_)
      std::memset(&first_[at], 0, sizeof row);
    else
      bpf_map_delete_elem(maps_.more, &at);
    bpf_map_update_elem(maps_.free, nullptr, &at, BPF_ANY);
  }
}

template <typename F> void RowTable::for_each(F &&function) const {
  if (!control_) return;
  const uint32_t used = std::min(control_->rows_used, control_->rows_capacity);
  sgperf_sum_row row;
  for (uint32_t at = 1; at < used; at++)
    if (read(at, row)) function(row, row.key.number);
  for (uint32_t number = 0; number < SGPERF_NUMBERS; number++)
    if (!is_empty(overflow_[number])) function(overflow_[number], number);
}

std::vector<SyscallSums> RowTable::syscalls() const {
  std::vector<SyscallSums> out = ended_syscalls_;
  for_each([&](const sgperf_sum_row &row, uint32_t number) {
    if (number != SGPERF_NUMBER_FAULTS && !is_empty(row)) out.push_back(syscall_sums(row, number));
  });
  return out;
}

std::vector<FaultSums> RowTable::faults() const {
  std::vector<FaultSums> out = ended_faults_;
  for_each([&](const sgperf_sum_row &row, uint32_t number) {
    if (number == SGPERF_NUMBER_FAULTS) out.push_back(fault_sums(row));
  });
  return out;
}

} // namespace sgperf::probes
