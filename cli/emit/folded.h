// SPDX-License-Identifier: Apache-2.0
// Samples as folded stacks, `process;root;..;leaf count` a line: what flame graph programs read.
#pragma once

#include "merge/profile.h"

#include <string>

namespace sgperf::emit {

struct FoldedOptions {
  // `_[k]` behind frames of the kernel and `_[j]` behind JIT code, by which flamegraph.pl chooses colours.
  bool suffixes = false;
};

// Sorted, counts are samples.  A frame's name is "module!function [tier]"; what would split a line or a frame (line
// breaks, semicolons) is replaced.
std::string to_folded(const merge::Profile &profile, const FoldedOptions &options);

} // namespace sgperf::emit
