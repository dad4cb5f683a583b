// SPDX-License-Identifier: Apache-2.0
// A folder of one run of ours, on a tmpfs, inside the user's private session folder: sgperf-<uid>/run-XXXXXX/.
//
// A session is a shared mapping: on a disk the kernel would write it back while the target runs.  It lies inside the
// session folder so that `sgperf report` and `sgperf clean` find what a killed sgperf leaves behind.  Its owner holds a
// lock (flock) on it, which the kernel drops with him, and a link in it leads to the recording that it is for.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace sgperf::record {

class PrivateFolder {
public:
  PrivateFolder() = default;
  PrivateFolder(const PrivateFolder &) = delete;
  PrivateFolder &operator=(const PrivateFolder &) = delete;
  ~PrivateFolder(); // removes it, unless kept

  // False: no tmpfs can be written to; `error` says which were tried.
  bool create(std::string &error);
  const std::filesystem::path &path() const { return path_; }
  // The recording that is made of it, absolute: for whoever finds the folder after a kill -9 of its owner.
  void belongs_to(const std::filesystem::path &recording);
  void keep(); // a target still runs and writes to it; the recording is finished without that

private:
  std::filesystem::path path_;
  int lock_ = -1;
  bool keep_ = false;
};

// A folder of a run whose owner is dead, held by its lock so that nobody else takes it.
class AbandonedFolder {
public:
  // nullopt: its owner lives (or another command takes care of it), or there is no such folder.
  static std::optional<AbandonedFolder> take(const std::filesystem::path &folder);
  AbandonedFolder(AbandonedFolder &&other) noexcept;
  AbandonedFolder &operator=(AbandonedFolder &&) = delete;
  ~AbandonedFolder();

  const std::filesystem::path &path() const { return path_; }
  // Where belongs_to() led; empty if it was not called.
  std::filesystem::path recording() const;
  // The folder goes, if nothing but that link is in it.
  void remove_empty() const;

private:
  AbandonedFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_;
};

// Copies (with `move`: and removes) sessions with their code and modules from one folder to another.  Returns how many
// sessions; problems are added to `error`, one a line.
size_t copy_sessions(const std::filesystem::path &from, const std::filesystem::path &to, bool move, std::string &error);

} // namespace sgperf::record
