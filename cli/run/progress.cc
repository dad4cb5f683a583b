// SPDX-License-Identifier: Apache-2.0
#include "run/progress.h"

#include "run/measures/clock.h"

#include <cstdio>

namespace sgperf::run {

Progress::Progress(size_t total, bool verbose)
    : total_(total), verbose_(verbose), line_(10000000000u), start_ns_(monotonic_ns()) {}

std::string Progress::status() const {
  const double spent = static_cast<double>(monotonic_ns() - start_ns_) * 1e-9;
  char text[160];
  snprintf(text, sizeof text, "[%zu/%zu] %3.0f %%  elapsed %s", done_, total_,
           total_ ? 100.0 * static_cast<double>(done_) / static_cast<double>(total_) : 100.0,
           duration_text(spent).c_str());
  std::string line = text;
  if (done_ > 0 && done_ < total_)
    line += "  left " + duration_text(spent / static_cast<double>(done_) * static_cast<double>(total_ - done_));
  return line;
}

void Progress::draw(bool force) {
  line_.show(status() + "  " + what_, force);
}

void Progress::begin(const std::string &what) {
  what_ = what;
  draw(verbose_ && !line_.terminal());
}
void Progress::tick() {
  draw(false);
}

void Progress::end(const std::string &problem) {
  ++done_;
  if (!problem.empty())
    note((line_.colour() ? "\033[31m" : "") + what_ + ": " + problem + (line_.colour() ? "\033[0m" : ""));
  draw(done_ == total_);
}

void Progress::note(const std::string &line) {
  line_.note(line);
}

} // namespace sgperf::run
