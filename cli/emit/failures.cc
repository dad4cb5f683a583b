// SPDX-License-Identifier: Apache-2.0
// What a cell shows in place of a value.
#include "emit/report.h"

#include <fmt/format.h>

namespace sgperf::emit {

std::string failure_word(const merge::Model &model, record::Status status) {
  switch (status) {
  case record::Status::timeout:
    return model.meta.timeout_s > 0 ? fmt::format("> {:g} s", model.meta.timeout_s) : "timeout";
  case record::Status::exit_code:
    return "exit code";
  case record::Status::wrong_output:
    return "wrong output";
  case record::Status::unknown_import:
    return "import";
  case record::Status::invalid_module:
    return "invalid";
  case record::Status::engine_error:
    return "error";
  case record::Status::version_refused:
    return "version";
  case record::Status::engine_missing:
    return "no engine";
  default:
    return record::to_text(status);
  }
}

std::string failure_sentence(const merge::Model &model, const merge::Failure &failure) {
  std::string out = failure_word(model, failure.status);
  if (!failure.phase.empty()) out += " in " + failure.phase;
  if (failure.count > 1) out += fmt::format(" ({} samples)", failure.count);
  if (!failure.message.empty()) out += ": " + failure.message;
  if (!failure.stderr_tail.empty()) {
    // The last line says most; all of it is in JSON.
    std::string tail = failure.stderr_tail;
    while (!tail.empty() && (tail.back() == '\n' || tail.back() == '\r')) tail.pop_back();
    const size_t line = tail.find_last_of('\n');
    out += "; its stderr ends: " + (line == std::string::npos ? tail : tail.substr(line + 1));
  }
  return out;
}

} // namespace sgperf::emit
