// SPDX-License-Identifier: Apache-2.0
#include "run/memory_images.h"

#include "libsgperf/entry_layout.h"
#include "record/process_file.h"
#include "run/measures/clock.h"
#include "run/process_memory.h"
#include "run/target.h"

#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

namespace sgperf::run {
namespace {

// An image that claims more is none.
constexpr uint64_t largest = uint64_t{256} << 20;
// Between looks at the heads of lists for debuggers.
constexpr std::chrono::milliseconds often{50};

formats::ReadMemory reader_of(pid_t pid) {
  return [pid](uint64_t address, void *out, size_t size) { return read_process_memory(pid, address, out, size); };
}

std::vector<formats::MemoryRange> maps_of(pid_t pid) {
  return formats::parse_maps(record::read_process_file(pid, "maps"));
}

record::CodeRecord record_of(uint32_t kind, pid_t pid, uint64_t time, uint64_t base, uint64_t length) {
  record::CodeRecord out;
  out.kind = kind;
  out.time = time;
  out.base = base;
  out.length = length;
  out.tid = static_cast<uint32_t>(pid);
  return out;
}

void add_unload(record::CodeFile &file, uint64_t base, uint64_t time) {
  file.records.push_back(record_of(SGPERF_CODE_UNLOAD, static_cast<pid_t>(file.pid), time, base, 0));
}

// A word of the command line, if it names a module: its bytes, else nothing.
std::string module_bytes(pid_t pid, const std::string &word) {
  if (word.empty()) return "";
  const std::string process = "/proc/" + std::to_string(pid);
  std::error_code code;
  const std::filesystem::path path = word[0] == '/' ? process + "/root" + word : process + "/cwd/" + word;
  if (!std::filesystem::is_regular_file(path, code) || std::filesystem::file_size(path, code) > largest) return "";
  std::ifstream file(path, std::ios::binary);
  std::string bytes(4, '\0');
  if (!file.read(bytes.data(), 4) || bytes != std::string("\0asm", 4)) return "";
  bytes.append(std::istreambuf_iterator<char>(file), {});
  return bytes;
}

bool has_session(const std::vector<formats::MemoryRange> &maps) {
  return std::any_of(maps.begin(), maps.end(), [](const auto &range) {
    return range.path.find("/session-") != std::string::npos && range.path.find(".sgp") != std::string::npos;
  });
}

} // namespace

void MemoryImages::look(const std::set<pid_t> &pids) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= again_) look_again(pids);
  if (now < next_) return;
  next_ = now + wait_;
  wait_ = std::min(wait_ * 2, std::chrono::milliseconds(1000));
  before_ = now_;
  now_ = monotonic_ns();
  for (const pid_t pid : pids) look_through(pid);
  const bool any = std::any_of(processes_.begin(), processes_.end(),
                               [](const auto &process) { return process.second.registered.has_lists(); });
  again_ = any ? now + often : std::chrono::steady_clock::time_point::max();
}

void MemoryImages::look_again(const std::set<pid_t> &pids) {
  again_ = std::chrono::steady_clock::now() + often;
  for (auto &[pid, process] : processes_)
    if (pids.contains(pid)) process.registered.look_again(pid, process.file);
}

std::chrono::milliseconds MemoryImages::until_next() const {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(std::min(next_, again_) - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

void MemoryImages::note_unwinders(pid_t pid, const std::vector<formats::MemoryRange> &maps) {
  for (const formats::MemoryRange &range : maps) {
    const size_t slash = range.path.rfind('/');
    if (slash == std::string::npos || range.path.compare(slash + 1, 8, "libgcc_s") != 0) continue;
    const std::string path = "/proc/" + std::to_string(pid) + "/root" + range.path; // it may have another root
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && known_unwinders_.emplace(status.st_dev, status.st_ino).second)
      unwinders_.push_back(path);
  }
}

void MemoryImages::find_unwinders(pid_t pid) {
  note_unwinders(pid, maps_of(pid));
}

bool MemoryImages::copy(pid_t pid, const formats::FoundImage &image, uint64_t time) {
  if (image.length > largest) return false;
  std::vector<std::byte> bytes(image.length);
  if (!read_process_memory(pid, image.base, bytes.data(), bytes.size())) return false;
  std::string error;
  if (!formats::parse_image({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, error)) return false;
  Process &process = processes_[pid];
  process.file.pid = static_cast<uint32_t>(pid);
  process.file.records.push_back(record_of(SGPERF_CODE_IMAGE, pid, time, image.base, image.length));
  process.file.records.back().bytes = std::move(bytes);
  process.alive[image.base] = {image.length, image.eh_frame};
  return true;
}

std::optional<probes::EntryPoints> MemoryImages::published(pid_t pid, uint64_t eh_frame, uint64_t time) {
  const auto maps = maps_of(pid);
  if (maps.empty() || has_session(maps)) return std::nullopt;
  std::string why;
  const auto image = formats::find_image(reader_of(pid), maps, eh_frame, formats::ImageHint::eh_frame, why);
  if (!image) return std::nullopt;
  // At the place of one that a look found: the same, a moment earlier.
  if (const auto process = processes_.find(pid); process != processes_.end()) {
    const auto at = process->second.alive.find(image->base);
    if (at != process->second.alive.end())
      add_unload(process->second.file, at->first, time), process->second.alive.erase(at);
  }
  if (!copy(pid, *image, time)) return std::nullopt;
  const std::vector<std::byte> &bytes = processes_[pid].file.records.back().bytes;
  probes::EntryPoints out;
  sgperf_entry_points points;
  bool found = sgperf_find_entry(bytes.data(), bytes.size(), nullptr, 0, &points);
  const auto command = found ? std::vector<std::string>() : command_line(pid);
  for (size_t i = 1; i < command.size() && !found; ++i) {
    const std::string module = module_bytes(pid, command[i]);
    found = !module.empty() && sgperf_find_entry(bytes.data(), bytes.size(), module.data(), module.size(), &points);
  }
  if (!found) return out;
  const auto address = [&](uint64_t offset) { return offset ? image->base + offset : 0; };
  return probes::EntryPoints{address(points.entry), address(points.normal_return), address(points.unwind_return)};
}

bool MemoryImages::gone(pid_t pid, uint64_t eh_frame, uint64_t time) {
  const auto process = processes_.find(pid);
  if (process == processes_.end()) return false;
  auto &alive = process->second.alive;
  const auto at =
      std::find_if(alive.begin(), alive.end(), [&](const auto &one) { return one.second.eh_frame == eh_frame; });
  if (at == alive.end()) return false;
  add_unload(process->second.file, at->first, time);
  alive.erase(at);
  return alive.empty();
}

void MemoryImages::look_through(pid_t pid) {
  // Of a tree of many short processes most have ended: they are all in the list.
  if (kill(pid, 0) != 0 && errno == ESRCH) {
    if (const auto at = processes_.find(pid); at != processes_.end() && at->second.file.records.empty())
      processes_.erase(at);
    return;
  }
  const auto maps = maps_of(pid);
  if (maps.empty()) return; // it has ended
  Process &process = processes_[pid];
  process.file.pid = static_cast<uint32_t>(pid);
  if (!has_session(maps)) {
    note_unwinders(pid, maps);
    look_for_images(pid, maps, process);
  }
  process.registered.look(pid, maps, files_, process.file);
}

void MemoryImages::look_for_images(pid_t pid, const std::vector<formats::MemoryRange> &maps, Process &process) {
  const auto found = formats::find_images(reader_of(pid), maps);
  // It came or went since the last look; of what is there, rather too early than without a name.  What is gone first:
  // another image may be at its place.
  std::erase_if(process.alive, [&](const auto &one) {
    const bool there = std::any_of(found.begin(), found.end(), [&](const auto &image) {
      return image.base == one.first && image.length == one.second.length;
    });
    if (!there) add_unload(process.file, one.first, before_);
    return !there;
  });
  // Programs and libraries are images too; perf.data names those.
  for (const formats::FoundImage &image : found)
    if (!process.alive.contains(image.base)) copy(pid, image, before_);
}

void MemoryImages::write(const std::filesystem::path &recording, std::string &problems) const {
  for (const auto &[pid, process] : processes_) {
    std::string error;
    if (!process.file.records.empty() &&
        !record::write_code_file(recording / ("code-memory-" + std::to_string(pid) + "-0.sgc"), process.file, error))
      problems += error + "\n";
  }
}

void MemoryImages::write_now_and_then(const std::filesystem::path &recording, std::string &problems) {
  const auto now = std::chrono::steady_clock::now();
  size_t records = 0;
  for (const auto &[pid, process] : processes_) records += process.file.records.size();
  if (records == written_ || now < next_write_) return;
  write(recording, problems);
  written_ = records;
  next_write_ = now + std::chrono::seconds(2);
}

} // namespace sgperf::run
