// SPDX-License-Identifier: Apache-2.0
// JSON of the tables that compare engines, and the pieces that the report's JSON shares with it.
#pragma once

#include "emit/engine_rows.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace sgperf::emit {

template <typename T> nlohmann::ordered_json maybe(const std::optional<T> &value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}
nlohmann::ordered_json interval_json(const std::optional<stats::Interval> &value);
nlohmann::ordered_json ratio_json(const stats::BlockRatio &ratio);

// Members `totals`, `means`, `compilation`, `break_even`, `cheapest`.
void add_engine_rows(nlohmann::ordered_json &out, const merge::Model &model, const EngineRows &engines);

} // namespace sgperf::emit
