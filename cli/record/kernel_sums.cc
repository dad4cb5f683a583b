// SPDX-License-Identifier: Apache-2.0
#include "record/kernel_sums.h"

#include "record/file_bytes.h"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <fstream>
#include <limits>
#include <string_view>

namespace sgperf::record {
namespace {

using json = nlohmann::json;
constexpr int schema = 1;

// Members that are 0 or empty are left out: rows are many.
class Row {
public:
  explicit Row(const char *kind) { row_["kind"] = kind; }
  Row &place(const KernelPlace &place) {
    return number("pid", place.pid)
        .number("tid", place.tid)
        .number("phase", place.phase)
        .number("site", place.site)
        .number("image", place.image);
  }
  Row &number(const char *key, uint64_t value) {
    if (value) row_[key] = value;
    return *this;
  }
  Row &text(const char *key, const std::string &value) {
    if (!value.empty()) row_[key] = value;
    return *this;
  }
  template <typename Value> Row &value(const char *key, Value &&value) {
    row_[key] = std::forward<Value>(value);
    return *this;
  }
  std::string line() const { return row_.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }

private:
  nlohmann::ordered_json row_;
};

std::string line_of(const SyscallSum &sum) {
  Row row("syscall");
  row.place(sum.place).number("number", sum.number).text("name", sum.name);
  row.number("count", sum.count).number("unreturned", sum.unreturned).number("errors", sum.errors);
  row.number("total_ns", sum.total_ns).number("blocked_ns", sum.blocked_ns).number("max_ns", sum.max_ns);
  row.number("bytes_in", sum.bytes_in).number("bytes_out", sum.bytes_out);
  json errnos = json::object(), histogram = json::object();
  for (const auto &[number, count] : sum.errnos) errnos[std::to_string(number)] = count;
  for (size_t i = 0; i < sum.histogram.size(); ++i)
    if (sum.histogram[i]) histogram[std::to_string(i)] = sum.histogram[i];
  if (!errnos.empty()) row.value("errnos", std::move(errnos));
  if (!histogram.empty()) row.value("histogram", std::move(histogram));
  return row.line();
}

std::string line_of(const ProcessEnd &end) {
  Row row("end");
  row.number("pid", end.pid).number("time", end.time).value("status", end.status);
  row.number("user_ns", end.user_ns).number("system_ns", end.system_ns).number("runtime_ns", end.runtime_ns);
  row.number("max_rss", end.max_rss).number("minor_faults", end.minor_faults).number("major_faults", end.major_faults);
  row.number("voluntary_switches", end.voluntary_switches).number("involuntary_switches", end.involuntary_switches);
  return row.line();
}

std::string line_of(const ProcessImage &image) {
  Row row("image");
  row.number("pid", image.pid).number("parent", image.parent).number("image", image.image).number("time", image.time);
  row.text("path", image.path);
  if (!image.command.empty()) row.value("command", image.command);
  return row.line();
}

std::string line_of(const FaultSum &sum) {
  Row row("faults");
  row.place(sum.place).number("user", sum.user).number("kernel", sum.kernel).number("major", sum.major);
  return row.line();
}

std::string line_of(const BreakpointHit &hit) {
  Row row("hit");
  row.number("pid", hit.pid).number("tid", hit.tid).value("role", hit.role).number("time", hit.time);
  row.number("address", hit.address);
  return row.line();
}

// A member of the wrong type or out of range reads as 0, like a missing one.
template <typename T> void read(const json &row, const char *key, T &out) {
  const auto at = row.find(key);
  if (at == row.end() || !at->is_number_unsigned()) return;
  const auto value = at->get<uint64_t>();
  if (value <= std::numeric_limits<T>::max()) out = static_cast<T>(value);
}

void read(const json &row, const char *key, std::string &out) {
  const auto at = row.find(key);
  if (at != row.end() && at->is_string()) out = at->get<std::string>();
}

KernelPlace place_of(const json &row) {
  KernelPlace place;
  read(row, "pid", place.pid);
  read(row, "tid", place.tid);
  read(row, "phase", place.phase);
  read(row, "site", place.site);
  read(row, "image", place.image);
  return place;
}

// Calls each(number, count) for members whose name is a number.
template <typename F> void for_numbers(const json &row, const char *key, const F &each) {
  const auto at = row.find(key);
  if (at == row.end() || !at->is_object()) return;
  for (const auto &[name, value] : at->items()) {
    char *end = nullptr;
    const unsigned long number = std::strtoul(name.c_str(), &end, 10);
    if (name.empty() || *end || number > UINT32_MAX || !value.is_number_unsigned()) continue;
    each(static_cast<uint32_t>(number), value.template get<uint64_t>());
  }
}

SyscallSum syscall_of(const json &row) {
  SyscallSum sum;
  sum.place = place_of(row);
  read(row, "number", sum.number);
  read(row, "name", sum.name);
  read(row, "count", sum.count);
  read(row, "unreturned", sum.unreturned);
  read(row, "errors", sum.errors);
  read(row, "total_ns", sum.total_ns);
  read(row, "blocked_ns", sum.blocked_ns);
  read(row, "max_ns", sum.max_ns);
  read(row, "bytes_in", sum.bytes_in);
  read(row, "bytes_out", sum.bytes_out);
  for_numbers(row, "errnos", [&](uint32_t number, uint64_t count) { sum.errnos[number] += count; });
  for_numbers(row, "histogram", [&](uint32_t bucket, uint64_t count) {
    if (bucket < sum.histogram.size()) sum.histogram[bucket] = count;
  });
  return sum;
}

ProcessImage image_of(const json &row) {
  ProcessImage image;
  read(row, "pid", image.pid);
  read(row, "parent", image.parent);
  read(row, "image", image.image);
  read(row, "time", image.time);
  read(row, "path", image.path);
  const auto command = row.find("command");
  if (command != row.end() && command->is_array())
    for (const json &word : *command)
      if (word.is_string()) image.command.push_back(word.get<std::string>());
  return image;
}

ProcessEnd end_of(const json &row) {
  ProcessEnd end;
  read(row, "pid", end.pid);
  read(row, "time", end.time);
  const auto status = row.find("status");
  if (status != row.end() && status->is_number_integer()) end.status = static_cast<int32_t>(status->get<int64_t>());
  read(row, "user_ns", end.user_ns);
  read(row, "system_ns", end.system_ns);
  read(row, "runtime_ns", end.runtime_ns);
  read(row, "max_rss", end.max_rss);
  read(row, "minor_faults", end.minor_faults);
  read(row, "major_faults", end.major_faults);
  read(row, "voluntary_switches", end.voluntary_switches);
  read(row, "involuntary_switches", end.involuntary_switches);
  return end;
}

bool flag(const json &row, const char *key) {
  const auto at = row.find(key);
  return at != row.end() && at->is_boolean() && at->get<bool>();
}

bool take(const json &row, KernelSums &out) {
  if (!row.is_object()) return false;
  std::string kind;
  read(row, "kind", kind);
  if (kind == "syscall")
    out.syscall_sums.push_back(syscall_of(row));
  else if (kind == "image")
    out.images.push_back(image_of(row));
  else if (kind == "end")
    out.ends.push_back(end_of(row));
  else if (kind == "faults") {
    FaultSum sum;
    sum.place = place_of(row);
    read(row, "user", sum.user);
    read(row, "kernel", sum.kernel);
    read(row, "major", sum.major);
    out.fault_sums.push_back(sum);
  } else if (kind == "hit") {
    BreakpointHit hit;
    read(row, "pid", hit.pid);
    read(row, "tid", hit.tid);
    read(row, "role", hit.role);
    read(row, "time", hit.time);
    read(row, "address", hit.address);
    out.hits.push_back(hit);
  } else if (kind == "counted") {
    out.syscalls = flag(row, "syscalls");
    out.faults = flag(row, "faults");
    out.finished = flag(row, "finished");
    read(row, "placeless", out.placeless);
    if (const auto lost = row.find("lost"); lost != row.end() && lost->is_object())
      for (const auto &[name, value] : lost->items())
        if (value.is_number_unsigned()) out.lost[name] = value.get<uint64_t>();
  } else
    return false;
  return true;
}

std::filesystem::path file_of(const std::filesystem::path &recording) {
  return recording / "syscalls.jsonl";
}

} // namespace

bool write_kernel_sums(const std::filesystem::path &recording, const KernelSums &sums, std::string &error) {
  const auto path = file_of(recording), fresh = recording / ("syscalls.jsonl." + std::to_string(getpid()));
  {
    std::ofstream file(fresh);
    Row head("counted");
    head.value("schema", schema)
        .value("syscalls", sums.syscalls)
        .value("faults", sums.faults)
        .value("finished", sums.finished);
    head.number("placeless", sums.placeless).value("lost", sums.lost);
    file << head.line();
    for (const ProcessImage &image : sums.images) file << line_of(image);
    for (const ProcessEnd &end : sums.ends) file << line_of(end);
    for (const BreakpointHit &hit : sums.hits) file << line_of(hit);
    for (const SyscallSum &sum : sums.syscall_sums) file << line_of(sum);
    for (const FaultSum &sum : sums.fault_sums) file << line_of(sum);
    file.close();
    if (!file) {
      error = fresh.string() + ": cannot write; is the disk full?";
      std::error_code ignored;
      std::filesystem::remove(fresh, ignored);
      return false;
    }
  }
  std::error_code code;
  std::filesystem::rename(fresh, path, code);
  if (code) error = path.string() + ": cannot rename to it: " + code.message();
  return !code;
}

KernelSums parse_kernel_sums(std::string_view text) {
  KernelSums out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && !take(json::parse(line, nullptr, false), out)) ++out.unreadable;
  }
  return out;
}

std::optional<KernelSums> read_kernel_sums(const std::filesystem::path &recording, std::string &error) {
  const auto path = file_of(recording);
  error.clear();
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return std::nullopt;
  FileBytes file;
  if (!file.open(path, error)) return std::nullopt;
  const auto bytes = file.read(0, file.size());
  return parse_kernel_sums({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
}

} // namespace sgperf::record
