// SPDX-License-Identifier: Apache-2.0
// A folder of one run of ours, on a tmpfs, inside the user's private session folder: sgperf-<uid>/run-XXXXXX/.
//
// A session is a shared mapping: on a disk the kernel would write it back while the target runs.  It lies inside the
// session folder so that `sgperf report` and `sgperf clean` find what a killed sgperf leaves behind.
#pragma once

#include <filesystem>
#include <string>

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
  void keep() { keep_ = true; } // a target still runs and writes to it

private:
  std::filesystem::path path_;
  bool keep_ = false;
};

// Copies (with `move`: and removes) sessions with their code and modules from one folder to another.  Returns how many
// sessions; problems are added to `error`, one a line.
size_t copy_sessions(const std::filesystem::path &from, const std::filesystem::path &to, bool move, std::string &error);

} // namespace sgperf::record
