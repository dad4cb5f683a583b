// SPDX-License-Identifier: Apache-2.0
#include "emit/profile_rows.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace sgperf::emit {
namespace {

std::vector<RegionRow> region_rows(const merge::Profile &profile, const std::vector<std::string> &names,
                                   uint32_t merge::ProfileSample::*region) {
  std::vector<RegionRow> rows(names.size());
  bool any = false;
  for (const merge::ProfileSample &sample : profile.samples) {
    const size_t at = sample.*region < names.size() ? sample.*region : 0;
    any = any || at != 0;
    ++rows[at].samples;
    ++rows[at].sides[static_cast<size_t>(side_of(profile, sample))];
  }
  if (!any) return {};
  for (size_t i = 0; i < names.size(); ++i) rows[i].name = names[i];
  std::erase_if(rows, [](const RegionRow &row) { return row.samples == 0; });
  std::stable_sort(rows.begin(), rows.end(),
                   [](const RegionRow &a, const RegionRow &b) { return a.samples > b.samples; });
  return rows;
}

} // namespace

std::string shown_name(std::string_view name, std::string_view tier) {
  std::string out(name);
  if (!tier.empty()) out.append(" [").append(tier).append("]");
  return out;
}

std::string shown_name(const merge::ProfileFunction &function) {
  return shown_name(function.name, function.tier);
}

const merge::ProfileFunction *leaf_of(const merge::Profile &profile, const merge::ProfileSample &sample) {
  if (sample.node >= profile.nodes.size()) return nullptr;
  const uint32_t function = profile.nodes[sample.node].function;
  return function < profile.functions.size() ? &profile.functions[function] : nullptr;
}

merge::Side side_of(const merge::Profile &profile, const merge::ProfileSample &sample) {
  const merge::ProfileFunction *leaf = leaf_of(profile, sample);
  if (leaf) return leaf->side;
  return sample.user ? merge::Side::unknown : merge::Side::kernel;
}

bool is_compiling(std::string_view phase) {
  return phase.find("compile") != std::string_view::npos;
}

CoverageShares coverage_shares(const merge::ProfileCoverage &coverage) {
  const auto share = [](uint64_t part, uint64_t all) -> std::optional<double> {
    if (all == 0) return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(all);
  };
  CoverageShares out;
  out.named = share(coverage.samples - std::min(coverage.samples, coverage.unnamed), coverage.samples);
  out.jit_unnamed = share(coverage.jit_unnamed, coverage.samples);
  out.lines = share(coverage.jit_lines + coverage.native_lines, coverage.jit + coverage.native);
  out.jit_lines = share(coverage.jit_lines, coverage.jit);
  out.native_lines = share(coverage.native_lines, coverage.native);
  out.complete = share(coverage.complete, coverage.samples);
  return out;
}

std::vector<SideRow> side_rows(const merge::Profile &profile) {
  std::array<SideRow, side_count> rows;
  std::array<std::set<std::pair<uint32_t, uint32_t>>, side_count> threads;
  for (const merge::ProfileSample &sample : profile.samples) {
    const auto at = static_cast<size_t>(side_of(profile, sample));
    ++rows[at].samples;
    rows[at].compiling += sample.phase < profile.phases.size() && is_compiling(profile.phases[sample.phase]);
    threads[at].emplace(sample.process, sample.tid);
  }
  std::vector<SideRow> out;
  for (size_t i = 0; i < side_count; ++i) {
    if (rows[i].samples == 0) continue;
    rows[i].side = static_cast<merge::Side>(i);
    rows[i].threads = static_cast<uint32_t>(threads[i].size());
    out.push_back(rows[i]);
  }
  return out;
}

std::vector<RegionRow> phase_rows_of(const merge::Profile &profile) {
  return region_rows(profile, profile.phases, &merge::ProfileSample::phase);
}

std::vector<RegionRow> scope_rows_of(const merge::Profile &profile) {
  return region_rows(profile, profile.scopes, &merge::ProfileSample::scope);
}

std::vector<const merge::ProfileFunction *> hot_functions(const merge::Profile &profile) {
  std::vector<const merge::ProfileFunction *> out;
  for (const merge::ProfileFunction &function : profile.functions)
    if (function.self || function.total) out.push_back(&function);
  std::stable_sort(out.begin(), out.end(), [](const auto *a, const auto *b) {
    return std::tie(b->self, b->total, a->name) < std::tie(a->self, a->total, b->name);
  });
  return out;
}

std::vector<const merge::ProfileLine *> hot_lines(const merge::Profile &profile) {
  std::vector<const merge::ProfileLine *> out;
  for (const merge::ProfileLine &line : profile.lines)
    if (line.self && line.line) out.push_back(&line);
  std::stable_sort(out.begin(), out.end(), [](const auto *a, const auto *b) {
    return std::tie(b->self, a->file, a->line) < std::tie(a->self, b->file, b->line);
  });
  return out;
}

} // namespace sgperf::emit
