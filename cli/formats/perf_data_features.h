// SPDX-License-Identifier: Apache-2.0
// The bodies of feature sections.  For the reader and the writer of perf.data only.
#pragma once

#include "formats/perf_data.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sgperf::formats {

constexpr size_t perf_attr_size = 128; // PERF_ATTR_SIZE_VER7: what is written; older and newer ones are read

// (bit, body) of each feature that `features` and `events` can fill, ascending.
std::vector<std::pair<uint32_t, std::string>> encode_perf_features(const PerfFeatures &features,
                                                                   const std::vector<PerfEvent> &events);

// Reads one body into `features`, and event names into those of `events` with the same ids or place.  False: it is
// shorter than it says.  Features that are not known are true.
bool decode_perf_feature(uint32_t bit, std::string_view body, bool swapped, PerfFeatures &features,
                         std::vector<PerfEvent> &events);
// One record of feature BUILD_ID, or of PERF_RECORD_HEADER_BUILD_ID in a pipe: after its header.
bool decode_perf_build_id(std::string_view body, uint16_t misc, bool swapped, PerfBuildId &out);
// A perf_event_attr at the start of `bytes`, of the size it states.  False: shorter than that.
bool decode_perf_attr(std::string_view bytes, bool swapped, perf_event_attr &out);
std::string encode_perf_attr(const perf_event_attr &attr); // perf_attr_size bytes

} // namespace sgperf::formats
