// SPDX-License-Identifier: Apache-2.0
// A sample as it lies in the ring buffer, without a copy: valid in the call that hands it over only.
#pragma once

#include "probes/events.h"

#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace sgperf::probes {

struct SampleRecord {
  const sgperf_event_sample *head = nullptr;
  std::span<const uint64_t> kernel, user; // innermost first
  std::string_view leaf;                  // bytes at regs[SP]
  std::string_view chain;                 // bytes at head->chain_address

  bool in_kernel() const { return head->flags & SGPERF_SAMPLE_KERNEL; }
  bool has_user() const { return head->flags & SGPERF_SAMPLE_USER; }
  bool complete() const { return head->flags & SGPERF_SAMPLE_COMPLETE; }
};

// nullopt: the parts do not fit into the record.
inline std::optional<SampleRecord> sample_record(const void *data, size_t size) {
  SampleRecord out;
  if (size < sizeof(sgperf_event_sample)) return std::nullopt;
  out.head = static_cast<const sgperf_event_sample *>(data);
  const size_t words = size_t{out.head->kernel_count} + out.head->user_count;
  if (size < sizeof(sgperf_event_sample) + words * 8 + out.head->leaf_bytes + out.head->chain_bytes)
    return std::nullopt;
  const auto *at = reinterpret_cast<const uint64_t *>(out.head + 1);
  out.kernel = {at, out.head->kernel_count};
  out.user = {at + out.head->kernel_count, out.head->user_count};
  const auto *bytes = reinterpret_cast<const char *>(at + words);
  out.leaf = {bytes, out.head->leaf_bytes};
  out.chain = {bytes + out.head->leaf_bytes, out.head->chain_bytes};
  return out;
}

} // namespace sgperf::probes
