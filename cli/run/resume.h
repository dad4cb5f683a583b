// SPDX-License-Identifier: Apache-2.0
// The growing recording, and what makes it resumable.
//
// A unit is one (cell, block).  Its samples are appended as they come; when all its processes have ended, one line goes
// to done.jsonl.  After a kill the samples of units that are not in done.jsonl are taken out again and measured anew,
// so a resumed recording holds every unit of the plan exactly once.
#pragma once

#include "record/sample.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>

namespace sgperf::run {

using Unit = std::tuple<std::string, std::string, uint32_t>; // engine, workload, block

class RecordingWriter {
public:
  ~RecordingWriter();

  // Makes the folder; an older one becomes <name>.old.  False: `error`.
  bool create(const std::filesystem::path &folder, std::string &error);
  // Opens one to go on; calls `each` for every sample that stays.  Calibration samples stay if `keep_calibration`.
  bool reopen(const std::filesystem::path &folder, bool keep_calibration,
              const std::function<void(const record::Sample &)> &each, std::string &error);

  bool append(const record::Sample &sample);                         // one write of one line
  bool finish(const Unit &unit, bool failed);                        // the unit is complete
  const std::map<Unit, bool> &finished() const { return finished_; } // -> failed
  const std::filesystem::path &folder() const { return folder_; }
  const std::string &error() const { return error_; }

private:
  bool open_files(std::string &error);
  bool write_line(int fd, const std::string &line);

  std::filesystem::path folder_;
  int samples_ = -1, done_ = -1;
  std::map<Unit, bool> finished_;
  std::string error_;
};

} // namespace sgperf::run
