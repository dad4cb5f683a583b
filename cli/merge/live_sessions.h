// SPDX-License-Identifier: Apache-2.0
// Sessions of programs that run, looked at again and again.
#pragma once

#include "merge/live_interval.h"

#include "merge/profile.h"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sgperf::merge {

struct LiveSession {
  std::string key, comm;
  std::vector<std::string> command;
  std::filesystem::path path;
  uint32_t pid = 0;     // as the program sees it
  uint32_t threads = 0; // of the process, at the last look at which it ran; 0 = not known
  record::SessionState state = record::SessionState::live;
  bool executed = false;             // it has not ended: the process executed another program
  std::optional<int> exit_code;      // of one that ended
  LiveInterval interval;             // since the last look
  std::optional<LiveInterval> whole; // since its start, of one that does not live any more
  std::vector<std::string> remarks;
};

// Sums since the start, as a running `sgperf record` last wrote them.
struct LiveSyscalls {
  double age_s = 0;
  std::vector<SyscallRow> rows; // one a name, of all processes and regions; the most time first
};

struct LiveView {
  uint64_t realtime_ns = 0;
  std::vector<LiveSession> sessions; // that live, or have ended since the last look; those that did something first
  std::optional<LiveSyscalls> syscalls;
  bool recorded = false; // by a running `sgperf record`
  bool over = false;     // none of them lives any more
};

class LiveSessions {
public:
  // `name`: a session file, a recording that is being made, a folder with sessions, or a pid; empty: the newest live
  // session of this user, and those of its run of `sgperf record` or of its children.  `pid` 0: not asked for.
  // nullopt: nothing of that lives, or it cannot be read; `error` says which.
  static std::optional<LiveSessions> find(const std::string &name, uint32_t pid, std::string &error);

  // Reads all of them again.  A program that one executes and children of them are taken in as they come.
  LiveView look();
  // Processes of this pid namespace whose sessions live.
  std::vector<pid_t> processes() const;

private:
  struct Watched {
    std::filesystem::path path;
    LiveSnapshot now;
    bool looked = false; // `now` has been shown: it is the earlier look
    bool over = false;
    uint32_t threads = 0;
  };
  bool add(const std::filesystem::path &path, std::string &error);
  void take_new();
  LiveSession read(Watched &watched);
  bool live() const;
  std::optional<LiveSyscalls> syscalls() const;

  std::filesystem::path folder_;
  std::filesystem::path recording_; // of the running `sgperf record`, or empty
  bool all_ = false;                // all sessions of the folder belong to it
  bool tree_ = false;               // children belong to it
  std::vector<Watched> watched_;
  std::set<std::string> seen_; // keys, also of those that are none of ours
};

} // namespace sgperf::merge
