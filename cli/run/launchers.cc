// SPDX-License-Identifier: Apache-2.0
// Options are those of coreutils 9.1, util-linux 2.38, time 1.9 and numactl 2.0.16 (Debian 12) that leave a program to
// be started.
#include "run/launchers.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>

namespace sgperf::run {
namespace {

using Names = std::vector<std::string_view>;

struct Launcher {
  std::string_view name;
  std::string_view flags, valued;    // short options, without and with a value
  Names long_flags, long_valued;     // without "--"
  size_t operands = 0;               // words between the options and the program
  bool numbers = false;              // -5 is an option
  bool first_may_be_operand = false; // in front of all options
};

const std::vector<Launcher> &launchers() {
  static const std::vector<Launcher> all = {
      {"nice", "", "n", {}, {"adjustment"}, 0, true},
      {"nohup", "", "", {}, {}},
      {"stdbuf", "", "ioe", {}, {"input", "output", "error"}},
      {"timeout", "v", "ks", {"foreground", "preserve-status", "verbose"}, {"kill-after", "signal"}, 1},
      {"setsid", "cfw", "", {"ctty", "fork", "wait"}, {}},
      // The mask, or with -c the list.
      {"taskset", "ac", "", {"all-tasks", "cpu-list"}, {}, 1},
      {"ionice", "t", "cn", {"ignore"}, {"class", "classdata"}},
      // The priority.
      {"chrt",
       "abdfimorRv",
       "TPD",
       {"all-tasks", "batch", "deadline", "fifo", "idle", "other", "rr", "reset-on-fork", "verbose"},
       {"sched-runtime", "sched-period", "sched-deadline"},
       1},
      {"numactl",
       "abl",
       "iNCmpPw",
       {"all", "balancing", "localalloc"},
       {"interleave", "weighted-interleave", "cpunodebind", "physcpubind", "membind", "preferred", "preferred-many"}},
      {"time", "apqv", "fo", {"append", "portability", "quiet", "verbose"}, {"format", "output"}},
      {"setarch",
       "BFILRSTXZ3v",
       "",
       {"32bit", "fdpic-funcptrs", "short-inode", "addr-compat-layout", "addr-no-randomize", "whole-seconds",
        "sticky-timeouts", "read-implies-exec", "mmap-page-zero", "3gb", "4gb", "uname-2.6", "verbose"},
       {},
       0,
       false,
       true},
  };
  return all;
}

bool has(const Names &names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// How many words an option takes; 0: it is not known.
size_t words_of(const Launcher &launcher, std::string_view word) {
  if (word.starts_with("--")) {
    const std::string_view name = word.substr(2, word.find('=') - 2);
    if (word.find('=') != std::string_view::npos) return has(launcher.long_valued, name) ? 1 : 0;
    return has(launcher.long_flags, name) ? 1 : has(launcher.long_valued, name) ? 2 : 0;
  }
  if (launcher.numbers && word.find_first_not_of("0123456789", 1) == std::string_view::npos) return 1;
  for (size_t i = 1; i < word.size(); ++i) {
    if (launcher.valued.find(word[i]) != std::string_view::npos) return i + 1 < word.size() ? 1 : 2;
    if (launcher.flags.find(word[i]) == std::string_view::npos) return 0;
  }
  return 1;
}

} // namespace

std::optional<size_t> behind_launcher(const std::vector<std::string> &words, size_t at) {
  const std::string name = std::filesystem::path(words[at]).filename();
  const auto launcher =
      std::find_if(launchers().begin(), launchers().end(), [&](const Launcher &one) { return one.name == name; });
  if (launcher == launchers().end()) return at;
  ++at;
  if (launcher->first_may_be_operand && at < words.size() && !words[at].starts_with('-')) ++at;
  while (at < words.size() && words[at].size() > 1 && words[at][0] == '-') {
    const std::string &word = words[at];
    if (word == "--") {
      ++at;
      break;
    }
    const size_t taken = words_of(*launcher, word);
    if (!taken) return std::nullopt;
    at += taken;
  }
  at += launcher->operands;
  return at < words.size() ? std::optional(at) : std::nullopt;
}

} // namespace sgperf::run
