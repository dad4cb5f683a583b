// SPDX-License-Identifier: Apache-2.0
// In which phase and scope something happened: by the region tag that a probe read from the thread's memory, or by time
// against the phases that the sessions of the recording have.
#pragma once

#include "record/kernel_sums.h"
#include "record/session.h"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sgperf::merge {

class Regions {
public:
  // Sessions whose times cannot be told have no phases here; their names serve tags all the same.
  void add(const record::Session &session);
  // When which programs were executed: what a process does before its library is there, and after its end, belongs to
  // the first and the last of the phases that hooks saw in the same program.
  void add_images(const std::vector<record::ProcessImage> &images);

  // Indices in phases() and scopes(); 0 = none.
  struct Region {
    uint32_t phase = 0, scope = 0;
  };
  // The thread's own innermost phase that was open then, else the process's latest.  The scope is not known.
  Region at(uint32_t pid, uint32_t tid, uint64_t time);
  // {u32 phase, u32 site} as in the thread's block: indices of sites.  Without a phase: by time.
  Region tagged(uint32_t pid, uint32_t tid, uint64_t time, uint32_t phase, uint32_t site);

  // The same numbers without a moment: of the program that the process executed from `from` to `until` (ns).
  Region named(uint32_t pid, uint64_t from, uint64_t until, uint32_t phase, uint32_t site);

  const std::vector<std::string> &phases() const { return phases_; }
  const std::vector<std::string> &scopes() const { return scopes_; }

private:
  struct Span {
    uint64_t begin = 0, end = UINT64_MAX; // CLOCK_MONOTONIC ns
    uint32_t phase = 0;
  };
  // From its time on, up to the next one: the phase that was begun last of those that are open.
  struct Step {
    uint64_t time = 0;
    uint32_t phase = 0;
  };
  struct Timeline {
    std::vector<Span> spans;
    std::vector<Step> steps; // of the spans, if `sorted`
    bool sorted = false;
    uint32_t at(uint64_t time);
  };
  struct Names { // of one session's sites
    uint64_t from = 0;
    std::vector<std::string> sites;
    uint32_t first = 0; // of tags without a phase: all that was before the first phase of the process, which never ends
    uint32_t last = 0;  // the other end
    uint64_t until = UINT64_MAX; // the process was seen to end, or ends now
  };
  struct Table {
    std::vector<std::string> &names;
    std::unordered_map<std::string, uint32_t> known;
    uint32_t index(const std::string &name);
  };

  void resolve(const Names *names, uint32_t phase, uint32_t site, Region &out);
  uint32_t edge(uint32_t pid, uint64_t time) const;     // the phase before a session's begin and after its end
  uint64_t executed(uint32_t pid, uint64_t time) const; // when the program that runs at that time was; 0 = not known

  std::vector<std::string> phases_{""}, scopes_{""};
  Table phase_table_{phases_, {}}, scope_table_{scopes_, {}};
  std::map<std::pair<uint32_t, uint32_t>, Timeline> threads_; // pid, tid
  std::unordered_map<uint32_t, Timeline> processes_;
  std::unordered_map<uint32_t, std::vector<uint64_t>> images_; // of each pid: when programs were executed, by time
  std::unordered_map<uint32_t, std::vector<Names>> sites_;     // of each pid: exec keeps it, and makes a new session

public:
  Regions() = default;
  Regions(const Regions &) = delete; // the tables refer to members
  Regions &operator=(const Regions &) = delete;
};

} // namespace sgperf::merge
