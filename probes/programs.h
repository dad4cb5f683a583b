// SPDX-License-Identifier: Apache-2.0
// The programs in the kernel: which of them are loaded for what, and why one was refused.
#pragma once

#include "probes/probes.h"

#include <optional>
#include <set>
#include <string>

struct sgperf_probes_bpf;
struct bpf_link;

namespace sgperf::probes {

class Programs {
public:
  Programs() = default;
  ~Programs();
  Programs(const Programs &) = delete;
  Programs &operator=(const Programs &) = delete;

  // Loads and attaches the tree's programs and those of `parts`.  Parts that the kernel refuses are left out, each with
  // its refusal.  False: not even the tree can be had, and the last refusal says why.
  bool load(std::set<Part> parts, const Options &options, std::vector<Refusal> &refusals);
  const std::set<Part> &parts() const { return parts_; }
  sgperf_probes_bpf *skeleton() const { return skeleton_; }
  int sample_program() const;
  int hit_program() const;
  uint32_t first_rows() const { return first_rows_; } // rows of sums that are there from the start
  uint32_t row_limit() const { return row_limit_; }
  // Nothing runs any more; maps can still be read.
  void detach();

private:
  // nullopt: loaded; else the part whose program was refused.
  std::optional<Refusal> load_once(const Options &options);
  std::optional<Refusal> attach();

  sgperf_probes_bpf *skeleton_ = nullptr;
  std::set<Part> parts_;
  uint32_t first_rows_ = 1, row_limit_ = 2;
  bool lend_ = true; // pages can be lent to the kernel
  std::vector<bpf_link *> links_;
};

} // namespace sgperf::probes
