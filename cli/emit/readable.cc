// SPDX-License-Identifier: Apache-2.0
#include "emit/readable.h"

#include <fmt/format.h>

#include <cmath>

namespace sgperf::emit {
namespace {

bool ends_with(const std::string &text, const char *end) {
  return text.ends_with(end);
}

} // namespace

std::string digits(double value) {
  const double size = std::fabs(value);
  if (size != 0 && size < 0.01) return fmt::format("{:.1e}", value);
  if (size < 9.995) return fmt::format("{:.2f}", value);
  if (size < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

std::string duration(double ns) {
  const double size = std::fabs(ns);
  if (size == 0) return "0 ns";
  if (size < 999.5) return digits(ns) + " ns";
  if (size < 999.5e3) return digits(ns / 1e3) + " us";
  if (size < 999.5e6) return digits(ns / 1e6) + " ms";
  return digits(ns / 1e9) + " s";
}

std::string count(double value) {
  if (value == std::floor(value) && std::fabs(value) < 1e7) return fmt::format("{:.0f}", value);
  const double size = std::fabs(value);
  if (size < 1e5) return digits(value);
  if (size < 1e7) return fmt::format("{:.0f}", value);
  if (size < 999.5e6) return digits(value / 1e6) + " M";
  if (size < 999.5e9) return digits(value / 1e9) + " G";
  return digits(value / 1e12) + " T";
}

std::string amount(double value, merge::Unit unit) {
  switch (unit) {
  case merge::Unit::ns:
    return duration(value);
  case merge::Unit::ticks:
    return count(value) + " ticks";
  case merge::Unit::count:
    return count(value);
  }
  return {};
}

std::string bytes(double value) {
  const double size = std::fabs(value);
  if (size < 1024) return fmt::format("{:.0f} B", value);
  if (size < 1024.0 * 999.5) return digits(value / 1024) + " KiB";
  if (size < 1024.0 * 1024 * 999.5) return digits(value / (1024.0 * 1024)) + " MiB";
  return digits(value / (1024.0 * 1024 * 1024)) + " GiB";
}

std::string percent(double share) {
  const double value = share * 100, size = std::fabs(value);
  if (size != 0 && size < 0.01) return value > 0 ? "<0.01 %" : ">-0.01 %";
  if (size < 9.995) return fmt::format("{:.2f} %", value);
  if (size < 999.5) return fmt::format("{:.1f} %", value);
  return fmt::format("{:.0f} %", value);
}

std::string ratio(double value) {
  const double size = std::fabs(value);
  if (size < 9.9995) return fmt::format("{:.3f}x", value);
  if (size < 99.995) return fmt::format("{:.2f}x", value);
  if (size < 9999.5) return fmt::format("{:.1f}x", value);
  return fmt::format("{:.0f}x", value);
}

std::string unit_of_measure(const std::string &measure) {
  if (ends_with(measure, "_ns")) return "ns";
  if (ends_with(measure, "_ticks")) return "ticks";
  if (ends_with(measure, "_bytes")) return "bytes";
  return "";
}

std::string measure_value(const std::string &measure, double value) {
  const std::string unit = unit_of_measure(measure);
  if (unit == "ns") return duration(value);
  if (unit == "bytes") return bytes(value);
  return count(value);
}

const char *state_word(record::SessionState state) {
  return state == record::SessionState::live ? "live" : state == record::SessionState::exited ? "exited" : "killed";
}

} // namespace sgperf::emit
