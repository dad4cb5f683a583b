// SPDX-License-Identifier: Apache-2.0
// Writing a perf.data (file mode) while it is recorded.  The header is written first and its data.size follows at every
// flush, so that a file whose writer was killed opens in stock perf and in our reader, to the last flushed record; only
// the features (host, event names, build ids) are missing then.
#pragma once

#include "formats/perf_data.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

class PerfDataWriter {
public:
  // Makes the file (0600, must not exist unless `replace`: then by unlinking the old one).  Several events need
  // PERF_SAMPLE_IDENTIFIER in each, and ids; one event may have none.  perf refuses more than that.  attr.size is set
  // here.  nullopt: `error` says what and why.
  static std::optional<PerfDataWriter> create(const std::filesystem::path &file, std::vector<PerfEvent> events,
                                              std::string &error, bool replace = false);
  PerfDataWriter(PerfDataWriter &&) noexcept;
  PerfDataWriter &operator=(PerfDataWriter &&) noexcept;
  ~PerfDataWriter(); // without finish(): flushes, and leaves an unfinished file

  // Records as the kernel made them, one or more, whole.  False: `records` is not that; nothing was written.  Their
  // times are not looked at (finish() takes the span of samples from typed records; say it with sample_time()).
  bool raw(std::string_view records);

  // Records in time order or not: perf and our reader sort by time between finished_round() calls.  A file that never
  // calls it is sorted as a whole, so records of the past (JIT mappings) may be appended at the end.
  bool sample(const PerfSample &sample); // by sample.event; false: see encode_perf_sample()
  void mmap(const PerfMmap &mmap, const PerfSampleId &who);
  void comm(const PerfComm &comm, const PerfSampleId &who);
  void fork(const PerfTask &task, const PerfSampleId &who);
  void exit(const PerfTask &task, const PerfSampleId &who);
  void lost(const PerfLost &lost, const PerfSampleId &who);
  void lost_samples(uint64_t lost, const PerfSampleId &who);
  void ksymbol(const PerfKsymbol &symbol, const PerfSampleId &who);
  // All records that come later have times after those before the *previous* call.
  void finished_round();
  // Widens the span of samples that feature SAMPLE_TIME states.
  void sample_time(uint64_t time);

  // To the kernel, then data.size.  Called when 256 KiB are waiting; call it at the end of each wake-up.
  void flush();
  // Flushes, writes the features, closes.  False: `error` says what went wrong, now or at any write before.
  bool finish(const PerfFeatures &features, std::string &error);

  const std::vector<PerfEvent> &events() const;
  uint64_t data_size() const; // bytes of records so far
  bool failed() const;        // a write failed (disk full): nothing is written any more, finish() says why

private:
  struct State;
  explicit PerfDataWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace sgperf::formats
