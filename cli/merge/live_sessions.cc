// SPDX-License-Identifier: Apache-2.0
#include "merge/live_sessions.h"

#include "merge/load.h"
#include "record/kernel_sums.h"
#include "record/process_file.h"
#include "record/session_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <map>
#include <sstream>

namespace sgperf::merge {
namespace fs = std::filesystem;
namespace {

uint64_t now_ns(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

// The pid as this process sees it; 0 = of another namespace.
pid_t own_pid(const record::Session &session) {
  struct stat own {};
  const bool same =
      session.header.pid_ns == 0 || stat("/proc/self/ns/pid", &own) != 0 || own.st_ino == session.header.pid_ns;
  return same ? static_cast<pid_t>(session.header.pid) : 0;
}

// True while the process of the session runs, whatever it executes now.  A process that started later than the session
// has its number only; one that has ended and waits for its parent does not run.
bool process_runs(const record::Session &session) {
  const pid_t pid = own_pid(session);
  if (pid <= 0) return false;
  const std::string text = record::read_process_file(pid, "stat");
  const size_t name_end = text.rfind(')'); // the name may have anything in it
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return false;
  const char state = text[name_end + 2];
  if (state == 'Z' || state == 'X') return false;
  constexpr int start_field = 20; // 22nd of proc(5), from the state (3rd) on
  size_t at = name_end + 2;
  for (int i = 1; i < start_field && at != std::string::npos; ++i) at = text.find(' ', at + 1);
  if (at == std::string::npos) return false;
  uint64_t ticks = 0;
  std::from_chars(text.data() + at + 1, text.data() + text.size(), ticks);
  const auto per_second = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return ticks * (1000000000u / per_second) <= session.header.start.boottime;
}

uint32_t thread_count(const record::Session &session) {
  const pid_t pid = own_pid(session);
  std::error_code code;
  if (pid <= 0) return 0;
  fs::directory_iterator at("/proc/" + std::to_string(pid) + "/task", code), end;
  uint32_t n = 0;
  for (; !code && at != end; at.increment(code)) ++n;
  return n;
}

// The state belongs to what was read: a program that ends normally between the two is not taken for a killed one.
std::optional<LiveSnapshot> snapshot(const fs::path &path, std::string &error) {
  for (int tries = 0;; ++tries) {
    auto session = record::Session::read(path, error);
    if (!session) return std::nullopt;
    LiveSnapshot out{std::move(*session), {}, now_ns(CLOCK_MONOTONIC)};
    out.state = out.session.state();
    if (out.state != record::SessionState::killed || tries) return out;
  }
}

// The session file that a process has mapped; empty: `error` says why there is none.
fs::path mapped_session(uint32_t pid, std::string &error) {
  const std::string process = "/proc/" + std::to_string(pid);
  std::istringstream maps(record::read_process_file(static_cast<pid_t>(pid), "maps"));
  std::string line;
  if (!std::getline(maps, line)) {
    struct stat status {};
    if (stat(process.c_str(), &status) != 0)
      error = "expected a process that runs, found none of the number " + std::to_string(pid);
    else if (status.st_uid != geteuid() && geteuid() != 0)
      error = "process " + std::to_string(pid) + " belongs to another user (uid " + std::to_string(status.st_uid) +
              "), whose sessions only that user and root can read";
    else
      error = "process " + std::to_string(pid) + " has no memory to look at: it is of the kernel, has ended, or hides";
    return {};
  }
  do {
    const size_t name = line.find("/session-"), begin = line.find('/');
    if (name == std::string::npos || !line.ends_with(".sgp")) continue;
    const fs::path path = line.substr(begin);
    std::error_code ignored;
    return fs::exists(path, ignored) ? path : fs::path(process + "/root" + path.string());
  } while (std::getline(maps, line));
  error = "process " + std::to_string(pid) +
          " has no session: expected one that was started with libsgperf.so preloaded (`sgperf env` prints the line), "
          "or by `sgperf record`";
  return {};
}

// The recording that a folder of a run is for.  A newer run may have moved it beside.
fs::path recording_of(const fs::path &folder) {
  std::error_code none;
  const fs::path made = fs::read_symlink(folder / "recording", none);
  if (made.empty() || !folder.filename().string().starts_with("run-")) return {};
  fs::path old = made;
  old += ".old";
  for (const fs::path &path : {made, old}) {
    std::string error;
    const auto meta = record::read_meta(path, error);
    if (meta && running_folder(*meta).filename() == folder.filename()) return path;
  }
  return {};
}

bool is_number(const std::string &text) {
  return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
}

struct Newest {
  fs::path path;
  uint64_t started = 0;
  void in(const fs::path &folder) {
    for (const record::SessionFile &file : record::session_files(folder, geteuid() != 0)) {
      std::string ignored;
      const auto session = snapshot(file.path, ignored);
      if (!session || session->state != record::SessionState::live) continue;
      if (session->session.header.start.realtime < started) continue;
      started = session->session.header.start.realtime;
      path = file.path;
    }
  }
};

} // namespace

std::optional<LiveSessions> LiveSessions::find(const std::string &name, uint32_t pid, std::string &error) {
  LiveSessions out;
  fs::path path = name;
  std::error_code code;
  if (pid == 0 && is_number(name) && !fs::exists(path, code)) pid = static_cast<uint32_t>(std::stoul(name));
  if (pid != 0) {
    path = mapped_session(pid, error);
    if (path.empty()) return std::nullopt;
  } else if (name.empty() || fs::is_directory(path, code)) {
    Newest newest;
    std::string looked;
    std::vector<std::string> refused;
    if (name.empty()) {
      for (const fs::path &folder : record::all_session_folders(&refused)) {
        looked += (looked.empty() ? "" : ", ") + folder.string();
        newest.in(folder);
      }
    } else {
      std::string ignored;
      if (const auto meta = record::read_meta(path, ignored))
        if (const fs::path running = running_folder(*meta); !running.empty()) path = running;
      looked = path.string();
      newest.in(path);
    }
    if (newest.path.empty()) {
      error = "nothing to show: expected a session of a program that runs, found none in " +
              (looked.empty() ? "the folders of sessions: there is none" : looked);
      for (const std::string &sentence : refused) error += "\n  " + sentence;
      error += "\n  start one:  sgperf record -- PROGRAM  |  LD_PRELOAD=libsgperf.so PROGRAM\n"
               "  of programs that have ended:  sgperf report";
      return std::nullopt;
    }
    path = newest.path;
    out.all_ = !name.empty() || path.parent_path().filename().string().starts_with("run-");
    out.tree_ = true;
  }
  out.folder_ = path.parent_path();
  out.recording_ = recording_of(out.folder_);
  if (!out.add(path, error)) return std::nullopt;
  if (out.watched_.front().now.state != record::SessionState::live) {
    error = path.string() + ": nothing to show: the program has ended (" +
            record::to_text(out.watched_.front().now.state) + "); `sgperf report " + path.string() +
            "` says what it did";
    return std::nullopt;
  }
  out.take_new();
  return out;
}

bool LiveSessions::add(const fs::path &path, std::string &error) {
  auto first = snapshot(path, error);
  if (!first) return false;
  seen_.insert(first->session.key);
  Watched watched;
  watched.path = path;
  watched.now = std::move(*first);
  watched_.push_back(std::move(watched));
  return true;
}

// What processes executed, what they started, and what else is of the same run.
void LiveSessions::take_new() {
  for (const record::SessionFile &file : record::session_files(folder_, geteuid() != 0)) {
    if (seen_.contains(file.key)) continue;
    std::string ignored;
    const auto session = record::Session::read(file.path, ignored);
    if (!session) continue; // not finished yet, perhaps
    seen_.insert(file.key);
    const sgperf_session_header &header = session->header;
    const bool ours = std::any_of(watched_.begin(), watched_.end(), [&](const Watched &other) {
      const sgperf_session_header &known = other.now.session.header;
      // 0: nothing was measured yet that would have asked for the namespace.
      const bool comparable = known.pid_ns == header.pid_ns || known.pid_ns == 0 || header.pid_ns == 0;
      if (comparable && known.pid == header.pid) return header.start.boottime >= known.start.boottime;
      if (!tree_) return false;
      return session->parent_key() == other.now.session.key || (comparable && known.pid == header.ppid && !other.over);
    });
    // One that ended before the first look is not news; one that ended between two looks is.
    if ((all_ || ours) && (watched_.front().looked || session->state() == record::SessionState::live))
      add(file.path, ignored);
  }
}

bool LiveSessions::live() const {
  return std::any_of(watched_.begin(), watched_.end(), [](const Watched &one) { return !one.over; });
}

std::vector<pid_t> LiveSessions::processes() const {
  std::vector<pid_t> out;
  for (const Watched &one : watched_)
    if (const pid_t pid = own_pid(one.now.session); !one.over && pid > 0) out.push_back(pid);
  return out;
}

LiveSession LiveSessions::read(Watched &watched) {
  LiveSession out;
  std::string error, moved;
  auto now = snapshot(watched.path, error);
  // `sgperf record` moves the session into its recording when the program has ended.
  if (!now && !recording_.empty()) now = snapshot(recording_ / watched.path.filename(), moved);
  if (!now) {
    now = watched.now;
    now->monotonic_ns = now_ns(CLOCK_MONOTONIC);
    now->state = now->session.state();
    out.remarks.push_back("the session cannot be read any more: " + error);
  }
  if (now->state == record::SessionState::live)
    watched.threads = thread_count(now->session);
  else {
    watched.over = true;
    out.executed = now->state == record::SessionState::killed && process_runs(now->session);
  }
  out.interval = live_interval(watched.looked ? &watched.now : nullptr, *now);
  if (watched.over) out.whole = live_interval(nullptr, *now);
  const record::Session &session = now->session;
  out.key = session.key;
  out.comm = session.comm();
  out.command = session.command();
  out.path = watched.path;
  out.pid = session.header.pid;
  out.threads = watched.threads;
  out.state = now->state;
  if (session.header.flags & SGPERF_SESSION_FLAG_EXIT_CODE && now->state == record::SessionState::exited)
    out.exit_code = static_cast<int>(session.header.exit_code);
  out.remarks.insert(out.remarks.end(), session.remarks.begin(), session.remarks.end());
  watched.now = std::move(*now);
  watched.looked = true;
  if (watched.over) { // nothing of it is compared with anything again
    watched.now.session.sites = {};
    watched.now.session.phases = {};
  }
  return out;
}

std::optional<LiveSyscalls> LiveSessions::syscalls() const {
  if (recording_.empty()) return std::nullopt;
  struct stat status {};
  std::string ignored;
  if (stat((recording_ / "syscalls.jsonl").c_str(), &status) != 0) return std::nullopt;
  const auto sums = record::read_kernel_sums(recording_, ignored);
  if (!sums || !sums->syscalls) return std::nullopt;
  LiveSyscalls out;
  const uint64_t written =
      static_cast<uint64_t>(status.st_mtim.tv_sec) * 1000000000u + static_cast<uint64_t>(status.st_mtim.tv_nsec);
  const uint64_t now = now_ns(CLOCK_REALTIME);
  out.age_s = now > written ? static_cast<double>(now - written) / 1e9 : 0;
  std::map<std::string, SyscallRow> by_name;
  for (const record::SyscallSum &sum : sums->syscall_sums) {
    SyscallRow &row = by_name[sum.name];
    row.name = sum.name;
    add_calls(row, sum);
  }
  for (auto &[name, row] : by_name) out.rows.push_back(std::move(row));
  std::stable_sort(out.rows.begin(), out.rows.end(),
                   [](const auto &a, const auto &b) { return a.total_ns > b.total_ns; });
  return out;
}

LiveView LiveSessions::look() {
  LiveView out;
  take_new();
  // What was executed has its session some milliseconds after the old one lost its process.
  constexpr int tries = 40;
  constexpr timespec pause{0, 25'000'000};
  for (size_t i = 0; i < watched_.size(); ++i) { // grows
    if (watched_[i].over) continue;
    out.sessions.push_back(read(watched_[i]));
    if (!out.sessions.back().executed) continue;
    const size_t known = watched_.size();
    for (int n = 0; n < tries && !live() && process_runs(watched_[i].now.session); ++n) {
      if (n) nanosleep(&pause, nullptr);
      take_new();
      if (watched_.size() > known) break;
    }
  }
  std::stable_sort(out.sessions.begin(), out.sessions.end(), [](const LiveSession &a, const LiveSession &b) {
    return a.interval.scopes.size() + a.interval.phases.size() > 0 &&
           b.interval.scopes.size() + b.interval.phases.size() == 0;
  });
  out.recorded = !recording_.empty();
  out.syscalls = syscalls();
  out.realtime_ns = now_ns(CLOCK_REALTIME);
  out.over = !live();
  return out;
}

} // namespace sgperf::merge
