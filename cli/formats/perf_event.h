// SPDX-License-Identifier: Apache-2.0
// Records of perf events: what the kernel puts in a ring buffer and perf puts in the data section of a perf.data.  One
// record at a time, both directions; files are perf_data_reader.h and perf_data_writer.h.
//
// Layouts: <linux/perf_event.h> (enum perf_event_type), its order of PERF_RECORD_SAMPLE as perf_output_sample() of
// kernel/events/core.c writes it.  Constants PERF_RECORD_*, PERF_SAMPLE_*, PERF_CONTEXT_* are the kernel header's.
#pragma once

#include <linux/perf_event.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

// Records that perf itself adds (tools/lib/perf/include/perf/event.h); the kernel's types are below 64.
enum : uint32_t {
  perf_header_attr = 64,
  perf_tracing_data = 66,
  perf_build_id = 67,
  perf_finished_round = 68,
  perf_id_index = 69,
  perf_auxtrace = 71,
  perf_event_update = 78,
  perf_header_feature = 80,
  perf_compressed = 81,
  perf_finished_init = 82,
  perf_compressed2 = 83,
};

constexpr size_t perf_record_limit = 65528; // u16 size, a multiple of 8

// A row of u64 as they lie in a record: at any address, in the file's byte order.  No copy; valid as long as the bytes.
class PerfWords {
public:
  class iterator {
  public:
    using value_type = uint64_t;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    iterator() = default;
    iterator(const PerfWords *words, size_t at) : words_(words), at_(at) {}
    uint64_t operator*() const { return (*words_)[at_]; }
    iterator &operator++() { return ++at_, *this; }
    iterator operator++(int) { return {words_, at_++}; }
    bool operator==(const iterator &other) const { return at_ == other.at_; }

  private:
    const PerfWords *words_ = nullptr;
    size_t at_ = 0;
  };

  PerfWords() = default;
  PerfWords(std::span<const uint64_t> words)
      : data_(reinterpret_cast<const char *>(words.data())), size_(words.size()) {}
  PerfWords(const std::vector<uint64_t> &words) : PerfWords(std::span(words)) {}
  PerfWords(const char *data, size_t size, bool swapped) : data_(data), size_(size), swapped_(swapped) {}

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  uint64_t operator[](size_t at) const {
    uint64_t value;
    std::memcpy(&value, data_ + at * 8, 8);
    return swapped_ ? __builtin_bswap64(value) : value;
  }
  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, size_}; }
  std::vector<uint64_t> copy() const { return {begin(), end()}; }

private:
  const char *data_ = nullptr;
  size_t size_ = 0;
  bool swapped_ = false;
};

using PerfBuildIdBytes = std::vector<uint8_t>; // 1 to 20

// Who and when: the trailer of every record but SAMPLE (attr.sample_id_all).  What sample_type does not have is 0.
struct PerfSampleId {
  uint32_t pid = 0, tid = 0;
  uint64_t time = 0; // ns of the clock of the attr: CLOCK_MONOTONIC in our files
  uint64_t id = 0, stream_id = 0;
  uint32_t cpu = 0;
};

// MMAP and MMAP2.
struct PerfMmap {
  uint32_t pid = 0, tid = 0;
  uint64_t address = 0, length = 0, page_offset = 0; // bytes; page_offset is the file's offset of `address`
  uint32_t major = 0, minor = 0;                     // of the file; not with a build id
  uint64_t inode = 0, inode_generation = 0;
  std::span<const uint8_t> build_id;  // empty: none, and the record has the inode
  uint32_t protection = 0, flags = 0; // PROT_*, MAP_*; 0 for MMAP
  std::string_view path;
  uint16_t misc = PERF_RECORD_MISC_USER;
};

struct PerfComm {
  uint32_t pid = 0, tid = 0;
  std::string_view name;
  bool by_exec = false; // PERF_RECORD_MISC_COMM_EXEC
};

// FORK and EXIT.
struct PerfTask {
  uint32_t pid = 0, parent_pid = 0, tid = 0, parent_tid = 0;
  uint64_t time = 0;
};

// LOST (records of event `id`, from the ring) and LOST_SAMPLES (id 0).
struct PerfLost {
  uint64_t id = 0, lost = 0;
};

// THROTTLE and UNTHROTTLE.
struct PerfThrottle {
  bool on = false;
  uint64_t time = 0, id = 0, stream_id = 0;
};

// SWITCH (next/previous 0) and SWITCH_CPU_WIDE.
struct PerfSwitch {
  bool out = false, preempted = false;
  uint32_t other_pid = 0, other_tid = 0; // the next one when out, the previous one when in
};

struct PerfKsymbol {
  uint64_t address = 0;
  uint32_t length = 0;
  uint16_t type = 0, flags = 0; // PERF_RECORD_KSYMBOL_TYPE_*; flags bit 0: unregistered
  std::string_view name;
};

struct PerfCgroup {
  uint64_t id = 0;
  std::string_view path;
};

// SAMPLE.  Which members mean something: `type`, the PERF_SAMPLE_* bits of the attr.  Spans are valid in the call that
// hands them over only.
struct PerfSample {
  size_t event = 0; // index of the attr in the file
  uint64_t type = 0;
  uint16_t misc = 0; // PERF_RECORD_MISC_KERNEL, _USER, .. of the ip; EXACT_IP
  uint64_t ip = 0;
  uint32_t pid = 0, tid = 0;
  uint64_t time = 0, address = 0;
  uint64_t id = 0, stream_id = 0; // id: from IDENTIFIER, else from ID
  uint32_t cpu = 0;
  uint64_t period = 0;
  PerfWords read;              // PERF_SAMPLE_READ as it is; its form is attr.read_format
  PerfWords callchain;         // with PERF_CONTEXT_* markers (values >= PERF_CONTEXT_MAX), innermost first
  std::string_view raw;        // PERF_SAMPLE_RAW; padded by the writer so that 4 + size is a multiple of 8
  PerfWords branches;          // three words each: from, to, flags
  uint64_t user_abi = 0;       // PERF_SAMPLE_REGS_ABI_*; NONE: no user registers
  PerfWords user_regs;         // in the order of the bits of attr.sample_regs_user
  std::string_view user_stack; // from the stack pointer upwards, what was really copied
  uint64_t weight = 0, data_source = 0, transaction = 0;
  uint64_t interrupt_abi = 0;
  PerfWords interrupt_regs; // of attr.sample_regs_intr
  uint64_t physical_address = 0, cgroup = 0, data_page_size = 0, code_page_size = 0;
  std::string_view aux;
};

// What of an attr decides how its records look.
struct PerfLayout {
  uint64_t sample_type = 0, read_format = 0, branch_type = 0, user_regs = 0, interrupt_regs = 0;
  bool sample_id_all = false;

  PerfLayout() = default;
  explicit PerfLayout(const perf_event_attr &attr);
  bool operator==(const PerfLayout &) const = default;

  // Bytes of the trailer of records that are no samples.
  size_t trailer_size() const;
  // Where a sample has its id, in words after the header; nullopt: it has none.  From IDENTIFIER, else from ID.
  std::optional<size_t> id_word() const;
  // The same for trailers, counted from the record's end: 1 is the last word.
  std::optional<size_t> id_word_from_end() const;
  // Where a sample has its time, in words after the header.
  std::optional<size_t> time_word() const;
  std::optional<size_t> time_word_from_end() const;
};

// One record: header and body, `bytes` has exactly header.size bytes.
struct PerfRecord {
  uint32_t type = 0;
  uint16_t misc = 0;
  std::string_view bytes;
  bool swapped = false; // the file has the other byte order
};

// The record at the start of `bytes`; nullopt: no whole record there.  A size below 8 is none either.
std::optional<PerfRecord> perf_record_at(std::string_view bytes, bool swapped = false);

// Decode a record's body.  False or nullopt: the record is shorter than what it says it has.  Strings end at their NUL,
// spans point into the record.
bool decode_perf_sample(const PerfRecord &record, const PerfLayout &layout, PerfSample &out);
PerfSampleId decode_perf_trailer(const PerfRecord &record, const PerfLayout &layout);
std::optional<PerfMmap> decode_perf_mmap(const PerfRecord &record, const PerfLayout &layout);
std::optional<PerfComm> decode_perf_comm(const PerfRecord &record, const PerfLayout &layout);
std::optional<PerfTask> decode_perf_task(const PerfRecord &record, const PerfLayout &layout);
std::optional<PerfLost> decode_perf_lost(const PerfRecord &record, const PerfLayout &layout);
std::optional<PerfThrottle> decode_perf_throttle(const PerfRecord &record, const PerfLayout &layout);
std::optional<PerfSwitch> decode_perf_switch(const PerfRecord &record, const PerfLayout &layout);
std::optional<PerfKsymbol> decode_perf_ksymbol(const PerfRecord &record, const PerfLayout &layout);
std::optional<PerfCgroup> decode_perf_cgroup(const PerfRecord &record, const PerfLayout &layout);

// Append a record, with its trailer if the layout has one.  Strings longer than 4095 bytes are cut, as the kernel does.
// False: it would be larger than perf_record_limit, or (samples) something of sample_type cannot be written: READ of a
// wrong length, registers that do not match the mask; `out` is as it was.
bool encode_perf_sample(std::string &out, const PerfLayout &layout, const PerfSample &sample);
void encode_perf_mmap2(std::string &out, const PerfLayout &layout, const PerfMmap &mmap, const PerfSampleId &who);
void encode_perf_comm(std::string &out, const PerfLayout &layout, const PerfComm &comm, const PerfSampleId &who);
void encode_perf_fork(std::string &out, const PerfLayout &layout, const PerfTask &task, const PerfSampleId &who);
void encode_perf_exit(std::string &out, const PerfLayout &layout, const PerfTask &task, const PerfSampleId &who);
void encode_perf_lost(std::string &out, const PerfLayout &layout, const PerfLost &lost, const PerfSampleId &who);
void encode_perf_lost_samples(std::string &out, const PerfLayout &layout, uint64_t lost, const PerfSampleId &who);
void encode_perf_ksymbol(std::string &out, const PerfLayout &layout, const PerfKsymbol &symbol,
                         const PerfSampleId &who);

} // namespace sgperf::formats
