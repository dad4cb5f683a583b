// SPDX-License-Identifier: Apache-2.0
#include "setup/includes.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace sgperf::test {
namespace fs = std::filesystem;
namespace {

// Room -> rooms it may include, besides itself.  A room that is not listed may include everything (tests).
const std::map<std::string, std::set<std::string>> &arrows() {
  static const std::map<std::string, std::set<std::string>> table = {
      {"include", {}},
      {"libsgperf", {"include", "preload"}},
      {"preload", {"include", "libsgperf"}},
      {"engines", {"include", "libsgperf"}},
      {"probes", {"include", "libsgperf"}},
      {"benchmarks", {"include"}},
      {"examples", {"include"}},
      {"cli/formats", {}},
      {"cli/record", {"include", "libsgperf", "cli/formats"}},
      {"cli/stats", {}},
      {"cli/merge", {"cli/record", "cli/formats"}},
      {"cli/emit", {"cli/merge", "cli/stats", "cli/formats"}},
      {"cli/run", {"include", "libsgperf", "probes", "cli/record", "cli/formats"}},
      {"cli/command", {"cli/run", "cli/merge", "cli/stats", "cli/emit"}},
  };
  return table;
}

// libsgperf/ and preload/ live in other people's processes: C headers of libc and the kernel, and nothing else.
bool is_c_header(const std::string &text) {
  if (text.size() < 3 || !text.ends_with(".h")) return false;
  for (const char *library :
       {"fmt/", "bpf/", "elfutils/", "nlohmann/", "boost/", "CLI/", "gelf.h", "libelf.h", "dwarf.h"})
    if (text.starts_with(library)) return false;
  return true;
}

bool in_target_process(const std::string &room) {
  return room == "libsgperf" || room == "preload";
}

} // namespace

std::vector<fs::path> tree_files(const fs::path &root) {
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(root), end; entry != end; ++entry) {
    const std::string name = entry->path().filename();
    const bool top = entry.depth() == 0;
    if (entry->is_directory() &&
        ((name.starts_with(".") && name != ".ci") || name == "sgperf.data" || name == "sgperf.data.old" ||
         (top && name.starts_with("build")) || fs::exists(entry->path() / "meson-private")))
      entry.disable_recursion_pending();
    else if (entry->is_regular_file())
      files.push_back(fs::relative(entry->path(), root));
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string room_of(const fs::path &path) {
  auto part = path.begin();
  if (part == path.end()) return "";
  const std::string first = *part++;
  if (part == path.end()) return ""; // a file at the root
  return first == "cli" && std::next(part) != path.end() ? "cli/" + part->string() : first;
}

std::vector<Include> includes_of(const fs::path &root) {
  static const std::set<std::string> kinds = {".c", ".h", ".cc", ".hpp", ".S"};
  static const std::regex directive(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> result;
  for (const fs::path &file : tree_files(root)) {
    if (!kinds.contains(file.extension())) continue;
    std::ifstream in(root / file);
    std::string text;
    for (int line = 1; std::getline(in, text); ++line) {
      std::smatch match;
      if (!std::regex_search(text, match, directive)) continue;
      Include include{file, line, match[2], room_of(file), "", {}};
      std::vector<fs::path> places = {"", "include", "cli", "tests"};
      if (match[1] == "\"") places.insert(places.begin(), file.parent_path());
      for (const fs::path &place : places) {
        const fs::path candidate = (place / include.text).lexically_normal();
        if (candidate.is_absolute() || !fs::is_regular_file(root / candidate)) continue;
        include.path = candidate;
        include.target = room_of(candidate);
        break;
      }
      result.push_back(include);
    }
  }
  return result;
}

std::string forbidden(const Include &include) {
  if (include.target == "cli/command" && include.room != "cli/command") return "nothing includes cli/command";
  if (include.path.empty()) {
    if (in_target_process(include.room) && !is_c_header(include.text))
      return include.room + " runs inside other people's processes: C headers only";
    return "";
  }
  if (include.room == include.target) return "";
  const auto row = arrows().find(include.room);
  if (row == arrows().end()) return "";
  // The worker loads Sightglass's plug-in forms beside our own; how they look stands in engines/sightglass.
  if (include.room == "cli/run" && include.path == "engines/sightglass/foreign.h") return "";
  if (!row->second.contains(include.target)) return include.room + " may not include " + include.target;
  if (include.target == "libsgperf" && !in_target_process(include.room) &&
      !include.path.filename().string().ends_with("_layout.h"))
    return "only layout headers (*_layout.h) of libsgperf are for others";
  return "";
}

} // namespace sgperf::test
