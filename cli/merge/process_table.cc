// SPDX-License-Identifier: Apache-2.0
#include "merge/process_table.h"

namespace sgperf::merge {
namespace {

constexpr uint32_t no_number = UINT32_MAX; // -1: what the kernel writes for a task that has left its pid namespace

} // namespace

uint32_t ProcessTable::added(uint32_t pid) {
  const auto index = static_cast<uint32_t>(processes_.size());
  processes_.emplace_back();
  processes_.back().pid = pid;
  return latest_[pid] = index;
}

uint32_t ProcessTable::known(uint32_t pid) {
  const auto at = latest_.find(pid);
  return at != latest_.end() ? at->second : added(pid);
}

void ProcessTable::fork(const formats::PerfTask &task) {
  if (task.pid == task.parent_pid) return; // a thread
  const auto before = latest_.find(task.pid);
  const bool again = before != latest_.end() && processes_[before->second].ended != 0;
  ProfileProcess &child = processes_[again ? added(task.pid) : known(task.pid)];
  child.parent = task.parent_pid;
  child.started = task.time;
  if (const auto parent = latest_.find(task.parent_pid); parent != latest_.end())
    child.comm = processes_[parent->second].comm;
}

void ProcessTable::exit(const formats::PerfTask &task, uint32_t cpu) {
  const uint32_t index = known(task.pid);
  if (task.pid == task.tid) processes_[index].ended = task.time;
  going_[cpu] = index;
}

void ProcessTable::comm(const formats::PerfComm &comm, uint64_t time) {
  ProfileProcess &one = processes_[known(comm.pid)];
  if (comm.pid == comm.tid || one.comm.empty()) one.comm = std::string(comm.name); // else a thread's name
  if (comm.by_exec && one.started == 0) one.started = time;
}

uint32_t ProcessTable::of_sample(const formats::PerfSample &sample) {
  if (sample.pid != no_number) return known(sample.pid);
  const auto at = going_.find(sample.cpu);
  return at != going_.end() ? at->second : known(sample.pid);
}

} // namespace sgperf::merge
