// SPDX-License-Identifier: Apache-2.0
#include "formats/perf_event.h"

#include "formats/perf_event_cursor.h"

#include <bit>

namespace sgperf::formats {
namespace {

constexpr uint64_t trailer_bits = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID |
                                  PERF_SAMPLE_CPU | PERF_SAMPLE_IDENTIFIER;

// The body of a record that is no sample: between header and trailer.
PerfCursor body(const PerfRecord &record, const PerfLayout &layout) {
  const size_t around = 8 + layout.trailer_size();
  if (record.bytes.size() < around) return PerfCursor({}, record.swapped);
  return {record.bytes.substr(8, record.bytes.size() - around), record.swapped};
}

template <class T> std::optional<T> unless_bad(const PerfCursor &cursor, T &&value) {
  if (cursor.bad()) return std::nullopt;
  return std::move(value);
}

// Newer than the kernel headers this is built with.
constexpr uint64_t format_lost = 1 << 4;
constexpr uint64_t branch_counters = 1 << 19;

PerfWords read_values(PerfCursor &cursor, uint64_t format) {
  const auto bit = [&](uint64_t mask) -> uint64_t { return (format & mask) != 0; };
  const uint64_t times = bit(PERF_FORMAT_TOTAL_TIME_ENABLED) + bit(PERF_FORMAT_TOTAL_TIME_RUNNING);
  const uint64_t each = 1 + bit(PERF_FORMAT_ID) + bit(format_lost);
  if (!bit(PERF_FORMAT_GROUP)) return cursor.words(times + each);
  const uint64_t members = PerfCursor(cursor).get<uint64_t>(); // the count is the first of the words
  if (members > perf_record_limit) return cursor.words(UINT64_MAX);
  return cursor.words(1 + times + members * each);
}

} // namespace

PerfLayout::PerfLayout(const perf_event_attr &attr)
    : sample_type(attr.sample_type), read_format(attr.read_format), branch_type(attr.branch_sample_type),
      user_regs(attr.sample_regs_user), interrupt_regs(attr.sample_regs_intr), sample_id_all(attr.sample_id_all) {}

size_t PerfLayout::trailer_size() const {
  return sample_id_all ? 8 * static_cast<size_t>(std::popcount(sample_type & trailer_bits)) : 0;
}

std::optional<size_t> PerfLayout::id_word() const {
  if (sample_type & PERF_SAMPLE_IDENTIFIER) return 0;
  if (!(sample_type & PERF_SAMPLE_ID)) return std::nullopt;
  return std::popcount(sample_type & (PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR));
}

std::optional<size_t> PerfLayout::id_word_from_end() const {
  if (!sample_id_all) return std::nullopt;
  if (sample_type & PERF_SAMPLE_IDENTIFIER) return 1;
  if (!(sample_type & PERF_SAMPLE_ID)) return std::nullopt;
  return 1 + std::popcount(sample_type & (PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU));
}

std::optional<size_t> PerfLayout::time_word() const {
  if (!(sample_type & PERF_SAMPLE_TIME)) return std::nullopt;
  return std::popcount(sample_type & (PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID));
}

std::optional<size_t> PerfLayout::time_word_from_end() const {
  if (!sample_id_all || !(sample_type & PERF_SAMPLE_TIME)) return std::nullopt;
  return 1 + std::popcount(sample_type &
                           (PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU | PERF_SAMPLE_IDENTIFIER));
}

std::optional<PerfRecord> perf_record_at(std::string_view bytes, bool swapped) {
  PerfCursor cursor(bytes, swapped);
  PerfRecord record;
  record.type = cursor.get<uint32_t>();
  record.misc = cursor.get<uint16_t>();
  const uint16_t size = cursor.get<uint16_t>();
  if (cursor.bad() || size < 8 || size > bytes.size()) return std::nullopt;
  record.bytes = bytes.substr(0, size);
  record.swapped = swapped;
  return record;
}

bool decode_perf_sample(const PerfRecord &record, const PerfLayout &layout, PerfSample &out) {
  const size_t event = out.event;
  out = PerfSample();
  out.event = event;
  out.type = layout.sample_type;
  out.misc = record.misc;
  if (record.bytes.size() < 8) return false;
  PerfCursor cursor(record.bytes.substr(8), record.swapped);
  const auto has = [&](uint64_t bit) { return (layout.sample_type & bit) != 0; };
  uint32_t ignored = 0;
  if (has(PERF_SAMPLE_IDENTIFIER)) out.id = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_IP)) out.ip = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_TID)) cursor.pair(out.pid, out.tid);
  if (has(PERF_SAMPLE_TIME)) out.time = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_ADDR)) out.address = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_ID)) out.id = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_STREAM_ID)) out.stream_id = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_CPU)) cursor.pair(out.cpu, ignored);
  if (has(PERF_SAMPLE_PERIOD)) out.period = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_READ)) out.read = read_values(cursor, layout.read_format);
  if (has(PERF_SAMPLE_CALLCHAIN)) out.callchain = cursor.words(cursor.get<uint64_t>());
  if (has(PERF_SAMPLE_RAW)) out.raw = cursor.bytes(cursor.get<uint32_t>());
  if (has(PERF_SAMPLE_BRANCH_STACK)) {
    const uint64_t count = cursor.get<uint64_t>();
    if (layout.branch_type & PERF_SAMPLE_BRANCH_HW_INDEX) cursor.get<uint64_t>();
    out.branches = cursor.words(count > perf_record_limit ? UINT64_MAX : count * 3);
    if (layout.branch_type & branch_counters) cursor.words(count);
  }
  if (has(PERF_SAMPLE_REGS_USER)) {
    out.user_abi = cursor.get<uint64_t>();
    if (out.user_abi) out.user_regs = cursor.words(static_cast<uint64_t>(std::popcount(layout.user_regs)));
  }
  if (has(PERF_SAMPLE_STACK_USER)) {
    if (const uint64_t size = cursor.get<uint64_t>()) {
      const std::string_view copied = cursor.bytes(size);
      out.user_stack = copied.substr(0, cursor.get<uint64_t>());
    }
  }
  if (has(PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT)) out.weight = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_DATA_SRC)) out.data_source = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_TRANSACTION)) out.transaction = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_REGS_INTR)) {
    out.interrupt_abi = cursor.get<uint64_t>();
    if (out.interrupt_abi)
      out.interrupt_regs = cursor.words(static_cast<uint64_t>(std::popcount(layout.interrupt_regs)));
  }
  if (has(PERF_SAMPLE_PHYS_ADDR)) out.physical_address = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_CGROUP)) out.cgroup = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_DATA_PAGE_SIZE)) out.data_page_size = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_CODE_PAGE_SIZE)) out.code_page_size = cursor.get<uint64_t>();
  if (has(PERF_SAMPLE_AUX)) out.aux = cursor.bytes(cursor.get<uint64_t>());
  return !cursor.bad();
}

PerfSampleId decode_perf_trailer(const PerfRecord &record, const PerfLayout &layout) {
  PerfSampleId who;
  const size_t size = layout.trailer_size();
  if (!size || record.bytes.size() < 8 + size) return who;
  PerfCursor cursor(record.bytes.substr(record.bytes.size() - size), record.swapped);
  uint32_t ignored = 0;
  if (layout.sample_type & PERF_SAMPLE_TID) cursor.pair(who.pid, who.tid);
  if (layout.sample_type & PERF_SAMPLE_TIME) who.time = cursor.get<uint64_t>();
  if (layout.sample_type & PERF_SAMPLE_ID) who.id = cursor.get<uint64_t>();
  if (layout.sample_type & PERF_SAMPLE_STREAM_ID) who.stream_id = cursor.get<uint64_t>();
  if (layout.sample_type & PERF_SAMPLE_CPU) cursor.pair(who.cpu, ignored);
  if (layout.sample_type & PERF_SAMPLE_IDENTIFIER) who.id = cursor.get<uint64_t>();
  return who;
}

std::optional<PerfMmap> decode_perf_mmap(const PerfRecord &record, const PerfLayout &layout) {
  PerfCursor cursor = body(record, layout);
  PerfMmap mmap;
  mmap.misc = record.misc;
  cursor.pair(mmap.pid, mmap.tid);
  mmap.address = cursor.get<uint64_t>();
  mmap.length = cursor.get<uint64_t>();
  mmap.page_offset = cursor.get<uint64_t>();
  if (record.type == PERF_RECORD_MMAP2) {
    if (record.misc & PERF_RECORD_MISC_MMAP_BUILD_ID) {
      const uint8_t size = cursor.get<uint8_t>();
      cursor.bytes(3);
      const std::string_view id = cursor.bytes(20);
      if (size > 20 || cursor.bad()) return std::nullopt;
      mmap.build_id = {reinterpret_cast<const uint8_t *>(id.data()), size};
    } else {
      cursor.pair(mmap.major, mmap.minor);
      mmap.inode = cursor.get<uint64_t>();
      mmap.inode_generation = cursor.get<uint64_t>();
    }
    cursor.pair(mmap.protection, mmap.flags);
  }
  mmap.path = cursor.text();
  return unless_bad(cursor, std::move(mmap));
}

std::optional<PerfComm> decode_perf_comm(const PerfRecord &record, const PerfLayout &layout) {
  PerfCursor cursor = body(record, layout);
  PerfComm comm;
  cursor.pair(comm.pid, comm.tid);
  comm.name = cursor.text();
  comm.by_exec = record.misc & PERF_RECORD_MISC_COMM_EXEC;
  return unless_bad(cursor, std::move(comm));
}

std::optional<PerfTask> decode_perf_task(const PerfRecord &record, const PerfLayout &layout) {
  PerfCursor cursor = body(record, layout);
  PerfTask task;
  cursor.pair(task.pid, task.parent_pid);
  cursor.pair(task.tid, task.parent_tid);
  task.time = cursor.get<uint64_t>();
  return unless_bad(cursor, std::move(task));
}

std::optional<PerfLost> decode_perf_lost(const PerfRecord &record, const PerfLayout &layout) {
  PerfCursor cursor = body(record, layout);
  PerfLost lost;
  if (record.type == PERF_RECORD_LOST) lost.id = cursor.get<uint64_t>();
  lost.lost = cursor.get<uint64_t>();
  return unless_bad(cursor, std::move(lost));
}

std::optional<PerfThrottle> decode_perf_throttle(const PerfRecord &record, const PerfLayout &layout) {
  PerfCursor cursor = body(record, layout);
  PerfThrottle throttle;
  throttle.on = record.type == PERF_RECORD_THROTTLE;
  throttle.time = cursor.get<uint64_t>();
  throttle.id = cursor.get<uint64_t>();
  throttle.stream_id = cursor.get<uint64_t>();
  return unless_bad(cursor, std::move(throttle));
}

std::optional<PerfSwitch> decode_perf_switch(const PerfRecord &record, const PerfLayout &layout) {
  PerfCursor cursor = body(record, layout);
  PerfSwitch change;
  change.out = record.misc & PERF_RECORD_MISC_SWITCH_OUT;
  change.preempted = record.misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT;
  if (record.type == PERF_RECORD_SWITCH_CPU_WIDE) cursor.pair(change.other_pid, change.other_tid);
  return unless_bad(cursor, std::move(change));
}

std::optional<PerfKsymbol> decode_perf_ksymbol(const PerfRecord &record, const PerfLayout &layout) {
  PerfCursor cursor = body(record, layout);
  PerfKsymbol symbol;
  symbol.address = cursor.get<uint64_t>();
  symbol.length = cursor.get<uint32_t>();
  symbol.type = cursor.get<uint16_t>();
  symbol.flags = cursor.get<uint16_t>();
  symbol.name = cursor.text();
  return unless_bad(cursor, std::move(symbol));
}

std::optional<PerfCgroup> decode_perf_cgroup(const PerfRecord &record, const PerfLayout &layout) {
  PerfCursor cursor = body(record, layout);
  PerfCgroup group;
  group.id = cursor.get<uint64_t>();
  group.path = cursor.text();
  return unless_bad(cursor, std::move(group));
}

} // namespace sgperf::formats
