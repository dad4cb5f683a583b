// SPDX-License-Identifier: Apache-2.0
// A program run under the probes, from its first instruction to its end, with everything they said.
#pragma once

#include "probes/probes.h"
#include "support/process.h"
#include "support/session.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

// Where the kernel's side cannot be had, tests say why and go.
#define SKIP_WITHOUT_PROBES()                                                                                          \
  if (const auto missing = sgperf::probes::preflight(); !missing.empty()) GTEST_SKIP() << missing.front().text()

namespace sgperf::test {

struct TakenSample {
  sgperf_event_sample head;
  std::vector<uint64_t> kernel, user;
  std::string leaf, chain;
};

// Keeps every event.
class Recorder : public probes::Sink {
public:
  void on_fork(const sgperf_event_fork &event) override { forks.push_back(event); }
  void on_exec(const sgperf_event_exec &event) override {
    execs.push_back(event.header);
    exec_paths.push_back(event.path);
    exec_comms.push_back(event.comm);
  }
  void on_exit(const sgperf_event_exit &event) override {
    exits.push_back(event);
    if (event.process) processes.push_back(event);
  }
  void on_session(const sgperf_event_session &event) override { sessions.push_back(event); }
  void on_sample(const probes::SampleRecord &sample) override { samples.push_back(taken(sample)); }
  void on_syscall(const probes::SampleRecord &sample) override { syscalls.push_back(taken(sample)); }

  std::vector<sgperf_event_fork> forks;
  std::vector<sgperf_event_header> execs;
  std::vector<std::string> exec_paths, exec_comms;
  std::vector<sgperf_event_exit> exits, processes; // all, and those of processes
  std::vector<sgperf_event_session> sessions;
  std::vector<TakenSample> samples, syscalls;

private:
  static TakenSample taken(const probes::SampleRecord &sample) {
    return {*sample.head,
            {sample.kernel.begin(), sample.kernel.end()},
            {sample.user.begin(), sample.user.end()},
            std::string(sample.leaf),
            std::string(sample.chain)};
  }
};

struct Observed {
  std::string error; // the probes or the program did not start: why
  pid_t pid = 0;
  int status = 0;  // of waitpid
  std::string out; // the program's output
  Recorder events;
  std::vector<probes::SyscallSums> syscalls;
  std::vector<probes::FaultSums> faults;
  probes::Drops drops;
  std::string event;
  size_t lent_threads = 0;

  // Calls over all rows that `keep` accepts.
  uint64_t calls(uint32_t number, const std::function<bool(const probes::SyscallSums &)> &keep = {}) const;
};

// The program's path is build_dir()/tests/probes/programs/probed-NAME unless it has a slash.  `folder` gets its
// session. `running`: called once it runs.
Observed observe(const std::vector<std::string> &command, const probes::Options &options,
                 const std::filesystem::path &folder, const std::function<void(pid_t)> &running = {});

// Number of a phase's name in a session.
std::optional<uint32_t> phase_number(const Session &session, const std::string &name);

// Programs, maps and links in the kernel.
struct KernelObjects {
  std::set<uint32_t> programs, maps, links; // ids
  size_t size() const { return programs.size() + maps.size() + links.size(); }
};
KernelObjects objects_of(pid_t pid);              // that this process has descriptors of
size_t still_there(const KernelObjects &objects); // how many of them exist

} // namespace sgperf::test
