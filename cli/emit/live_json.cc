// SPDX-License-Identifier: Apache-2.0
#include "emit/live.h"

#include "formats/json_text.h"

namespace sgperf::emit {
namespace {

// Members of one object, commas between them.
class Object {
public:
  explicit Object(std::string &out) : out_(out) { out_ += '{'; }
  ~Object() { out_ += '}'; }
  Object(const Object &) = delete;
  Object &operator=(const Object &) = delete;

  std::string &key(const char *name) {
    if (!first_) out_ += ',';
    first_ = false;
    formats::append_json_string(out_, name);
    return out_ += ':';
  }
  void text(const char *name, std::string_view value) { formats::append_json_string(key(name), value); }
  void number(const char *name, double value) { formats::append_json_number(key(name), value); }
  void number(const char *name, uint64_t value) { formats::append_json_number(key(name), value); }
  void flag(const char *name, bool value) { key(name) += value ? "true" : "false"; }
  void null(const char *name) { key(name) += "null"; }
  // `add` appends one value of `rows`.
  template <class Rows, class Add> void list(const char *name, const Rows &rows, Add add) {
    key(name) += '[';
    bool first = true;
    for (const auto &row : rows) {
      if (!first) out_ += ',';
      first = false;
      add(out_, row);
    }
    out_ += ']';
  }

private:
  std::string &out_;
  bool first_ = true;
};

const char *unit_text(merge::Unit unit) {
  return unit == merge::Unit::ns ? "ns" : unit == merge::Unit::ticks ? "ticks" : "count";
}

const char *state_text(const merge::LiveSession &session) {
  if (session.executed) return "executed";
  return session.state == record::SessionState::live     ? "live"
         : session.state == record::SessionState::exited ? "exited"
                                                         : "killed";
}

void add_interval(Object &object, const merge::LiveInterval &interval) {
  object.flag("since_start", interval.since_start);
  object.number("seconds", interval.seconds);
  object.list("scopes", interval.scopes, [](std::string &to, const merge::LiveScope &row) {
    Object one(to);
    one.text("name", row.name);
    one.number("calls", row.calls);
    one.number("calls_per_s", row.calls_per_s);
    one.number("self", row.self);
    one.number("share", row.share);
    one.number("average", row.average);
    one.text("unit", unit_text(row.unit));
    one.number("calls_so_far", row.calls_so_far);
  });
  object.list("counters", interval.counters, [](std::string &to, const merge::LiveCounter &row) {
    Object one(to);
    one.text("name", row.name);
    one.text("kind", row.gauge ? "gauge" : "counter");
    one.number("updates", row.updates);
    one.number("updates_per_s", row.updates_per_s);
    if (row.gauge)
      one.null("per_s");
    else
      one.number("per_s", row.per_s);
    one.number("last", row.last);
  });
  object.list("phases", interval.phases, [](std::string &to, const merge::LivePhase &row) {
    Object one(to);
    one.text("name", row.name);
    one.flag("bench", row.bench);
    one.number("total", row.total);
    one.text("unit", unit_text(row.unit));
    one.number("ended", row.times);
    one.number("open", row.open);
    one.number("aborted", row.aborted);
  });
}

void add_end(std::string &to, const merge::LiveEnd &row) {
  Object one(to);
  one.text("kind", row.thread ? "thread" : "phase");
  one.text("name", row.name);
  one.number("tid", uint64_t{row.tid});
  if (row.thread) return;
  one.number("duration", row.duration);
  one.text("unit", unit_text(row.unit));
  one.flag("aborted", row.aborted);
}

void add_session(std::string &out, const merge::LiveSession &session) {
  const merge::LiveInterval &interval = session.interval;
  Object object(out);
  object.text("key", session.key);
  object.text("program", session.comm);
  object.list("command", session.command,
              [](std::string &to, const std::string &word) { formats::append_json_string(to, word); });
  object.text("path", session.path.string());
  object.number("pid", uint64_t{session.pid});
  object.text("state", state_text(session));
  if (session.exit_code)
    object.number("exit_code", static_cast<double>(*session.exit_code));
  else
    object.null("exit_code");
  object.number("uptime_s", interval.uptime_s);
  object.number("threads", uint64_t{session.threads});
  object.number("measuring_threads", uint64_t{interval.threads});
  if (interval.phase.empty())
    object.null("phase");
  else
    object.text("phase", interval.phase);
  add_interval(object, interval);
  object.list("ended", interval.ended, add_end);
  if (session.whole) {
    Object whole(object.key("whole"));
    add_interval(whole, *session.whole);
  } else
    object.null("whole");
  object.list("remarks", session.remarks,
              [](std::string &to, const std::string &remark) { formats::append_json_string(to, remark); });
}

void add_syscall(std::string &out, const record::SyscallSum &row) {
  Object one(out);
  one.text("name", row.name);
  one.number("calls", row.count);
  one.number("total_ns", row.total_ns);
  one.number("max_ns", row.max_ns);
  one.number("blocked_ns", row.blocked_ns);
  one.number("errors", row.errors);
  one.number("bytes_in", row.bytes_in);
  one.number("bytes_out", row.bytes_out);
}

} // namespace

std::string live_json(const merge::LiveView &view) {
  std::string out;
  {
    Object object(out);
    object.text("schema", "sgperf-top");
    object.number("version", uint64_t{1});
    object.number("realtime_ns", view.realtime_ns);
    object.flag("over", view.over);
    object.list("sessions", view.sessions, add_session);
    if (view.syscalls) {
      object.number("syscalls_age_s", view.syscalls->age_s);
      object.list("syscalls", view.syscalls->rows, add_syscall);
    } else
      object.null("syscalls");
  }
  return out + "\n";
}

} // namespace sgperf::emit
