// SPDX-License-Identifier: Apache-2.0
#include "run/record_run.h"

#include "probes/probes.h"
#include "record/isolate.h"
#include "record/kernel_sums.h"
#include "record/meta.h"
#include "record/private_folder.h"
#include "record/recording_folder.h"
#include "record/session.h"
#include "record/session_folder.h"
#include "run/bench_marks.h"
#include "run/engine_recipes.h"
#include "run/killed_runs.h"
#include "run/machine.h"
#include "run/paths.h"
#include "run/preload_refusal.h"
#include "run/recipe_files.h"
#include "run/record_modules.h"
#include "run/record_samples.h"
#include "run/shell_words.h"
#include "run/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

constexpr int bad_usage = 2;     // command/commands.h: bad arguments
constexpr int cannot_record = 4; // command/commands.h: this machine or these privileges cannot do that

volatile int interrupted = 0; // Ctrl-C while another process is recorded

void say(const std::string &text) {
  std::fprintf(stderr, "sgperf record: %s\n", text.c_str());
}

class Recorder {
public:
  explicit Recorder(const RecordOptions &arguments)
      : arguments_(arguments), folder_(fs::absolute(arguments.output).lexically_normal()) {
    if (!folder_.has_filename()) folder_ = folder_.parent_path();
  }

  int run() {
    std::string error;
    if (error = marks_problem(); !error.empty()) {
      say(error);
      return bad_usage;
    }
    if (arguments_.dry_run) return show_plan();
    if (!prepare(error)) {
      say(error);
      return cannot_record;
    }
    if (arguments_.attach) return attach();
    const std::string refusal = preload_refusal(arguments_.command[0]);
    // With --isolate the program's own clock counts: nothing else may be on.
    std::optional<ProbeRecording> probes;
    if (arguments_.probes && !arguments_.isolate) probes.emplace(probe_options());
    std::optional<SampleRecording> samples;
    if (!arguments_.isolate && (arguments_.sampler.samples || probes))
      samples.emplace(folder_, arguments_.sampler, probes ? &*probes : nullptr);
    // Without samples nobody asks for names.
    if (arguments_.recipes && ((samples && arguments_.sampler.samples) || arguments_.bench)) choose_recipe();
    const TargetResult result = once(arguments_.sites, live_.path(), samples ? &*samples : nullptr);
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
    if (samples) end_samples(*samples);
    // What the user asked an engine for himself is copied, and stays where it is.
    if (samples && samples->recorded())
      collect_jit_files(engine_folder(), folder_, samples->pids(), start_.realtime, problems_,
                        !recipe_ || recipe_->keep_files);
    else if (recipe_ && !recipe_->keep_files)
      remove_engine_folder();
    const bool running = leftover();
    const size_t sessions = record::copy_sessions(live_.path(), folder_, !running, problems_);
    name_modules(folder_, problems_);
    if (running) live_.keep();
    if (arguments_.isolate && result.signal != SIGINT) isolate(result);
    if (arguments_.bench && !bench_seen())
      problems_ +=
          "no bench.start and bench.end were seen: either nothing called them, or this program's are not known "
          "(docs/instrumenting-modules.md)\n";
    if (sessions == 0 && arguments_.preload && !refusal.empty())
      meta_.warnings.push_back({"W109", "warning", "record", "no session: " + refusal});
    finish(result.exit_code, running);
    if (!problems_.empty()) say(problems_.substr(0, problems_.size() - 1));
    const bool sampled = samples && samples->recorded();
    if (sessions == 0 && (!sampled || arguments_.preload))
      say(nothing_recorded(refusal));
    else if (running)
      say("programs that the command started still run; their sessions so far are in " + arguments_.output +
          ", what follows stays in " + live_.path().string());
    if (!arguments_.quiet && (sessions || sampled))
      say("wrote " + arguments_.output + "; see it with: sgperf report" +
          (arguments_.output == "sgperf.data" ? "" : " " + arguments_.output));
    return result.exit_code;
  }

private:
  bool prepare(std::string &error) {
    library_ = paths().library;
    std::error_code ignored;
    if (!fs::exists(library_, ignored)) {
      error =
          "expected the library at " + library_.string() + ", found nothing there; build or install sgperf as a whole";
      return false;
    }
    finish_killed();
    moved_old_ = fs::exists(folder_, ignored);
    // A process that runs already has its session elsewhere.
    if (!arguments_.attach && !live_.create(error)) return false;
    if (!record::make_recording(folder_, error)) return false;
    meta_.kind = "record";
    meta_.sgperf_version = SGPERF_PROJECT_VERSION;
    meta_.command = arguments_.command;
    meta_.working_directory = fs::current_path(ignored).string();
    meta_.machine = machine_fingerprint();
    for (auto &warning : machine_warnings(meta_.machine, -2))
      if (warning.severity != "info") meta_.warnings.push_back(std::move(warning));
    start_ = record::take_anchor();
    meta_.started_realtime_ns = start_.realtime;
    meta_.anchors.push_back(clock_anchor());
    meta_.timer = arguments_.timer.empty() ? "tsc" : arguments_.timer;
    // Read by a report while the program runs, and after a kill -9 of this command.
    if (!arguments_.attach) {
      meta_.environment["SGPERF_DIR"] = live_.path().string();
      live_.belongs_to(folder_);
    }
    if (!arguments_.sites.empty()) meta_.environment["SGPERF_SITES"] = arguments_.sites;
    return record::write_meta(folder_, meta_, error);
  }

  // What an earlier recorder had no time for.
  void finish_killed() {
    for (const KilledRun &run : find_killed_runs())
      if (finish_killed_run(run, problems_) && !arguments_.quiet)
        say("finished " + run.recording.string() + ", whose recorder was killed");
  }

  // A process that runs already: samples, no preload.
  int attach() {
    if (kill(arguments_.attach, 0) != 0 && errno == ESRCH) {
      say("-p " + std::to_string(arguments_.attach) + ": expected a process that runs, found none of that number");
      std::error_code ignored;
      fs::remove_all(folder_, ignored);
      return cannot_record;
    }
    attached_command_ = command_line(arguments_.attach);
    std::error_code hidden; // of a process of somebody else
    attached_folder_ = fs::read_symlink("/proc/" + std::to_string(arguments_.attach) + "/cwd", hidden);
    SamplerOptions options = arguments_.sampler;
    options.attach = true;
    std::optional<ProbeRecording> probes;
    if (arguments_.probes) probes.emplace(probe_options());
    SampleRecording samples(folder_, options, probes ? &*probes : nullptr);
    interrupted = 0;
    struct sigaction action {
    }, before{};
    action.sa_handler = [](int) { interrupted = 1; };
    sigaction(SIGINT, &action, &before);
    samples.arm(arguments_.attach);
    const int ended = static_cast<int>(syscall(SYS_pidfd_open, arguments_.attach, 0));
    if (samples.recorded()) samples.attend(ended, sampling_ends(), &interrupted);
    if (ended >= 0) close(ended);
    sigaction(SIGINT, &before, nullptr);
    end_samples(samples);
    finish(0, false);
    if (!samples.recorded()) return cannot_record;
    if (!arguments_.quiet) say("wrote " + arguments_.output + "; see it with: sgperf report");
    return 0;
  }

  // --duration from now on; nullopt: with the program.
  std::optional<std::chrono::steady_clock::time_point> sampling_ends() const {
    if (arguments_.duration_s <= 0) return std::nullopt;
    return std::chrono::steady_clock::now() +
           std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(arguments_.duration_s));
  }

  // Without our library a mark reaches the kernel, where the program that counts system calls knows it.
  bool kernel_hears_marks() const {
    return arguments_.probes && arguments_.syscalls && !arguments_.isolate && probes::preflight().empty();
  }

  RecipeWishes wishes() const {
    const bool inside =
        arguments_.preload && (arguments_.command.empty() || preload_refusal(arguments_.command[0]).empty());
    return {inside || kernel_hears_marks(), arguments_.bench};
  }

  // With --bench: why no mark would be seen.
  std::string marks_problem() const {
    std::error_code ignored;
    const auto module =
        arguments_.bench ? marked_module(arguments_.command, 0, fs::current_path(ignored)) : std::nullopt;
    if (!module) return "";
    const auto recipe = engine_recipe(arguments_.command, engine_folder(), getenv, wishes());
    return marks_refusal(*module, recipe ? recipe->engine : "", recipe && recipe->marks);
  }

  bool bench_seen() const {
    std::string error;
    if (const auto sums = record::read_kernel_sums(folder_, error))
      for (const auto &hit : sums->hits)
        if (hit.role == record::hit_bench_start) return true;
    for (const auto &file : record::session_files(folder_)) {
      const auto session = record::Session::read(file.path, error);
      if (!session) continue;
      for (const auto &phase : session->phases)
        if (phase.bench) return true;
    }
    return false;
  }

  // Where no samples are, there is no use for what engines wrote.
  void remove_engine_folder() const {
    std::error_code ignored;
    fs::remove_all(engine_folder(), ignored);
  }

  fs::path engine_folder() const { return folder_ / "engine"; }

  // What is not already in the environment that the program will find.
  void choose_recipe() {
    recipe_ = engine_recipe(arguments_.command, engine_folder(), getenv, wishes());
    if (!recipe_ || (recipe_->env.empty() && recipe_->arguments.empty())) return;
    std::error_code code;
    fs::create_directory(engine_folder(), code);
    for (const auto &[name, content] : recipe_->files) {
      std::ofstream file(engine_folder() / name, std::ios::binary);
      file << content;
      if (!code && !file.flush()) code = std::make_error_code(std::errc::io_error);
    }
    if (!code) return;
    problems_ +=
        engine_folder().string() + ": cannot be made: " + code.message() + "; the engine is not asked for names\n";
    recipe_.reset();
  }

  int show_plan() const {
    std::string text = "sgperf record would run:";
    const auto recipe = arguments_.recipes && (arguments_.sampler.samples || arguments_.bench) && !arguments_.attach
                            ? engine_recipe(arguments_.command, engine_folder(), getenv, wishes())
                            : std::nullopt;
    for (const std::string &word : recipe ? with_recipe(arguments_.command, *recipe) : arguments_.command)
      text += fmt::format(" {}", shell_quoted(word));
    if (arguments_.attach) text = "sgperf record would attach to process " + std::to_string(arguments_.attach);
    text += "\n";
    if (recipe) {
      text += "  engine: " + recipe->engine + "; " + recipe->why + "\n";
      for (const std::string &entry : recipe->env) text += "  with " + entry + "\n";
    } else if (!arguments_.attach)
      text += "  engine: none that is known here (or --no-recipes); its JIT code has names if it publishes them by "
              "itself\n";
    text += "  recording: " + folder_.string() + "\n";
    std::fputs(text.c_str(), stdout);
    return 0;
  }

  ProbeOptions probe_options() const {
    ProbeOptions out;
    out.syscalls = arguments_.syscalls;
    out.samples = arguments_.sampler.samples;
    out.frequency = arguments_.sampler.frequency;
    out.event = arguments_.sampler.event;
    out.stacks = arguments_.sampler.callchain;
    out.frames = arguments_.attach || !arguments_.preload;
    out.syscall_rate = arguments_.sampler.samples && arguments_.sampler.callchain ? arguments_.syscall_rate : 0;
    return out;
  }

  void end_samples(SampleRecording &samples) {
    const std::vector<std::string> command = arguments_.attach ? attached_command_ : arguments_.command;
    samples.finish(command);
    problems_ += samples.problems();
    if (samples.recorded()) {
      std::error_code ignored;
      keep_modules(command, arguments_.attach ? attached_folder_ : fs::current_path(ignored), folder_, problems_);
    }
    if (!samples.note().empty()) meta_.warnings.push_back({"W104", "info", "record", samples.note()});
    for (const std::string &what : samples.missing()) {
      if (!arguments_.quiet) say(what);
      meta_.warnings.push_back({"W104", "info", "record", what});
    }
  }

  TargetResult once(const std::string &sites, const fs::path &sessions, SampleRecording *samples = nullptr) {
    TargetOptions options;
    if (samples) {
      options.prepare = [samples](pid_t pid) { samples->arm(pid); };
      options.attend = [this, samples](int ended) { samples->attend(ended, sampling_ends()); };
    }
    const char *before = getenv("LD_PRELOAD");
    if (arguments_.preload)
      options.env.push_back("LD_PRELOAD=" + library_.string() + (before && *before ? std::string(":") + before : ""));
    options.env.push_back("SGPERF_DIR=" + sessions.string());
    options.env.push_back("SGPERF_PARENT="); // the first of its tree, whatever we are in
    if (!arguments_.timer.empty()) options.env.push_back("SGPERF_TIMER=" + arguments_.timer);
    if (!sites.empty()) options.env.push_back("SGPERF_SITES=" + sites);
    if (samples && samples->hears_knocks()) options.env.push_back("SGPERF_KNOCK=1");
    if (!recipe_) return run_target(arguments_.command, options);
    if (!recipe_->env_at) options.env.insert(options.env.end(), recipe_->env.begin(), recipe_->env.end());
    return run_target(with_recipe(arguments_.command, *recipe_), options);
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

  void isolate(const TargetResult &with_all) {
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
      const TargetResult result = once(sites[i], sessions.path());
      if (!result.started) {
        problems_ += result.error + "\n";
        break;
      }
      char name[32];
      std::snprintf(name, sizeof name, "isolated/%04zu", i + 1);
      std::error_code code;
      fs::create_directories(folder_ / name, code);
      record::copy_sessions(sessions.path(), folder_ / name, true, problems_);
      remove_modules(folder_ / name); // they are those of the run with all sites
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
    meta_.anchors.push_back(clock_anchor());
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

  const RecordOptions &arguments_;
  fs::path folder_, library_;
  record::PrivateFolder live_;
  record::Meta meta_;
  sgperf_anchor start_{};
  std::string problems_;
  bool moved_old_ = false;
  std::optional<Recipe> recipe_;
  std::vector<std::string> attached_command_; // of a process that runs already
  fs::path attached_folder_;                  // where it runs
};

} // namespace

int run_record(const RecordOptions &options) {
  return Recorder(options).run();
}

} // namespace sgperf::run
