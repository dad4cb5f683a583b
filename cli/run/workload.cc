// SPDX-License-Identifier: Apache-2.0
#include "run/workload.h"

#include "run/digest.h"
#include "run/find_program.h"
#include "run/output_check.h"
#include "run/paths.h"
#include "run/python_script.h"
#include "run/wasm_signature.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path &path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::vector<std::string> lines_of(const std::string &path) {
  std::vector<std::string> lines;
  std::stringstream in(read_whole(path));
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

std::string first_existing(std::initializer_list<fs::path> candidates) {
  for (const fs::path &path : candidates)
    if (is_file(path)) return path;
  return "";
}

// "fibonacci" and "polybench/gemm", not "/x", "./x" or "../x".
bool may_be_in_folders(const std::string &name) {
  return !name.empty() && name[0] != '/' && name[0] != '.';
}

// <folder>/<name>/<name>.wasm, <folder>/<name>.wasm, and the same with .so for native-only workloads.  A name with a
// slash is <folder>/<name>.wasm: one of many in one folder.
std::string find_named(const std::string &name, std::string &searched) {
  if (!may_be_in_folders(name)) return "";
  const fs::path own = fs::path(name) / fs::path(name).filename();
  for (const fs::path &folder : paths().workload_folders) {
    const std::string base = (folder / name).string(), in_own = (folder / own).string();
    const std::string found = is_python_script(name)
                                  ? first_existing({folder / "python" / name, folder / "pyperformance" / name})
                                  : first_existing({in_own + ".wasm", base + ".wasm", in_own + ".so", base + ".so"});
    if (!found.empty()) return found;
    searched += (searched.empty() ? "" : ", ") + folder.string();
  }
  return "";
}

// The script beside the workloads that builds this one in the cache, if there is one.
std::string find_recipe(const std::string &name) {
  if (name.find('/') != std::string::npos) return "";
  for (const fs::path &folder : paths().workload_folders)
    if (is_file(folder / ("build-" + name + ".sh"))) return folder / ("build-" + name + ".sh");
  return "";
}

std::string find_suite(const std::string &name) {
  if (name.size() > 6 && name.compare(name.size() - 6, 6, ".suite") == 0 && is_file(name)) return name;
  if (!may_be_in_folders(name)) return "";
  for (const fs::path &folder : paths().workload_folders)
    if (is_file(folder / (name + ".suite"))) return folder / (name + ".suite");
  return "";
}

std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  std::stringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

// `earlier`: those in front of it, of which one may be the same module.
void complete(Workload &w, const WorkloadOptions &options, const std::vector<Workload> &earlier) {
  const fs::path path = w.path, named = w.script.empty() ? path : fs::path(w.script), folder = named.parent_path(),
                 stem = folder / named.stem();
  std::error_code ignored;
  w.preopen = options.working_dir.empty() ? folder.string() : fs::absolute(options.working_dir, ignored).string();
  w.size = fs::file_size(path, ignored);
  if (ignored) w.size = 0;
  const auto same = std::find_if(earlier.begin(), earlier.end(), [&](const Workload &o) { return o.path == w.path; });
  w.sha256 = same != earlier.end() ? same->sha256 : sha256_file(path);
  if (!w.script.empty())
    w.native_path = native_python();
  else if (!w.is_native())
    w.native_path = first_existing({stem.string() + ".so"});
  else
    w.native_path = w.path;
  w.stdin_path = first_existing({stem.string() + ".stdin"});
  if (const std::string file = first_existing({stem.string() + ".args"}); !file.empty()) w.args = lines_of(file);
  if (!options.guest.stdin_path.empty()) w.stdin_path = options.guest.stdin_path;
  if (options.guest.args_given) w.args = options.guest.args;
  // Without -B the machine's own would write compiled modules beside them, and read them the next time.
  if (!w.script.empty()) w.args.insert(w.args.begin(), {"-B", named.filename()});
  w.writable = is_file(stem.string() + ".writable");
  w.in_place = options.guest.writable;
  if (const std::string file = first_existing({stem.string() + ".calls"}); !file.empty())
    w.calls = strtoull(read_whole(file).c_str(), nullptr, 10);
  if (w.invoke.empty() && !options.guest.changes_output()) {
    w.expected_stdout = first_existing({stem.string() + ".stdout.expected", folder / "default.stdout.expected"});
    w.expected_stderr = first_existing({stem.string() + ".stderr.expected", folder / "default.stderr.expected"});
  }
  if (!w.invoke.empty()) {
    // Numbers get the types of the export, so that `--invoke f,5` works for an i64 parameter too.
    const std::vector<std::string> kinds = parameter_kinds(w.path, w.invoke);
    for (size_t i = 0; i < w.invoke_args.size() && i < kinds.size(); ++i)
      if (w.invoke_args[i].find(':') == std::string::npos) w.invoke_args[i] = kinds[i] + ":" + w.invoke_args[i];
  }
}

bool add(const std::string &given, const fs::path &base, const WorkloadOptions &options, std::vector<Workload> &out,
         std::string &error, std::set<std::string> &open_suites);

bool add_suite(const std::string &path, const WorkloadOptions &options, std::vector<Workload> &out, std::string &error,
               std::set<std::string> &open_suites) {
  Suite suite;
  if (!read_suite(path, suite, error)) return false;
  if (!open_suites.insert(path).second) {
    error = "suite " + path + " contains itself";
    return false;
  }
  for (const std::string &entry : suite.entries)
    if (!add(entry, fs::path(path).parent_path(), options, out, error, open_suites)) {
      error = path + ": " + error;
      return false;
    }
  open_suites.erase(path);
  return true;
}

bool add(const std::string &given, const fs::path &base, const WorkloadOptions &options, std::vector<Workload> &out,
         std::string &error, std::set<std::string> &open_suites) {
  Workload w;
  std::string name = given;
  std::string call = options.invoke;
  if (const size_t hash = given.rfind('#'); hash != std::string::npos && hash + 1 < given.size()) {
    name = given.substr(0, hash);
    call = given.substr(hash + 1);
  }
  if (const std::string suite = find_suite(name); !suite.empty() && call == options.invoke)
    return add_suite(suite, options, out, error, open_suites);
  std::string searched;
  std::error_code ignored;
  const bool looks_like_path =
      !may_be_in_folders(name) || (name.find('/') != std::string::npos && fs::path(name).has_extension());
  if (is_file(name))
    w.path = name;
  else if (!base.empty() && is_file(base / name))
    w.path = base / name;
  else
    w.path = find_named(name, searched);
  if (w.path.empty()) {
    if (looks_like_path)
      error = "no such file: " + name;
    else if (const std::string recipe = find_recipe(name); !recipe.empty())
      error = "workload '" + name + "' is made from a package, and was not yet; " + recipe + " makes it";
    else
      error = "no workload or suite named '" + name + "' in " + (searched.empty() ? "any folder" : searched) +
              "; `sgperf suite` lists what there is, SGPERF_BENCHMARKS adds folders";
    return false;
  }
  w.path = fs::canonical(w.path, ignored);
  if (is_python_script(w.path)) {
    w.script = w.path;
    w.path = python_module(error);
    if (w.path.empty()) return false;
  }
  if (!call.empty()) {
    // Behind --, as well as behind the name.
    for (const std::string &arg : options.guest.args) call += "," + arg;
    w.invoke_args = split(call, ',');
    w.invoke = w.invoke_args.front();
    w.invoke_args.erase(w.invoke_args.begin());
  }
  // The id is what was typed, less a suite's folder: it names rows, the path is in meta.json.
  w.id = name + (call.empty() ? "" : "#" + call);
  complete(w, options, out);
  if (std::any_of(out.begin(), out.end(),
                  [&](const Workload &o) { return o.id == w.id && o.path == w.path && o.script == w.script; }))
    return true;
  if (std::any_of(out.begin(), out.end(), [&](const Workload &o) { return o.id == w.id; }))
    w.id = (w.script.empty() ? w.path : w.script) + (call.empty() ? "" : "#" + call);
  out.push_back(std::move(w));
  return true;
}

} // namespace

bool Workload::is_native() const {
  return is_elf_file(path);
}

bool is_suite(const std::string &name, std::string &error) {
  if (!find_suite(name).empty()) return true;
  error = "--suite " + name + ": no such suite; expected the path of a .suite file or one of:";
  for (const Suite &suite : available_suites()) error += " " + suite.name;
  return false;
}

bool read_suite(const std::string &path, Suite &suite, std::string &error) {
  if (!is_file(path)) {
    error = "no such suite: " + path;
    return false;
  }
  suite.path = path;
  suite.name = fs::path(path).stem();
  for (std::string line : lines_of(path)) {
    if (const size_t comment = line.find("# "); comment != std::string::npos) line.resize(comment);
    if (!line.empty() && line[0] == '#') continue;
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.pop_back();
    const size_t begin = line.find_first_not_of(" \t");
    if (begin != std::string::npos) suite.entries.push_back(line.substr(begin));
  }
  return true;
}

bool resolve_workloads(const std::vector<std::string> &names, const WorkloadOptions &options,
                       std::vector<Workload> &out, std::string &error) {
  std::set<std::string> open_suites;
  for (const std::string &name : names)
    if (!add(name, {}, options, out, error, open_suites)) return false;
  return true;
}

std::vector<std::string> available_workloads() {
  std::set<std::string> names;
  std::error_code ignored;
  for (const fs::path &folder : paths().workload_folders)
    for (const auto &entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename();
      if (!entry.is_directory(ignored)) {
        if (entry.path().extension() == ".wasm") names.insert(entry.path().stem());
      } else if (is_file(entry.path() / (name + ".wasm")) || is_file(entry.path() / (name + ".so"))) {
        names.insert(name);
      } else {
        for (const auto &file : fs::directory_iterator(entry.path(), ignored))
          if (file.path().extension() == ".wasm") names.insert(name + "/" + file.path().stem().string());
      }
    }
  return {names.begin(), names.end()};
}

std::vector<Suite> available_suites() {
  std::vector<Suite> suites;
  std::set<std::string> seen;
  std::error_code ignored;
  for (const fs::path &folder : paths().workload_folders)
    for (const auto &entry : fs::directory_iterator(folder, ignored)) {
      Suite suite;
      std::string error;
      if (entry.path().extension() == ".suite" && seen.insert(entry.path().stem()).second &&
          read_suite(entry.path(), suite, error))
        suites.push_back(std::move(suite));
    }
  std::sort(suites.begin(), suites.end(), [](const Suite &a, const Suite &b) { return a.name < b.name; });
  return suites;
}

} // namespace sgperf::run
