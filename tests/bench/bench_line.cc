// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_line.h"

#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

namespace sgperf::bench {
namespace {

const char *word(Verdict verdict) {
  switch (verdict) {
  case Verdict::pass:
    return "pass";
  case Verdict::fail:
    return "fail";
  case Verdict::info:
    return "info";
  }
  return "info";
}

std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else
      out += c;
  }
  return out + "\"";
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null"; // JSON has no word for it
  char text[32];
  snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown CPU";
}

} // namespace

Line line_with_ratio(const std::string &name, double value, const std::string &unit, const std::string &yardstick,
                     double ratio, std::optional<double> ratio_limit) {
  Line line{name, value, unit, yardstick, ratio, "", Verdict::info};
  if (ratio_limit) {
    char goal[32];
    snprintf(goal, sizeof goal, "<= %.2f x", *ratio_limit);
    line.goal = goal;
    line.verdict = ratio <= *ratio_limit ? Verdict::pass : Verdict::fail; // NaN fails
  }
  return line;
}

Line line_with_limit(const std::string &name, double value, const std::string &unit, double limit) {
  char goal[48];
  snprintf(goal, sizeof goal, "<= %g %s", limit, unit.c_str());
  return {name, value, unit, "", std::nullopt, goal, value <= limit ? Verdict::pass : Verdict::fail};
}

Summary summarize(std::vector<double> values) {
  if (values.empty()) return {NAN, NAN, NAN};
  std::sort(values.begin(), values.end());
  const auto at = [&](double q) {
    const double position = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(position);
    const size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (position - static_cast<double>(below));
  };
  return {at(0.5), at(0.25), at(0.75)};
}

void Printer::machine() {
  double load[3] = {0, 0, 0};
  const bool have_load = getloadavg(load, 3) == 3;
  utsname kernel{};
  uname(&kernel);
  char text[160];
  if (have_load)
    snprintf(text, sizeof text, "load %.2f %.2f %.2f", load[0], load[1], load[2]);
  else
    snprintf(text, sizeof text, "load unknown");
  comment("machine: " + cpu_model() + ", " + std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " processors, " +
          kernel.sysname + " " + kernel.release + ", " + text);
}

void Printer::comment(const std::string &text) {
  fprintf(json_ ? stderr : stdout, "# %s\n", text.c_str());
  fflush(json_ ? stderr : stdout);
}

void Printer::header() {
  if (!json_)
    printf("%-28s %10s %-5s %-20s %7s  %-12s %s\n", "# name", "value", "unit", "yardstick", "ratio", "goal", "verdict");
}

void Printer::print(const Line &line) {
  failed_ = failed_ || line.verdict == Verdict::fail;
  if (json_) {
    printf("{\"name\":%s,\"value\":%s,\"unit\":%s,\"yardstick\":%s,\"ratio\":%s,\"goal\":%s,\"verdict\":\"%s\"}\n",
           quoted(line.name).c_str(), number(line.value).c_str(), quoted(line.unit).c_str(),
           line.yardstick.empty() ? "null" : quoted(line.yardstick).c_str(),
           line.ratio ? number(*line.ratio).c_str() : "null", line.goal.empty() ? "null" : quoted(line.goal).c_str(),
           word(line.verdict));
  } else {
    char ratio[24] = "-";
    if (line.ratio) snprintf(ratio, sizeof ratio, "%.3f", *line.ratio);
    std::string goal = line.goal.empty() ? "-" : line.goal;
    goal.erase(std::remove(goal.begin(), goal.end(), ' '), goal.end()); // a column is one word
    printf("%-28s %10.4g %-5s %-20s %7s  %-12s %s\n", line.name.c_str(), line.value, line.unit.c_str(),
           line.yardstick.empty() ? "-" : line.yardstick.c_str(), ratio, goal.c_str(), word(line.verdict));
  }
  fflush(stdout);
}

} // namespace sgperf::bench
