// SPDX-License-Identifier: Apache-2.0
#include "emit/live.h"

#include "emit/readable.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace sgperf::emit {
namespace {

std::string clock_text(uint64_t realtime_ns) {
  const auto seconds = static_cast<time_t>(realtime_ns / 1000000000u);
  tm local{};
  char text[32] = "?";
  if (localtime_r(&seconds, &local)) strftime(text, sizeof text, "%H:%M:%S", &local);
  return text;
}

std::string state_text(const merge::LiveSession &session) {
  if (session.executed) return "executed another program";
  if (session.exit_code) return fmt::format("ended, exit code {}", *session.exit_code);
  return record::to_text(session.state);
}

std::string seconds_text(double seconds) {
  return duration(seconds * 1e9);
}

void more(TextTable &table, size_t rows, size_t top) {
  if (top && rows > top) table.remark(fmt::format("{} more (--top 0 lists all)", rows - top));
}

size_t shown(size_t rows, size_t top) {
  return top ? std::min(rows, top) : rows;
}

std::string scope_table(const merge::LiveInterval &interval, const LiveOptions &options) {
  TextTable table({{"scope", TextTable::left}, {"calls/s"}, {"calls"}, {"self"}, {"share"}, {"avg"}, {"calls so far"}});
  for (size_t i = 0; i < shown(interval.scopes.size(), options.top); ++i) {
    const merge::LiveScope &row = interval.scopes[i];
    table.row({row.name, count(row.calls_per_s), fmt::format("{}", row.calls), amount(row.self, row.unit),
               percent(row.share), amount(row.average, row.unit), fmt::format("{}", row.calls_so_far)});
  }
  more(table, interval.scopes.size(), options.top);
  return table.empty() ? "" : table.text(options.style);
}

std::string counter_table(const merge::LiveInterval &interval, const LiveOptions &options) {
  TextTable table({{"counter", TextTable::left}, {"updates/s"}, {"per s"}, {"last"}, {"", TextTable::left}});
  for (size_t i = 0; i < shown(interval.counters.size(), options.top); ++i) {
    const merge::LiveCounter &row = interval.counters[i];
    table.row({row.name, count(row.updates_per_s), row.gauge ? "-" : count(row.per_s), fmt::format("{}", row.last),
               row.gauge ? "largest" : "sum"});
  }
  more(table, interval.counters.size(), options.top);
  return table.empty() ? "" : table.text(options.style);
}

std::string phase_table(const merge::LiveInterval &interval, const LiveOptions &options) {
  TextTable table({{"phase", TextTable::left}, {"time so far"}, {"ended"}, {"aborted"}, {"", TextTable::left}});
  for (size_t i = 0; i < shown(interval.phases.size(), options.top); ++i) {
    const merge::LivePhase &row = interval.phases[i];
    table.row({row.name, amount(row.total, row.unit), fmt::format("{}", row.times), fmt::format("{}", row.aborted),
               row.open ? fmt::format("{} open", row.open) : ""});
  }
  more(table, interval.phases.size(), options.top);
  return table.empty() ? "" : table.text(options.style);
}

std::string ended_line(const merge::LiveInterval &interval, const LiveOptions &options) {
  if (interval.since_start || interval.ended.empty()) return ""; // the tables say it
  constexpr size_t most = 6;
  std::string out = "  ended since the last look:";
  for (size_t i = 0; i < std::min(interval.ended.size(), most); ++i) {
    const merge::LiveEnd &end = interval.ended[i];
    out += i ? ", " : " ";
    if (end.thread)
      out += fmt::format("thread {}{}{}", end.tid, end.name.empty() ? "" : " ", end.name);
    else
      out +=
          fmt::format("phase {} after {}{}", end.name, amount(end.duration, end.unit), end.aborted ? " (aborted)" : "");
  }
  if (interval.ended.size() > most) out += fmt::format(", and {} more", interval.ended.size() - most);
  return wrapped(out, 4, options.style);
}

std::string session_text(const merge::LiveSession &session, const LiveOptions &options) {
  const merge::LiveInterval &interval = session.interval;
  std::string head = fmt::format("{} (pid {}, {})", session.comm, session.pid, state_text(session));
  if (interval.uptime_s > 0) head += fmt::format(", up {}", seconds_text(interval.uptime_s));
  if (session.threads) head += fmt::format(", {} thread{}", session.threads, session.threads == 1 ? "" : "s");
  head += fmt::format(", {} that measure{}", interval.threads, interval.threads == 1 ? "s" : "");
  head += fmt::format(", {}", interval.phase.empty() ? "no phase" : "phase " + interval.phase);
  head = wrapped(head, 4, options.style);
  head.pop_back(); // the line's end
  std::string out = title(head, options.style);
  std::string line;
  for (const std::string &word : session.command) line += (line.empty() ? "" : " ") + word;
  if (!line.empty()) out += wrapped("  " + line, 4, options.style);
  // Of a session that has ended the whole is shown: nobody waits for the rest of an interval.
  const merge::LiveInterval &rows = session.whole ? *session.whole : interval;
  if (rows.seconds > 0)
    out += fmt::format("  {} {}\n", rows.since_start ? "since its start," : "of the last", seconds_text(rows.seconds));
  out += ended_line(interval, options);
  std::string tables;
  for (const std::string &table :
       {scope_table(rows, options), counter_table(rows, options), phase_table(rows, options)})
    if (!table.empty()) tables += "\n" + table;
  if (rows.scopes.empty())
    out += rows.since_start ? "  no scope has ended yet\n" : "  no scope has ended in this time\n";
  out += tables;
  for (const std::string &remark : session.remarks) out += wrapped("  " + remark, 4, options.style);
  return out;
}

std::string syscall_table(const merge::LiveView &view, const LiveOptions &options) {
  if (!view.syscalls)
    return wrapped(
        view.recorded
            ? "  system calls: none written yet; `sgperf record` counts them with eBPF (as root, "
              "or with CAP_BPF and CAP_PERFMON) and writes every 2 s"
            : "  system calls: those of a program that `sgperf record -- PROGRAM` runs are counted, and shown here",
        4, options.style);
  TextTable table({{"system call", TextTable::left}, {"calls"}, {"total"}, {"avg"}, {"max"}, {"blocked"}, {"errors"}});
  const auto &rows = view.syscalls->rows;
  for (size_t i = 0; i < shown(rows.size(), options.top); ++i) {
    const merge::SyscallRow &row = rows[i];
    const auto total = static_cast<double>(row.total_ns);
    table.row({row.name, fmt::format("{}", row.count), duration(total),
               row.count ? duration(total / static_cast<double>(row.count)) : "-",
               duration(static_cast<double>(row.max_ns)),
               row.total_ns ? percent(static_cast<double>(row.blocked_ns) / total) : "-",
               row.errors ? fmt::format("{}", row.errors) : "-"});
  }
  more(table, rows.size(), options.top);
  return table.text(options.style) + fmt::format("  of the whole run so far, as `sgperf record` wrote them {} ago\n",
                                                 seconds_text(view.syscalls->age_s));
}

} // namespace

std::string live_text(const merge::LiveView &view, const LiveOptions &options) {
  const auto live = static_cast<size_t>(std::count_if(view.sessions.begin(), view.sessions.end(), [](const auto &one) {
    return one.state == record::SessionState::live;
  }));
  std::string head = fmt::format("sgperf top  {}  {} session{}", clock_text(view.realtime_ns), view.sessions.size(),
                                 view.sessions.size() == 1 ? "" : "s");
  if (live < view.sessions.size()) head += fmt::format(", {} running", live);
  std::string out = bold(head, options.style) + "\n";
  for (const merge::LiveSession &session : view.sessions) out += session_text(session, options);
  return out + "\n" + syscall_table(view, options);
}

std::string live_end(const merge::LiveView &view, const LiveOptions &options) {
  std::string out;
  for (const merge::LiveSession &session : view.sessions) {
    std::string line = fmt::format("{} (pid {}) ", session.comm, session.pid);
    if (session.executed)
      line += "executed a program without a session: nothing more can be seen";
    else if (session.state == record::SessionState::exited)
      line += session.exit_code ? fmt::format("exited with code {}", *session.exit_code) : "exited";
    else
      line += "was killed, or ended without being seen";
    out += wrapped(line, 4, options.style);
  }
  return out;
}

} // namespace sgperf::emit
