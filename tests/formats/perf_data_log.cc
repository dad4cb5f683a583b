// SPDX-License-Identifier: Apache-2.0
#include "formats/perf_data_log.h"

#include <fmt/format.h>

#include <ctime>

namespace sgperf::test {
namespace {

std::string text(const formats::PerfSampleId &who) {
  return fmt::format(" | {}/{} t={} id={} stream={} cpu={}", who.pid, who.tid, who.time, who.id, who.stream_id,
                     who.cpu);
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::string words(const formats::PerfWords &words) {
  std::string out;
  for (const uint64_t word : words) {
    if (!out.empty()) out += ',';
    out += fmt::format("{:x}", word);
  }
  return out;
}

} // namespace

void PerfLog::begin(const formats::PerfData &data) {
  ++begins;
  events_at_begin = data.events;
}

void PerfLog::sample(const formats::PerfSample &one) {
  std::string line = fmt::format("sample event={} misc={} ip={:x} {}/{} t={} cpu={} period={}", one.event, one.misc,
                                 one.ip, one.pid, one.tid, one.time, one.cpu, one.period);
  const auto add = [&](uint64_t bit, const char *name, const std::string &value) {
    if (one.type & bit) line += fmt::format(" {}={}", name, value);
  };
  add(PERF_SAMPLE_ADDR, "address", fmt::format("{:x}", one.address));
  add(PERF_SAMPLE_ID | PERF_SAMPLE_IDENTIFIER, "id", std::to_string(one.id));
  add(PERF_SAMPLE_STREAM_ID, "stream", std::to_string(one.stream_id));
  add(PERF_SAMPLE_READ, "read", words(one.read));
  add(PERF_SAMPLE_CALLCHAIN, "chain", words(one.callchain));
  add(PERF_SAMPLE_RAW, "raw", hex(one.raw));
  add(PERF_SAMPLE_BRANCH_STACK, "branches", words(one.branches));
  add(PERF_SAMPLE_REGS_USER, "regs", fmt::format("{}:{}", one.user_abi, words(one.user_regs)));
  add(PERF_SAMPLE_STACK_USER, "stack", hex(one.user_stack));
  add(PERF_SAMPLE_WEIGHT, "weight", std::to_string(one.weight));
  add(PERF_SAMPLE_DATA_SRC, "source", std::to_string(one.data_source));
  add(PERF_SAMPLE_TRANSACTION, "transaction", std::to_string(one.transaction));
  add(PERF_SAMPLE_REGS_INTR, "iregs", fmt::format("{}:{}", one.interrupt_abi, words(one.interrupt_regs)));
  add(PERF_SAMPLE_PHYS_ADDR, "physical", fmt::format("{:x}", one.physical_address));
  add(PERF_SAMPLE_CGROUP, "cgroup", std::to_string(one.cgroup));
  add(PERF_SAMPLE_DATA_PAGE_SIZE, "data_page", std::to_string(one.data_page_size));
  add(PERF_SAMPLE_CODE_PAGE_SIZE, "code_page", std::to_string(one.code_page_size));
  add(PERF_SAMPLE_AUX, "aux", hex(one.aux));
  lines.push_back(line);
}

void PerfLog::mmap(const formats::PerfMmap &one, const formats::PerfSampleId &who) {
  const std::string file =
      one.build_id.empty() ? fmt::format("{}:{} inode={}:{}", one.major, one.minor, one.inode, one.inode_generation)
                           : "id=" + hex({reinterpret_cast<const char *>(one.build_id.data()), one.build_id.size()});
  lines.push_back(fmt::format("mmap {}/{} {:x}+{:x} at {:x} {} prot={} flags={} {}", one.pid, one.tid, one.address,
                              one.length, one.page_offset, file, one.protection, one.flags, one.path) +
                  text(who));
}

void PerfLog::comm(const formats::PerfComm &one, const formats::PerfSampleId &who) {
  lines.push_back(fmt::format("comm {}/{} {}{}", one.pid, one.tid, one.name, one.by_exec ? " exec" : "") + text(who));
}

void PerfLog::fork(const formats::PerfTask &one, const formats::PerfSampleId &who) {
  lines.push_back(fmt::format("fork {}/{} of {}/{} t={}", one.pid, one.tid, one.parent_pid, one.parent_tid, one.time) +
                  text(who));
}

void PerfLog::exit(const formats::PerfTask &one, const formats::PerfSampleId &who) {
  lines.push_back(fmt::format("exit {}/{} of {}/{} t={}", one.pid, one.tid, one.parent_pid, one.parent_tid, one.time) +
                  text(who));
}

void PerfLog::lost(const formats::PerfLost &one, const formats::PerfSampleId &who) {
  lines.push_back(fmt::format("lost {} of {}", one.lost, one.id) + text(who));
}

void PerfLog::throttle(const formats::PerfThrottle &one, const formats::PerfSampleId &who) {
  lines.push_back(
      fmt::format("{} t={} id={} stream={}", one.on ? "throttle" : "unthrottle", one.time, one.id, one.stream_id) +
      text(who));
}

void PerfLog::switched(const formats::PerfSwitch &one, const formats::PerfSampleId &who) {
  lines.push_back(fmt::format("switch {}{} {}/{}", one.out ? "out" : "in", one.preempted ? " preempted" : "",
                              one.other_pid, one.other_tid) +
                  text(who));
}

void PerfLog::ksymbol(const formats::PerfKsymbol &one, const formats::PerfSampleId &who) {
  lines.push_back(
      fmt::format("ksymbol {:x}+{} type={} flags={} {}", one.address, one.length, one.type, one.flags, one.name) +
      text(who));
}

void PerfLog::cgroup(const formats::PerfCgroup &one, const formats::PerfSampleId &who) {
  lines.push_back(fmt::format("cgroup {} {}", one.id, one.path) + text(who));
}

void PerfLog::other(const formats::PerfRecord &record, const formats::PerfSampleId &who) {
  lines.push_back(fmt::format("other {} of {}", record.type, record.bytes.size()) + text(who));
}

std::vector<std::string> PerfLog::starting_with(const std::string &word) const {
  std::vector<std::string> out;
  for (const std::string &line : lines)
    if (line.starts_with(word)) out.push_back(line);
  return out;
}

formats::PerfEvent cpu_clock(uint64_t more_sample_type) {
  formats::PerfEvent event;
  event.name = "cpu-clock";
  event.attr.type = PERF_TYPE_SOFTWARE;
  event.attr.config = PERF_COUNT_SW_CPU_CLOCK;
  event.attr.sample_period = 1'000'000;
  event.attr.sample_type =
      PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD | more_sample_type;
  event.attr.sample_id_all = 1;
  event.attr.inherit = event.attr.mmap = event.attr.mmap2 = event.attr.comm = event.attr.task = 1;
  event.attr.use_clockid = 1;
  event.attr.clockid = CLOCK_MONOTONIC;
  return event;
}

} // namespace sgperf::test
