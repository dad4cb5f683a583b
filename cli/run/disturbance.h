// SPDX-License-Identifier: Apache-2.0
// What else happened on the machine around a sample: read outside the timed regions, kept beside the values, never used
// to drop a sample by itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace sgperf::run {

class Disturbance {
public:
  Disturbance();
  ~Disturbance();
  Disturbance(const Disturbance &) = delete;
  Disturbance &operator=(const Disturbance &) = delete;

  // A reading younger than a millisecond is taken again: the kernel's own grain is coarser.
  void begin();
  std::map<std::string, double> end();

private:
  struct Reading {
    uint64_t at_ns = 0;
    double steal_ns = 0, softirq_ns = 0, psi_cpu_us = 0;
    uint64_t involuntary = 0, major_faults = 0;
    double mhz = 0;
  };
  void read(Reading &out, bool at_end);

  int stat_ = -1, psi_ = -1;
  double tick_ns_;
  bool frequency_ = true;
  Reading first_, last_;
};

} // namespace sgperf::run
