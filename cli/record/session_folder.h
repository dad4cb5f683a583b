// SPDX-License-Identifier: Apache-2.0
// Where session files of programs that ran without the cli are: $SGPERF_DIR, or sgperf-<uid>/ in the first of
// $XDG_RUNTIME_DIR, /dev/shm, /run, /tmp that is a tmpfs.  The target chooses with its own environment, so all of them
// are looked at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::record {

// $XDG_RUNTIME_DIR, if it is absolute and belongs to this user; else empty.  `sudo -E` and `su` keep somebody else's,
// and he could exchange what is made in it.
std::filesystem::path runtime_folder();

struct SessionFile {
  std::filesystem::path path; // session-<key>.sgp
  std::filesystem::path code; // code-<key>.sgc beside it, empty if there is none
  std::string key;
  std::vector<std::filesystem::path> modules; // module-<key>-<n>.wasm beside it: what the program gave to an engine
};

// Existing folders that are safe to read: directories, no symbolic links, owned by this user (or root's own), mode
// 0700. $SGPERF_DIR only has to exist.  `refused` gets a sentence for every one that exists and is not safe.
std::vector<std::filesystem::path> session_folders(std::vector<std::string> *refused = nullptr);
// The same, and the folders of runs of ours that are inside them (run-*).
std::vector<std::filesystem::path> all_session_folders(std::vector<std::string> *refused = nullptr);
// Sessions that nobody reads here, as they are another user's, but are likely meant: for a user those of root (a
// program under sudo), for root under sudo those of the user who called it.
struct RelatedFolder {
  std::filesystem::path path;
  uint32_t owner;
  uint64_t changed_realtime_ns; // when a session came or went last
};
std::vector<RelatedFolder> related_folders();

// Session files in a folder; symbolic links are passed over, and with `own_only` files of other users.
std::vector<SessionFile> session_files(const std::filesystem::path &folder, bool own_only = false);

} // namespace sgperf::record
