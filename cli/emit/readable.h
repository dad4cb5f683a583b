// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: three or four digits and a unit.
#pragma once

#include "merge/model.h"

#include <cstdint>
#include <optional>
#include <string>

namespace sgperf::emit {

std::string duration(double ns);                    // "12.3 us"
std::string amount(double value, merge::Unit unit); // a duration, "123 ticks", or a plain count
std::string count(double value);                    // "1234567", "12.3 M" from ten million on
std::string bytes(double value);                    // "12.3 KiB"
// Three significant digits at least, never more than one decimal place too many: "1.23", "12.3", "123", "1234".
std::string digits(double value);
std::string percent(double share);                  // of 1: "12.3 %"
std::string ratio(double value);                    // "1.234x"
const char *state_word(record::SessionState state); // "live", "exited", "killed": in JSON
// A value of a measure, by the unit that its name or meta.json gives.
std::string measure_value(const std::string &measure, double value);
// "ns", "ticks", "bytes" or "": from the name of the measure.
std::string unit_of_measure(const std::string &measure);

} // namespace sgperf::emit
