// SPDX-License-Identifier: Apache-2.0
#include "run/engine_install.h"

#include "run/child_process.h"
#include "run/engine_catalogue.h"
#include "run/install_lock.h"
#include "run/measures/clock.h"
#include "run/paths.h"
#include "run/signal_guard.h"
#include "run/status_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

// Exit codes of recipes (engines/install.sh).
constexpr int recipe_fetch = 3, recipe_program = 4;

void complain(const std::string &text) {
  fprintf(stderr, "sgperf engines install: %s\n", text.c_str());
}

std::string title(const CatalogueEntry &entry) {
  return std::string(entry.name) + " " + entry.version;
}

// ---- what is to be done

bool accepts(const InstallWishes &wishes, const CatalogueEntry &entry) {
  return !*entry.to_accept ||
         std::find(wishes.accepted.begin(), wishes.accepted.end(), entry.to_accept) != wishes.accepted.end();
}

std::optional<std::vector<const CatalogueEntry *>> wanted(const InstallWishes &wishes, InstallOutcome &outcome) {
  std::vector<const CatalogueEntry *> list;
  const auto add = [&list](const CatalogueEntry &entry) {
    if (std::find(list.begin(), list.end(), &entry) == list.end()) list.push_back(&entry);
  };
  for (const std::string &name : wishes.names) {
    if (name == "all") {
      // Engines; commands are for those who name them.
      for (const CatalogueEntry &entry : engine_catalogue())
        if (entry.source == Source::recipe && *entry.plugin && !*entry.to_accept && (!entry.heavy || wishes.heavy))
          add(entry);
      continue;
    }
    const CatalogueEntry *entry = find_entry(name);
    if (!entry) {
      std::string known;
      for (const CatalogueEntry &one : engine_catalogue())
        if (one.source == Source::recipe) known.append(known.empty() ? "" : ", ").append(one.name);
      complain(fmt::format("there is no engine '{}'; expected all, or some of {}", name, known));
      outcome = InstallOutcome::usage;
      return std::nullopt;
    }
    if (entry->source == Source::nobody) {
      complain(fmt::format("{} is not to be had: {}", name, entry->note));
      outcome = InstallOutcome::environment;
      return std::nullopt;
    }
    if (entry->source == Source::own) {
      complain(fmt::format("{} comes with sgperf: {}", name, entry->note));
      continue;
    }
    if (entry->source == Source::package && find_plugin(entry->plugin).empty()) {
      complain(fmt::format("{} comes as packages of the system; as root:\n{}{}", name, command_for(*entry),
                           *entry->note ? std::string("\n") + entry->note : ""));
      outcome = InstallOutcome::environment;
      return std::nullopt;
    }
    if (entry->source == Source::package) {
      complain(fmt::format("{} comes as packages of the system ({}); `sgperf engines {}` says whether it can be used",
                           name, command_for(*entry), name));
      continue;
    }
    if (!accepts(wishes, *entry) && !(is_installed(*entry) && !wishes.force)) {
      complain(fmt::format("{} {}; if that is what you want:\n{}", name, entry->note, command_for(*entry)));
      outcome = InstallOutcome::usage;
      return std::nullopt;
    }
    add(*entry);
  }
  return list;
}

void print_plan(const std::vector<const CatalogueEntry *> &list, bool force) {
  for (const CatalogueEntry *entry : list)
    printf("%s: %s\n  package  %s\n  licence  %s\n  recipe   %s\n  into     %s\n", title(*entry).c_str(),
           is_installed(*entry) && !force ? "there already"
           : entry->cpu_minutes           ? fmt::format("about {} min of CPU", entry->cpu_minutes).c_str()
                                          : "less than a minute",
           entry->package, entry->licence, recipe_file(*entry).c_str(), entry_folder(*entry).c_str());
}

// ---- one recipe, as it runs

// What a recipe says: steps become progress, everything goes into the log.
class Report {
public:
  Report(const CatalogueEntry &entry, const fs::path &log)
      : title_(title(entry)), log_(log, std::ios::trunc), start_ns_(monotonic_ns()), step_ns_(start_ns_) {}

  bool good() const { return log_.good(); }

  void take(std::string_view text) {
    log_ << text << std::flush;
    for (const char c : text) {
      if (c != '\n' && c != '\r') {
        line_ += c;
        continue;
      }
      if (!line_.empty()) line(line_);
      line_.clear();
    }
  }

  void tick() {
    if (!step_.empty()) status_.show(status(), false);
  }
  void note(const std::string &text) { status_.note(title_ + ": " + text); }
  double seconds() const { return static_cast<double>(monotonic_ns() - start_ns_) * 1e-9; }

private:
  void line(const std::string &text) {
    constexpr std::string_view mark = "== [";
    if (text.compare(0, mark.size(), mark) != 0) {
      last_ = text;
      return;
    }
    step_ = text.substr(3);
    step_ns_ = monotonic_ns();
    last_.clear();
    status_.show(title_ + ": " + step_, true);
  }

  std::string status() const {
    const double in_step = static_cast<double>(monotonic_ns() - step_ns_) * 1e-9;
    std::string out = fmt::format("{}: {}  {}", title_, step_, duration_text(in_step));
    // What runs now, without the tabs and colours of whoever says it.
    std::string what;
    for (const char c : last_)
      if (static_cast<unsigned char>(c) >= ' ' && (c != ' ' || (!what.empty() && what.back() != ' '))) what += c;
    return what.empty() ? out : out + "  " + what;
  }

  std::string title_;
  std::ofstream log_;
  StatusLine status_{30000000000u};
  std::string line_, last_, step_;
  uint64_t start_ns_, step_ns_;
};

// Of a recipe's own messages all; of a compiler's the end.
std::string tail(const std::string &log, int exit_code) {
  std::vector<std::string> lines;
  size_t begin = 0;
  for (size_t end; begin < log.size(); begin = end + 1) {
    end = std::min(log.find('\n', begin), log.size());
    lines.push_back(log.substr(begin, end - begin));
  }
  size_t first = lines.size() > 25 ? lines.size() - 25 : 0;
  if (exit_code == recipe_program) {
    first = lines.size();
    while (first > 0 && lines[first - 1].starts_with("error: ")) --first;
  }
  std::string out;
  for (size_t i = first; i < lines.size(); ++i) out += "\n  " + lines[i];
  return out;
}

InstallOutcome run_recipe(const CatalogueEntry &entry, const InstallWishes &wishes) {
  const fs::path recipe = recipe_file(entry), folder = entry_folder(entry);
  std::error_code error;
  if (!fs::is_regular_file(recipe, error)) {
    complain(fmt::format("expected the recipe {}, found none; build or install sgperf as a whole", recipe.string()));
    return InstallOutcome::environment;
  }
  const fs::path logs = paths().cache / "logs";
  fs::create_directories(logs, error);
  if (!error) fs::create_directories(folder.parent_path(), error);
  if (error) {
    complain(fmt::format("cannot make folders in {}: {}; set SGPERF_CACHE to a folder that you may write to",
                         paths().cache.string(), error.message()));
    return InstallOutcome::environment;
  }
  InstallLock lock(folder.parent_path() / fmt::format(".{}.lock", folder.filename().string()));
  if (!lock.take([&](const std::string &holder) {
        fprintf(stderr, "%s: being installed by %s; waiting for it\n", title(entry).c_str(), holder.c_str());
      })) {
    if (interrupted) return InstallOutcome::interrupted;
    complain(lock.problem());
    return InstallOutcome::environment;
  }
  if (is_installed(entry) && !wishes.force) {
    fprintf(stderr, "%s: there already, %s\n", title(entry).c_str(), folder.c_str());
    return InstallOutcome::done;
  }
  const fs::path log = logs / ("install-" + folder.filename().string() + ".log");
  Report report(entry, log);
  if (!report.good()) {
    complain(fmt::format("cannot write {}: {}", log.string(), strerror(errno)));
    return InstallOutcome::environment;
  }
  ChildOptions how;
  how.env = {"SGPERF_CACHE=" + paths().cache.string(), std::string("SGPERF_FORCE=") + (wishes.force ? "1" : "")};
  how.on_output = [&](std::string_view text) { report.take(text); };
  how.tick = [&] { report.tick(); };
  const ChildResult result = run_child({"/bin/sh", recipe.string(), folder.string()}, how);
  if (result.interrupted) {
    report.note("interrupted after " + duration_text(report.seconds()) + "; what was fetched and compiled is kept in " +
                (paths().cache / "sources").string() + ", and the same command goes on from there");
    return InstallOutcome::interrupted;
  }
  if (result.ok() && is_installed(entry)) {
    report.note("in " + folder.string() + " (" + duration_text(report.seconds()) + "), " + entry.licence);
    return InstallOutcome::done;
  }
  const std::string why = result.ok() ? std::string("it made no ") + entry.file : failure_of(result, how);
  report.note(fmt::format("not installed: {} {}{}\n  all of it: {}", recipe.string(), why,
                          tail(result.log, result.exit_code), log.string()));
  return result.exit_code == recipe_program || result.exit_code == recipe_fetch ? InstallOutcome::environment
                                                                                : InstallOutcome::failed;
}

} // namespace

InstallOutcome install_engines(const InstallWishes &wishes) {
  InstallOutcome outcome = InstallOutcome::done;
  const auto list = wanted(wishes, outcome);
  if (!list) return outcome;
  if (wishes.dry_run) {
    print_plan(*list, wishes.force);
    return outcome;
  }
  const SignalGuard guard;
  for (const CatalogueEntry *entry : *list) {
    const InstallOutcome one = run_recipe(*entry, wishes);
    if (one == InstallOutcome::interrupted) return one;
    if (outcome == InstallOutcome::done) outcome = one;
  }
  return outcome;
}

} // namespace sgperf::run
