// SPDX-License-Identifier: Apache-2.0
#include "command/text_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sgperf::command {

bool write_text(const char *command, const std::string &text, const std::string &file) {
  const bool to_stdout = file.empty() || file == "-";
  const char *name = to_stdout ? "stdout" : file.c_str();
  FILE *out = to_stdout ? stdout : std::fopen(file.c_str(), "w");
  if (!out) {
    std::fprintf(stderr, "sgperf %s: %s: cannot be written: %s\n", command, name, std::strerror(errno));
    return false;
  }
  bool good = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  good = (to_stdout ? std::fflush(out) : std::fclose(out)) == 0 && good;
  if (!good) std::fprintf(stderr, "sgperf %s: %s: cannot be written: %s\n", command, name, std::strerror(errno));
  return good;
}

emit::TextStyle terminal_style() {
  emit::TextStyle style;
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
  style.color = isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && std::string(term) != "dumb";
  return style;
}

} // namespace sgperf::command
