// SPDX-License-Identifier: Apache-2.0
// What every benchmark of ourselves prints: one line a measure, the same fields as text and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sgperf::bench {

enum class Verdict { pass, fail, info };

struct Line {
  std::string name; // words joined by '-', no spaces
  double value = 0;
  std::string unit;
  std::string yardstick;       // name of what `value` was divided by; empty = none
  std::optional<double> ratio; // value / yardstick
  std::string goal;            // "<= 1.05 x", "<= 0.5 ns"; empty = none
  Verdict verdict = Verdict::info;
};

// Verdict of a measure with an upper limit, and the goal in words.
Line line_with_ratio(const std::string &name, double value, const std::string &unit, const std::string &yardstick,
                     double ratio, std::optional<double> ratio_limit);
Line line_with_limit(const std::string &name, double value, const std::string &unit, double limit);

// Median and spread of repeated measurements.
struct Summary {
  double median = 0, low = 0, high = 0; // low and high are the quartiles
};
Summary summarize(std::vector<double> values);

class Printer {
public:
  explicit Printer(bool json) : json_(json) {}
  // Machine (CPU model, kernel, processors) and load: a `#` line, on stderr with JSON.
  void machine();
  void comment(const std::string &text); // a `#` line, on stderr with JSON
  void header();                         // names of the columns, text only
  void print(const Line &line);
  bool failed() const { return failed_; } // a line with the verdict `fail` was printed

private:
  bool json_;
  bool failed_ = false;
};

} // namespace sgperf::bench
