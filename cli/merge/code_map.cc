// SPDX-License-Identifier: Apache-2.0
#include "merge/code_map.h"

#include <sys/mman.h>

#include <algorithm>

namespace sgperf::merge {
namespace {

constexpr int most_generations = 16; // pids of damaged files may be each other's parents

} // namespace

void CodeMap::mmap(const formats::PerfMmap &mmap) {
  if (mmap.protection == 0 || (mmap.protection & PROT_EXEC)) spaces_.map(mmap); // MMAP, the older record, does not say
}

void CodeMap::fork(const formats::PerfTask &task) {
  if (task.pid == task.parent_pid) return; // a thread
  spaces_.fork(task.pid, task.parent_pid);
  Process child;
  child.parent = task.parent_pid;
  child.forked = task.time;
  child.inherits = true;
  if (const auto parent = processes_.find(task.parent_pid); parent != processes_.end())
    child.parents_since = parent->second.since;
  processes_[task.pid] = child;
}

void CodeMap::exec(uint32_t pid, uint64_t time) {
  spaces_.clear(pid);
  Process &process = processes_[pid];
  process = Process();
  process.since = time;
}

const JitCode *CodeMap::jit(const uint32_t of, uint64_t address, const uint64_t now) const {
  uint32_t pid = of;
  uint64_t time = now;
  uint64_t since = 0;
  auto process = processes_.find(pid);
  if (process != processes_.end()) since = process->second.since;
  for (int generation = 0; generation < most_generations; ++generation) {
    if (const JitCode *found = index_.find(pid, address, time, since)) return found;
    if (process == processes_.end() || !process->second.inherits) break;
    pid = process->second.parent;
    time = std::min(time, process->second.forked);
    since = process->second.parents_since;
    process = processes_.find(pid);
  }
  return index_.find_later(of, address, now);
}

CodePlace CodeMap::find(uint32_t pid, uint64_t address, uint64_t time) const {
  CodePlace place;
  place.jit = jit(pid, address, time);
  if (!place.jit) place.mapping = spaces_.find(pid, address);
  return place;
}

} // namespace sgperf::merge
