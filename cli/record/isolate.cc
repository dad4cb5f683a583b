// SPDX-License-Identifier: Apache-2.0
#include "record/isolate.h"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace sgperf::record {

using json = nlohmann::json;

bool write_isolation(const std::filesystem::path &recording, const Isolation &isolation, std::string &error) {
  json runs = json::array();
  for (const IsolationRun &run : isolation.runs)
    runs.push_back(
        {{"site", run.site}, {"folder", run.folder}, {"wall_ns", run.wall_ns}, {"exit_code", run.exit_code}});
  const json root = {
      {"schema", 1}, {"wall_ns", isolation.wall_ns}, {"exit_code", isolation.exit_code}, {"runs", std::move(runs)}};
  const auto path = recording / "isolate.json", fresh = recording / ("isolate.json." + std::to_string(getpid()));
  {
    std::ofstream file(fresh);
    file << root.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
    file.close();
    if (!file) {
      error = fresh.string() + ": cannot write";
      return false;
    }
  }
  std::error_code code;
  std::filesystem::rename(fresh, path, code);
  if (code) error = path.string() + ": cannot rename to it: " + code.message();
  return !code;
}

std::optional<Isolation> read_isolation(const std::filesystem::path &recording, std::string &error) {
  const auto path = recording / "isolate.json";
  error.clear();
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  const json root = json::parse(text.str(), nullptr, false);
  if (!root.is_object() || !root.contains("runs") || !root["runs"].is_array()) {
    error = path.string() + ": expected a JSON object with `runs`, found something else; isolated runs are left out";
    return std::nullopt;
  }
  const auto number = [](const json &from, const char *key) {
    const auto at = from.find(key);
    return at != from.end() && at->is_number() ? at->get<double>() : 0.0;
  };
  const auto code = [&](const json &from) {
    const double value = number(from, "exit_code");
    return value >= -1e6 && value <= 1e6 ? static_cast<int>(value) : 0;
  };
  Isolation out;
  out.wall_ns = number(root, "wall_ns");
  out.exit_code = code(root);
  for (const json &entry : root["runs"]) {
    if (!entry.is_object() || !entry.contains("site") || !entry["site"].is_string() || !entry.contains("folder") ||
        !entry["folder"].is_string())
      continue;
    IsolationRun run;
    run.site = entry["site"].get<std::string>();
    run.folder = entry["folder"].get<std::string>();
    // Inside the recording, whatever the file says.
    const std::filesystem::path folder(run.folder);
    if (folder.is_absolute() || run.folder.find("..") != std::string::npos) continue;
    run.wall_ns = number(entry, "wall_ns");
    run.exit_code = code(entry);
    out.runs.push_back(std::move(run));
  }
  return out;
}

} // namespace sgperf::record
