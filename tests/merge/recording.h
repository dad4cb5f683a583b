// SPDX-License-Identifier: Apache-2.0
// Recordings made in a test: a perf.data and what lies beside it.
#pragma once

#include "formats/perf_data_writer.h"
#include "libsgperf/session_layout.h"
#include "merge/load.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <asm/perf_regs.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace sgperf::test {

// Innermost first, without markers; a name a frame.
inline std::vector<std::string> stack_of(const merge::Profile &profile, const merge::ProfileSample &sample) {
  std::vector<std::string> out;
  for (uint32_t node = sample.node; node != 0; node = profile.nodes[node].parent)
    out.push_back(profile.functions[profile.nodes[node].function].name);
  return out;
}

inline merge::Profile load_profile_of(const std::filesystem::path &folder) {
  std::string error;
  auto model = merge::load(folder, error);
  EXPECT_TRUE(model) << error;
  return model ? std::move(model->profile) : merge::Profile();
}

inline const merge::ProfileFunction *function_named(const merge::Profile &profile, const std::string &name) {
  for (const auto &one : profile.functions)
    if (one.name == name) return &one;
  return nullptr;
}

// As `sgperf record` writes it: registers rbp, rsp and rip, 64 bytes of the stack.
class RecordingWriter {
public:
  explicit RecordingWriter(const std::filesystem::path &folder, uint64_t more_sample_type = 0) : folder_(folder) {
    formats::PerfEvent event;
    event.name = "cpu-clock";
    event.attr.type = PERF_TYPE_SOFTWARE;
    event.attr.freq = 1;
    event.attr.sample_freq = 999;
    event.attr.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
                             PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD | PERF_SAMPLE_REGS_USER |
                             PERF_SAMPLE_STACK_USER | more_sample_type;
    event.attr.sample_regs_user = 1u << PERF_REG_X86_BP | 1u << PERF_REG_X86_SP | 1u << PERF_REG_X86_IP;
    event.attr.sample_stack_user = 64;
    event.attr.sample_id_all = 1;
    event.attr.use_clockid = 1;
    event.attr.clockid = CLOCK_MONOTONIC;
    event.ids = {1};
    std::string error;
    writer_ = formats::PerfDataWriter::create(folder / "perf.data", {event}, error, true);
    if (!writer_) throw std::runtime_error(error);
  }
  RecordingWriter &comm(uint32_t pid, uint64_t time, std::string_view name, bool exec = true) {
    writer_->comm({pid, pid, name, exec}, who(pid, time));
    return *this;
  }
  RecordingWriter &map(uint32_t pid, uint64_t time, uint64_t address, uint64_t length, std::string_view path,
                       uint64_t offset = 0) {
    formats::PerfMmap mmap;
    mmap.pid = mmap.tid = pid;
    mmap.address = address;
    mmap.length = length;
    mmap.page_offset = offset;
    mmap.protection = 5;
    mmap.path = path;
    writer_->mmap(mmap, who(pid, time));
    return *this;
  }
  RecordingWriter &fork(uint32_t pid, uint32_t parent, uint64_t time) {
    writer_->fork({pid, parent, pid, parent, time}, who(parent, time));
    return *this;
  }
  // Of an eBPF program.
  RecordingWriter &program(uint64_t time, uint64_t address, uint32_t length, std::string_view name,
                           uint16_t flags = 0) {
    writer_->ksymbol({address, length, PERF_RECORD_KSYMBOL_TYPE_BPF, flags, name}, who(0, time));
    return *this;
  }
  RecordingWriter &exit(uint32_t pid, uint64_t time) {
    writer_->exit({pid, pid, pid, pid, time}, who(pid, time));
    return *this;
  }
  struct More {
    uint64_t rbp = 0x7fff0100, rsp = 0x7fff0000;
    std::vector<uint64_t> stack; // from rsp on
    uint32_t tid = 0;            // 0: the pid
    std::string raw;
    bool kernel = false;
  };
  // `chain`: innermost first; markers as they are to be in the file.
  RecordingWriter &sample(uint32_t pid, uint64_t time, std::vector<uint64_t> chain, const More &more) {
    formats::PerfSample sample;
    sample.type = writer_->events()[0].attr.sample_type;
    sample.misc = more.kernel ? PERF_RECORD_MISC_KERNEL : PERF_RECORD_MISC_USER;
    sample.pid = pid;
    sample.tid = more.tid ? more.tid : pid;
    sample.time = time;
    sample.id = 1;
    sample.period = 1001001;
    for (const uint64_t word : chain)
      if (word < static_cast<uint64_t>(PERF_CONTEXT_MAX)) {
        sample.ip = word;
        break;
      }
    sample.callchain = chain;
    sample.raw = more.raw;
    const std::vector<uint64_t> registers{more.rbp, more.rsp, sample.ip};
    sample.user_abi = PERF_SAMPLE_REGS_ABI_64;
    sample.user_regs = registers;
    sample.user_stack = {reinterpret_cast<const char *>(more.stack.data()), more.stack.size() * 8};
    EXPECT_TRUE(writer_->sample(sample));
    return *this;
  }
  RecordingWriter &sample(uint32_t pid, uint64_t time, std::vector<uint64_t> chain) {
    return sample(pid, time, std::move(chain), More());
  }
  merge::Profile load() {
    std::string error;
    EXPECT_TRUE(writer_->finish({}, error)) << error;
    writer_.reset();
    return load_profile_of(folder_);
  }

private:
  static formats::PerfSampleId who(uint32_t pid, uint64_t time) {
    formats::PerfSampleId out;
    out.pid = out.tid = pid;
    out.time = time;
    out.id = 1;
    return out;
  }
  std::filesystem::path folder_;
  std::optional<formats::PerfDataWriter> writer_;
};

// A code file record by record, by libsgperf/session_layout.h.
class CodeFileWriter {
public:
  explicit CodeFileWriter(uint32_t pid) : pid_(pid) {}
  CodeFileWriter &add(uint32_t kind, uint64_t time, uint64_t base, uint64_t length, std::string_view name,
                      std::string_view bytes = {}) {
    sgperf_code_record record{};
    record.kind = kind;
    record.time = time;
    record.base = base;
    record.length = length;
    record.name_size = static_cast<uint32_t>(name.size());
    record.bytes_size = static_cast<uint32_t>(bytes.size());
    record.size = static_cast<uint32_t>((sizeof record + name.size() + bytes.size() + 7) / 8 * 8);
    const size_t end = records_.size() + record.size;
    records_.append(reinterpret_cast<const char *>(&record), sizeof record).append(name).append(bytes);
    records_.resize(end);
    return *this;
  }
  std::string bytes() const {
    sgperf_code_header header{};
    std::memcpy(header.magic, SGPERF_CODE_MAGIC, sizeof header.magic);
    header.header_size = sizeof header;
    header.pid = pid_;
    header.used = header.capacity = sizeof header + records_.size();
    return std::string(reinterpret_cast<const char *>(&header), sizeof header) + records_;
  }

private:
  uint32_t pid_;
  std::string records_;
};

} // namespace sgperf::test
