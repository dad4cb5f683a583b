// SPDX-License-Identifier: Apache-2.0
// `sgperf record -- CMD`: a program as it is, with the library preloaded.
#include "command/commands.h"
#include "record/isolate.h"
#include "record/meta.h"
#include "record/private_folder.h"
#include "record/recording_folder.h"
#include "record/session.h"
#include "record/session_folder.h"
#include "run/machine.h"
#include "run/paths.h"
#include "run/target.h"

#include <CLI/CLI.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>

namespace sgperf::command {
namespace fs = std::filesystem;
namespace {

struct Arguments {
  std::vector<std::string> command;
  std::string output = "sgperf.data", timer, sites;
  bool isolate = false, quiet = false;
};

void say(const std::string &text) {
  std::fprintf(stderr, "sgperf record: %s\n", text.c_str());
}

class Recorder {
public:
  explicit Recorder(const Arguments &arguments)
      : arguments_(arguments), folder_(fs::absolute(arguments.output).lexically_normal()) {
    if (!folder_.has_filename()) folder_ = folder_.parent_path();
  }

  int run() {
    std::string error;
    if (!prepare(error)) {
      say(error);
      return exit_environment;
    }
    const std::string refusal = run::preload_refusal(arguments_.command[0]);
    const run::TargetResult result = once(arguments_.sites, live_.path());
    if (!result.started) {
      say(result.error);
      // As if nothing had been tried: the older recording comes back.
      std::error_code ignored;
      fs::remove_all(folder_, ignored);
      fs::path old = folder_;
      old += ".old";
      if (moved_old_) fs::rename(old, folder_, ignored);
      return result.exit_code;
    }
    const bool running = leftover();
    const size_t sessions = record::copy_sessions(live_.path(), folder_, !running, problems_);
    if (running) live_.keep();
    if (arguments_.isolate && result.signal != SIGINT) isolate(result);
    finish(result.exit_code, running);
    if (!problems_.empty()) say(problems_.substr(0, problems_.size() - 1));
    if (sessions == 0)
      say(nothing_recorded(refusal));
    else if (running)
      say("programs that the command started still run; their sessions so far are in " + arguments_.output +
          ", what follows stays in " + live_.path().string());
    if (!arguments_.quiet && sessions)
      say("wrote " + arguments_.output + "; see it with: sgperf report" +
          (arguments_.output == "sgperf.data" ? "" : " " + arguments_.output));
    return result.exit_code;
  }

private:
  bool prepare(std::string &error) {
    library_ = run::paths().library;
    std::error_code ignored;
    if (!fs::exists(library_, ignored)) {
      error =
          "expected the library at " + library_.string() + ", found nothing there; build or install sgperf as a whole";
      return false;
    }
    moved_old_ = fs::exists(folder_, ignored);
    if (!live_.create(error) || !record::make_recording(folder_, error)) return false;
    meta_.kind = "record";
    meta_.sgperf_version = SGPERF_PROJECT_VERSION;
    meta_.command = arguments_.command;
    meta_.working_directory = fs::current_path(ignored).string();
    meta_.machine = run::machine_fingerprint();
    for (auto &warning : run::machine_warnings(meta_.machine, -2))
      if (warning.severity != "info") meta_.warnings.push_back(std::move(warning));
    start_ = record::take_anchor();
    meta_.started_realtime_ns = start_.realtime;
    meta_.anchors.push_back(run::clock_anchor());
    meta_.timer = arguments_.timer.empty() ? "tsc" : arguments_.timer;
    // Read by a report while the program runs, and after a kill -9 of this command.
    meta_.environment["SGPERF_DIR"] = live_.path().string();
    if (!arguments_.sites.empty()) meta_.environment["SGPERF_SITES"] = arguments_.sites;
    return record::write_meta(folder_, meta_, error);
  }

  run::TargetResult once(const std::string &sites, const fs::path &sessions) {
    run::TargetOptions options;
    const char *before = getenv("LD_PRELOAD");
    options.env.push_back("LD_PRELOAD=" + library_.string() + (before && *before ? std::string(":") + before : ""));
    options.env.push_back("SGPERF_DIR=" + sessions.string());
    if (!arguments_.timer.empty()) options.env.push_back("SGPERF_TIMER=" + arguments_.timer);
    if (!sites.empty()) options.env.push_back("SGPERF_SITES=" + sites);
    return run::run_target(arguments_.command, options);
  }

  // Sites that were called in the run with all sites, in the order in which they registered.
  std::vector<std::string> called_sites() {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const auto &file : record::session_files(folder_)) {
      std::string error;
      const auto session = record::Session::read(file.path, error);
      if (!session) continue;
      for (const auto &site : session->sites) {
        if ((site.flags & SGPERF_SITE_KIND) != SGPERF_SITE_SCOPE || site.count == 0 || site.id < 2) continue;
        if (!seen.insert(site.name).second) continue;
        // A list of globs has no way to quote these.
        if (site.name.find_first_of(",*?!") != std::string::npos)
          say("cannot isolate " + site.name + ": its name has a character that means something in SGPERF_SITES");
        else
          names.push_back(site.name);
      }
    }
    return names;
  }

  void isolate(const run::TargetResult &with_all) {
    const auto sites = called_sites();
    if (!arguments_.quiet) {
      say("all sites on: " + std::to_string(sites.size()) + " were called; now one run with each alone");
      for (const std::string &site : sites) say("  " + site);
    }
    record::Isolation isolation;
    isolation.wall_ns = with_all.wall_ns;
    isolation.exit_code = with_all.exit_code;
    for (size_t i = 0; i < sites.size(); ++i) {
      record::PrivateFolder sessions;
      std::string error;
      if (!sessions.create(error)) {
        problems_ += error + "\n";
        break;
      }
      const run::TargetResult result = once(sites[i], sessions.path());
      if (!result.started) {
        problems_ += result.error + "\n";
        break;
      }
      char name[32];
      std::snprintf(name, sizeof name, "isolated/%04zu", i + 1);
      std::error_code code;
      fs::create_directories(folder_ / name, code);
      record::copy_sessions(sessions.path(), folder_ / name, true, problems_);
      isolation.runs.push_back({sites[i], name, result.wall_ns, result.exit_code});
      // After each run: what was measured is kept whatever happens next.
      if (!record::write_isolation(folder_, isolation, error)) problems_ += error + "\n";
      if (result.signal == SIGINT) break;
    }
  }

  bool leftover() const {
    for (const auto &file : record::session_files(live_.path())) {
      std::string error;
      const auto session = record::Session::read(file.path, error);
      if (session && session->state() == record::SessionState::live) return true;
    }
    return false;
  }

  void finish(int exit_code, bool running) {
    const auto end = record::take_anchor();
    meta_.tsc_hz = record::tsc_hz_between(start_, end);
    meta_.anchors.push_back(run::clock_anchor());
    meta_.ended_realtime_ns = end.realtime;
    meta_.exit_code = exit_code;
    meta_.environment.erase("SGPERF_DIR");
    if (running)
      meta_.warnings.push_back(
          {"W103", "warning", "record", "programs that the command started were still running at its end"});
    std::string error;
    if (!record::write_meta(folder_, meta_, error)) problems_ += error + "\n";
  }

  std::string nothing_recorded(const std::string &refusal) const {
    if (!refusal.empty()) return "no session: " + refusal;
    return "no session was written: expected the program to load " + library_.string() +
           " (LD_PRELOAD); it may have removed LD_PRELOAD, be of another architecture, or run on another machine or "
           "container";
  }

  const Arguments &arguments_;
  fs::path folder_, library_;
  record::PrivateFolder live_;
  record::Meta meta_;
  sgperf_anchor start_{};
  std::string problems_;
  bool moved_old_ = false;
};

} // namespace

void add_record(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub =
      app.add_subcommand("record", "Run a program as it is, with libsgperf preloaded, and keep its scopes and phases");
  sub->add_option("-o,--output", arguments->output, "The recording to make; an older one is kept as DIR.old")
      ->capture_default_str();
  sub->add_flag("--isolate", arguments->isolate,
                "Run the program once with all sites on, then once a site with only that site on");
  sub->add_option("--timer", arguments->timer, "tsc or clock; default: tsc where it is invariant")
      ->check(CLI::IsMember({"tsc", "clock"}));
  sub->add_option("--sites", arguments->sites, "Which sites are on: GLOB,!GLOB,..");
  sub->add_flag("-q,--quiet", arguments->quiet, "Print nothing of our own but problems");
  sub->add_option("command", arguments->command, "The program and its arguments, after --")->required();
  sub->positionals_at_end();
  sub->callback([arguments, &action] { action = [arguments] { return Recorder(*arguments).run(); }; });
}

} // namespace sgperf::command
