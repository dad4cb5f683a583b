// SPDX-License-Identifier: Apache-2.0
// The samples of a recording: armed while the target waits in front of its exec, written to perf.data while it runs.
#pragma once

#include "probes/program_symbols.h"
#include "run/kernel_map.h"
#include "run/memory_images.h"
#include "run/perf_sampler.h"
#include "run/record_probes.h"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::run {

class SampleRecording {
public:
  // `probes`: where samples come from if it has them, and who is asked for its events while the target runs; nullptr or
  // without samples: from perf events alone.
  SampleRecording(std::filesystem::path folder, SamplerOptions options, ProbeRecording *probes)
      : folder_(std::move(folder)), options_(std::move(options)), probes_(probes) {}

  // For a child in front of its exec, or (options.attach) for a process that runs.  What cannot be had stands in
  // missing(), and the rest is recorded.
  void arm(pid_t pid);
  // Writes what comes until `ended` (a pidfd) can be read, `until` has come, or `stop` is set (by a signal handler).
  void attend(int ended, std::optional<std::chrono::steady_clock::time_point> until = {},
              const volatile int *stop = nullptr);
  // The rest, and the end of the file.  A recording without samples has no file.
  void finish(const std::vector<std::string> &command);

  // Something came of it: samples, or what the probes counted.
  bool recorded() const { return writer_.has_value() || finished_ || (probes_ && probes_->running()); }
  bool hears_knocks() const { return probes_ && probes_->hears_knocks(); }
  uint64_t lost() const { return sampler_ ? sampler_->lost() : 0; }
  // Sentences of what went wrong with the code of processes, one a line.
  const std::string &problems() const { return problems_; }
  // Of all processes that were seen.
  std::set<pid_t> pids() const { return sampler_ ? sampler_->pids() : std::set<pid_t>(); }
  // A sentence each: what is missing, why, how to get it.
  const std::vector<std::string> &missing() const { return missing_; }
  // For the report only: why the event is another than cycles.
  const std::string &note() const { return note_; }

private:
  bool open_writer(std::string &why);
  // Names of eBPF programs that were not loaded when this was called last.
  void write_programs(uint64_t time);
  void drain();
  void watch_unwinders();
  ProbeRecording::OnSample receiver();
  void write(const probes::SampleRecord &sample);
  // What samples of the processor and of system calls share; `event`: its index in the file.
  formats::PerfSample common(const probes::SampleRecord &from, size_t event) const;

  std::filesystem::path folder_;
  SamplerOptions options_;
  ProbeRecording *probes_;
  std::unique_ptr<PerfSampler> sampler_;
  std::optional<formats::PerfDataWriter> writer_;
  std::optional<KernelMap> kernel_;
  size_t syscall_event_ = 0;    // index in the file
  std::vector<uint64_t> chain_; // of the sample that is written
  MemoryImages images_;
  std::vector<probes::ProgramSymbol> programs_; // whose names are in the file
  std::vector<std::string> missing_;
  std::string note_, problems_;
  bool finished_ = false;
};

} // namespace sgperf::run
