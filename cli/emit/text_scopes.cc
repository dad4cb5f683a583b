// SPDX-License-Identifier: Apache-2.0
// Scopes, counters and phases that the target recorded.
#include "emit/report.h"

#include "emit/profile_rows.h"
#include "emit/readable.h"
#include "formats/clamped.h"

#include <fmt/format.h>

#include <string.h>

#include <algorithm>

namespace sgperf::emit {
namespace {

bool is_scope(const merge::ScopeRow &row) {
  return row.kind == SGPERF_SITE_SCOPE;
}

std::string plural(uint64_t n, const char *what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string sessions_line(const merge::Model &model) {
  if (model.sessions.size() == 1) {
    const auto &session = model.sessions.front();
    return fmt::format("{} (pid {}, {}), {}", session.comm, session.pid, record::to_text(session.state),
                       plural(session.threads, "thread"));
  }
  size_t threads = 0, live = 0, killed = 0;
  for (const auto &session : model.sessions) {
    threads += session.threads;
    live += session.state == record::SessionState::live;
    killed += session.state == record::SessionState::killed;
  }
  std::string out = fmt::format("{} processes, {}", model.sessions.size(), plural(threads, "thread"));
  if (live) out += fmt::format(", {} still running", live);
  if (killed) out += fmt::format(", {} killed or ended without being seen", killed);
  return out;
}

// Value at quantile p of a log2 histogram: the upper end of the bucket that holds it.
double histogram_quantile(const merge::ScopeRow &row, double p) {
  uint64_t all = 0, seen = 0;
  for (const uint64_t n : row.histogram) all += n;
  for (size_t i = 0; i < row.histogram.size(); ++i) {
    seen += row.histogram[i];
    if (static_cast<double>(seen) >= p * static_cast<double>(all) && seen > 0)
      return static_cast<double>(uint64_t{2} << std::min<size_t>(i, 62)) * row.histogram_scale;
  }
  return 0;
}

std::string scope_table(const merge::Model &model, const ReportOptions &options, size_t &hidden) {
  double self = 0;
  bool isolated = false;
  for (const auto &row : model.scopes) {
    if (!is_scope(row)) continue;
    if (row.unit == merge::Unit::ns) self += row.self;
    isolated = isolated || row.isolated;
  }
  std::vector<TextTable::Column> columns{
      {"module::scope", TextTable::left}, {"calls"}, {"total"}, {"self"}, {"avg"}, {"min"}, {"max"}, {"share"}};
  if (isolated) {
    columns.push_back({"alone"});
    columns.push_back({"cost"});
  }
  TextTable table(std::move(columns));
  std::string module = "\1"; // no module is called that
  for (const auto &row : model.scopes) {
    if (!is_scope(row)) continue;
    if (row.count == 0 && !row.isolated && !options.all_sites) {
      ++hidden;
      continue;
    }
    if (row.module != module) {
      module = row.module;
      double total = 0;
      for (const auto &other : model.scopes)
        if (is_scope(other) && other.module == module && other.unit == merge::Unit::ns) total += other.self;
      table.group(fmt::format(" {}{}", module.empty() ? "(no module)" : module,
                              self > 0 ? "  " + percent(total / self) + " of the self time" : ""));
    }
    if (row.count == 0 && !row.isolated) {
      table.row({"  " + row.name, "0", row.enabled ? "never called" : "switched off"});
      continue;
    }
    const auto shown = [&](double value) { return amount(value, row.unit); };
    std::vector<std::string> cells{
        "  " + row.name,      fmt::format("{}", row.count),
        shown(row.total),     shown(row.self),
        shown(row.average()), shown(row.min),
        shown(row.max),       row.unit == merge::Unit::ns && self > 0 ? percent(row.self / self) : "-"};
    if (isolated) {
      const bool both = row.isolated && row.isolated->count && row.count;
      cells.push_back(row.isolated ? shown(row.isolated->average()) : "-");
      cells.push_back(both ? shown(row.average() - row.isolated->average()) : "-");
    }
    table.row(std::move(cells));
  }
  return table.empty() ? "" : table.text(options.style);
}

std::string histogram_table(const merge::Model &model, const ReportOptions &options) {
  TextTable table(
      {{"histogram of", TextTable::left}, {"50 % below"}, {"90 % below"}, {"99 % below"}, {"99.9 % below"}});
  for (const auto &row : model.scopes) {
    if (row.histogram.empty() || !is_scope(row)) continue;
    std::vector<std::string> cells{"  " + row.name};
    for (const double p : {0.5, 0.9, 0.99, 0.999}) cells.push_back(amount(histogram_quantile(row, p), row.unit));
    table.row(std::move(cells));
  }
  return table.empty() ? "" : "\n" + table.text(options.style);
}

std::string counter_table(const merge::Model &model, const ReportOptions &options, size_t &hidden) {
  TextTable table({{"module::counter", TextTable::left}, {"updates"}, {"sum"}, {"largest"}});
  for (const auto &row : model.scopes) {
    if (is_scope(row)) continue;
    if (row.count == 0 && !options.all_sites) {
      ++hidden;
      continue;
    }
    const bool gauge = row.kind == SGPERF_SITE_GAUGE;
    table.row(
        {"  " + row.name, fmt::format("{}", row.count), gauge ? "-" : count(row.total), gauge ? count(row.max) : "-"});
  }
  return table.empty() ? "" : "\n" + table.text(options.style);
}

std::string phase_table(const merge::Model &model, const ReportOptions &options) {
  TextTable table({{"phase of the program", TextTable::left},
                   {"times"},
                   {"total"},
                   {"avg"},
                   {"min"},
                   {"max"},
                   {"still open"},
                   {"aborted"}});
  for (const auto &row : model.session_phases)
    table.row({"  " + row.name, fmt::format("{}", row.count), amount(row.total, row.unit),
               row.count ? amount(row.total / static_cast<double>(row.count), row.unit) : "-",
               amount(row.min, row.unit), amount(row.max, row.unit), fmt::format("{}", row.open),
               fmt::format("{}", row.aborted)});
  return table.empty() ? "" : "\n" + table.text(options.style);
}

std::string counter_table(const merge::Model &model, const ReportOptions &options) {
  TextTable table({{"counter of a phase", TextTable::left}, {"phase", TextTable::left}, {"total"}, {"each"}, {""}});
  for (const auto &row : model.session_phases)
    for (const auto &[name, counter] : row.counters)
      if (counter.measured)
        table.row({"  " + name, row.name, count(formats::clamped(counter.total)),
                   fmt::format("{:.1f}", counter.total / static_cast<double>(counter.measured)),
                   counter.scaled ? "multiplexed" : ""});
      else
        table.row({"  " + name, row.name, "n/a", "n/a", counter.error ? errno_text(counter.error) : ""});
  return table.empty() ? "" : "\n" + table.text(options.style);
}

std::string isolation_lines(const merge::Model &model, const ReportOptions &options) {
  if (model.isolated_runs.size() < 2) return "";
  const double all = model.isolated_runs.front().wall_ns;
  std::vector<double> single;
  size_t failed = 0;
  for (size_t i = 1; i < model.isolated_runs.size(); ++i) {
    single.push_back(model.isolated_runs[i].wall_ns);
    failed += model.isolated_runs[i].exit_code != model.isolated_runs.front().exit_code;
  }
  const double one = stats::median(single);
  // One run each: in eight recordings of examples/layers the innermost scope's cost was -33 to +36 ns. Medians of nine
  // were 14 ns below 0, with fenced scopes 1 ns above, which speaks for the reads.
  const bool below = std::any_of(model.scopes.begin(), model.scopes.end(), [](const merge::ScopeRow &row) {
    return is_scope(row) && row.isolated && row.isolated->count && row.count && row.average() < row.isolated->average();
  });
  std::string out = wrapped(
      fmt::format(
          "  alone = average in a run with only that site on; cost = average with all sites on less that: what the "
          "scopes inside it add per call.{} Whole run with all sites on {}, with one {} (median of {}): {}.",
          below ? " Below 0: noise of single runs, or, since reads are not fenced, work in front of the scope that "
                  "reaches into it."
                : "",
          duration(all), duration(one), single.size(), one > 0 ? ratio(all / one) : "-"),
      2, options.style);
  if (failed)
    out += wrapped(fmt::format("  {} of these runs ended with another exit code than the one with all sites.", failed),
                   2, options.style);
  return out;
}

} // namespace

std::string dropped_text(const sgperf_dropped &dropped) {
  std::string out;
  const auto add = [&](uint64_t n, const char *what) {
    if (n) out += (out.empty() ? "" : ", ") + plural(n, what);
  };
  add(dropped.sites, "site");
  add(dropped.threads, "thread");
  add(dropped.phases, "phase");
  add(dropped.jit, "JIT record");
  add(dropped.memory, "page");
  return out.empty() ? "nothing" : out;
}

std::string text_scopes(const merge::Model &model, const ReportOptions &options) {
  // A runtime that was seen from outside has phases, and no session.
  if (model.sessions.empty()) {
    const std::string phases = phase_table(model, options);
    return phases.empty() ? "" : title("Phases", options.style) + phases.substr(1);
  }
  size_t hidden = 0;
  std::string out = title("Scopes", options.style);
  out += wrapped("  " + sessions_line(model) + "; dropped: " + dropped_text(model.dropped), 2, options.style);
  if (model.dropped.foreign)
    out += wrapped(
        fmt::format(
            "  {} ended on another thread than they began on: counted, their self time on the thread that ended them",
            plural(model.dropped.foreign, "scope")),
        2, options.style);
  bool unconvertible = false;
  double cost = 0;
  for (const auto &session : model.sessions) {
    unconvertible = unconvertible || !session.convertible;
    if (session.convertible) cost = std::max(cost, session.scope_cost);
  }
  if (unconvertible)
    out += wrapped(
        "  times in ticks of the time-stamp counter: the session has no second clock anchor and is of another boot or "
        "machine, so that the ticks cannot be converted to time",
        2, options.style);
  if (cost > 0)
    out += wrapped("  a scope costs the one around it about " + duration(cost) +
                       " a call (measured at start, not taken off)",
                   2, options.style);
  const std::string scopes = scope_table(model, options, hidden);
  const std::string counters = counter_table(model, options, hidden);
  if (!scopes.empty()) out += "\n" + scopes + "  share = self time of the self time of all scopes\n";
  out += isolation_lines(model, options) + histogram_table(model, options) + counters + phase_table(model, options) +
         counter_table(model, options);
  if (scopes.empty() && counters.empty() && hidden == 0)
    out += "  no site was reached: the program has none (docs/instrumenting.md), or SGPERF_SITES switched them off\n";
  if (hidden) out += fmt::format("  {} never called (--all-sites lists them)\n", plural(hidden, "site"));
  return out;
}

} // namespace sgperf::emit
