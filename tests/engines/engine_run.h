// SPDX-License-Identifier: Apache-2.0
// Running engine-driver, and reading what it printed.
#pragma once

#include "support/process.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace sgperf::test {

// The lines of one run of the driver.
struct Events {
  Result process;
  std::vector<std::string> lines;

  bool has(const std::string &line) const { return std::find(lines.begin(), lines.end(), line) != lines.end(); }
  // The first line that begins with `start`, without it; "(none)".
  std::string after(const std::string &start) const {
    for (const std::string &line : lines)
      if (line.starts_with(start)) return line.substr(start.size());
    return "(none)";
  }
  // What the invoked functions gave, in order: "i5", "F2.25".
  std::vector<std::string> results() const {
    constexpr std::string_view start = "result ";
    std::vector<std::string> out;
    for (const std::string &line : lines)
      if (line.starts_with(start)) out.push_back(line.substr(start.size()));
    return out;
  }
  // Lines of regions and hooks only, joined by spaces: "begin:call hook:start ..".
  std::string order() const {
    std::string out;
    for (const std::string &line : lines)
      if (line.starts_with("begin ") || line.starts_with("end ") || line.starts_with("hook ")) {
        std::string word = line;
        word[word.find(' ')] = ':';
        out += (out.empty() ? "" : " ") + word;
      }
    return out;
  }
  std::string all() const { return process.out + process.err; }
};

inline std::filesystem::path plugin(const std::string &engine) {
  return build_dir() / "engines" / engine / ("libsgperf-engine-" + engine + ".so");
}
// Where the set-up puts engines that do not come with the system.
inline std::filesystem::path installed_engines() {
  auto variable = [](const char *name) { return std::string(std::getenv(name) ? std::getenv(name) : ""); };
  std::filesystem::path root = !variable("SGPERF_CACHE").empty()     ? variable("SGPERF_CACHE")
                               : !variable("XDG_CACHE_HOME").empty() ? variable("XDG_CACHE_HOME") + "/sgperf"
                                                                     : variable("HOME") + "/.cache/sgperf";
  return root / "engines";
}
inline std::filesystem::path fetched_wasmtime() {
  return installed_engines() / "wasmtime-50.0.1";
}
// The file there without which an engine, or one tier of it, cannot run, or several of which one will do; those that
// are not named need none.
inline const std::multimap<std::string, std::string> installed_files = {
    {"wasmtime", "wasmtime-50.0.1/_libwasmtime.so"},
    {"wasm3", "wasm3-0.9.0/libwasm3.so"},
    {"wamr", "wamr-2.4.3/libiwasm.so"},
    {"wamr:aot", "wamr-llvm-2.4.3/libsgperf-wamrc.so"},
    {"wamr:llvm-jit", "wamr-llvm-2.4.3/libiwasm.so"},
    {"wasm-c-api", "wasmtime-50.0.1/_libwasmtime.so"}, // any library will do: the one that every machine has
    {"wasmi", "wasmi-2.0.0/libwasmi.so"},
    {"wasmer", "wasmer-7.4.2/libwasmer.so"},
    {"wasmer", "wasmer-llvm-7.4.2/libwasmer.so"},
    {"wasmer:llvm", "wasmer-llvm-7.4.2/libwasmer.so"},
    {"v8", "v8-10.2/lib/libnode.so.108"},
};
// Engines that come with the system and are loaded at run time: one of these libraries.
inline const std::map<std::string, std::vector<std::string>> system_libraries = {
    {"jsc", {"libjavascriptcoregtk-4.1.so.0", "libjavascriptcoregtk-4.0.so.18", "libjavascriptcoregtk-6.0.so.1"}},
};
inline bool system_has(const std::string &engine) {
  auto libraries = system_libraries.find(engine);
  if (libraries == system_libraries.end()) return true;
  return std::any_of(libraries->second.begin(), libraries->second.end(), [](const std::string &name) {
    void *library = dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library) dlclose(library);
    return library != nullptr;
  });
}
// Empty if `engine` can run here, else why not.
inline std::string cannot_run(const std::string &engine, const std::string &tier = {}) {
  if (!std::filesystem::exists(plugin(engine)))
    return engine + " was not built: its development package is missing (packaging/debian-12.txt names it)";
  if (!system_has(engine))
    return engine + " is not installed: " + system_libraries.at(engine)[0] + " is missing (`sgperf engines install " +
           engine + "` says how)";
  auto [file, end] = installed_files.equal_range(engine + ":" + tier);
  if (file == end) std::tie(file, end) = installed_files.equal_range(engine);
  const auto there = [](const auto &entry) { return std::filesystem::exists(installed_engines() / entry.second); };
  if (file == end || std::any_of(file, end, there)) return {};
  return engine + " was not installed: " + (installed_engines() / file->second).string() +
         " is missing (`sgperf engines install " + engine + "`; ./dev test does it where it is not a long build)";
}
inline std::filesystem::path guest(const std::string &name) {
  return build_dir() / "tests" / "engines" / name;
}

inline Events drive(const std::filesystem::path &library, const std::vector<std::string> &words, Options options = {}) {
  std::vector<std::string> argv = {(build_dir() / "tests/engines/engine-driver").string(), library.string()};
  argv.insert(argv.end(), words.begin(), words.end());
  Events events;
  events.process = run(argv, options);
  std::istringstream text(events.process.out);
  for (std::string line; std::getline(text, line);) events.lines.push_back(line);
  return events;
}

} // namespace sgperf::test
