// SPDX-License-Identifier: Apache-2.0
// CPU samples and the process tree's records (mappings, names, forks, exits) from perf events: one event a processor,
// inherited by all that the target starts, drained from one ring buffer each into a perf.data.
#pragma once

#include "formats/perf_data_writer.h"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sgperf::run {

struct SamplerOptions {
  uint64_t frequency = 999; // Hz
  std::string event; // "cycles", "cpu-clock", "task-clock"; empty: cycles if the machine counts them, else cpu-clock
  bool callchain = true;
  bool samples = true; // false: mappings, names, forks and exits only
  // Processes that run already: all their threads, at once.  Else the event starts with the child's exec.
  bool attach = false;
  size_t ring_pages = 128; // of each processor, a power of two
};

class PerfSampler {
public:
  // Events for `pid`, off until its exec (or on, with `attach`).  nullptr: `why` says what is refused, why, and how to
  // get it.
  static std::unique_ptr<PerfSampler> open(pid_t pid, const SamplerOptions &options, std::string &why);
  ~PerfSampler();
  PerfSampler(const PerfSampler &) = delete;
  PerfSampler &operator=(const PerfSampler &) = delete;

  // For PerfDataWriter::create().
  const formats::PerfEvent &event() const { return event_; }
  // A sentence: why the event is another than cycles; why the kernel's part is missing.  Empty: it is not.
  const std::string &event_note() const { return event_note_; }
  const std::string &kernel_missing() const { return kernel_missing_; }
  // Descriptors that can be read when a ring is half full.
  std::vector<int> descriptors() const;
  // Everything in the rings, as the kernel made it.
  void drain(formats::PerfDataWriter &writer);
  // No samples any more; the rings keep what is in them.
  void stop();
  uint64_t lost() const { return lost_; }               // records that found no room
  const std::set<pid_t> &pids() const { return pids_; } // of all processes that were seen so far

private:
  PerfSampler() = default;
  struct Ring;
  bool choose(pid_t pid, const SamplerOptions &options, formats::PerfEvent &event, std::string &why);
  formats::PerfEvent event_;
  std::vector<int> others_; // events that write into another's ring
  std::vector<std::unique_ptr<Ring>> rings_;
  std::string buffer_, event_note_, kernel_missing_;
  uint64_t lost_ = 0;
  std::set<pid_t> pids_;
};

// MMAP2, COMM and FORK records of what ran before events saw it: from /proc.
void write_running(formats::PerfDataWriter &writer, pid_t pid, uint64_t time);

} // namespace sgperf::run
