// SPDX-License-Identifier: Apache-2.0
#include "run/killed_runs.h"

#include "formats/perf_data_reader.h"
#include "record/meta.h"
#include "record/private_folder.h"
#include "record/process_file.h"
#include "record/session_folder.h"
#include "run/recipe_files.h"
#include "run/record_modules.h"

#include <sys/types.h>

#include <charconv>
#include <optional>
#include <set>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

// The recording that still names this folder as its own: where it was made, or, if a newer one took its place, beside.
std::optional<record::Meta> meta_of(const record::AbandonedFolder &folder, fs::path &recording) {
  const fs::path made = folder.recording();
  if (made.empty()) return std::nullopt;
  fs::path old = made;
  old += ".old";
  for (const fs::path &path : {made, old}) {
    std::string error;
    auto meta = record::read_meta(path, error);
    if (!meta || meta->ended_realtime_ns != 0) continue;
    const auto at = meta->environment.find("SGPERF_DIR");
    if (at == meta->environment.end() || fs::path(at->second).filename() != folder.path().filename()) continue;
    recording = path;
    return meta;
  }
  return std::nullopt;
}

class Pids : public formats::PerfDataVisitor {
public:
  void comm(const formats::PerfComm &comm, const formats::PerfSampleId &) override { add(comm.pid); }
  void mmap(const formats::PerfMmap &mmap, const formats::PerfSampleId &) override { add(mmap.pid); }
  std::set<pid_t> all;

private:
  void add(uint32_t pid) {
    if (static_cast<pid_t>(pid) > 0) all.insert(static_cast<pid_t>(pid));
  }
};

std::set<pid_t> recorded_pids(const fs::path &recording) {
  Pids pids;
  std::string error;
  std::error_code code;
  const fs::path file = recording / "perf.data";
  if (fs::exists(file, code)) read_perf_data_file(file, pids, error);
  return pids.all;
}

// A process of the run has its variable, unless it cleared it, and holds or maps a file of the run's as long as it
// writes to it.
bool uses(const fs::path &process, pid_t pid, const fs::path &folder, const fs::path &engine,
          const std::set<pid_t> &pids) {
  std::string variable = "SGPERF_DIR=" + folder.string();
  variable += '\0'; // run-abc is not run-abcd
  if (record::read_process_file(pid, "environ").find(variable) != std::string::npos) return true;
  const std::string maps = record::read_process_file(pid, "maps");
  const std::string below_engine = engine.string() + "/";
  for (const std::string &path : {folder.string() + "/", below_engine})
    if (maps.find(path) != std::string::npos) return true;
  if (pids.contains(pid) && maps.find("/jit-" + std::to_string(pid) + ".dump") != std::string::npos) return true;
  std::error_code code, gone;
  for (fs::directory_iterator at(process / "fd", code), end; !code && at != end; at.increment(code))
    if (fs::read_symlink(at->path(), gone).string().starts_with(below_engine)) return true;
  return false;
}

bool in_use(const fs::path &folder, const fs::path &recording, const std::set<pid_t> &pids) {
  // Only what a recipe made for an engine; the folder is not there if there was none.
  const fs::path engine = recording / "engine";
  std::error_code code;
  for (fs::directory_iterator at("/proc", code), end; !code && at != end; at.increment(code)) {
    const std::string name = at->path().filename();
    pid_t pid = 0;
    const auto [stopped, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem != std::errc() || stopped != name.data() + name.size()) continue;
    if (uses(at->path(), pid, folder, engine, pids)) return true;
  }
  return false;
}

} // namespace

std::vector<KilledRun> find_killed_runs() {
  std::vector<KilledRun> out;
  for (const fs::path &folder : record::all_session_folders()) {
    if (!folder.filename().string().starts_with("run-")) continue;
    const auto abandoned = record::AbandonedFolder::take(folder);
    KilledRun run{folder, {}};
    if (!abandoned || !meta_of(*abandoned, run.recording)) continue;
    // Its samples may be many: they are read only if nothing else says that it goes on.
    if (in_use(folder, run.recording, {})) continue;
    if (!in_use(folder, run.recording, recorded_pids(run.recording))) out.push_back(std::move(run));
  }
  return out;
}

bool finish_killed_run(const KilledRun &run, std::string &problems) {
  const auto abandoned = record::AbandonedFolder::take(run.folder);
  if (!abandoned) return false;
  fs::path recording;
  auto meta = meta_of(*abandoned, recording);
  const auto pids = recorded_pids(recording);
  if (!meta || in_use(run.folder, recording, pids)) return false;
  const size_t before = problems.size();
  record::copy_sessions(run.folder, recording, true, problems);
  // Without a folder for the engine its files are those that the user asked for.
  std::error_code code;
  const fs::path engine = recording / "engine";
  collect_jit_files(engine, recording, pids, meta->started_realtime_ns, problems, !fs::exists(engine, code));
  keep_modules(meta->command, meta->working_directory, recording, problems);
  // What could not be moved is still found by way of the folder.
  if (problems.size() != before) return true;
  meta->environment.erase("SGPERF_DIR");
  std::string error;
  if (!record::write_meta(recording, *meta, error))
    problems += error + "\n";
  else
    abandoned->remove_empty();
  return true;
}

} // namespace sgperf::run
