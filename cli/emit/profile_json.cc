// SPDX-License-Identifier: Apache-2.0
#include "emit/profile_json.h"

#include "emit/profile_rows.h"
#include "formats/json_text.h"

#include <nlohmann/json.hpp>

namespace sgperf::emit {
namespace {

using json = nlohmann::ordered_json;

json coverage(const merge::Profile &profile) {
  const merge::ProfileCoverage &from = profile.coverage;
  json odd = json::array();
  for (const auto &[kind, count] : from.odd) odd.push_back({{"kind", kind}, {"count", count}});
  return {{"samples", from.samples},
          {"lost", from.lost},
          {"unnamed", from.unnamed},
          {"jit", from.jit},
          {"jit_unnamed", from.jit_unnamed},
          {"jit_lines", from.jit_lines},
          {"jit_lines_near", from.jit_lines_near},
          {"native", from.native},
          {"native_lines", from.native_lines},
          {"complete", from.complete},
          {"repaired", from.repaired},
          {"odd", std::move(odd)}};
}

json sides(const merge::Profile &profile) {
  json out = json::array();
  for (const SideRow &row : side_rows(profile))
    out.push_back({{"side", merge::to_text(row.side)},
                   {"samples", row.samples},
                   {"compiling", row.compiling},
                   {"threads", row.threads}});
  return out;
}

void add_regions(json &out, RegionKind kind, const std::vector<RegionRow> &rows) {
  const bool phase = kind == RegionKind::phase;
  for (const RegionRow &row : rows) {
    json entry = {{"kind", phase ? "phase" : "scope"},
                  {"phase", phase ? row.name : ""},
                  {"scope", phase ? "" : row.name},
                  {"samples", row.samples}};
    for (size_t i = 0; i < side_count; ++i) entry[merge::to_text(static_cast<merge::Side>(i))] = row.sides[i];
    out.push_back(std::move(entry));
  }
}

json function(const merge::ProfileFunction &from) {
  return {{"name", from.name},
          {"module", from.module},
          {"tier", from.tier},
          {"path", from.path},
          {"side", merge::to_text(from.side)},
          {"jit", from.jit},
          {"named", from.named},
          {"self", from.self},
          {"total", from.total}};
}

json pid_of(const merge::Profile &profile, uint32_t process) {
  return process < profile.processes.size() ? json(profile.processes[process].pid) : json(nullptr);
}

json syscalls(const merge::Profile &profile) {
  json out = json::array();
  for (const merge::SyscallRow &row : profile.syscalls) {
    json errnos = json::array(), histogram = json::array();
    for (const auto &[number, count] : row.errnos)
      errnos.push_back({{"errno", number}, {"name", errno_text(number)}, {"calls", count}});
    for (size_t i = 0; i < row.histogram.size(); ++i)
      if (row.histogram[i]) histogram.push_back({{"from", uint64_t{1} << i}, {"calls", row.histogram[i]}});
    out.push_back({{"name", row.name},
                   {"number", row.number},
                   {"pid", pid_of(profile, row.process)},
                   {"phase", row.phase},
                   {"scope", row.scope},
                   {"calls", row.count},
                   {"total", row.total_ns},
                   {"average", row.count ? json(static_cast<double>(row.total_ns) / static_cast<double>(row.count))
                                         : json(nullptr)},
                   {"max", row.max_ns},
                   {"blocked", row.blocked_ns},
                   {"bytes_in", row.bytes_in},
                   {"bytes_out", row.bytes_out},
                   {"errors", row.errors},
                   {"errnos", std::move(errnos)},
                   {"histogram", std::move(histogram)}});
  }
  return out;
}

json syscall_callers(const merge::Profile &profile) {
  json out = json::array();
  for (const merge::SyscallCaller &caller : profile.syscall_callers)
    out.push_back(
        {{"name", caller.name},
         {"number", caller.number},
         {"function",
          caller.function < profile.functions.size() ? json(profile.functions[caller.function].name) : json(nullptr)},
         {"samples", caller.samples},
         {"total", caller.total_ns}});
  return out;
}

json faults(const merge::Profile &profile) {
  json out = json::array();
  for (const merge::FaultRow &row : profile.faults)
    out.push_back({{"pid", pid_of(profile, row.process)},
                   {"phase", row.phase},
                   {"scope", row.scope},
                   {"user", row.user},
                   {"kernel", row.kernel},
                   {"major", row.major}});
  return out;
}

json processes(const merge::Profile &profile) {
  json out = json::array();
  for (const merge::ProfileProcess &from : profile.processes) {
    const auto seen = [](uint64_t time) { return time ? json(time) : json(nullptr); };
    out.push_back({{"pid", from.pid},
                   {"parent", from.parent},
                   {"comm", from.comm},
                   {"command", from.command},
                   {"started_ns", seen(from.started)},
                   {"ended_ns", seen(from.ended)},
                   {"exit_code", from.exit_seen && !from.signal ? json(from.exit_code) : json(nullptr)},
                   {"signal", from.exit_seen && from.signal ? json(from.signal) : json(nullptr)},
                   {"user_ns", from.user_ns},
                   {"system_ns", from.system_ns},
                   {"peak_rss_bytes", from.max_rss_kb * 1024},
                   {"minor_faults", from.minor_faults},
                   {"major_faults", from.major_faults},
                   {"samples", from.samples}});
  }
  return out;
}

// What the report and the document of its own share, but for functions and lines.
void add_head(json &out, const merge::Profile &profile) {
  out["recorded"] = profile.recorded;
  out["event"] = profile.event;
  out["frequency"] = profile.frequency ? json(profile.frequency) : json(nullptr);
  out["coverage"] = coverage(profile);
  out["missing"] = profile.missing;
}

void add_kernel(json &out, const merge::Profile &profile) {
  out["syscalls_recorded"] = profile.syscalls_recorded;
  out["syscalls_dropped"] = profile.syscalls_dropped;
  out["syscalls"] = syscalls(profile);
  out["syscall_rate"] = profile.syscall_rate ? json(profile.syscall_rate) : json(nullptr);
  out["syscall_callers"] = syscall_callers(profile);
  out["faults_recorded"] = profile.faults_recorded;
  out["faults"] = faults(profile);
  out["processes"] = processes(profile);
}

// One array of numbers a column: samples are many, and a name in each would be most of the text.
class Columns {
public:
  explicit Columns(std::string &out) : out_(out) {}
  template <typename Rows, typename Value> void add(const char *name, const Rows &rows, const Value &value) {
    out_ += first_ ? "{\n  " : ",\n  ";
    first_ = false;
    formats::append_json_string(out_, name);
    out_ += ": [";
    bool comma = false;
    for (const auto &row : rows) {
      if (comma) out_ += ',';
      comma = true;
      value(row);
    }
    out_ += ']';
  }
  void end() { out_ += "\n }"; }

private:
  std::string &out_;
  bool first_ = true;
};

} // namespace

json profile_json(const merge::Profile &profile) {
  if (profile.empty() && !profile.recorded && profile.missing.empty()) return nullptr;
  json out;
  add_head(out, profile);
  out["sides"] = sides(profile);
  json regions = json::array();
  add_regions(regions, RegionKind::phase, phase_rows_of(profile));
  add_regions(regions, RegionKind::scope, scope_rows_of(profile));
  out["regions"] = std::move(regions);
  json functions = json::array(), lines = json::array();
  for (const merge::ProfileFunction *row : hot_functions(profile)) functions.push_back(function(*row));
  for (const merge::ProfileLine *row : hot_lines(profile))
    lines.push_back({{"name", row->function < profile.functions.size() ? json(profile.functions[row->function].name)
                                                                       : json(nullptr)},
                     {"file", row->file},
                     {"line", row->line},
                     {"self", row->self}});
  out["functions"] = std::move(functions);
  out["lines"] = std::move(lines);
  add_kernel(out, profile);
  return out;
}

std::string to_profile_json(const merge::Profile &profile) {
  json root;
  root["schema"] = "sgperf-profile";
  root["version"] = profile_schema_version;
  root["sgperf_version"] = SGPERF_PROJECT_VERSION;
  add_head(root, profile);
  root["phases"] = profile.phases;
  root["scopes"] = profile.scopes;
  json functions = json::array(), lines = json::array();
  for (const merge::ProfileFunction &row : profile.functions) functions.push_back(function(row));
  for (const merge::ProfileLine &row : profile.lines)
    lines.push_back({{"function", row.function}, {"file", row.file}, {"line", row.line}, {"self", row.self}});
  root["functions"] = std::move(functions);
  root["lines"] = std::move(lines);
  add_kernel(root, profile);
  std::string out = root.dump(1, ' ', false, json::error_handler_t::replace);
  out.resize(out.rfind('\n')); // the last brace comes after the columns

  const auto number = [&](auto member) {
    return [&out, member](const auto &row) { formats::append_json_number(out, static_cast<uint64_t>(row.*member)); };
  };
  const auto index = [&](auto member) {
    return [&out, member](const auto &row) {
      if (row.*member == merge::no_index)
        out += "null";
      else
        formats::append_json_number(out, static_cast<uint64_t>(row.*member));
    };
  };
  const auto boolean = [&](auto member) {
    return [&out, member](const auto &row) { out += row.*member ? "true" : "false"; };
  };
  using Node = merge::ProfileNode;
  using Sample = merge::ProfileSample;
  out += ",\n \"nodes\": ";
  Columns nodes(out);
  nodes.add("parent", profile.nodes, number(&Node::parent));
  nodes.add("function", profile.nodes, index(&Node::function));
  nodes.add("self", profile.nodes, number(&Node::self));
  nodes.end();
  out += ",\n \"samples\": ";
  Columns samples(out);
  samples.add("time", profile.samples, number(&Sample::time));
  samples.add("period", profile.samples, number(&Sample::period));
  samples.add("process", profile.samples, number(&Sample::process));
  samples.add("tid", profile.samples, number(&Sample::tid));
  samples.add("node", profile.samples, number(&Sample::node));
  samples.add("line", profile.samples, index(&Sample::line));
  samples.add("phase", profile.samples, number(&Sample::phase));
  samples.add("scope", profile.samples, number(&Sample::scope));
  samples.add("cpu", profile.samples, number(&Sample::cpu));
  samples.add("user", profile.samples, boolean(&Sample::user));
  samples.add("complete", profile.samples, boolean(&Sample::complete));
  samples.end();
  return out + "\n}\n";
}

} // namespace sgperf::emit
