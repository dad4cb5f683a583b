// SPDX-License-Identifier: Apache-2.0
// perf.data and what lies beside it -> the Model's Profile.
#pragma once

#include "merge/model.h"
#include "record/session.h"

#include <filesystem>
#include <vector>

namespace sgperf::merge {

// A phase of a process that a sample may fall into, by time.
struct PhaseSpan {
  uint32_t pid = 0, tid = 0;
  uint64_t begin = 0, end = UINT64_MAX; // CLOCK_MONOTONIC ns
  std::string name;
};
// Of the sessions of the recording; those whose times cannot be told are left out.
void add_phase_spans(std::vector<PhaseSpan> &spans, const record::Session &session);

// Nothing happens if there is no perf.data.  What cannot be read is counted in the coverage, or a remark.
void load_profile(Model &model, const std::filesystem::path &folder, std::vector<PhaseSpan> spans);

} // namespace sgperf::merge
