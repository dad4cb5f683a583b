// SPDX-License-Identifier: Apache-2.0
// What a waiting person sees: one line rewritten on a terminal, a plain line now and then elsewhere.  Always stderr.
#pragma once

#include "run/status_line.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace sgperf::run {

class Progress {
public:
  Progress(size_t total, bool verbose);
  void begin(const std::string &what);  // a worker starts
  void tick();                          // still running
  void end(const std::string &problem); // "" = well
  void note(const std::string &line);   // a line of its own, without breaking the progress line
  size_t done() const { return done_; }

private:
  void draw(bool force);
  std::string status() const;

  size_t total_, done_ = 0;
  bool verbose_;
  StatusLine line_;
  std::string what_;
  uint64_t start_ns_;
};

} // namespace sgperf::run
