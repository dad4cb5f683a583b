// SPDX-License-Identifier: Apache-2.0
// What `sgperf report` has of a program: names and counts, which do not depend on the machine.
#pragma once

#include "setup/installed.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <ostream>
#include <string>

namespace sgperf::test {

// Of a scope its calls and the calls in its histogram, of a counter updates and sum, of a gauge updates and the largest
// value, of a phase how often it ran and how often it did not end.
struct Counts {
  std::string kind;
  uint64_t count = 0, value = 0;
  bool operator==(const Counts &) const = default;
};
inline std::ostream &operator<<(std::ostream &out, const Counts &counts) {
  return out << counts.kind << " " << counts.count << "/" << counts.value;
}
using Measured = std::map<std::string, Counts>; // by name

// Of the session in dir/sessions.  Fails the test when there is none or another one, or something was dropped.
Measured measured(const Installed &installed, const std::filesystem::path &dir);

} // namespace sgperf::test
