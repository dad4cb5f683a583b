// SPDX-License-Identifier: Apache-2.0
// One installation of an engine at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace sgperf::run {

// An flock() of a file that says who holds it.  The children that are started meanwhile hold it as well, on purpose:
// what a killed command has left running is not met by the next one.
class InstallLock {
public:
  explicit InstallLock(std::filesystem::path file) : file_(std::move(file)) {}
  ~InstallLock();
  InstallLock(const InstallLock &) = delete;
  InstallLock &operator=(const InstallLock &) = delete;

  // Waits for whoever holds it, after `waiting("process 123")`.  False: `interrupted`, or problem() says what is wrong.
  bool take(const std::function<void(const std::string &)> &waiting);
  const std::string &problem() const { return problem_; }

private:
  std::filesystem::path file_;
  std::string problem_;
  int fd_ = -1;
};

} // namespace sgperf::run
