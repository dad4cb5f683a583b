// SPDX-License-Identifier: Apache-2.0
#include "run/record_samples.h"

#include <poll.h>
#include <time.h>

#include <algorithm>

namespace sgperf::run {
namespace {

// A ring of 512 KiB holds about 1200 samples of this layout: at 999 Hz a second.  A full half wakes us earlier.
constexpr int wait_ms = 200;

uint64_t monotonic_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

} // namespace

void SampleRecording::arm(pid_t pid) {
  std::string why;
  sampler_ = PerfSampler::open(pid, options_, why);
  if (!sampler_) {
    missing_.push_back(why);
    return;
  }
  if (!sampler_->kernel_missing().empty()) missing_.push_back(sampler_->kernel_missing());
  note_ = sampler_->event_note();
  writer_ = formats::PerfDataWriter::create(folder_ / "perf.data", sampler_->events(), why);
  if (!writer_) {
    missing_.push_back(why);
    sampler_.reset();
    return;
  }
  // After the events are on: a mapping that is made meanwhile is seen by one of the two.
  if (options_.attach) write_running(*writer_, pid, monotonic_ns());
}

void SampleRecording::attend(int ended, std::optional<std::chrono::steady_clock::time_point> until,
                             const volatile int *stop) {
  std::vector<pollfd> all;
  if (ended >= 0) all.push_back({ended, POLLIN, 0});
  const size_t first = all.size();
  if (sampler_)
    for (const int fd : sampler_->descriptors()) all.push_back({fd, POLLIN, 0});
  while (!stop || !*stop) {
    int timeout = wait_ms;
    if (until) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*until - std::chrono::steady_clock::now());
      if (left.count() <= 0) break;
      timeout = static_cast<int>(std::min<long long>(timeout, left.count()));
    }
    poll(all.data(), all.size(), timeout); // EINTR: a signal that was passed on
    if (sampler_ && writer_) sampler_->drain(*writer_);
    // An event whose task has ended is "hung up" for ever: it must not wake us any more.
    for (size_t i = first; i < all.size(); ++i)
      if (all[i].revents & (POLLHUP | POLLERR)) all[i].fd = -1;
    if (ended >= 0 && (all[0].revents & POLLIN)) break;
  }
}

void SampleRecording::finish(const std::vector<std::string> &command) {
  if (!sampler_ || !writer_) return;
  sampler_->stop();
  sampler_->drain(*writer_);
  if (sampler_->lost())
    missing_.push_back("CPU samples: " + std::to_string(sampler_->lost()) +
                       " records found no room in the ring buffer; a lower frequency (-F) or a less busy machine helps");
  formats::PerfFeatures features = formats::perf_features_of_this_machine();
  features.version = SGPERF_PROJECT_VERSION;
  features.command = command;
  std::string error;
  if (!writer_->finish(features, error)) missing_.push_back(error);
  writer_.reset();
  finished_ = true;
}

} // namespace sgperf::run
