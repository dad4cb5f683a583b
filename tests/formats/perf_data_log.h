// SPDX-License-Identifier: Apache-2.0
// What a reader of perf.data hands over, as one line of text a record, and files to read.
#pragma once

#include "formats/perf_data_reader.h"
#include "formats/perf_data_writer.h"

#include <string>
#include <vector>

namespace sgperf::test {

class PerfLog : public formats::PerfDataVisitor {
public:
  std::vector<std::string> lines;
  std::vector<formats::PerfEvent> events_at_begin;
  int begins = 0;

  void begin(const formats::PerfData &data) override;
  void sample(const formats::PerfSample &sample) override;
  void mmap(const formats::PerfMmap &mmap, const formats::PerfSampleId &who) override;
  void comm(const formats::PerfComm &comm, const formats::PerfSampleId &who) override;
  void fork(const formats::PerfTask &task, const formats::PerfSampleId &who) override;
  void exit(const formats::PerfTask &task, const formats::PerfSampleId &who) override;
  void lost(const formats::PerfLost &lost, const formats::PerfSampleId &who) override;
  void throttle(const formats::PerfThrottle &throttle, const formats::PerfSampleId &who) override;
  void switched(const formats::PerfSwitch &change, const formats::PerfSampleId &who) override;
  void ksymbol(const formats::PerfKsymbol &symbol, const formats::PerfSampleId &who) override;
  void cgroup(const formats::PerfCgroup &group, const formats::PerfSampleId &who) override;
  void other(const formats::PerfRecord &record, const formats::PerfSampleId &who) override;

  std::vector<std::string> starting_with(const std::string &word) const;
};

// A software event as `perf record -e cpu-clock -k mono` has it: IP, TID, TIME, CPU, PERIOD, sample_id_all.
formats::PerfEvent cpu_clock(uint64_t more_sample_type = 0);

} // namespace sgperf::test
