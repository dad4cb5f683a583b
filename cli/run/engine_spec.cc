// SPDX-License-Identifier: Apache-2.0
#include "run/engine_spec.h"

#include "run/engine_catalogue.h"
#include "run/paths.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

std::string absolute(const std::string &path) {
  std::error_code error;
  const fs::path full = fs::weakly_canonical(fs::absolute(path), error);
  return error ? path : full.string();
}

bool parse_count(const std::string &text, uint32_t &out) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc() && end == text.data() + text.size() && out > 0;
}

constexpr std::string_view process_prefix = "process:";

// A command may have commas of its own: it ends where a key of ours begins.
size_t command_end(const std::string &text) {
  size_t end = text.size();
  for (const char *key : {",flag=", ",flags=", ",name=", ",iterations=", ",processes="})
    end = std::min(end, text.find(key));
  return end;
}

// "wasmtime" of "process:/opt/wasmtime run {}"
std::string program_name(const std::string &command) {
  const size_t begin = std::min(command.find_first_not_of(" \t"), command.size());
  const size_t end = std::min(command.find_first_of(" \t", begin), command.size());
  return fs::path(command.substr(begin, end - begin)).filename();
}

} // namespace

bool parse_engine(const std::string &text, EngineSpec &spec, std::string &error) {
  spec = EngineSpec{};
  spec.given = text;
  std::vector<std::string> parts(1);
  size_t at = 0;
  if (text.compare(0, process_prefix.size(), process_prefix) == 0) {
    at = command_end(text);
    parts[0] = text.substr(0, at);
  }
  for (; at < text.size(); ++at)
    if (text[at] == ',')
      parts.emplace_back();
    else
      parts.back() += text[at];
  for (size_t i = 1; i < parts.size(); ++i) {
    const size_t equals = parts[i].find('=');
    const std::string key = parts[i].substr(0, equals);
    const std::string value = equals == std::string::npos ? std::string() : parts[i].substr(equals + 1);
    if (equals == std::string::npos || value.empty()) {
      error =
          "engine '" + text + "': '" + parts[i] +
          "' is not KEY=VALUE; expected flag=.., lib=PATH, name=NAME, abi=ABI, iterations=N, processes=N or eager=1";
      return false;
    }
    if (key == "flag" || key == "flags")
      spec.flags.append(spec.flags.empty() ? "" : " ").append(value);
    else if (key == "lib")
      spec.library = absolute(value);
    else if (key == "name")
      spec.name = value;
    else if (key == "abi")
      spec.abi = value;
    else if (key == "iterations" || key == "processes") {
      if (!parse_count(value, key == "iterations" ? spec.iterations : spec.processes)) {
        error = "engine '" + text + "': " + key + "=" + value + "; expected a number from 1 on";
        return false;
      }
    } else if (key == "eager" && (value == "0" || value == "1"))
      spec.eager = value == "1";
    else if (key == "eager") {
      error = "engine '" + text + "': eager=" + value + "; expected 1 or 0";
      return false;
    } else {
      error = "engine '" + text + "': unknown key '" + key +
              "'; expected flag, lib, name, abi, iterations, processes or eager";
      return false;
    }
  }
  std::string head = parts[0];
  if (head.empty()) {
    error = "engine '" + text + "' has no name; expected ENGINE[:TIER][,flag=..][,lib=PATH][,name=NAME] or PATH.so";
    return false;
  }
  if (head.compare(0, process_prefix.size(), process_prefix) == 0) {
    spec.engine = "process";
    spec.tier = spec.command = head.substr(process_prefix.size());
    spec.plugin = find_plugin(spec.engine);
    if (spec.plugin.empty()) spec.missing = "engine 'process' is not installed: " + how_to_get(spec.engine);
    return true;
  }
  const size_t so = head.rfind(".so");
  const bool is_path = head.find('/') != std::string::npos && head.compare(0, 7, "native:") != 0;
  if (so != std::string::npos && (so + 3 == head.size() || head[so + 3] == ':' || head[so + 3] == '.' || is_path)) {
    const size_t colon = head.find(':', so);
    if (colon != std::string::npos) {
      spec.tier = head.substr(colon + 1);
      head.resize(colon);
    }
    spec.given_as_path = true;
    std::error_code ignored;
    spec.engine = fs::path(head).stem();
    if (fs::is_regular_file(head, ignored))
      spec.plugin = absolute(head);
    else
      spec.missing = "no such file: " + head;
    return true;
  }
  const size_t colon = head.find(':');
  spec.engine = head.substr(0, colon);
  if (colon != std::string::npos) spec.tier = head.substr(colon + 1);
  if (spec.engine == "native" && spec.tier.find('/') != std::string::npos) {
    spec.program = absolute(spec.tier);
    spec.tier.clear();
  }
  spec.plugin = find_plugin(spec.engine);
  if (spec.plugin.empty()) spec.missing = "engine '" + spec.engine + "' is not installed: " + how_to_get(spec.engine);
  return true;
}

void name_engines(std::vector<EngineSpec> &specs, const std::vector<std::string> &default_tiers) {
  const auto base = [&](size_t i) {
    const EngineSpec &s = specs[i];
    if (!s.name.empty()) return s.name;
    if (!s.command.empty()) return s.engine + ":" + program_name(s.command);
    const std::string tier = !s.tier.empty() ? s.tier : default_tiers[i];
    std::string id = tier.empty() || tier == s.engine ? s.engine : s.engine + ":" + tier;
    if (!s.program.empty()) id.append(":").append(fs::path(s.program).filename().string());
    return id;
  };
  std::map<std::string, int> seen;
  for (size_t i = 0; i < specs.size(); ++i) ++seen[specs[i].id = base(i)];
  for (EngineSpec &s : specs) {
    if (seen[s.id] < 2) continue;
    if (!s.flags.empty()) s.id.append("[").append(s.flags).append("]");
    if (s.eager) s.id.append("[eager]");
    if (s.library.empty()) continue;
    const fs::path library = s.library;
    s.id.append("[").append((library.parent_path().filename() / library.filename()).string()).append("]");
  }
  std::set<std::string> used;
  for (EngineSpec &s : specs) {
    const std::string id = s.id;
    for (int n = 2; !used.insert(s.id).second; ++n) s.id = id + "#" + std::to_string(n);
  }
}

} // namespace sgperf::run
