// SPDX-License-Identifier: Apache-2.0
#include "run/memory_images.h"

#include "formats/code_image.h"
#include "run/measures/clock.h"
#include "run/process_file.h"
#include "run/process_memory.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>

namespace sgperf::run {
namespace {

// An image that claims more is none.
constexpr uint64_t largest = uint64_t{256} << 20;
// Between looks at the heads of lists for debuggers.
constexpr std::chrono::milliseconds often{50};

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

void MemoryImages::look_through(pid_t pid) {
  // Of a tree of many short processes most have ended: they are all in the list.
  if (kill(pid, 0) != 0 && errno == ESRCH) {
    if (const auto at = processes_.find(pid); at != processes_.end() && at->second.file.records.empty())
      processes_.erase(at);
    return;
  }
  const std::string text = read_process_file(pid, "maps");
  if (text.empty()) return; // it has ended
  const auto maps = formats::parse_maps(text);
  Process &process = processes_[pid];
  process.file.pid = static_cast<uint32_t>(pid);
  if (!has_session(maps)) look_for_images(pid, maps, process);
  process.registered.look(pid, maps, files_, process.file);
}

void MemoryImages::look_for_images(pid_t pid, const std::vector<formats::MemoryRange> &maps, Process &process) {
  const auto found = formats::find_images(
      [pid](uint64_t address, void *out, size_t size) { return read_process_memory(pid, address, out, size); }, maps);
  const auto add = [&](uint32_t kind, uint64_t base, uint64_t length) -> record::CodeRecord & {
    record::CodeRecord record;
    record.kind = kind;
    record.time = before_; // it came or went since; of what is there, rather too early than without a name
    record.base = base;
    record.length = length;
    record.tid = static_cast<uint32_t>(pid);
    return process.file.records.emplace_back(std::move(record));
  };
  // What is gone first: another image may be at its place.
  std::erase_if(process.alive, [&](const auto &one) {
    const bool there = std::any_of(found.begin(), found.end(), [&](const auto &image) {
      return image.base == one.first && image.length == one.second;
    });
    if (!there) add(SGPERF_CODE_UNLOAD, one.first, 0);
    return !there;
  });
  for (const formats::FoundImage &image : found) {
    // Programs and libraries are images too; perf.data names those.
    if (process.alive.contains(image.base) || image.length > largest) continue;
    std::vector<std::byte> bytes(image.length);
    if (!read_process_memory(pid, image.base, bytes.data(), bytes.size())) continue;
    std::string error;
    const auto parsed = formats::parse_image({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, error);
    if (!parsed) continue;
    add(SGPERF_CODE_IMAGE, image.base, image.length).bytes = std::move(bytes);
    process.alive[image.base] = image.length;
  }
}

void MemoryImages::write(const std::filesystem::path &recording, std::string &problems) const {
  for (const auto &[pid, process] : processes_) {
    std::string error;
    if (!process.file.records.empty() &&
        !record::write_code_file(recording / ("code-memory-" + std::to_string(pid) + "-0.sgc"), process.file, error))
      problems += error + "\n";
  }
}

} // namespace sgperf::run
