// SPDX-License-Identifier: Apache-2.0
#include "record/sample.h"

#include "formats/json_text.h"

#include <simdjson.h>

#include <array>
#include <cmath>
#include <utility>

namespace sgperf::record {
namespace {

constexpr std::array<std::pair<Status, const char *>, 14> statuses{{{Status::ok, "ok"},
                                                                    {Status::trap, "trap"},
                                                                    {Status::exit_code, "exit_code"},
                                                                    {Status::timeout, "timeout"},
                                                                    {Status::crash, "crash"},
                                                                    {Status::wrong_output, "wrong_output"},
                                                                    {Status::unknown_import, "unknown_import"},
                                                                    {Status::invalid_module, "invalid_module"},
                                                                    {Status::component, "component"},
                                                                    {Status::unsupported, "unsupported"},
                                                                    {Status::hooks, "hooks"},
                                                                    {Status::engine_error, "engine_error"},
                                                                    {Status::engine_missing, "engine_missing"},
                                                                    {Status::version_refused, "version_refused"}}};

constexpr std::array<std::pair<Role, const char *>, 4> roles{
    {{Role::cold, "cold"}, {Role::warmup, "warmup"}, {Role::timed, "timed"}, {Role::calibration, "calibration"}}};

// Members in the order of the struct; what has its default is left out, since lines are many.
class Line {
public:
  void text(const char *key, const std::string &value) {
    name(key);
    formats::append_json_string(out_, value);
  }
  void text_if(const char *key, const std::string &value) {
    if (!value.empty()) text(key, value);
  }
  void number(const char *key, uint64_t value) {
    name(key);
    formats::append_json_number(out_, value);
  }
  void values(const char *key, const std::map<std::string, double> &values) {
    if (values.empty()) return;
    name(key);
    out_ += '{';
    bool first = true;
    for (const auto &[measure, value] : values) {
      if (!std::isfinite(value)) continue;
      if (!first) out_ += ',';
      first = false;
      formats::append_json_string(out_, measure);
      out_ += ':';
      formats::append_json_number(out_, value);
    }
    out_ += '}';
  }
  void list(const char *key, const std::vector<std::string> &entries) {
    if (entries.empty()) return;
    name(key);
    out_ += '[';
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i) out_ += ',';
      formats::append_json_string(out_, entries[i]);
    }
    out_ += ']';
  }
  std::string finish() { return std::move(out_) + '}'; }

private:
  void name(const char *key) {
    if (out_.size() > 1) out_ += ',';
    out_ += '"';
    out_ += key;
    out_ += "\":";
  }
  std::string out_ = "{";
};

namespace dom = simdjson::dom;

// A member of the wrong type reads as its default, like a missing one.
std::string text(const dom::object &object, const char *key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

double number(const dom::element &element, bool &good) {
  double value = 0;
  good = element.get(value) == simdjson::SUCCESS && std::isfinite(value);
  return good ? value : 0;
}

uint64_t count(const dom::object &object, const char *key, uint64_t fallback = 0) {
  dom::element element;
  if (object[key].get(element) != simdjson::SUCCESS) return fallback;
  uint64_t value = 0;
  if (element.get(value) == simdjson::SUCCESS) return value;
  bool good = false;
  const double real = number(element, good);
  return good && real >= 0 && real < 1.8e19 ? static_cast<uint64_t>(real) : fallback;
}

uint32_t small(const dom::object &object, const char *key) {
  const uint64_t value = count(object, key);
  return value <= UINT32_MAX ? static_cast<uint32_t>(value) : UINT32_MAX;
}

std::map<std::string, double> values(const dom::object &object, const char *key) {
  std::map<std::string, double> out;
  dom::object members;
  if (object[key].get(members) != simdjson::SUCCESS) return out;
  for (const auto &member : members) {
    bool good = false;
    const double value = number(member.value, good);
    if (good) out[std::string(member.key)] = value;
  }
  return out;
}

std::vector<std::string> list(const dom::object &object, const char *key) {
  std::vector<std::string> out;
  dom::array entries;
  if (object[key].get(entries) != simdjson::SUCCESS) return out;
  for (const auto &entry : entries) {
    std::string_view value;
    if (entry.get(value) == simdjson::SUCCESS) out.emplace_back(value);
  }
  return out;
}

} // namespace

const char *to_text(Status status) {
  for (const auto &[value, name] : statuses)
    if (value == status) return name;
  return "engine_error";
}

std::optional<Status> status_from_text(const std::string &text) {
  for (const auto &[value, name] : statuses)
    if (text == name) return value;
  return std::nullopt;
}

const char *to_text(Role role) {
  for (const auto &[value, name] : roles)
    if (value == role) return name;
  return "timed";
}

std::optional<Role> role_from_text(const std::string &text) {
  for (const auto &[value, name] : roles)
    if (text == name) return value;
  return std::nullopt;
}

std::string to_line(const Sample &sample) {
  Line line;
  line.text("engine", sample.engine);
  line.text("workload", sample.workload);
  line.number("block", sample.block);
  line.number("position", sample.position);
  line.number("process", sample.process);
  line.number("process_index", sample.process_index);
  line.number("iteration", sample.iteration);
  line.text("role", to_text(sample.role));
  line.text("phase", sample.phase);
  line.number("inner", sample.inner);
  line.number("start_ns", sample.start_ns);
  line.text("status", to_text(sample.status));
  line.text_if("message", sample.message);
  line.text_if("stderr_tail", sample.stderr_tail);
  line.values("values", sample.values);
  line.values("corrected", sample.corrected);
  line.values("running", sample.running);
  line.values("disturbed", sample.disturbed);
  line.list("warnings", sample.warnings);
  if (sample.artefact_bytes) line.number("artefact_bytes", sample.artefact_bytes);
  if (sample.code_bytes) line.number("code_bytes", sample.code_bytes);
  if (sample.lazy) line.number("lazy", sample.lazy);
  return line.finish();
}

std::optional<Sample> sample_from_line(const std::string &line) {
  // One parser a thread: its buffers are kept from line to line.
  static thread_local dom::parser parser;
  dom::element root;
  dom::object object;
  if (parser.parse(line.data(), line.size(), true).get(root) != simdjson::SUCCESS ||
      root.get(object) != simdjson::SUCCESS)
    return std::nullopt;
  Sample sample;
  sample.engine = text(object, "engine");
  sample.workload = text(object, "workload");
  sample.phase = text(object, "phase");
  const auto status = status_from_text(text(object, "status"));
  const auto role = role_from_text(text(object, "role"));
  // A row without a cell, or whose meaning we do not know, is not a sample.
  if (sample.engine.empty() || sample.workload.empty() || !status || !role) return std::nullopt;
  sample.status = *status;
  sample.role = *role;
  if (sample.phase.empty() && sample.status == Status::ok) return std::nullopt;
  sample.block = small(object, "block");
  sample.position = small(object, "position");
  sample.process = small(object, "process");
  sample.process_index = small(object, "process_index");
  sample.iteration = small(object, "iteration");
  sample.inner = count(object, "inner", 1);
  if (sample.inner == 0) sample.inner = 1;
  sample.start_ns = count(object, "start_ns");
  sample.message = text(object, "message");
  sample.stderr_tail = text(object, "stderr_tail");
  sample.values = values(object, "values");
  sample.corrected = values(object, "corrected");
  sample.running = values(object, "running");
  sample.disturbed = values(object, "disturbed");
  sample.warnings = list(object, "warnings");
  sample.artefact_bytes = count(object, "artefact_bytes");
  sample.code_bytes = count(object, "code_bytes");
  sample.lazy = small(object, "lazy");
  return sample;
}

} // namespace sgperf::record
