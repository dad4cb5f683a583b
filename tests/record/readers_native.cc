// SPDX-License-Identifier: Apache-2.0
// Readers of what a profile of native programs needs (readers.h): perf.data, frames and lines of ELF files.
#include "record/readers.h"

#include "record/readers_file.h"

#include "formats/elf_symbols.h"
#include "formats/native_frames.h"
#include "formats/native_lines.h"
#include "formats/perf_data_reader.h"
#include "record/isolate.h"

#include <cstdlib>

namespace sgperf::test {

using namespace formats;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Looks at every byte that it is given: a span that points anywhere else is found by the address sanitizer.
class Walker : public PerfDataVisitor {
public:
  uint64_t sum = 0, calls = 0;
  bool begun = false;

  void begin(const PerfData &data) override {
    require(!begun);
    begun = true;
    for (const PerfEvent &event : data.events) layouts_.emplace_back(event.attr);
  }
  void sample(const PerfSample &one) override {
    called();
    for (const PerfWords &words : {one.read, one.callchain, one.branches, one.user_regs, one.interrupt_regs})
      for (const uint64_t word : words) sum += word;
    for (const std::string_view text : {one.raw, one.user_stack, one.aux}) walk(text);
    if (one.event >= layouts_.size()) return; // of a pipe: described later
    // What can be written again reads as the same.
    std::string written;
    const PerfLayout &layout = layouts_[one.event];
    if (!encode_perf_sample(written, layout, one)) return;
    const auto record = perf_record_at(written);
    require(record && record->bytes.size() == written.size());
    PerfSample back;
    require(decode_perf_sample(*record, layout, back));
    require(back.ip == one.ip && back.time == one.time && back.callchain.size() == one.callchain.size());
    require(back.user_stack == one.user_stack && back.user_regs.size() == one.user_regs.size());
  }
  void mmap(const PerfMmap &one, const PerfSampleId &) override {
    called();
    walk(one.path);
    for (const uint8_t byte : one.build_id) sum += byte;
    require(one.build_id.size() <= 20);
  }
  void comm(const PerfComm &one, const PerfSampleId &) override { called(), walk(one.name); }
  void fork(const PerfTask &, const PerfSampleId &) override { called(); }
  void exit(const PerfTask &, const PerfSampleId &) override { called(); }
  void lost(const PerfLost &, const PerfSampleId &) override { called(); }
  void throttle(const PerfThrottle &, const PerfSampleId &) override { called(); }
  void switched(const PerfSwitch &, const PerfSampleId &) override { called(); }
  void ksymbol(const PerfKsymbol &one, const PerfSampleId &) override { called(), walk(one.name); }
  void cgroup(const PerfCgroup &one, const PerfSampleId &) override { called(), walk(one.path); }
  void other(const PerfRecord &one, const PerfSampleId &) override { called(), walk(one.bytes); }

private:
  void called() {
    require(begun);
    ++calls;
  }
  void walk(std::string_view text) {
    for (const char c : text) sum += static_cast<unsigned char>(c);
  }
  std::vector<PerfLayout> layouts_;
};

// Where there may be something to find: around the file's own symbols, and where files without any begin.
std::vector<uint64_t> addresses_of(const std::string &bytes) {
  std::vector<uint64_t> out{0, 1, UINT64_MAX};
  std::string error;
  if (const auto symbols = ElfSymbols::from_bytes(bytes, error)) {
    for (const ElfSymbol &one : symbols->symbols()) {
      if (out.size() > 200) break;
      for (const uint64_t step : {0, 1, 4, 9, 16}) out.push_back(one.address + step);
    }
    for (const ElfSegment &one : symbols->segments()) {
      if (out.size() > 300) break;
      out.insert(out.end(), {one.address, one.address + one.memory_size / 2});
    }
  }
  return out;
}

} // namespace

bool read_as_perf_data(const std::string &bytes) {
  Walker walker;
  std::string error;
  const auto data = read_perf_data(bytes, walker, error);
  require(bool(data) == error.empty());
  if (!data) return false;
  require(walker.begun && data->counts.torn_bytes <= bytes.size() * 1024 + (8 << 20));
  uint64_t records = 0;
  for (const auto &[type, count] : data->counts.records) records += count;
  require(walker.calls <= records);
  return !data->events.empty();
}

bool read_as_native_frames(const std::string &behind_magic) {
  const std::string bytes = "\177ELF" + behind_magic;
  const std::string &path = as_file(bytes, "native");
  NativeFrames frames({.roots = {}});
  bool any = false;
  for (const uint64_t address : addresses_of(bytes)) {
    if (const auto *range = frames.function(path, "", address)) {
      require(address >= range->start && address - range->start < range->size);
      any = frames.find(path, "", range->start + range->size - 1) || any;
    }
    any = frames.find(path, "", address) || any;
  }
  return any;
}

bool read_as_native_lines(const std::string &behind_magic) {
  const std::string bytes = "\177ELF" + behind_magic;
  const std::string &path = as_file(bytes, "native");
  NativeLines lines({.roots = {}});
  bool any = false;
  for (const uint64_t address : addresses_of(bytes))
    if (const SourcePlace *place = lines.find(path, "", address)) {
      require(!place->frames.empty());
      any = true;
    }
  return any;
}

bool read_as_isolation(const std::string &bytes) {
  const std::string path = as_file(bytes, "isolate.json");
  const std::string folder = path.substr(0, path.rfind('/'));
  std::string error;
  const auto isolation = record::read_isolation(folder, error);
  require(isolation || !error.empty());
  return isolation.has_value();
}

} // namespace sgperf::test
