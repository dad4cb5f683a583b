// SPDX-License-Identifier: Apache-2.0
// The perf events that the sample program runs on: one for each thread that is there, inherited by what it starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::probes {

class SampleEvents {
public:
  SampleEvents() = default;
  ~SampleEvents() { close_all(); }
  SampleEvents(const SampleEvents &) = delete;
  SampleEvents &operator=(const SampleEvents &) = delete;

  // Chooses the event.  False: `error` says what is refused and why.
  bool choose(const std::string &event, uint64_t frequency, uint64_t period, bool kernel, std::string &error);
  const std::string &name() const { return name_; }
  const std::string &note() const { return note_; } // why it is another than cycles; empty = it is not

  // Events for one thread, off until its exec, or for all threads of a process, on at once.
  bool add_waiting(pid_t tid, int program, std::string &error);
  bool add_running(pid_t pid, int program, std::string &error);
  void close_all();

private:
  int open(pid_t tid, bool on_exec) const;
  bool attach(int fd, int program, std::string &error);

  std::string name_, note_;
  uint32_t type_ = 0;
  uint64_t config_ = 0, frequency_ = 0, period_ = 0;
  bool kernel_ = true;
  std::vector<int> fds_;
};

} // namespace sgperf::probes
