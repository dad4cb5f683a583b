// SPDX-License-Identifier: Apache-2.0
#include "probes/row_table.h"

#include "probes/state.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

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
    if (slot) out.errnos[static_cast<uint32_t>(slot >> SGPERF_ERRNO_SHIFT)] += slot & ((1ull << SGPERF_ERRNO_SHIFT) - 1);
  std::copy(std::begin(row.histogram), std::end(row.histogram), out.histogram.begin());
  return out;
}

FaultSums fault_sums(const sgperf_sum_row &row) {
  return {place_of(row), row.count, row.errors, row.max_ns};
}

} // namespace

RowTable::~RowTable() {
  for (const Chunk &chunk : chunks_) {
    munmap(chunk.rows, mapped_size(SGPERF_CHUNK_ROWS));
    close(chunk.fd);
  }
  if (first_) munmap(first_, mapped_size(first_count_));
  if (overflow_) munmap(overflow_, mapped_size(SGPERF_NUMBERS));
}

bool RowTable::open(const Maps &maps, sgperf_control *control, uint32_t limit, uint32_t first, std::string &error) {
  maps_ = maps;
  control_ = control;
  limit_ = std::max<uint32_t>(limit, 2);
  first_count_ = first;
  first_ = map_rows(maps.first, first);
  overflow_ = map_rows(maps.overflow, SGPERF_NUMBERS);
  if (!first_ || !overflow_) {
    error = std::string("table of sums: ") + std::strerror(errno);
    return false;
  }
  control_->rows_used = 1; // row 0 is none
  __atomic_store_n(&control_->rows_capacity, std::min(limit_, first), __ATOMIC_RELEASE);
  return true;
}

// In one call of the kernel for all, which waits for a grace period.
bool RowTable::add_chunks(size_t count) {
  count = std::min(count, SGPERF_CHUNKS - chunks_.size());
  std::vector<uint32_t> indices;
  std::vector<int> fds;
  for (size_t i = 0; i < count; i++) {
    LIBBPF_OPTS(bpf_map_create_opts, options);
    options.map_flags = BPF_F_MMAPABLE;
    const int fd =
        bpf_map_create(BPF_MAP_TYPE_ARRAY, "sgperf_rows", 4, sizeof(sgperf_sum_row), SGPERF_CHUNK_ROWS, &options);
    sgperf_sum_row *rows = fd < 0 ? nullptr : map_rows(fd, SGPERF_CHUNK_ROWS);
    if (!rows) { // no memory: what is there has to do, and what finds no row is counted as such
      if (fd >= 0) close(fd);
      break;
    }
    indices.push_back(static_cast<uint32_t>(chunks_.size()));
    fds.push_back(fd);
    chunks_.push_back({fd, rows});
  }
  auto done = static_cast<uint32_t>(fds.size());
  if (done == 0) return false;
  if (bpf_map_update_batch(maps_.chunks, indices.data(), fds.data(), &done, nullptr) != 0) {
    for (done = 0; done < fds.size(); done++)
      if (bpf_map_update_elem(maps_.chunks, &indices[done], &fds[done], BPF_ANY) != 0) break;
  }
  for (; chunks_.size() > indices[0] + done; chunks_.pop_back()) {
    munmap(chunks_.back().rows, mapped_size(SGPERF_CHUNK_ROWS));
    close(chunks_.back().fd);
  }
  const auto rows = static_cast<uint32_t>(first_count_ + chunks_.size() * SGPERF_CHUNK_ROWS);
  __atomic_store_n(&control_->rows_capacity, std::min(limit_, rows), __ATOMIC_RELEASE);
  return done > 0;
}

void RowTable::grow() {
  while (control_->rows_capacity < limit_ && control_->rows_used + SGPERF_CHUNK_ROWS / 2 >= control_->rows_capacity) {
    const uint32_t more = std::min(control_->rows_capacity, limit_ - control_->rows_capacity);
    if (!add_chunks((more + SGPERF_CHUNK_ROWS - 1) / SGPERF_CHUNK_ROWS)) break;
  }
  __atomic_store_n(&control_->rows_low_told, 0, __ATOMIC_RELEASE); // it may tell again
}

sgperf_sum_row *RowTable::row(uint32_t index) const {
  if (index < first_count_) return &first_[index];
  index -= first_count_;
  const size_t chunk = index >> SGPERF_CHUNK_SHIFT;
  return chunk < chunks_.size() ? &chunks_[chunk].rows[index % SGPERF_CHUNK_ROWS] : nullptr;
}

void RowTable::take(uint32_t first) {
  for (uint32_t at = first; at != 0;) {
    sgperf_sum_row *row = this->row(at);
    if (!row || row->index != at) return;
    const uint32_t next = row->next;
    if (row->key.number == SGPERF_NUMBER_FAULTS)
      ended_faults_.push_back(fault_sums(*row));
    else if (!is_empty(*row))
      ended_syscalls_.push_back(syscall_sums(*row, row->key.number));
    bpf_map_delete_elem(maps_.index, &row->key);
    std::memset(row, 0, sizeof *row);
    bpf_map_update_elem(maps_.free, nullptr, &at, BPF_ANY); // full: the row is not used again
    at = next;
  }
}

template <typename F> void RowTable::for_each(F &&function) const {
  if (!control_) return;
  const uint32_t used = std::min(control_->rows_used, control_->rows_capacity);
  for (uint32_t at = 1; at < used; at++) {
    const sgperf_sum_row *row = this->row(at);
    if (row && row->index == at) function(*row, row->key.number);
  }
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
