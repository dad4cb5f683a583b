// SPDX-License-Identifier: Apache-2.0
#include "run/recipe_files.h"

#include "formats/input_file.h"
#include "formats/perf_data_reader.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <linux/stat.h>
#include <optional>
#include <utility>
#include <vector>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

// Times of files are those of the last tick of the kernel, up to 10 ms (HZ=100) before the time of the clock.
constexpr uint64_t tick_ns = 10'000'000;

bool is_dump(const std::string &name) {
  return name.starts_with("jit-") && name.ends_with(".dump");
}

bool is_map(const std::string &name) {
  return name.starts_with("perf-") && name.ends_with(".map");
}

// isolate-0x452ffc10-2504-v8.log
std::optional<pid_t> pid_of_log(std::string_view name) {
  constexpr std::string_view begin = "isolate-", end = "-v8.log";
  if (!name.starts_with(begin) || !name.ends_with(end) || name.size() < begin.size() + end.size()) return std::nullopt;
  name.remove_suffix(end.size());
  name.remove_prefix(name.rfind('-') + 1);
  pid_t pid = 0;
  const auto [stopped, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
  return problem == std::errc() && stopped == name.data() + name.size() ? std::optional(pid) : std::nullopt;
}

class Mapped : public formats::PerfDataVisitor {
public:
  explicit Mapped(const std::set<pid_t> &pids) : pids_(pids) {}
  void mmap(const formats::PerfMmap &mmap, const formats::PerfSampleId &) override {
    if (!mmap.path.ends_with(".dump") || !pids_.contains(static_cast<pid_t>(mmap.pid))) return;
    const fs::path path(mmap.path);
    if (path.is_absolute() && is_dump(path.filename())) dumps.insert(path);
  }
  std::set<fs::path> dumps;

private:
  const std::set<pid_t> &pids_;
};

class Collector {
public:
  Collector(const fs::path &recording, uint64_t started, bool keep, std::string &problems)
      : recording_(recording), since_(started > tick_ns ? started - tick_ns : 0), keep_(keep), problems_(problems) {}

  // From the private folder: there is no doubt about whose it is.
  void take(const fs::path &path) {
    const fs::path to = free_name(path.filename());
    std::error_code code;
    fs::rename(path, to, code);
    if (code) copy(path, to);
  }

  void take_foreign(const fs::path &path) {
    const auto times = ours(path);
    if (!times || times->written < since_) return;
    const bool copied = copy(path, free_name(path.filename()));
    if (copied) remove_foreign(path, *times);
  }

  void remove_log(const fs::path &path) {
    if (const auto times = ours(path)) remove_foreign(path, *times);
  }

private:
  struct Times {
    uint64_t born, written; // ns, CLOCK_REALTIME
  };

  // nullopt: not a regular file of this user.
  static std::optional<Times> ours(const fs::path &path) {
    struct statx status {};
    if (statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &status) != 0 ||
        !S_ISREG(status.stx_mode) || status.stx_uid != geteuid())
      return std::nullopt;
    const auto ns = [](const statx_timestamp &time) {
      return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    };
    // A file system that does not know when a file was made: then it was made before, and stays.
    return Times{status.stx_mask & STATX_BTIME ? ns(status.stx_btime) : 0, ns(status.stx_mtime)};
  }

  void remove_foreign(const fs::path &path, const Times &times) {
    if (keep_ || times.born < since_) return;
    if (unlink(path.c_str()) != 0 && errno != ENOENT)
      problems_ += path.string() + ": written by the engine, cannot be removed: " + std::strerror(errno) + "\n";
  }

  fs::path free_name(const fs::path &name) const {
    fs::path to = recording_ / name;
    std::error_code code;
    // A perf map's name is its pid: of a second one there is no place.
    for (int i = 2; is_dump(name) && fs::exists(fs::symlink_status(to, code)); ++i)
      to = recording_ / (name.stem().string() + "-" + std::to_string(i) + ".dump");
    return to;
  }

  bool copy(const fs::path &from, const fs::path &to) {
    std::string error;
    const auto file = formats::InputFile::read(from, error);
    if (!file) {
      problems_ += error + "\n";
      return false;
    }
    const int fd = open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    std::string_view rest = file->bytes();
    ssize_t written = 0;
    while (fd >= 0 && !rest.empty() && (written = write(fd, rest.data(), rest.size())) > 0)
      rest.remove_prefix(static_cast<size_t>(written));
    const int problem = errno;
    if (fd >= 0) close(fd);
    if (fd >= 0 && rest.empty()) return true;
    problems_ += to.string() + ": cannot be written: " + std::strerror(problem) + "\n";
    return false;
  }

  const fs::path &recording_;
  uint64_t since_;
  bool keep_;
  std::string &problems_;
};

bool below(const fs::path &path, const fs::path &folder) {
  const auto [end, at] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

std::vector<fs::path> entries(const fs::path &folder) {
  std::vector<fs::path> out;
  std::error_code code;
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) out.push_back(at->path());
  return out;
}

} // namespace

void collect_jit_files(const fs::path &folder, const fs::path &recording, const std::set<pid_t> &pids,
                       uint64_t started_realtime_ns, std::string &problems, bool keep_originals) {
  Collector collector(recording, started_realtime_ns, keep_originals, problems);
  std::error_code code;
  std::vector<fs::path> inside;
  for (fs::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    std::error_code no_file;
    if (!at->is_symlink(no_file) && at->is_regular_file(no_file)) inside.push_back(at->path());
  }
  for (const fs::path &path : inside)
    if (is_dump(path.filename()) || is_map(path.filename())) collector.take(path);

  Mapped mapped(pids);
  std::string error; // a recording without samples has no such file
  if (fs::exists(recording / "perf.data", code)) read_perf_data_file(recording / "perf.data", mapped, error);
  std::set<fs::path> folders{fs::current_path(code)}; // where V8 logs
  for (const fs::path &path : mapped.dumps) {
    if (below(path, folder)) continue;
    collector.take_foreign(path);
    folders.insert(path.parent_path());
  }
  for (const pid_t pid : pids) collector.take_foreign("/tmp/perf-" + std::to_string(pid) + ".map");
  if (!keep_originals)
    for (const fs::path &where : folders)
      for (const fs::path &path : entries(where))
        if (const auto pid = pid_of_log(path.filename().string()); pid && pids.contains(*pid))
          collector.remove_log(path);
  fs::remove_all(folder, code);
  if (code) problems += folder.string() + ": cannot be removed: " + code.message() + "\n";
}

} // namespace sgperf::run
