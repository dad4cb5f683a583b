// SPDX-License-Identifier: Apache-2.0
// perf.data and what lies beside it -> the Model's Profile.
#pragma once

#include "merge/model.h"
#include "merge/regions.h"
#include "record/kernel_sums.h"

#include <filesystem>

namespace sgperf::merge {

// Nothing happens if there is no perf.data and no sums (nullptr).  `regions` has the sessions of the recording.  What
// cannot be read is counted in the coverage, or a remark.
void load_profile(Model &model, const std::filesystem::path &folder, const record::KernelSums *sums, Regions &regions);

} // namespace sgperf::merge
