// SPDX-License-Identifier: Apache-2.0
#include "run/status_line.h"

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

StatusLine::StatusLine(uint64_t plain_interval_ns) : terminal_(isatty(2)), plain_interval_ns_(plain_interval_ns) {
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
  if (!term || strcmp(term, "dumb") == 0) terminal_ = false;
  colour_ = terminal_ && !(no_color && *no_color);
}

StatusLine::~StatusLine() {
  if (open_) fputs("\r\033[K", stderr);
}

void StatusLine::show(const std::string &text, bool now) {
  const uint64_t time = monotonic_ns();
  if (terminal_) {
    if (!now && time - last_ns_ < 100000000) return;
    winsize size{};
    const size_t columns = ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
    fprintf(stderr, "\r\033[K%s", text.substr(0, columns - 1).c_str());
    open_ = true;
  } else {
    if (!now && time - last_ns_ < plain_interval_ns_) return;
    fprintf(stderr, "%s\n", text.c_str());
  }
  fflush(stderr);
  last_ns_ = time;
}

void StatusLine::note(const std::string &line) {
  if (open_) fputs("\r\033[K", stderr);
  open_ = false;
  fprintf(stderr, "%s\n", line.c_str());
}

} // namespace sgperf::run
