// SPDX-License-Identifier: Apache-2.0
// A profile as JSON: docs/report-schema.md.
#pragma once

#include "merge/profile.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace sgperf::emit {

// Of the documents that to_profile_json() makes; as with the report's, members are only added within a version.
inline constexpr int profile_schema_version = 1;

// The report's member `profile`: rows by weight; null if nothing was recorded from outside.
nlohmann::ordered_json profile_json(const merge::Profile &profile);

// A document of its own with everything: also the tree of stacks and each sample.  Functions, lines and processes are
// in the Model's order, since the others name them by index.
std::string to_profile_json(const merge::Profile &profile);

} // namespace sgperf::emit
