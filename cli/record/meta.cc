// SPDX-License-Identifier: Apache-2.0
#include "record/meta.h"

#include "formats/json_text.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sgperf::record {
namespace {

using json = nlohmann::json;
using ordered = nlohmann::ordered_json;

// Reading: a missing member, or one of another type, keeps its default.
void get(const json &object, const char *key, std::string &out) {
  if (const auto at = object.find(key); at != object.end() && at->is_string()) out = at->get<std::string>();
}
void get(const json &object, const char *key, bool &out) {
  if (const auto at = object.find(key); at != object.end() && at->is_boolean()) out = at->get<bool>();
}
void get(const json &object, const char *key, double &out) {
  if (const auto at = object.find(key); at != object.end() && at->is_number()) out = at->get<double>();
}
void get(const json &object, const char *key, uint64_t &out) {
  if (const auto at = object.find(key); at != object.end() && at->is_number_unsigned()) out = at->get<uint64_t>();
}
void get(const json &object, const char *key, uint32_t &out) {
  uint64_t value = out;
  get(object, key, value);
  out = value <= UINT32_MAX ? static_cast<uint32_t>(value) : UINT32_MAX;
}
void get(const json &object, const char *key, int &out) {
  if (const auto at = object.find(key); at != object.end() && at->is_number_integer()) {
    const auto value = at->get<int64_t>();
    if (value >= INT32_MIN && value <= INT32_MAX) out = static_cast<int>(value);
  }
}
void get(const json &object, const char *key, std::vector<std::string> &out) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_array()) return;
  for (const json &entry : *at)
    if (entry.is_string()) out.push_back(entry.get<std::string>());
}
void get(const json &object, const char *key, std::map<std::string, std::string> &out) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_object()) return;
  for (const auto &[name, value] : at->items())
    if (value.is_string()) out[name] = value.get<std::string>();
}

template <typename Entry> void each(const json &object, const char *key, std::vector<Entry> &out, auto &&read) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_array()) return;
  for (const json &entry : *at) {
    if (!entry.is_object()) continue;
    Entry value;
    read(entry, value);
    out.push_back(std::move(value));
  }
}

std::string failure(const char *what, const std::filesystem::path &path) {
  return path.string() + ": " + what + ": " + std::strerror(errno);
}

} // namespace

std::string to_json(const Meta &meta) {
  ordered out;
  out["schema"] = meta.schema;
  out["kind"] = meta.kind;
  out["sgperf_version"] = meta.sgperf_version;
  out["command"] = meta.command;
  out["working_directory"] = meta.working_directory;
  out["started_realtime_ns"] = meta.started_realtime_ns;
  out["ended_realtime_ns"] = meta.ended_realtime_ns;
  out["anchors"] = meta.anchors;
  out["timer"] = meta.timer;
  out["tsc_hz"] = meta.tsc_hz;
  out["seed"] = meta.seed;
  out["blocks"] = meta.blocks;
  out["processes"] = meta.processes;
  out["iterations"] = meta.iterations;
  out["warmups"] = meta.warmups;
  out["timeout_s"] = meta.timeout_s;
  out["phases"] = meta.phases;
  out["measures"] = ordered::array();
  for (const Measure &measure : meta.measures)
    out["measures"].push_back(
        {{"name", measure.name}, {"unit", measure.unit}, {"available", measure.available}, {"reason", measure.reason}});
  out["engines"] = ordered::array();
  for (const EngineEntry &engine : meta.engines)
    out["engines"].push_back({{"id", engine.id},
                              {"name", engine.name},
                              {"tier", engine.tier},
                              {"flags", engine.flags},
                              {"library", engine.library},
                              {"build_id", engine.build_id},
                              {"version", engine.version},
                              {"wasi", engine.wasi},
                              {"details", engine.details},
                              {"abi", engine.abi},
                              {"capabilities", engine.capabilities},
                              {"error", engine.error},
                              {"eager", engine.eager},
                              {"iterations", engine.iterations},
                              {"processes", engine.processes}});
  out["left_out"] = ordered::array();
  for (const LeftOut &left : meta.left_out)
    out["left_out"].push_back({{"engine", left.engine}, {"reason", left.reason}});
  out["workloads"] = ordered::array();
  for (const WorkloadEntry &workload : meta.workloads)
    out["workloads"].push_back({{"id", workload.id},
                                {"path", workload.path},
                                {"sha256", workload.sha256},
                                {"size", workload.size},
                                {"invoke", workload.invoke},
                                {"args", workload.args},
                                {"calibration", workload.calibration},
                                {"calls", workload.calls}});
  out["corrections"] = ordered::array();
  for (const Correction &correction : meta.corrections)
    out["corrections"].push_back({{"engine", correction.engine},
                                  {"phase", correction.phase},
                                  {"measure", correction.measure},
                                  {"median", correction.median},
                                  {"low", correction.low},
                                  {"high", correction.high},
                                  {"samples", correction.samples},
                                  {"processes", correction.processes}});
  out["machine"] = meta.machine;
  out["warnings"] = ordered::array();
  for (const Warning &warning : meta.warnings)
    out["warnings"].push_back(
        {{"id", warning.id}, {"severity", warning.severity}, {"subject", warning.subject}, {"text", warning.text}});
  out["environment"] = meta.environment;
  out["exit_code"] = meta.exit_code;
  // `replace`: paths and arguments need not be UTF-8.
  return out.dump(2, ' ', false, ordered::error_handler_t::replace) + "\n";
}

std::optional<Meta> meta_from_json(const std::string &text, std::string &error) {
  const json root = json::parse(text, nullptr, false);
  if (root.is_discarded() || !root.is_object()) {
    error = "expected a JSON object that describes a recording, found " +
            (text.empty() ? std::string("an empty file") : "something else (damaged or torn)");
    return std::nullopt;
  }
  Meta meta;
  meta.schema = 0;
  get(root, "schema", meta.schema);
  if (meta.schema < 1 || meta.schema > schema_version) {
    error =
        "expected schema 1 to " + std::to_string(schema_version) + ", found " +
        (meta.schema != 0 ? std::to_string(meta.schema) + "; a newer sgperf wrote this recording, read it with that one"
                          : std::string("none; this is not the meta.json of a recording"));
    return std::nullopt;
  }
  get(root, "kind", meta.kind);
  get(root, "sgperf_version", meta.sgperf_version);
  get(root, "command", meta.command);
  get(root, "working_directory", meta.working_directory);
  get(root, "started_realtime_ns", meta.started_realtime_ns);
  get(root, "ended_realtime_ns", meta.ended_realtime_ns);
  each(root, "anchors", meta.anchors, [](const json &from, auto &to) {
    for (const auto &[name, value] : from.items())
      if (value.is_number_unsigned()) to[name] = value.template get<uint64_t>();
  });
  get(root, "timer", meta.timer);
  get(root, "tsc_hz", meta.tsc_hz);
  get(root, "seed", meta.seed);
  get(root, "blocks", meta.blocks);
  get(root, "processes", meta.processes);
  get(root, "iterations", meta.iterations);
  get(root, "warmups", meta.warmups);
  get(root, "timeout_s", meta.timeout_s);
  get(root, "phases", meta.phases);
  each(root, "measures", meta.measures, [](const json &from, Measure &to) {
    get(from, "name", to.name);
    get(from, "unit", to.unit);
    get(from, "available", to.available);
    get(from, "reason", to.reason);
  });
  each(root, "engines", meta.engines, [](const json &from, EngineEntry &to) {
    get(from, "id", to.id);
    get(from, "name", to.name);
    get(from, "tier", to.tier);
    get(from, "flags", to.flags);
    get(from, "library", to.library);
    get(from, "build_id", to.build_id);
    get(from, "version", to.version);
    get(from, "wasi", to.wasi);
    get(from, "details", to.details);
    get(from, "abi", to.abi);
    get(from, "capabilities", to.capabilities);
    get(from, "error", to.error);
    get(from, "eager", to.eager);
    get(from, "iterations", to.iterations);
    get(from, "processes", to.processes);
  });
  each(root, "left_out", meta.left_out, [](const json &from, LeftOut &to) {
    get(from, "engine", to.engine);
    get(from, "reason", to.reason);
  });
  each(root, "workloads", meta.workloads, [](const json &from, WorkloadEntry &to) {
    get(from, "id", to.id);
    get(from, "path", to.path);
    get(from, "sha256", to.sha256);
    get(from, "size", to.size);
    get(from, "invoke", to.invoke);
    get(from, "args", to.args);
    get(from, "calibration", to.calibration);
    get(from, "calls", to.calls);
  });
  each(root, "corrections", meta.corrections, [](const json &from, Correction &to) {
    get(from, "engine", to.engine);
    get(from, "phase", to.phase);
    get(from, "measure", to.measure);
    get(from, "median", to.median);
    get(from, "low", to.low);
    get(from, "high", to.high);
    get(from, "samples", to.samples);
    get(from, "processes", to.processes);
  });
  get(root, "machine", meta.machine);
  each(root, "warnings", meta.warnings, [](const json &from, Warning &to) {
    get(from, "id", to.id);
    get(from, "severity", to.severity);
    get(from, "subject", to.subject);
    get(from, "text", to.text);
  });
  get(root, "environment", meta.environment);
  get(root, "exit_code", meta.exit_code);
  return meta;
}

bool write_meta(const std::filesystem::path &recording, const Meta &meta, std::string &error) {
  // A new file and a rename: a reader, and a run that is killed here, find the old one or the new one, never half.
  const std::filesystem::path path = recording / "meta.json";
  const std::filesystem::path fresh = recording / ("meta.json." + std::to_string(getpid()));
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) {
    error = failure("cannot create", fresh);
    return false;
  }
  const std::string text = to_json(meta);
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      error = failure("cannot write", fresh);
      close(fd);
      unlink(fresh.c_str());
      return false;
    }
    written += static_cast<size_t>(n);
  }
  close(fd);
  if (rename(fresh.c_str(), path.c_str()) != 0) {
    error = failure("cannot rename to", path);
    unlink(fresh.c_str());
    return false;
  }
  return true;
}

std::optional<Meta> read_meta(const std::filesystem::path &recording, std::string &error) {
  const std::filesystem::path path = recording / "meta.json";
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    error = failure("expected a recording's meta.json, cannot open it", path);
    return std::nullopt;
  }
  // Bounded: a recording describes itself in some kilobytes.
  constexpr size_t limit = size_t{64} << 20;
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      error = failure("cannot read", path);
      close(fd);
      return std::nullopt;
    }
    if (n == 0) break;
    text.append(buffer, static_cast<size_t>(n));
    if (text.size() > limit) break;
  }
  close(fd);
  if (text.size() > limit) {
    error = path.string() + ": expected at most 64 MiB, found more; this is not a recording's meta.json";
    return std::nullopt;
  }
  auto meta = meta_from_json(text, error);
  if (!meta) error = path.string() + ": " + error;
  return meta;
}

} // namespace sgperf::record
