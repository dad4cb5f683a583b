// SPDX-License-Identifier: Apache-2.0
#include "merge/kernel_tables.h"

#include "formats/clamped.h"

#include <sys/wait.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace sgperf::merge {
namespace {

class Tables {
public:
  Tables(Profile &profile, const record::KernelSums &sums, Regions &regions)
      : profile_(profile), sums_(sums), regions_(regions) {
    for (const record::ProcessImage &image : sums.images) {
      if (image.image >= sums.images.size()) continue; // a damaged line
      auto &list = images_[image.pid];
      // Forked again under the same number: sums say nothing of which one they are; the latest names it.
      if (image.image < list.size()) list.resize(image.image);
      list.resize(image.image + size_t{1}, image.time);
    }
  }

  void add_processes() {
    std::map<uint32_t, std::vector<uint32_t>> known; // pid -> indices
    for (uint32_t i = 0; i < profile_.processes.size(); ++i) known[profile_.processes[i].pid].push_back(i);
    for (const record::ProcessImage &image : sums_.images) {
      ProfileProcess &process = at(image.pid, image.time, image.path.empty(), known);
      if (process.started == 0) process.started = image.time;
      if (process.parent == 0) process.parent = image.parent;
      if (!image.command.empty()) process.command = image.command;
      if (process.comm.empty()) process.comm = image.path.substr(image.path.rfind('/') + 1).substr(0, 15);
    }
    for (const record::ProcessEnd &end : sums_.ends) {
      ProfileProcess &process = at(end.pid, end.time, false, known);
      process.ended = end.time;
      process.exit_seen = true;
      if (WIFSIGNALED(end.status))
        process.signal = WTERMSIG(end.status);
      else
        process.exit_code = WEXITSTATUS(end.status);
      // Ticks say how the time is divided, the scheduler says how much it was.
      const auto ticks = static_cast<double>(end.user_ns) + static_cast<double>(end.system_ns);
      const auto runtime = std::max(static_cast<double>(end.runtime_ns), ticks);
      process.user_ns =
          ticks > 0 ? formats::clamped(runtime * static_cast<double>(end.user_ns) / ticks) : end.runtime_ns;
      process.system_ns = formats::clamped(runtime) - process.user_ns;
      process.max_rss_kb = end.max_rss / 1024;
      process.minor_faults = end.minor_faults;
      process.major_faults = end.major_faults;
    }
  }

  void add_syscalls() {
    profile_.syscalls_recorded = sums_.syscalls;
    profile_.syscalls_dropped = sums_.placeless;
    std::map<std::tuple<uint32_t, std::string, std::string, std::string>, SyscallRow> rows;
    for (const record::SyscallSum &sum : sums_.syscall_sums) {
      if (sum.count == 0) continue; // exit and exit_group never return
      const auto [phase, scope] = region(sum.place);
      const uint32_t process = index_of(sum.place.pid);
      SyscallRow &row = rows[{process, sum.name, phase, scope}];
      row.name = sum.name;
      row.number = sum.number;
      row.process = process;
      row.phase = phase;
      row.scope = scope;
      add_calls(row, sum);
    }
    for (auto &[key, row] : rows) profile_.syscalls.push_back(std::move(row));
    std::stable_sort(profile_.syscalls.begin(), profile_.syscalls.end(),
                     [](const SyscallRow &a, const SyscallRow &b) { return a.total_ns > b.total_ns; });
  }

  // Samples have numbers only.
  void name_callers() {
    std::map<uint32_t, const std::string *> names;
    for (const record::SyscallSum &sum : sums_.syscall_sums) names[sum.number] = &sum.name;
    for (SyscallCaller &caller : profile_.syscall_callers) {
      const auto name = names.find(caller.number);
      caller.name = name != names.end() ? *name->second : "syscall " + std::to_string(caller.number);
    }
  }

  void add_faults() {
    profile_.faults_recorded = sums_.faults;
    std::map<std::tuple<uint32_t, std::string, std::string>, FaultRow> rows;
    for (const record::FaultSum &sum : sums_.fault_sums) {
      const auto [phase, scope] = region(sum.place);
      const uint32_t process = index_of(sum.place.pid);
      FaultRow &row = rows[{process, phase, scope}];
      row.process = process;
      row.phase = phase;
      row.scope = scope;
      row.user += sum.user;
      row.kernel += sum.kernel;
      row.major += sum.major;
    }
    for (auto &[key, row] : rows) profile_.faults.push_back(std::move(row));
  }

private:
  std::pair<std::string, std::string> region(const record::KernelPlace &place) {
    // Threads that forked before anything was seen have no image; they are in the process's first.
    uint64_t from = 0, until = UINT64_MAX;
    if (const auto images = images_.find(place.pid); images != images_.end()) {
      if (place.image < images->second.size() && place.image > 0) from = images->second[place.image];
      if (place.image + size_t{1} < images->second.size()) until = images->second[place.image + size_t{1}];
    }
    const Regions::Region found = regions_.named(place.pid, from, until, place.phase, place.site);
    return {regions_.phases()[found.phase], regions_.scopes()[found.scope]};
  }

  // The process of that number which lived then; `begins`: what begins there may be another one than that which ended.
  ProfileProcess &at(uint32_t pid, uint64_t time, bool begins, std::map<uint32_t, std::vector<uint32_t>> &known) {
    auto &all = known[pid];
    for (auto index = all.rbegin(); index != all.rend(); ++index) {
      ProfileProcess &one = profile_.processes[*index];
      // The two sources take their times a little apart.
      constexpr uint64_t apart = 1000000;
      if (one.started <= time + apart && (!begins || one.ended == 0 || time <= one.ended + apart)) return one;
    }
    all.push_back(static_cast<uint32_t>(profile_.processes.size()));
    profile_.processes.emplace_back();
    profile_.processes.back().pid = pid;
    return profile_.processes.back();
  }

  uint32_t index_of(uint32_t pid) {
    const auto [at, added] = by_pid_.try_emplace(pid, no_index);
    if (!added) return at->second;
    for (uint32_t i = 0; i < profile_.processes.size(); ++i)
      if (profile_.processes[i].pid == pid) at->second = i;
    if (at->second == no_index) {
      at->second = static_cast<uint32_t>(profile_.processes.size());
      profile_.processes.emplace_back();
      profile_.processes.back().pid = pid;
    }
    return at->second;
  }

  Profile &profile_;
  const record::KernelSums &sums_;
  Regions &regions_;
  std::map<uint32_t, std::vector<uint64_t>> images_; // of each process: when each was begun
  std::map<uint32_t, uint32_t> by_pid_;
};

} // namespace

void add_kernel_sums(Profile &profile, const record::KernelSums &sums, Regions &regions) {
  Tables tables(profile, sums, regions);
  tables.add_processes();
  tables.add_syscalls();
  tables.name_callers();
  tables.add_faults();
  if (sums.unreadable) profile.coverage.odd["lines of syscalls.jsonl"] += sums.unreadable;
  for (const auto &[kind, count] : sums.lost) {
    if (kind == "samples")
      profile.coverage.lost += count;
    else
      profile.missing.push_back("eBPF: " + std::to_string(count) + " " + kind + " were lost");
  }
  if (!sums.finished)
    profile.missing.push_back(
        "the end of the kernel's sums: the recorder was killed; the last state that it wrote is shown");
}

} // namespace sgperf::merge
