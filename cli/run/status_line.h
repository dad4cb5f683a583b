// SPDX-License-Identifier: Apache-2.0
// The line that a waiting person sees on stderr: rewritten on a terminal, a plain line now and then elsewhere.
#pragma once

#include <cstdint>
#include <string>

namespace sgperf::run {

class StatusLine {
public:
  // `plain_interval_ns`: a log is not a terminal: without `now` a line so often is enough there.
  explicit StatusLine(uint64_t plain_interval_ns);
  ~StatusLine();
  StatusLine(const StatusLine &) = delete;
  StatusLine &operator=(const StatusLine &) = delete;

  void show(const std::string &text, bool now);
  void note(const std::string &line); // a line of its own, which stays
  bool terminal() const { return terminal_; }
  bool colour() const { return colour_; }

private:
  bool terminal_, colour_, open_ = false;
  uint64_t plain_interval_ns_, last_ns_ = 0;
};

// "1:02:03", "2:03", "12 s".
std::string duration_text(double seconds);

} // namespace sgperf::run
