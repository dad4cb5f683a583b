// SPDX-License-Identifier: Apache-2.0
// Reading a perf.data, file or pipe form, either byte order, ours or perf's, finished or cut.  Never fatal after the
// first bytes: odd records are counted and skipped.
#pragma once

#include "formats/perf_data.h"

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sgperf::formats {

struct PerfDataCounts {
  std::map<uint32_t, uint64_t> records; // by type, as they lie in the file and in its compressed records
  std::map<uint32_t, uint64_t> odd;     // by type: shorter than they say, or nothing known could be made of them
  uint64_t unknown_types = 0;           // records of types this reader has never heard of; skipped
  uint64_t unknown_ids = 0;             // samples whose id belongs to no event; skipped
  uint64_t not_decompressed = 0;        // compressed records that could not be read; what was in them is not known
  uint64_t out_of_order = 0;            // delivered, but with a time before one that was delivered already
  uint64_t torn_bytes = 0;              // at the end: no whole record, or no record at all
  uint64_t odd_records() const;
};

struct PerfData {
  std::vector<PerfEvent> events;
  PerfFeatures features;
  PerfDataCounts counts;
  bool pipe = false;       // written to a pipe: `perf record -o -`
  bool swapped = false;    // made on a machine of the other byte order
  bool unfinished = false; // its writer did not come to the end: no features, data up to the end of the file
};

// Records in the order of their times, as perf has it: inside rounds where the file has them, else over the whole file;
// records without a time when they are met.  What is not overridden is skipped.  Spans are valid in the call only.
class PerfDataVisitor {
public:
  virtual ~PerfDataVisitor() = default;
  // Before the first record: events and, in a finished file, features.  In a pipe, those that came before.
  virtual void begin(const PerfData &) {}
  virtual void sample(const PerfSample &) {}
  virtual void mmap(const PerfMmap &, const PerfSampleId &) {}
  virtual void comm(const PerfComm &, const PerfSampleId &) {}
  virtual void fork(const PerfTask &, const PerfSampleId &) {}
  virtual void exit(const PerfTask &, const PerfSampleId &) {}
  virtual void lost(const PerfLost &, const PerfSampleId &) {}
  virtual void throttle(const PerfThrottle &, const PerfSampleId &) {}
  virtual void switched(const PerfSwitch &, const PerfSampleId &) {}
  virtual void ksymbol(const PerfKsymbol &, const PerfSampleId &) {}
  virtual void cgroup(const PerfCgroup &, const PerfSampleId &) {}
  // All others, whole, kernel's and perf's; also AUX, BPF_EVENT, TEXT_POKE, NAMESPACES.
  virtual void other(const PerfRecord &, const PerfSampleId &) {}
};

// nullopt: this is no perf.data; `error` says what was expected and found.  An exception of the visitor passes through.
std::optional<PerfData> read_perf_data(std::string_view bytes, PerfDataVisitor &visitor, std::string &error);
// The same for a file, mapped.  The file must not shrink meanwhile (it may grow).
std::optional<PerfData> read_perf_data_file(const std::filesystem::path &file, PerfDataVisitor &visitor,
                                            std::string &error);

} // namespace sgperf::formats
