// SPDX-License-Identifier: Apache-2.0
// The kernel's side of a recording: the probes are loaded, follow the target, and their sums become syscalls.jsonl.
#pragma once

#include "probes/probes.h"
#include "record/kernel_sums.h"
#include "run/memory_images.h"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sgperf::run {

struct ProbeOptions {
  bool syscalls = true, faults = true;
  bool samples = true;
  uint64_t frequency = 999; // Hz
  std::string event;        // empty: cycles if the machine counts them, else cpu-clock
  bool stacks = true;
  bool frames = false;       // code that processes without our library publish is looked for
  uint32_t syscall_rate = 0; // one call of so many is told with its stack; 0 = none
};

class ProbeRecording : private probes::Sink {
public:
  // Gets each sample, of the processor and of system calls (head->number), while it is in the ring buffer.
  using OnSample = std::function<void(const probes::SampleRecord &)>;

  // Loads and attaches; what this machine or these privileges refuse stands in missing().
  explicit ProbeRecording(const ProbeOptions &options);

  bool running() const { return running_; }
  // A process that knocks is answered (libsgperf/session_layout.h).
  bool hears_knocks() const { return running_ && probes_.has(probes::Part::breakpoints); }
  uint32_t syscall_rate() const { return sums_.syscalls ? options_.syscall_rate : 0; }
  bool samples() const { return running_ && probes_.has(probes::Part::samples); }
  const std::string &event() const { return probes_.event(); }
  const std::string &event_note() const { return probes_.event_note(); }

  // A child in front of its exec, or a process that runs.  False: it is not followed; missing() says why.
  bool add(pid_t pid, probes::When when);
  // With options.frames: libgcc's unwinder is in this file; what processes publish there, is copied to `images`, which
  // outlives this.  At most two.
  void watch_library(const std::string &path);
  void use(MemoryImages *images) { images_of_code_ = images; }
  bool watches_frames() const { return running_ && probes_.has(probes::Part::frames); }
  int descriptor() const { return running_ ? probes_.descriptor() : -1; } // for poll(2)
  // What has happened since; now and then the sums so far are written to `recording`, for the case that this process is
  // killed.
  void consume(const std::filesystem::path &recording, const OnSample &on_sample);
  // Nothing is counted any more; the rest is read, and syscalls.jsonl written.
  void finish(const std::filesystem::path &recording, const OnSample &on_sample);

  // A sentence each: what is missing, why, how to get it.
  const std::vector<std::string> &missing() const { return missing_; }

private:
  void on_fork(const sgperf_event_fork &event) override;
  void on_exec(const sgperf_event_exec &event) override;
  void on_exit(const sgperf_event_exit &event) override;
  void on_hit(const sgperf_event_hit &event) override;
  void on_frames(const sgperf_event_frames &event) override;
  void on_sample(const probes::SampleRecord &sample) override;
  void on_syscall(const probes::SampleRecord &sample) override { on_sample(sample); }
  void take_sums();

  ProbeOptions options_;
  probes::Probes probes_;
  bool running_ = false;
  record::KernelSums sums_;
  std::unordered_map<uint32_t, uint32_t> images_; // of each process that lives: programs executed before
  std::unordered_map<uint32_t, uint32_t> parents_;
  std::chrono::steady_clock::time_point next_write_;
  MemoryImages *images_of_code_ = nullptr;
  int watched_ = 0;                    // libraries
  const OnSample *receiver_ = nullptr; // while events are handed over
  std::vector<std::string> missing_;
};

} // namespace sgperf::run
