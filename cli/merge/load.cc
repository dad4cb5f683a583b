// SPDX-License-Identifier: Apache-2.0
#include "merge/load.h"

#include "merge/compiled_code.h"
#include "merge/entry_hits.h"
#include "merge/outside_phases.h"
#include "merge/profile_load.h"
#include "merge/samples.h"
#include "merge/sessions.h"
#include "record/isolate.h"
#include "record/kernel_sums.h"
#include "record/sample_file.h"
#include "record/session_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <map>
#include <set>

namespace sgperf::merge {
namespace fs = std::filesystem;
namespace {

bool is_there(const fs::path &path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Frequency from the two anchors of meta.json, or as written there.
double machine_hz(const record::Meta &meta) {
  const auto anchor = [](const std::map<std::string, uint64_t> &from) {
    const auto get = [&](const char *name) {
      const auto at = from.find(name);
      return at == from.end() ? uint64_t{0} : at->second;
    };
    sgperf_anchor out{};
    out.tsc = get("tsc");
    out.monotonic_raw = get("monotonic_raw");
    out.uncertainty = out.tsc && out.monotonic_raw ? 1000 : 0; // a bound: the file does not keep it
    return out;
  };
  if (meta.tsc_hz > 0) return meta.tsc_hz;
  return meta.anchors.size() >= 2 ? record::tsc_hz_between(anchor(meta.anchors.front()), anchor(meta.anchors.back()))
                                  : 0;
}

// Processes that were seen from outside only.
void add_outside(Model &model, const record::KernelSums &sums, Regions &regions) {
  std::set<uint32_t> with_session;
  for (const SessionRow &row : model.sessions) with_session.insert(row.pid);
  for (const record::Session &session : sessions_from_outside(sums, with_session)) {
    regions.add(session);
    add_phases(model, session);
    for (const std::string &remark : session.remarks)
      model.remarks.push_back("process " + std::to_string(session.header.pid) + ": " + remark);
  }
}

// Key of the first session of the tree that `session` is of; parents that have no session end the way.
std::string first_of_tree(const record::Session &session, const std::map<std::string, std::string> &parents) {
  std::string key = session.key;
  for (size_t steps = 0; steps <= parents.size(); ++steps) { // a file may name itself
    const auto parent = parents.find(key);
    if (parent == parents.end() || parent->second.empty()) break;
    key = parent->second;
  }
  return key;
}

// A script and what it started: they lie in one folder, and all name the first.
std::vector<record::Session> tree_of(record::Session one) {
  std::vector<record::Session> all, tree;
  std::map<std::string, std::string> parents{{one.key, one.parent_key()}};
  for (const record::SessionFile &file : record::session_files(one.path.parent_path(), true)) {
    std::string ignored; // not asked for
    if (file.key == one.key) continue;
    auto session = record::Session::read(file.path, ignored);
    if (!session) continue;
    parents[session->key] = session->parent_key();
    all.push_back(std::move(*session));
  }
  const std::string first = first_of_tree(one, parents);
  for (auto &session : all)
    if (first_of_tree(session, parents) == first) tree.push_back(std::move(session));
  tree.push_back(std::move(one));
  std::sort(tree.begin(), tree.end(),
            [](const auto &a, const auto &b) { return a.header.start.monotonic < b.header.start.monotonic; });
  return tree;
}

// A killed session borrows the frequency of one that ended: same machine, same counter.
void share_frequency(Model &model, std::vector<record::Session> &sessions) {
  if (model.tsc_hz == 0)
    for (const auto &session : sessions) model.tsc_hz = std::max(model.tsc_hz, session.tsc_hz());
  if (model.tsc_hz > 0)
    for (auto &session : sessions) session.use_tsc_hz(model.tsc_hz);
}

void load_sessions(Model &model, const fs::path &folder, const std::vector<record::BreakpointHit> &hits,
                   Regions &regions) {
  std::vector<record::Session> sessions;
  for (const record::SessionFile &file : record::session_files(folder)) {
    std::string error;
    if (auto session = record::Session::read(file.path, error))
      sessions.push_back(std::move(*session));
    else
      model.remarks.push_back(error);
  }
  share_frequency(model, sessions);
  for (auto &session : sessions) {
    cut_at_hits(session, hits);
    add_heard_marks(session, hits);
    regions.add(session);
    add_session(model, std::move(session));
  }
}

void load_isolated(Model &model, const fs::path &folder) {
  std::string error;
  const auto plan = record::read_isolation(folder, error);
  if (!plan) {
    if (!error.empty()) model.remarks.push_back(error);
    return;
  }
  model.isolated_runs.push_back({"", plan->wall_ns, plan->exit_code});
  for (const record::IsolationRun &run : plan->runs) {
    model.isolated_runs.push_back({run.site, run.wall_ns, run.exit_code});
    for (const record::SessionFile &file : record::session_files(folder / run.folder)) {
      if (auto session = record::Session::read(file.path, error))
        add_isolated(model, std::move(*session), run.site);
      else
        model.remarks.push_back(error);
    }
  }
}

void load_samples(Model &model, const fs::path &folder) {
  CellBuilder builder(model);
  const fs::path file = folder / "samples.jsonl";
  if (is_there(file)) {
    record::SampleCounts counts;
    std::string error;
    if (!record::read_samples(
            file, [&](record::Sample &&sample) { builder.add(std::move(sample)); }, counts, error))
      model.remarks.push_back(error);
    model.unreadable_samples = counts.unreadable;
    model.torn = counts.torn;
    if (counts.unreadable)
      model.remarks.push_back(file.string() + ": " + std::to_string(counts.unreadable) +
                              " lines are no samples of this version; left out");
    if (counts.torn)
      model.remarks.push_back(file.string() + ": the last line is torn (the run was killed there); left out");
  }
  builder.finish();
}

// Recordings made before `calls` was stored, and foreign ones: the sidecar beside the module.
void load_calls(Model &model) {
  for (auto &workload : model.meta.workloads) {
    if (workload.calls || workload.path.empty()) continue;
    std::ifstream file(fs::path(workload.path).replace_extension(".calls"));
    uint64_t calls = 0;
    if (file >> calls) workload.calls = calls;
  }
}

std::string clock_time(uint64_t realtime_ns) {
  const auto seconds = static_cast<time_t>(realtime_ns / 1000000000u);
  tm local{};
  char text[64] = "?";
  if (localtime_r(&seconds, &local)) strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

// When the thing to report on started; 0 = it is none.
uint64_t started(const fs::path &recording) {
  std::string error;
  if (const auto meta = record::read_meta(recording, error)) return meta->started_realtime_ns;
  uint64_t newest = 0;
  for (const auto &file : record::session_files(recording))
    if (const auto session = record::Session::read(file.path, error))
      newest = std::max(newest, session->header.start.realtime);
  return newest;
}

// How this command is called under sudo, which looks into the system's folders only.
std::string own_command() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  for (const char *folder : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"})
    if (program.parent_path() == folder) return program.filename();
  return program.empty() ? "sgperf" : program.string();
}

// Where else the sessions may be that the user means, a line each.  With something `found`: only what changed after its
// start, and not its owner's (`sudo sgperf record` has a folder of its own there while it runs).
std::string elsewhere(const fs::path &found, uint64_t than) {
  std::string out;
  struct stat status {};
  const bool known = lstat(found.c_str(), &status) == 0;
  for (const record::RelatedFolder &folder : record::related_folders()) {
    if (folder.changed_realtime_ns <= than || (known && status.st_uid == folder.owner)) continue;
    const std::string path = folder.path.string(), when = clock_time(folder.changed_realtime_ns);
    if (folder.owner == 0)
      out += fmt::format("\n  sessions of root's programs (under sudo) are in {}, changed {}, which only root reads: "
                         "sudo {} report",
                         path, when, own_command());
    else
      out += fmt::format("\n  sessions of user {0}, who called sudo, are in {1}, changed {2}; he reads them without "
                         "sudo: sgperf report",
                         folder.owner, path, when);
  }
  return out;
}

} // namespace

fs::path running_folder(const record::Meta &meta) {
  const auto at = meta.environment.find("SGPERF_DIR");
  if (meta.kind != "record" || meta.ended_realtime_ns != 0 || at == meta.environment.end()) return {};
  struct stat status {};
  const bool ours = lstat(at->second.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
  return ours ? fs::path(at->second) : fs::path();
}

std::optional<Model> load(const fs::path &source, std::string &error, bool tree) {
  std::error_code code;
  Model model;
  model.source = source;
  if (fs::is_regular_file(source, code)) {
    auto session = record::Session::read(source, error);
    if (!session) return std::nullopt;
    std::vector<record::Session> sessions;
    if (tree)
      sessions = tree_of(std::move(*session));
    else
      sessions.push_back(std::move(*session));
    if (sessions.size() > 1) share_frequency(model, sessions);
    std::vector<fs::path> code_files, modules;
    for (auto &part : sessions) {
      for (const std::string &word : part.command())
        if (word.ends_with(".wasm")) modules.emplace_back(word);
      const fs::path code_file = part.path.parent_path() / ("code-" + part.key + ".sgc");
      if (is_there(code_file)) code_files.push_back(code_file);
      cut_at_hits(part, {});
      add_session(model, std::move(part));
    }
    JitSources jit;
    jit.load_files(code_files, modules, model.profile.coverage.odd, model.remarks);
    model.compiled = compiled_code(jit);
    finish_sessions(model);
    return model;
  }
  if (!fs::is_directory(source, code)) {
    if (code == std::errc::permission_denied) {
      error = fmt::format("{}: not for this user to read; its owner does, or root: sudo {} report {}", source.string(),
                          own_command(), source.string());
      return std::nullopt;
    }
    error = source.string() +
            ": expected a recording (a folder that `sgperf bench` or `sgperf record` wrote) or a session "
            "file, found " +
            (code || !is_there(source) ? "nothing of that name" : "something else");
    return std::nullopt;
  }
  std::string why;
  if (auto meta = record::read_meta(source, why)) {
    model.meta = std::move(*meta);
    model.has_meta = true;
  }
  model.tsc_hz = machine_hz(model.meta);
  Regions regions;
  std::string refused;
  const auto sums = record::read_kernel_sums(source, refused);
  if (!sums && !refused.empty()) model.remarks.push_back(refused);
  static const record::KernelSums none;
  if (sums) regions.add_images(sums->images);
  const auto &hits = (sums ? *sums : none).hits;
  load_sessions(model, source, hits, regions);
  // A run of `sgperf record` that is not over, or was killed: its sessions are still where the program writes them.
  if (const auto live = running_folder(model.meta); !live.empty()) load_sessions(model, live, hits, regions);
  if (sums) add_outside(model, *sums, regions);
  load_isolated(model, source);
  finish_sessions(model);
  load_samples(model, source);
  load_calls(model);
  load_profile(model, source, sums ? &*sums : nullptr, regions);
  const bool empty = model.sessions.empty() && model.samples == 0 && model.profile.empty() && model.remarks.empty();
  if (!model.has_meta) {
    if (empty) {
      error = why + "; there are no sessions and no samples either";
      return std::nullopt;
    }
    model.remarks.push_back(why + "; the rest of the recording is shown");
  }
  return model;
}

std::optional<fs::path> latest(std::string &what, std::string &error) {
  struct Candidate {
    fs::path path;
    uint64_t started;
    std::string label;
  };
  std::vector<Candidate> all;
  const fs::path local = "sgperf.data";
  if (is_there(local)) all.push_back({local, started(local), "recording ./sgperf.data"});
  std::vector<std::string> refused;
  std::string looked = "./sgperf.data", ignored;
  // Sessions that the local recording counts as its own are not a second candidate.
  const auto meta = record::read_meta(local, ignored);
  const fs::path own = meta ? running_folder(*meta) : fs::path();
  for (const fs::path &folder : record::all_session_folders(&refused)) {
    if (folder == own) continue;
    looked += ", " + folder.string();
    for (const auto &file : record::session_files(folder, true)) {
      std::string ignored;
      const auto session = record::Session::read(file.path, ignored);
      if (!session) continue;
      const auto state = session->state();
      all.push_back({file.path, session->header.start.realtime,
                     "session of " + session->comm() + " (pid " + std::to_string(session->header.pid) + ", " +
                         record::to_text(state) + ") " + file.path.string()});
    }
  }
  if (all.empty()) {
    error = "nothing to report: expected a recording or a session, found none in " + looked;
    for (const auto &sentence : refused) error += "\n  " + sentence;
    error += elsewhere({}, 0);
    error += "\n  make one:  sgperf bench  |  sgperf record -- PROGRAM  |  LD_PRELOAD=libsgperf.so PROGRAM";
    error +=
        "\n  a program that is setuid, static, 32-bit or of another libc than glibc makes none; seen from outside, by "
        "eBPF (as root):  sgperf record --no-preload -- PROGRAM";
    return std::nullopt;
  }
  const auto newest =
      std::max_element(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.started < b.started; });
  what = newest->label + ", started " + clock_time(newest->started);
  if (all.size() > 1) what += " (the newest of " + std::to_string(all.size()) + ")";
  what += elsewhere(newest->path, newest->started);
  return newest->path;
}

} // namespace sgperf::merge
