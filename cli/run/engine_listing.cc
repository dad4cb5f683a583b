// SPDX-License-Identifier: Apache-2.0
#include "run/engine_listing.h"

#include "run/cells.h"
#include "run/engine_catalogue.h"
#include "run/paths.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace sgperf::run {
namespace {

using nlohmann::json;

std::vector<std::string> capability_names(uint32_t bits) {
  static constexpr std::pair<uint32_t, const char *> known[] = {{SGPERF_ENGINE_CAP_PARSE, "parse"},
                                                                {SGPERF_ENGINE_CAP_SERIALIZE, "serialize"},
                                                                {SGPERF_ENGINE_CAP_OWN_WASI, "own-wasi"},
                                                                {SGPERF_ENGINE_CAP_INVOKE, "invoke"},
                                                                {SGPERF_ENGINE_CAP_NATIVE, "native"},
                                                                {SGPERF_ENGINE_CAP_REEXECUTE, "reexecute"},
                                                                {SGPERF_ENGINE_CAP_FREE_UNSAFE, "free-unsafe"},
                                                                {SGPERF_ENGINE_CAP_ONLY_CALL, "only-call"}};
  std::vector<std::string> names;
  for (const auto &[bit, name] : known)
    if (bits & bit) names.push_back(name);
  return names;
}

// Those that its rows can have, in the order of the tables.
std::vector<std::string> phase_names(uint32_t bits) {
  if (bits & SGPERF_ENGINE_CAP_ONLY_CALL) return {"call"};
  std::vector<std::string> names;
  if (bits & SGPERF_ENGINE_CAP_PARSE) names.emplace_back("parse");
  names.emplace_back("compile");
  if (bits & SGPERF_ENGINE_CAP_SERIALIZE) names.insert(names.end(), {"serialize", "deserialize"});
  names.insert(names.end(), {"instantiate", "execute", "call"});
  return names;
}

std::string joined(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names) text.append(text.empty() ? "" : " ").append(name);
  return text.empty() ? "-" : text;
}

// A plug-in as it was found, and each of its tiers in force: they may have libraries of their own, and one may be
// missing.
struct Listed {
  Engine engine;
  std::vector<Engine> tiers;
  bool usable() const {
    return engine.problem.empty() ||
           std::any_of(tiers.begin(), tiers.end(), [](const Engine &tier) { return tier.problem.empty(); });
  }
};

Listed probe(const EngineSpec &spec, WorkFolder &work) {
  Listed out;
  out.engine.spec = spec;
  probe_engine(out.engine, {"wall_ns"}, 0, false, work);
  if (spec.plugin.empty() || !spec.tier.empty()) return out;
  std::stringstream names(out.engine.told.tiers);
  for (std::string name; std::getline(names, name, ',');) {
    Engine tier;
    tier.spec = spec;
    tier.spec.tier = name;
    if (name == out.engine.told.tier)
      tier = out.engine;
    else
      probe_engine(tier, {"wall_ns"}, 0, false, work);
    tier.spec.tier = name;
    out.tiers.push_back(std::move(tier));
  }
  // What stands for the whole is a tier that can be used.
  for (const Engine &tier : out.tiers)
    if (!out.engine.problem.empty() && tier.problem.empty()) {
      out.engine = tier;
      out.engine.spec.tier.clear();
    }
  return out;
}

std::string first_line(const std::string &text) {
  return text.substr(0, text.find('\n'));
}

void print(const Listed &listed) {
  const Engine &e = listed.engine;
  printf("%s%s%s\n", e.spec.engine.c_str(), e.told.version.empty() ? "" : " ", e.told.version.c_str());
  if (!e.problem.empty()) printf("  not usable    %s\n", e.problem.c_str());
  if (e.spec.plugin.empty()) return;
  printf("  plug-in       %s\n", e.spec.plugin.c_str());
  if (!e.problem.empty()) return;
  printf("  library       %s\n", e.told.library.empty() ? "built in" : e.told.library.c_str());
  printf("  build id      %s\n", e.identity.c_str());
  printf("  abi           %s\n", e.told.abi.c_str());
  size_t width = 0;
  for (const Engine &tier : listed.tiers) width = std::max(width, tier.spec.tier.size());
  const char *title = "tiers";
  for (const Engine &tier : listed.tiers) {
    if (tier.problem.empty()) {
      printf("  %-12s  %-*s  WASI: %s; %s; names of its code: %s\n", title, static_cast<int>(width),
             tier.spec.tier.c_str(), tier.told.wasi.empty() ? "-" : tier.told.wasi.c_str(),
             tier.told.capabilities & SGPERF_ENGINE_CAP_SERIALIZE ? "serialises" : "does not serialise",
             tier.told.code_names.empty() ? "not known" : tier.told.code_names.c_str());
      if (tier.told.library != e.told.library)
        printf("  %-12s  %-*s  library %s\n", "", static_cast<int>(width), "", tier.told.library.c_str());
    } else {
      printf("  %-12s  %-*s  not usable: %s\n", title, static_cast<int>(width), tier.spec.tier.c_str(),
             first_line(tier.problem).c_str());
    }
    title = "";
  }
  if (listed.tiers.empty()) {
    printf("  tiers         %s\n", e.told.tier.empty() ? "-" : e.told.tier.c_str());
    printf("  wasi          %s\n", e.told.wasi.empty() ? "-" : e.told.wasi.c_str());
    if (!e.told.code_names.empty()) printf("  code names    %s\n", e.told.code_names.c_str());
  }
  printf("  phases        %s\n", joined(phase_names(e.told.capabilities)).c_str());
  printf("  capabilities  %s\n", joined(capability_names(e.told.capabilities)).c_str());
  printf("  loads in      %.1f ms\n", e.load_seconds * 1e3);
  if (!e.told.details.empty()) printf("  details       %s\n", e.told.details.c_str());
}

json to_json(const Engine &e) {
  return json{{"engine", e.spec.engine},
              {"version", e.told.version},
              {"plugin", e.spec.plugin},
              {"library", e.told.library},
              {"build_id", e.identity},
              {"abi", e.told.abi},
              {"tier", e.told.tier},
              {"tiers", e.told.tiers},
              {"wasi", e.told.wasi},
              {"code_names", e.told.code_names},
              {"phases", e.problem.empty() ? phase_names(e.told.capabilities) : std::vector<std::string>()},
              {"capabilities", capability_names(e.told.capabilities)},
              {"load_seconds", e.load_seconds},
              {"details", e.told.details},
              {"usable", e.problem.empty()},
              {"problem", e.problem}};
}

json to_json(const Listed &listed) {
  json out = to_json(listed.engine);
  out["tier_list"] = json::array();
  for (const Engine &tier : listed.tiers) {
    json row = to_json(tier);
    row["tier"] = tier.spec.tier;
    for (const char *same : {"engine", "plugin", "abi", "tiers"}) row.erase(same);
    out["tier_list"].push_back(std::move(row));
  }
  return out;
}

// ---- the rest of the catalogue

enum class State { here, available, nobody };

State state(const CatalogueEntry &entry, const std::vector<Listed> &found) {
  if (entry.source == Source::nobody) return State::nobody;
  if (entry.source == Source::recipe) return is_installed(entry) ? State::here : State::available;
  const bool usable = std::any_of(found.begin(), found.end(), [&](const Listed &listed) {
    return listed.engine.spec.engine == entry.plugin && listed.usable();
  });
  return usable ? State::here : State::available;
}

std::string cost(const CatalogueEntry &entry) {
  if (entry.source != Source::recipe) return "";
  if (entry.heavy) return fmt::format(", heavy: {} min of CPU", entry.cpu_minutes);
  return entry.cpu_minutes ? fmt::format(", {} min of CPU", entry.cpu_minutes) : "";
}

void print_rest(const std::vector<Listed> &found) {
  const char *title = "\nCommands in the cache, for process: and `sgperf record`\n";
  for (const CatalogueEntry &entry : engine_catalogue()) {
    if (*entry.plugin || state(entry, found) != State::here) continue;
    printf("%s  %-12s %-8s %s\n", title, entry.name, entry.version, (entry_folder(entry) / entry.file).c_str());
    title = "";
  }
  title = "\nIn the cache, but their plug-ins were not built: build sgperf again\n";
  for (const CatalogueEntry &entry : engine_catalogue()) {
    if (!*entry.plugin || entry.source != Source::recipe || !is_installed(entry) || !find_plugin(entry.plugin).empty())
      continue;
    printf("%s  %-12s %-8s %s\n", title, entry.name, entry.version, entry_folder(entry).c_str());
    title = "";
  }
  title = "\nTo be had\n";
  for (const CatalogueEntry &entry : engine_catalogue()) {
    if (state(entry, found) != State::available || entry.source == Source::own) continue;
    printf("%s  %-12s %-8s %s (%s%s%s)\n", title, entry.name, entry.version, command_for(entry).c_str(), entry.licence,
           cost(entry).c_str(), *entry.note ? fmt::format("; {}", entry.note).c_str() : "");
    title = "";
  }
  title = "\nNot to be had\n";
  for (const CatalogueEntry &entry : engine_catalogue()) {
    if (entry.source != Source::nobody) continue;
    printf("%s  %-12s %s\n", title, entry.name, entry.note);
    title = "";
  }
}

json rest_to_json(const std::vector<Listed> &found) {
  static constexpr const char *states[] = {"installed", "available", "not to be had"};
  json list = json::array();
  for (const CatalogueEntry &entry : engine_catalogue()) {
    const State now = state(entry, found);
    json row{{"name", entry.name},
             {"engine", entry.plugin},
             {"version", entry.version},
             {"package", entry.package},
             {"licence", entry.licence},
             {"tiers", entry.tiers},
             {"heavy", entry.heavy},
             {"cpu_minutes", entry.cpu_minutes},
             {"state", states[static_cast<int>(now)]},
             {"command", command_for(entry)},
             {"note", entry.note}};
    if (entry.source == Source::recipe) row["file"] = entry_folder(entry) / entry.file;
    list.push_back(std::move(row));
  }
  return list;
}

} // namespace

bool print_engines(const std::vector<std::string> &only, bool as_json) {
  std::string error;
  WorkFolder work(error);
  if (work.path().empty()) {
    fprintf(stderr, "sgperf engines: %s\n", error.c_str());
    return false;
  }
  std::vector<std::string> names = only;
  if (names.empty())
    for (const auto &[name, path] : installed_plugins()) names.push_back(name);
  std::vector<Listed> found;
  size_t usable = 0;
  for (const std::string &name : names) {
    EngineSpec spec;
    if (!parse_engine(name, spec, error)) {
      fprintf(stderr, "sgperf engines: %s\n", error.c_str());
      return false;
    }
    found.push_back(probe(spec, work));
    usable += found.back().usable();
    // Of all, those that only lack what one command gets are among the rest.
    if (!as_json && (!only.empty() || found.back().usable())) print(found.back());
  }
  if (as_json) {
    json engines = json::array();
    for (const Listed &listed : found) engines.push_back(to_json(listed));
    json out{{"schema", 1}, {"engines", engines}};
    if (only.empty()) out["catalogue"] = rest_to_json(found);
    printf("%s\n", out.dump(1, ' ', false, json::error_handler_t::replace).c_str());
  } else if (only.empty()) {
    for (const Listed &listed : found)
      if (!listed.usable() && listed.engine.status != "engine_missing") print(listed);
    print_rest(found);
  }
  return only.empty() ? usable > 0 : usable == names.size();
}

} // namespace sgperf::run
