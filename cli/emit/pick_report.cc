// SPDX-License-Identifier: Apache-2.0
#include "emit/pick_report.h"

#include "emit/readable.h"
#include "emit/report_tables.h"
#include "stats/cluster.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace sgperf::emit {
namespace {

using stats::Table;

// Of workload and phase: engine -> median time of one call.
using Times = std::map<std::pair<size_t, std::string>, std::map<std::string, double>>;

const char *const measured_phases[] = {"compile", "execute"};

std::vector<double> features_of(const formats::WasmContents &c) {
  const double all = static_cast<double>(std::max<uint64_t>(c.operators.total, 1));
  std::vector<double> row;
  for (const uint64_t n : wasm_categories(c.operators).counts) row.push_back(static_cast<double>(n) / all);
  for (const uint64_t n : wasm_groups(c.operators).counts) row.push_back(static_cast<double>(n) / all);
  for (const uint64_t n : {c.functions, c.operators.total, c.types, static_cast<uint64_t>(c.imports.size()), c.globals,
                           c.data_segments, c.element_segments})
    row.push_back(std::log10(1 + static_cast<double>(n)));
  return row;
}

// Recorded workloads are known by the hash of their bytes; by their names only if they have none.
Times times_of(const std::vector<DescribedModule> &modules, const merge::Model &model) {
  Times times;
  const std::string measure = main_measure(model);
  for (const PhaseRow &row : phase_rows(model)) {
    if (row.measure != measure || !(row.summary.median > 0)) continue;
    if (std::find(std::begin(measured_phases), std::end(measured_phases), row.phase) == std::end(measured_phases))
      continue;
    const record::WorkloadEntry *entry = model.workload(row.workload);
    if (entry && !entry->invoke.empty()) continue; // a function of the module, not the workload
    for (size_t i = 0; i < modules.size(); ++i)
      if (entry && !entry->sha256.empty() ? entry->sha256 == modules[i].sha256 : row.workload == modules[i].id)
        times[{i, row.phase}][row.engine] = row.summary.median;
  }
  return times;
}

// Engines that have every workload, in every phase that counts for them.
std::map<std::string, std::vector<std::string>> complete_engines(const std::vector<DescribedModule> &modules,
                                                                 const merge::Model &model, const Times &times,
                                                                 std::vector<std::string> &remarks) {
  std::map<std::string, std::vector<std::string>> engines; // by phase
  for (const char *phase : measured_phases)
    for (const std::string &engine : model.engines) {
      std::vector<std::string> missing;
      for (size_t i = 0; i < modules.size(); ++i) {
        const auto found = times.find({i, phase});
        if (found == times.end() || !found->second.contains(engine)) missing.push_back(modules[i].id);
      }
      if (missing.empty())
        engines[phase].push_back(engine);
      else if (missing.size() < modules.size())
        remarks.push_back(fmt::format("{} is left out of {}: the recording lacks it on {} of {} workloads ({}{})",
                                      engine, phase, missing.size(), modules.size(), missing.front(),
                                      missing.size() > 1 ? ", .." : ""));
    }
  return engines;
}

Table measured(size_t count, const Times &times, const std::map<std::string, std::vector<std::string>> &engines) {
  Table rows(count);
  for (const auto &[phase, names] : engines) {
    if (names.size() < 2) continue; // nothing to differ from
    for (size_t i = 0; i < count; ++i) {
      const auto &one = times.at({i, phase});
      double mean = 0;
      for (const std::string &name : names) mean += std::log(one.at(name)) / static_cast<double>(names.size());
      for (const std::string &name : names) rows[i].push_back(std::log(one.at(name)) - mean);
    }
  }
  return rows;
}

// Standardised, and divided so that the kind has a variance of 1 in sum; appended to what is there.
void append(Table &all, const Table &kind, size_t &features) {
  const stats::Standardised standard = stats::standardise(kind);
  if (standard.kept.empty()) return;
  features += standard.kept.size();
  const double weight = 1 / std::sqrt(static_cast<double>(standard.kept.size()));
  for (size_t i = 0; i < all.size(); ++i)
    for (const double value : standard.rows[i]) all[i].push_back(value * weight);
}

void estimate(Pick &pick, const Times &times, const std::map<std::string, std::vector<std::string>> &engines,
              size_t count) {
  for (const auto &[phase, names] : engines) {
    if (names.size() < 2) continue;
    pick.reference = names.front();
    for (size_t e = 1; e < names.size(); ++e) {
      const auto log_ratio = [&](size_t i) {
        const auto &one = times.at({i, phase});
        return std::log(one.at(names[e]) / one.at(names.front()));
      };
      double all = 0, subset = 0;
      for (size_t i = 0; i < count; ++i) all += log_ratio(i);
      for (const Pick::Cluster &cluster : pick.clusters)
        subset += log_ratio(cluster.representative) * static_cast<double>(cluster.members.size());
      const auto n = static_cast<double>(count);
      pick.estimates.push_back({names[e], phase, std::exp(all / n), std::exp(subset / n)});
    }
  }
}

std::string line_of(const std::vector<DescribedModule> &modules, const std::vector<size_t> &members, size_t without) {
  std::string text;
  for (const size_t member : members)
    if (member != without) text += (text.empty() ? "" : " ") + modules[member].id;
  return text.empty() ? "itself only" : text;
}

} // namespace

std::optional<Pick> pick_workloads(const std::vector<DescribedModule> &modules, size_t count,
                                   const merge::Model *recording, std::string &error) {
  if (count < 1 || count > modules.size()) {
    error =
        fmt::format("expected a number from 1 to {}, as many workloads as there are; found {}", modules.size(), count);
    return std::nullopt;
  }
  Pick pick;
  Table modules_alone, all(modules.size());
  for (const DescribedModule &module : modules) {
    modules_alone.push_back(features_of(module.contents));
    if (module.contents.unknown_functions)
      pick.remarks.push_back(fmt::format("{}: the mix leaves out {} functions: {}", module.id,
                                         module.contents.unknown_functions, module.contents.unknown));
  }
  append(all, modules_alone, pick.features);
  Times times;
  std::map<std::string, std::vector<std::string>> engines;
  if (recording) {
    times = times_of(modules, *recording);
    engines = complete_engines(modules, *recording, times, pick.remarks);
    if (std::none_of(engines.begin(), engines.end(), [](const auto &one) { return one.second.size() >= 2; })) {
      error = "the recording has no two engines that ran every one of these workloads: ratios cannot be told";
      for (const std::string &remark : pick.remarks) error += "; " + remark;
      return std::nullopt;
    }
    append(all, measured(modules.size(), times, engines), pick.features);
  }
  const stats::Components components = stats::principal_components(all);
  pick.components = stats::components_for(components, 0.9);
  pick.components_share = components.share(pick.components);
  // Without any variance every row is the same point.
  const Table scores = pick.components ? stats::first_columns(components.scores, pick.components)
                                       : Table(modules.size(), std::vector<double>(1));
  const auto tree = stats::ward(scores);
  for (size_t k = 1; k <= modules.size(); ++k) {
    const auto clusters = stats::cut(tree, modules.size(), k);
    const auto representatives = stats::medoids(scores, clusters);
    const double kept = stats::kept_variance(scores, clusters, representatives);
    pick.sizes.emplace_back(k, kept);
    if (k != count) continue;
    pick.kept = kept;
    pick.between = stats::kept_variance(scores, clusters);
    pick.clusters.resize(k);
    for (size_t i = 0; i < modules.size(); ++i) pick.clusters[clusters[i]].members.push_back(i);
    for (size_t c = 0; c < k; ++c) {
      Pick::Cluster &cluster = pick.clusters[c];
      cluster.representative = representatives[c];
      double sum = 0;
      for (const size_t member : cluster.members)
        sum += stats::squared_distance(scores[member], scores[cluster.representative]);
      cluster.spread = std::sqrt(sum / static_cast<double>(cluster.members.size()));
    }
  }
  if (recording) estimate(pick, times, engines, modules.size());
  return pick;
}

std::string pick_text(const std::vector<DescribedModule> &modules, const Pick &pick, const TextStyle &style) {
  TextTable table({{"picked", TextTable::left}, {"of"}, {"spread"}, {"stands for", TextTable::left}});
  for (const Pick::Cluster &cluster : pick.clusters)
    table.row({modules[cluster.representative].id, fmt::format("{}", cluster.members.size()),
               fmt::format("{:.2f}", cluster.spread), line_of(modules, cluster.members, cluster.representative)});
  std::string out =
      wrapped(fmt::format("{} of {} workloads; {} features, of whose variance {} principal components have {}",
                          pick.clusters.size(), modules.size(), pick.features, pick.components,
                          percent(pick.components_share)),
              0, style) +
      "\n" + table.text(style) + "\n" +
      wrapped(
          fmt::format("variance kept: {} between the clusters, {} when each workload is taken for the one picked for "
                      "it",
                      percent(pick.between), percent(pick.kept)),
          0, style);
  TextTable sizes({{"picked"}, {"variance kept"}});
  for (const auto &[count, kept] : pick.sizes)
    if (count + 3 >= pick.clusters.size() && count <= pick.clusters.size() + 3)
      sizes.row({fmt::format("{}{}", count, count == pick.clusters.size() ? " *" : ""), percent(kept)});
  out += "\n" + sizes.text(style);
  if (!pick.estimates.empty()) {
    TextTable estimates({{"engine", TextTable::left}, {"phase", TextTable::left}, {"all"}, {"picked"}, {"off by"}});
    for (const Pick::Estimate &one : pick.estimates)
      estimates.row({one.engine, one.phase, ratio(one.all), ratio(one.subset), percent(one.subset / one.all - 1)});
    out += "\n" +
           wrapped("geometric means of the time over that of " + pick.reference +
                       ": of all workloads, and of the picked ones weighted by how many each stands for",
                   0, style) +
           estimates.text(style);
  }
  for (const std::string &remark : pick.remarks) out += wrapped("note: " + remark, 6, style);
  return out;
}

std::string pick_json(const std::vector<DescribedModule> &modules, const Pick &pick) {
  using json = nlohmann::ordered_json;
  json clusters = json::array(), sizes = json::array(), estimates = json::array();
  for (const Pick::Cluster &cluster : pick.clusters) {
    json members = json::array();
    for (const size_t member : cluster.members) members.push_back(modules[member].id);
    clusters.push_back({{"picked", modules[cluster.representative].id},
                        {"path", modules[cluster.representative].path},
                        {"members", members},
                        {"spread", cluster.spread}});
  }
  for (const auto &[count, kept] : pick.sizes) sizes.push_back({{"clusters", count}, {"variance_kept", kept}});
  for (const Pick::Estimate &one : pick.estimates)
    estimates.push_back({{"engine", one.engine},
                         {"reference", pick.reference},
                         {"phase", one.phase},
                         {"all", one.all},
                         {"picked", one.subset}});
  return json{{"schema", 1},
              {"workloads", modules.size()},
              {"features", pick.features},
              {"components", pick.components},
              {"components_variance", pick.components_share},
              {"variance_between", pick.between},
              {"variance_kept", pick.kept},
              {"clusters", clusters},
              {"sizes", sizes},
              {"estimates", estimates},
              {"remarks", pick.remarks}}
             .dump(1, ' ', false, json::error_handler_t::replace) +
         "\n";
}

std::string pick_suite(const std::vector<DescribedModule> &modules, const Pick &pick) {
  std::string out = fmt::format("# {} of {} workloads, picked by sgperf suite pick; they keep {} of the variance\n",
                                pick.clusters.size(), modules.size(), percent(pick.kept));
  for (const Pick::Cluster &cluster : pick.clusters) {
    const DescribedModule &picked = modules[cluster.representative];
    // A name is looked up anywhere; a path that was given is only right in full.
    out += fmt::format(
        "# stands for {}: {}\n{}\n", cluster.members.size(), line_of(modules, cluster.members, cluster.representative),
        picked.id.find('/') == std::string::npos && !picked.id.ends_with(".wasm") ? picked.id : picked.path);
  }
  return out;
}

} // namespace sgperf::emit
