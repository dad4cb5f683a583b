// SPDX-License-Identifier: Apache-2.0
#include "run/progress.h"

#include "run/measures/clock.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sgperf::run {

std::string duration_text(double seconds) {
  char text[64];
  const auto s = static_cast<unsigned long>(seconds + 0.5);
  if (s < 60)
    snprintf(text, sizeof text, "%lu s", s);
  else if (s < 3600)
    snprintf(text, sizeof text, "%lu:%02lu", s / 60, s % 60);
  else
    snprintf(text, sizeof text, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
  return text;
}

Progress::Progress(size_t total, bool verbose)
    : total_(total), terminal_(isatty(2)), verbose_(verbose), start_ns_(monotonic_ns()) {
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
  if (!term || strcmp(term, "dumb") == 0) terminal_ = false;
  colour_ = terminal_ && !(no_color && *no_color);
}

Progress::~Progress() {
  if (line_open_) fputs("\r\033[K", stderr);
}

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
  const uint64_t now = monotonic_ns();
  if (terminal_) {
    if (!force && now - last_ns_ < 100000000) return;
    winsize size{};
    const size_t columns = ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
    std::string line = status() + "  " + what_;
    if (line.size() >= columns) line.resize(columns - 1);
    fprintf(stderr, "\r\033[K%s", line.c_str());
    line_open_ = true;
  } else {
    // A log is not a terminal: one line every ten seconds is enough.
    if (!force && now - last_ns_ < 10000000000u) return;
    fprintf(stderr, "%s  %s\n", status().c_str(), what_.c_str());
  }
  fflush(stderr);
  last_ns_ = now;
}

void Progress::begin(const std::string &what) {
  what_ = what;
  draw(verbose_ && !terminal_);
}
void Progress::tick() {
  draw(false);
}

void Progress::end(const std::string &problem) {
  ++done_;
  if (!problem.empty()) note((colour_ ? "\033[31m" : "") + what_ + ": " + problem + (colour_ ? "\033[0m" : ""));
  draw(done_ == total_);
}

void Progress::note(const std::string &line) {
  if (line_open_) fputs("\r\033[K", stderr);
  line_open_ = false;
  fprintf(stderr, "%s\n", line.c_str());
}

} // namespace sgperf::run
