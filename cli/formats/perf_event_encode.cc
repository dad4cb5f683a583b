// SPDX-License-Identifier: Apache-2.0
#include "formats/perf_event.h"

#include <algorithm>
#include <bit>

namespace sgperf::formats {
namespace {

// A record being appended: header with size 0 first, the size at the end.
class Record {
public:
  Record(std::string &out, uint32_t type, uint16_t misc) : out_(out), start_(out.size()) {
    put(type);
    put(misc);
    put(uint16_t{0});
  }
  template <class Int> void put(Int value) { out_.append(reinterpret_cast<const char *>(&value), sizeof value); }
  void pair(uint32_t first, uint32_t second) {
    put(first);
    put(second);
  }
  void words(const PerfWords &words) {
    for (const uint64_t word : words) put(word);
  }
  void bytes(std::string_view bytes) { out_.append(bytes); }
  void zeros(size_t count) { out_.append(count, '\0'); }
  void align() { zeros((8 - (out_.size() - start_) % 8) % 8); }
  // With its NUL.  The kernel cuts paths at PATH_MAX, NUL included.
  void text(std::string_view text) {
    text = text.substr(0, text.find('\0'));
    bytes(text.substr(0, 4095));
    zeros(1);
    align();
  }
  void trailer(const PerfLayout &layout, const PerfSampleId &who) {
    if (!layout.sample_id_all) return;
    if (layout.sample_type & PERF_SAMPLE_TID) pair(who.pid, who.tid);
    if (layout.sample_type & PERF_SAMPLE_TIME) put(who.time);
    if (layout.sample_type & PERF_SAMPLE_ID) put(who.id);
    if (layout.sample_type & PERF_SAMPLE_STREAM_ID) put(who.stream_id);
    if (layout.sample_type & PERF_SAMPLE_CPU) pair(who.cpu, 0);
    if (layout.sample_type & PERF_SAMPLE_IDENTIFIER) put(who.id);
  }
  // False: too large; `out` is as it was.
  bool close() {
    align();
    const size_t size = out_.size() - start_;
    if (size > perf_record_limit) return give_up();
    const uint16_t field = static_cast<uint16_t>(size);
    std::memcpy(out_.data() + start_ + 6, &field, sizeof field);
    return true;
  }
  bool give_up() {
    out_.resize(start_);
    return false;
  }

private:
  std::string &out_;
  size_t start_;
};

bool good_read(const PerfWords &read, uint64_t format) {
  const auto bit = [&](uint64_t mask) -> uint64_t { return (format & mask) != 0; };
  const uint64_t times = bit(PERF_FORMAT_TOTAL_TIME_ENABLED) + bit(PERF_FORMAT_TOTAL_TIME_RUNNING);
  const uint64_t each = 1 + bit(PERF_FORMAT_ID) + bit(1 << 4 /* LOST */);
  if (!bit(PERF_FORMAT_GROUP)) return read.size() == times + each;
  return !read.empty() && read[0] <= perf_record_limit && read.size() == 1 + times + read[0] * each;
}

void encode_task(std::string &out, uint32_t type, const PerfLayout &layout, const PerfTask &task,
                 const PerfSampleId &who) {
  Record record(out, type, 0);
  record.pair(task.pid, task.parent_pid);
  record.pair(task.tid, task.parent_tid);
  record.put(task.time);
  record.trailer(layout, who);
  record.close();
}

} // namespace

bool encode_perf_sample(std::string &out, const PerfLayout &layout, const PerfSample &sample) {
  const auto has = [&](uint64_t bit) { return (layout.sample_type & bit) != 0; };
  const auto regs = [](uint64_t abi, const PerfWords &words, uint64_t mask) {
    return words.size() == (abi ? static_cast<size_t>(std::popcount(mask)) : 0);
  };
  if (has(PERF_SAMPLE_READ) && !good_read(sample.read, layout.read_format)) return false;
  if (has(PERF_SAMPLE_REGS_USER) && !regs(sample.user_abi, sample.user_regs, layout.user_regs)) return false;
  if (has(PERF_SAMPLE_REGS_INTR) && !regs(sample.interrupt_abi, sample.interrupt_regs, layout.interrupt_regs))
    return false;
  // Branch counters (kernel 6.8) have no place in PerfSample.
  if (has(PERF_SAMPLE_BRANCH_STACK) && (sample.branches.size() % 3 || layout.branch_type >= 1u << 18)) return false;
  // Before anything is copied: the parts whose size is the caller's.
  const size_t large = 8 * (sample.callchain.size() + sample.branches.size() + sample.read.size()) + sample.raw.size() +
                       sample.user_stack.size() + sample.aux.size();
  if (large > perf_record_limit) return false;

  Record record(out, PERF_RECORD_SAMPLE, sample.misc);
  if (has(PERF_SAMPLE_IDENTIFIER)) record.put(sample.id);
  if (has(PERF_SAMPLE_IP)) record.put(sample.ip);
  if (has(PERF_SAMPLE_TID)) record.pair(sample.pid, sample.tid);
  if (has(PERF_SAMPLE_TIME)) record.put(sample.time);
  if (has(PERF_SAMPLE_ADDR)) record.put(sample.address);
  if (has(PERF_SAMPLE_ID)) record.put(sample.id);
  if (has(PERF_SAMPLE_STREAM_ID)) record.put(sample.stream_id);
  if (has(PERF_SAMPLE_CPU)) record.pair(sample.cpu, 0);
  if (has(PERF_SAMPLE_PERIOD)) record.put(sample.period);
  if (has(PERF_SAMPLE_READ)) record.words(sample.read);
  if (has(PERF_SAMPLE_CALLCHAIN)) {
    record.put(static_cast<uint64_t>(sample.callchain.size()));
    record.words(sample.callchain);
  }
  if (has(PERF_SAMPLE_RAW)) {
    const size_t padded = (sample.raw.size() + 4 + 7) / 8 * 8 - 4;
    record.put(static_cast<uint32_t>(padded));
    record.bytes(sample.raw);
    record.zeros(padded - sample.raw.size());
  }
  if (has(PERF_SAMPLE_BRANCH_STACK)) {
    record.put(static_cast<uint64_t>(sample.branches.size() / 3));
    if (layout.branch_type & PERF_SAMPLE_BRANCH_HW_INDEX) record.put(UINT64_MAX); // -1: not known
    record.words(sample.branches);
  }
  if (has(PERF_SAMPLE_REGS_USER)) {
    record.put(sample.user_abi);
    record.words(sample.user_regs);
  }
  if (has(PERF_SAMPLE_STACK_USER)) {
    const size_t padded = (sample.user_stack.size() + 7) / 8 * 8;
    record.put(static_cast<uint64_t>(padded));
    if (padded) {
      record.bytes(sample.user_stack);
      record.zeros(padded - sample.user_stack.size());
      record.put(static_cast<uint64_t>(sample.user_stack.size()));
    }
  }
  if (has(PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT)) record.put(sample.weight);
  if (has(PERF_SAMPLE_DATA_SRC)) record.put(sample.data_source);
  if (has(PERF_SAMPLE_TRANSACTION)) record.put(sample.transaction);
  if (has(PERF_SAMPLE_REGS_INTR)) {
    record.put(sample.interrupt_abi);
    record.words(sample.interrupt_regs);
  }
  if (has(PERF_SAMPLE_PHYS_ADDR)) record.put(sample.physical_address);
  if (has(PERF_SAMPLE_CGROUP)) record.put(sample.cgroup);
  if (has(PERF_SAMPLE_DATA_PAGE_SIZE)) record.put(sample.data_page_size);
  if (has(PERF_SAMPLE_CODE_PAGE_SIZE)) record.put(sample.code_page_size);
  if (has(PERF_SAMPLE_AUX)) {
    record.put(static_cast<uint64_t>(sample.aux.size()));
    record.bytes(sample.aux);
  }
  return record.close();
}

void encode_perf_mmap2(std::string &out, const PerfLayout &layout, const PerfMmap &mmap, const PerfSampleId &who) {
  uint16_t misc = mmap.misc & static_cast<uint16_t>(~PERF_RECORD_MISC_MMAP_BUILD_ID);
  if (!mmap.build_id.empty()) misc |= PERF_RECORD_MISC_MMAP_BUILD_ID;
  Record record(out, PERF_RECORD_MMAP2, misc);
  record.pair(mmap.pid, mmap.tid);
  record.put(mmap.address);
  record.put(mmap.length);
  record.put(mmap.page_offset);
  if (mmap.build_id.empty()) {
    record.pair(mmap.major, mmap.minor);
    record.put(mmap.inode);
    record.put(mmap.inode_generation);
  } else {
    const auto id = mmap.build_id.first(std::min<size_t>(20, mmap.build_id.size()));
    record.put(static_cast<uint32_t>(id.size())); // u8 size, three of padding
    record.bytes({reinterpret_cast<const char *>(id.data()), id.size()});
    record.zeros(20 - id.size());
  }
  record.pair(mmap.protection, mmap.flags);
  record.text(mmap.path);
  record.trailer(layout, who);
  record.close();
}

void encode_perf_comm(std::string &out, const PerfLayout &layout, const PerfComm &comm, const PerfSampleId &who) {
  Record record(out, PERF_RECORD_COMM, comm.by_exec ? PERF_RECORD_MISC_COMM_EXEC : 0);
  record.pair(comm.pid, comm.tid);
  record.text(comm.name);
  record.trailer(layout, who);
  record.close();
}

void encode_perf_fork(std::string &out, const PerfLayout &layout, const PerfTask &task, const PerfSampleId &who) {
  encode_task(out, PERF_RECORD_FORK, layout, task, who);
}

void encode_perf_exit(std::string &out, const PerfLayout &layout, const PerfTask &task, const PerfSampleId &who) {
  encode_task(out, PERF_RECORD_EXIT, layout, task, who);
}

void encode_perf_lost(std::string &out, const PerfLayout &layout, const PerfLost &lost, const PerfSampleId &who) {
  Record record(out, PERF_RECORD_LOST, 0);
  record.put(lost.id);
  record.put(lost.lost);
  record.trailer(layout, who);
  record.close();
}

void encode_perf_lost_samples(std::string &out, const PerfLayout &layout, uint64_t lost, const PerfSampleId &who) {
  Record record(out, PERF_RECORD_LOST_SAMPLES, 0);
  record.put(lost);
  record.trailer(layout, who);
  record.close();
}

void encode_perf_ksymbol(std::string &out, const PerfLayout &layout, const PerfKsymbol &symbol,
                         const PerfSampleId &who) {
  Record record(out, PERF_RECORD_KSYMBOL, 0);
  record.put(symbol.address);
  record.put(symbol.length);
  record.put(symbol.type);
  record.put(symbol.flags);
  record.text(symbol.name);
  record.trailer(layout, who);
  record.close();
}

} // namespace sgperf::formats
