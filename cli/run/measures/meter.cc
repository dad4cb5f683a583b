// SPDX-License-Identifier: Apache-2.0
#include "run/measures/meter.h"

#include <algorithm>

namespace sgperf::run {

const std::vector<std::string> &all_measures() {
  static const std::vector<std::string> names = {"wall_ns",
                                                 "tsc_ticks",
                                                 "task_clock_ns",
                                                 "user_ns",
                                                 "system_ns",
                                                 "minor_faults",
                                                 "major_faults",
                                                 "context_switches_voluntary",
                                                 "context_switches_involuntary",
                                                 "migrations",
                                                 "peak_rss_bytes",
                                                 "cycles_user",
                                                 "cycles_kernel",
                                                 "instructions_user",
                                                 "instructions_kernel",
                                                 "cache_accesses_user",
                                                 "cache_accesses_kernel",
                                                 "cache_misses_user",
                                                 "cache_misses_kernel",
                                                 "branch_misses_user",
                                                 "branch_misses_kernel"};
  return names;
}

std::vector<std::string> expand_measures(const std::vector<std::string> &asked, std::string &error) {
  static const std::map<std::string, std::vector<std::string>> groups = {
      {"all", all_measures()},
      {"wall", {"wall_ns"}},
      {"time", {"wall_ns"}},
      {"tsc", {"tsc_ticks"}},
      {"cycles", {"tsc_ticks"}}, // Sightglass's "cycles" are ticks of the counter
      {"cpu", {"task_clock_ns", "user_ns", "system_ns"}},
      {"task-clock", {"task_clock_ns"}},
      {"faults", {"minor_faults", "major_faults"}},
      {"switches", {"context_switches_voluntary", "context_switches_involuntary", "migrations"}},
      {"memory", {"peak_rss_bytes"}},
      {"insts-retired", {"instructions_user", "instructions_kernel"}},
      {"perf", {all_measures().begin() + 11, all_measures().end()}},
      {"perf-counters", {all_measures().begin() + 11, all_measures().end()}},
      {"noop", {}}};
  if (asked.empty()) return all_measures();
  std::vector<std::string> chosen;
  for (const std::string &entry : asked) {
    for (size_t at = 0; at <= entry.size();) {
      const size_t comma = std::min(entry.find(',', at), entry.size());
      const std::string name = entry.substr(at, comma - at);
      at = comma + 1;
      const auto group = groups.find(name);
      if (group != groups.end())
        chosen.insert(chosen.end(), group->second.begin(), group->second.end());
      else if (std::find(all_measures().begin(), all_measures().end(), name) != all_measures().end())
        chosen.push_back(name);
      else {
        error = "unknown measure '" + name + "'; known: all wall tsc cpu faults switches memory perf";
        for (const std::string &known : all_measures()) error += " " + known;
        return {};
      }
    }
  }
  std::vector<std::string> ordered; // the report's order, each once
  for (const std::string &name : all_measures())
    if (std::find(chosen.begin(), chosen.end(), name) != chosen.end()) ordered.push_back(name);
  return ordered;
}

bool Meter::chosen(const std::string &name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}
bool Meter::wants(const std::string &measure) const {
  return chosen(measure);
}

void Meter::add(const std::string &name, const std::string &unit, const std::string &reason) {
  if (chosen(name)) states_.push_back({name, unit, reason.empty(), reason});
}

Meter::Meter(const std::vector<std::string> &measures, double ns_per_tick, bool software)
    : names_(measures), ns_per_tick_(ns_per_tick) {
  const bool counter = ns_per_tick_ > 0;
  clock_ = chosen("wall_ns") && !counter;
  cpu_ = chosen("task_clock_ns");
  for (const char *name : {"user_ns", "system_ns", "minor_faults", "major_faults", "context_switches_voluntary",
                           "context_switches_involuntary"})
    usage_ = usage_ || chosen(name);
  usage_ = usage_ || cpu_; // children

  add("wall_ns", "ns", "");
  add("tsc_ticks", "ticks",
      counter ? "" : "the timer is the clock: --timer clock, or no invariant time-stamp counter on this machine");
  add("task_clock_ns", "ns", "");
  add("user_ns", "ns", "");
  add("system_ns", "ns", "");
  for (const char *name :
       {"minor_faults", "major_faults", "context_switches_voluntary", "context_switches_involuntary"})
    add(name, "", "");
  std::vector<std::vector<PerfEvent>> groups;
  if (chosen("migrations")) groups.push_back({migrations_event()});
  std::vector<std::vector<PerfEvent>> hardware = hardware_groups(names_);
  if (software) hardware = as_software(std::move(hardware));
  groups.insert(groups.end(), hardware.begin(), hardware.end());
  std::map<std::string, std::string> reasons;
  for (auto &events : groups) {
    auto group = std::make_unique<PerfGroup>(events);
    for (size_t i = 0; i < group->events().size(); ++i) reasons[group->events()[i].name] = group->reasons()[i];
    if (group->open()) groups_.push_back(std::move(group));
  }
  add("migrations", "", reasons["migrations"]);
  add("peak_rss_bytes", "bytes", peak_rss_bytes() ? "" : "/proc/self/status has no VmHWM");
  for (auto name = all_measures().begin() + 11; name != all_measures().end(); ++name) add(*name, "", reasons[*name]);
  only_ticks_ = !clock_ && !cpu_ && !usage_ && groups_.empty();
}

void Meter::begin_outer(Boundary &b) const noexcept {
  for (size_t i = groups_.size(); i-- > 0;) groups_[i]->read(b.groups[i]);
  if (usage_) read_usage(b.usage);
  if (cpu_) b.cpu = process_cpu_ns();
  if (clock_) b.clock = monotonic_raw_ns();
}

void Meter::end_outer(Boundary &b) const noexcept {
  if (clock_) b.clock = monotonic_raw_ns();
  if (cpu_) b.cpu = process_cpu_ns();
  if (usage_) read_usage(b.usage);
  for (size_t i = 0; i < groups_.size(); ++i) groups_[i]->read(b.groups[i]);
}

void Meter::difference(const Boundary &begin, const Boundary &end, std::map<std::string, double> &values,
                       std::map<std::string, double> &running) const {
  const auto put = [&](const char *name, uint64_t from, uint64_t to) {
    if (chosen(name)) values[name] = static_cast<double>(static_cast<int64_t>(to - from));
  };
  if (ns_per_tick_ > 0) {
    put("tsc_ticks", begin.tsc, end.tsc);
    if (chosen("wall_ns")) values["wall_ns"] = static_cast<double>(end.tsc - begin.tsc) * ns_per_tick_;
  } else if (clock_) {
    put("wall_ns", begin.clock, end.clock);
  }
  if (cpu_) put("task_clock_ns", begin.cpu + begin.usage.children_ns, end.cpu + end.usage.children_ns);
  if (usage_) {
    put("user_ns", begin.usage.user_ns, end.usage.user_ns);
    put("system_ns", begin.usage.system_ns, end.usage.system_ns);
    put("minor_faults", begin.usage.minor_faults, end.usage.minor_faults);
    put("major_faults", begin.usage.major_faults, end.usage.major_faults);
    put("context_switches_voluntary", begin.usage.voluntary, end.usage.voluntary);
    put("context_switches_involuntary", begin.usage.involuntary, end.usage.involuntary);
  }
  for (size_t i = 0; i < groups_.size(); ++i)
    for (const PerfGroup::Count &count : groups_[i]->difference(begin.groups[i], end.groups[i])) {
      values[count.name] = count.value;
      if (count.running < 1) running[count.name] = count.running;
    }
}

} // namespace sgperf::run
