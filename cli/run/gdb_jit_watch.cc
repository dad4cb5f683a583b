// SPDX-License-Identifier: Apache-2.0
#include "run/gdb_jit_watch.h"

#include "formats/gdb_jit.h"
#include "formats/gdb_jit_files.h"
#include "run/measures/clock.h"
#include "run/process_memory.h"

#include <sys/stat.h>

#include <functional>
#include <string_view>

namespace sgperf::run {
namespace {

// What is beyond this is no code of an engine, or more than can be looked at beside a program that is measured.
constexpr uint64_t largest_function = uint64_t{64} << 20;
constexpr formats::GdbJitLimits limits{1 << 16, uint64_t{256} << 20, uint64_t{1} << 30};
// An engine that frees a symbol file and makes the next one gets the same memory for it: up to this size, and as many
// bytes in all of one look, what was seen before is compared again.
constexpr uint64_t compared_file = uint64_t{1} << 20, compared_bytes = uint64_t{16} << 20;
constexpr uint64_t compared_newest = uint64_t{1} << 16; // where only the newest one is
constexpr int tries = 3;                                // of a list that changes while it is read

size_t digest(std::string_view symfile) {
  return std::hash<std::string_view>()(symfile) | 1;
}

} // namespace

std::optional<uint64_t> GdbJitFiles::descriptor(const std::filesystem::path &root, const std::string &file) {
  if (!file.starts_with('/')) return std::nullopt; // [heap], [vdso], anonymous
  const std::string path = root.string() + file;
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const auto [at, added] = known_.try_emplace({status.st_dev, status.st_ino});
  if (added) at->second = formats::gdb_jit_descriptor(path);
  return at->second;
}

record::CodeRecord &GdbJitWatch::add(record::CodeFile &out, uint32_t kind, uint64_t base, uint64_t length) const {
  record::CodeRecord record;
  record.kind = kind;
  record.time = before_;
  record.base = base;
  record.length = length;
  record.tid = out.pid;
  return out.records.emplace_back(std::move(record));
}

void GdbJitWatch::load(pid_t pid, Known &known, std::string symfile, record::CodeFile &out) {
  std::string error;
  for (const formats::GdbJitFunction &function : formats::gdb_jit_functions(std::move(symfile), error)) {
    if (function.size > largest_function || functions_.contains(function.address)) continue;
    std::vector<std::byte> bytes(function.size);
    // Code that is not there: a symbol file that says something else than what is believed here.
    if (!read_process_memory(pid, function.address, bytes.data(), bytes.size())) continue;
    record::CodeRecord &record = add(out, SGPERF_CODE_FUNCTION, function.address, function.size);
    record.flags = SGPERF_FUNCTION_GDB_JIT;
    record.name = function.name;
    record.bytes = std::move(bytes);
    functions_.insert(function.address);
    known.functions.push_back(function.address);
  }
}

void GdbJitWatch::unload(const Known &known, record::CodeFile &out) {
  for (const uint64_t address : known.functions) {
    add(out, SGPERF_CODE_UNLOAD, address, 0);
    functions_.erase(address);
  }
}

void GdbJitWatch::read_lists(pid_t pid, record::CodeFile &out) {
  const formats::ReadMemory read = [pid](uint64_t address, void *to, size_t size) {
    return read_process_memory(pid, address, to, size);
  };
  std::map<uint64_t, Known> present;
  std::map<uint64_t, std::string> symfiles;
  bool whole = true;
  for (auto &[address, head] : lists_) {
    for (int i = 0; i < tries; ++i) {
      std::string error;
      uint64_t compared = 0;
      const auto list = formats::read_gdb_jit(address, read, error, limits, [&](const formats::GdbJitEntry &entry) {
        const auto known = entries_.find(entry.address);
        if (known == entries_.end() || known->second.symfile != entry.symfile_address ||
            known->second.size != entry.symfile_size)
          return true;
        if (!known->second.digest || compared > compared_bytes) return false;
        compared += entry.symfile_size;
        return true;
      });
      // The process ends: what it had is not gone before.
      if (!list || !read(address, &head, sizeof head)) return;
      for (const formats::GdbJitEntry &entry : list->entries) {
        Known one{entry.symfile_address, entry.symfile_size, 0, {}};
        const auto known = entries_.find(entry.address);
        if (!entry.symfile.empty() && entry.symfile_size <= compared_file)
          one.digest = digest(entry.symfile);
        else if (known != entries_.end() && known->second.symfile == one.symfile && known->second.size == one.size)
          one.digest = known->second.digest; // not looked at this time
        present[entry.address] = one;
        symfiles[entry.address] = entry.symfile;
      }
      if (!list->changed) break;
      if (i + 1 == tries) whole = false;
    }
  }
  // What is gone first: other code may be at its place.
  if (whole)
    std::erase_if(entries_, [&](const auto &entry) {
      const auto at = present.find(entry.first);
      if (at != present.end() && at->second == entry.second) return false;
      unload(entry.second, out);
      return true;
    });
  for (auto &[address, one] : present) {
    if (entries_.contains(address)) continue;
    load(pid, one, std::move(symfiles[address]), out);
    entries_[address] = std::move(one);
  }
}

void GdbJitWatch::look(pid_t pid, const std::vector<formats::MemoryRange> &maps, GdbJitFiles &files,
                       record::CodeFile &out) {
  const std::filesystem::path root = "/proc/" + std::to_string(pid) + "/root";
  std::map<uint64_t, Head> lists;
  for (const formats::MemoryRange &range : maps) {
    const auto offset = range.path.empty() ? std::nullopt : files.descriptor(root, range.path);
    if (!offset || *offset < range.offset || *offset - range.offset >= range.end - range.start) continue;
    const uint64_t address = range.start + (*offset - range.offset);
    const auto before = lists_.find(address);
    lists[address] = before == lists_.end() ? Head{} : before->second;
  }
  before_ = now_;
  now_ = monotonic_ns();
  lists_ = std::move(lists);
  if (!lists_.empty() || !entries_.empty()) read_lists(pid, out);
}

// The newest entry is still the one that was seen.  The head does not tell: an engine that takes one away and adds the
// next gets the same memory for it.
bool GdbJitWatch::newest_is_known(pid_t pid, uint64_t entry) const {
  if (!entry) return true;
  const auto known = entries_.find(entry);
  if (known == entries_.end()) return false;
  uint64_t words[4]; // next, previous, symbol file, size
  if (!read_process_memory(pid, entry, words, sizeof words)) return false;
  const Known &one = known->second;
  if (one.symfile != words[2] || one.size != words[3]) return false;
  if (!one.digest || one.size > compared_newest) return true;
  std::string symfile(one.size, '\0');
  return read_process_memory(pid, one.symfile, symfile.data(), symfile.size()) && digest(symfile) == one.digest;
}

void GdbJitWatch::look_again(pid_t pid, record::CodeFile &out) {
  before_ = now_;
  now_ = monotonic_ns();
  for (const auto &[address, head] : lists_) {
    Head now{};
    if (!read_process_memory(pid, address, &now, sizeof now)) continue;
    if (now == head && newest_is_known(pid, head.first)) continue;
    read_lists(pid, out);
    return;
  }
}

} // namespace sgperf::run
