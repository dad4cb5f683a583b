// SPDX-License-Identifier: Apache-2.0
#include "run/resume.h"

#include "run/output_check.h"

#include <nlohmann/json.hpp>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool is_recording(const fs::path &folder) {
  std::error_code ignored;
  return fs::exists(folder / "meta.json", ignored) || fs::exists(folder / "plan.json", ignored) ||
         fs::is_empty(folder, ignored);
}

} // namespace

RecordingWriter::~RecordingWriter() {
  if (samples_ >= 0) close(samples_);
  if (done_ >= 0) close(done_);
}

bool RecordingWriter::open_files(std::string &error) {
  samples_ = open((folder_ / "samples.jsonl").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  done_ = open((folder_ / "done.jsonl").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (samples_ < 0 || done_ < 0) {
    error = "cannot write " + folder_.string() + ": " + strerror(errno);
    return false;
  }
  if (flock(done_, LOCK_EX | LOCK_NB) != 0) {
    error = "another sgperf bench is writing " + folder_.string() + " just now; choose another folder with -o";
    return false;
  }
  return true;
}

bool RecordingWriter::create(const fs::path &folder, std::string &error) {
  std::error_code failed;
  folder_ = fs::absolute(folder);
  if (fs::exists(folder_, failed)) {
    if (!is_recording(folder_)) {
      error = folder_.string() + " exists and is no recording; choose another folder with -o";
      return false;
    }
    // Somebody who still writes there keeps it.
    const int lock = open((folder_ / "done.jsonl").c_str(), O_RDONLY | O_CLOEXEC);
    const bool busy = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0;
    if (lock >= 0) close(lock);
    if (busy) {
      error = "another sgperf bench is writing " + folder_.string() + " just now; choose another folder with -o";
      return false;
    }
    fs::path old = folder_;
    if (!old.has_filename()) old = old.parent_path();
    old += ".old";
    if (fs::exists(old, failed) && !is_recording(old)) {
      error = old.string() + " exists and is no recording, so the older recording cannot be moved there";
      return false;
    }
    fs::remove_all(old, failed);
    fs::rename(folder_, old, failed);
    if (failed) {
      error = "cannot move " + folder_.string() + " to " + old.string() + ": " + failed.message();
      return false;
    }
  }
  fs::create_directories(folder_, failed);
  if (failed) {
    error = "cannot make " + folder_.string() + ": " + failed.message();
    return false;
  }
  return open_files(error);
}

bool RecordingWriter::reopen(const fs::path &folder, bool keep_calibration,
                             const std::function<void(const record::Sample &)> &each, std::string &error) {
  folder_ = fs::absolute(folder);
  if (!open_files(error)) return false;
  std::stringstream done(read_whole(folder_ / "done.jsonl"));
  for (std::string line; std::getline(done, line);) {
    const json j = json::parse(line, nullptr, false);
    if (!j.is_object() || !j.contains("engine") || !j.contains("workload") || !j.contains("block")) continue; // torn
    finished_[{j["engine"].get<std::string>(), j["workload"].get<std::string>(), j["block"].get<uint32_t>()}] =
        j.value("failed", false);
  }
  // Keep the samples of finished units, and a complete calibration; a torn tail goes.
  const fs::path fresh = folder_ / "samples.jsonl.new";
  {
    std::ofstream out(fresh, std::ios::binary);
    std::stringstream in(read_whole(folder_ / "samples.jsonl"));
    for (std::string line; std::getline(in, line);) {
      const auto sample = record::sample_from_line(line);
      if (!sample) continue;
      const bool calibration = sample->role == record::Role::calibration;
      if (calibration ? !keep_calibration : !finished_.count({sample->engine, sample->workload, sample->block}))
        continue;
      out << line << "\n";
      each(*sample);
    }
    if (!out.flush()) {
      error = "cannot write " + fresh.string();
      return false;
    }
  }
  std::error_code failed;
  fs::rename(fresh, folder_ / "samples.jsonl", failed);
  if (failed) {
    error = "cannot write samples.jsonl: " + failed.message();
    return false;
  }
  close(samples_);
  samples_ = open((folder_ / "samples.jsonl").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  // A torn last line must not swallow the next one.
  const std::string text = read_whole(folder_ / "done.jsonl");
  if (!text.empty() && text.back() != '\n') write_line(done_, "\n");
  return samples_ >= 0;
}

bool RecordingWriter::write_line(int fd, const std::string &line) {
  for (size_t at = 0; at < line.size();) {
    const ssize_t n = write(fd, line.data() + at, line.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      error_ = "cannot write " + folder_.string() + ": " + strerror(errno);
      return false;
    }
    at += static_cast<size_t>(n);
  }
  return true;
}

bool RecordingWriter::append(const record::Sample &sample) {
  return write_line(samples_, record::to_line(sample) + "\n");
}

bool RecordingWriter::finish(const Unit &unit, bool failed) {
  finished_[unit] = failed;
  json j{{"engine", std::get<0>(unit)}, {"workload", std::get<1>(unit)}, {"block", std::get<2>(unit)}};
  if (failed) j["failed"] = true;
  return write_line(done_, j.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

} // namespace sgperf::run
