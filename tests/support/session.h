// SPDX-License-Identifier: Apache-2.0
// A second, independent reader of session and code files, for tests: written from libsgperf/session_layout.h alone, so
// that it checks both the library that writes and the reader of the command.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libsgperf/session_layout.h"

namespace sgperf::test {

// One site of one thread, or of all threads.
struct Sums {
  uint64_t count = 0, total = 0, self = 0, min = UINT64_MAX, max = 0;
  bool histogram = false;
  std::array<uint64_t, 64> buckets{};
  uint64_t bucket_sum() const;
};

struct Block {
  uint32_t phase = 0, site = 0, timer = 0;
  sgperf_block_owner owner{};
  std::map<uint32_t, Sums> slots; // by site index, only those with a count
};

struct Session {
  std::filesystem::path path;
  sgperf_session_header header{};
  std::vector<sgperf_site_record> sites; // index = slot; ready == 0 = not there
  std::vector<sgperf_phase_record> phases;
  std::vector<Block> blocks;

  // Site of that name and kind; nullopt = not registered.
  std::optional<uint32_t> site(const std::string &name) const;
  // Over all threads; zeros when the site is not there.
  Sums sums(const std::string &name) const;
  std::vector<sgperf_phase_record> phases_named(const std::string &name) const;
  std::string phase_name(const sgperf_phase_record &phase) const;
  std::string key() const;         // "<host>-<pid>-<boottime ns>" from the file's name
  double ns(uint64_t units) const; // duration in timer units -> ns, by the two anchors
};

// Throws std::runtime_error with the reason when the file breaks a rule of the layout.
Session read_session(const std::filesystem::path &path);

struct CodeRecord {
  sgperf_code_record record{};
  std::string name, bytes;
};
std::vector<CodeRecord> read_code(const std::filesystem::path &path, sgperf_code_header *header = nullptr);

// session-*.sgp and code-*.sgc in a folder (not in its sub-folders), sorted by time of start.
std::vector<std::filesystem::path> session_files(const std::filesystem::path &dir);
std::vector<std::filesystem::path> code_files(const std::filesystem::path &dir);

// The only session in `dir`; throws when there is none or more than one.
Session only_session(const std::filesystem::path &dir);

} // namespace sgperf::test
