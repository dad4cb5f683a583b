// SPDX-License-Identifier: Apache-2.0
#include "run/record_probes.h"

#include "probes/session_offsets.h"
#include "run/measures/clock.h"
#include "run/syscall_names.h"
#include "run/target.h"

#include <fstream>
#include <iterator>

namespace sgperf::run {
namespace {

static_assert(record::hit_bench_start == SGPERF_HIT_ROLE_BENCH_START &&
              record::hit_bench_end == SGPERF_HIT_ROLE_BENCH_END);

using std::chrono::steady_clock;

// What a kill -9 of this command may cost of the sums.  Writing is kept below a fiftieth of the time.
constexpr auto write_every = std::chrono::seconds(2);
constexpr int write_share = 50;

record::KernelPlace place_of(const probes::Place &place) {
  return {place.pid, place.tid, place.phase, place.site, place.image};
}

record::SyscallSum sum_of(const probes::SyscallSums &from) {
  record::SyscallSum out;
  out.place = place_of(from.place);
  out.number = from.number;
  out.name = syscall_name(from.number, from.compat);
  out.count = from.count;
  out.unreturned = from.unreturned;
  out.errors = from.errors;
  out.total_ns = from.total_ns;
  out.blocked_ns = from.blocked_ns;
  out.max_ns = from.max_ns;
  out.bytes_in = from.bytes_in;
  out.bytes_out = from.bytes_out;
  out.errnos = from.errnos;
  out.histogram = from.histogram;
  return out;
}

} // namespace

ProbeRecording::ProbeRecording(const ProbeOptions &options) : options_(options) {
  probes::Options wanted;
  wanted.syscalls = options.syscalls;
  wanted.faults = options.faults;
  wanted.samples = options.samples;
  wanted.frequency = options.frequency;
  wanted.event = options.event;
  wanted.stacks = options.stacks;
  wanted.frames = options.frames;
  wanted.syscall_sample_rate = options.syscalls ? options.syscall_rate : 0;
  std::string error;
  running_ = probes_.start(wanted, error);
  for (const probes::Refusal &refusal : probes_.missing()) missing_.push_back(refusal.text());
  if (!running_ && missing_.empty()) missing_.push_back(error);
  sums_.syscalls = probes_.has(probes::Part::syscalls);
  sums_.faults = probes_.has(probes::Part::faults);
  next_write_ = steady_clock::now() + write_every;
}

bool ProbeRecording::add(pid_t pid, probes::When when) {
  if (!running_) return false;
  std::string error;
  if (!probes_.add(pid, when, error)) {
    missing_.push_back("eBPF: process " + std::to_string(pid) + " is not followed: " + error);
    return false;
  }
  if (when == probes::When::now) {
    const auto id = static_cast<uint32_t>(pid);
    images_[id] = 0;
    sums_.images.push_back({id, 0, 0, monotonic_ns(), "", command_line(pid)});
  }
  return true;
}

void ProbeRecording::consume(const std::filesystem::path &recording, const OnSample &on_sample) {
  if (!running_) return;
  receiver_ = &on_sample;
  probes_.consume(*this);
  receiver_ = nullptr;
  const auto begin = steady_clock::now();
  if (begin < next_write_) return;
  take_sums();
  std::string ignored; // finish() tries again, and says so
  record::write_kernel_sums(recording, sums_, ignored);
  const auto took = steady_clock::now() - begin;
  next_write_ = begin + std::max<steady_clock::duration>(write_every, took * write_share);
}

void ProbeRecording::finish(const std::filesystem::path &recording, const OnSample &on_sample) {
  if (!running_) return;
  probes_.stop();
  receiver_ = &on_sample;
  probes_.consume(*this);
  receiver_ = nullptr;
  take_sums();
  sums_.finished = true;
  std::string error;
  if (!record::write_kernel_sums(recording, sums_, error)) missing_.push_back(error);
  if (const std::string advice = probes_.drops().advice; !advice.empty()) missing_.push_back(advice);
  running_ = false;
}

void ProbeRecording::take_sums() {
  sums_.syscall_sums.clear();
  sums_.fault_sums.clear();
  for (const probes::SyscallSums &sum : probes_.syscalls()) sums_.syscall_sums.push_back(sum_of(sum));
  for (const probes::FaultSums &sum : probes_.faults())
    sums_.fault_sums.push_back({place_of(sum.place), sum.user, sum.kernel, sum.major});
  const probes::Drops drops = probes_.drops();
  sums_.placeless = drops.row_calls;
  sums_.lost.clear();
  const auto lost = [&](const char *kind, uint64_t count) {
    if (count) sums_.lost[kind] = count;
  };
  lost("events", drops.events);
  lost("samples", drops.samples);
  lost("errnos", drops.errnos);
  lost("calls of threads without memory", drops.tasks);
  lost("processes", drops.processes);
}

void ProbeRecording::on_fork(const sgperf_event_fork &event) {
  if (event.header.pid == event.parent_pid) return; // a thread
  images_[event.header.pid] = 0;
  parents_[event.header.pid] = event.parent_pid;
  sums_.images.push_back({event.header.pid, event.parent_pid, 0, event.header.time, "", {}});
}

void ProbeRecording::on_exec(const sgperf_event_exec &event) {
  const uint32_t pid = event.header.pid;
  const auto [at, first] = images_.try_emplace(pid, 0);
  if (!first) ++at->second;
  const auto parent = parents_.find(pid);
  sums_.images.push_back({pid, parent == parents_.end() ? 0 : parent->second, at->second, event.header.time, event.path,
                          command_line(static_cast<pid_t>(pid))});
}

void ProbeRecording::on_exit(const sgperf_event_exit &event) {
  if (!event.process) return;
  images_.erase(event.header.pid);
  parents_.erase(event.header.pid);
  record::ProcessEnd end;
  end.pid = event.header.pid;
  end.time = event.header.time;
  end.status = event.status;
  end.user_ns = event.user_ticks_ns;
  end.system_ns = event.system_ticks_ns;
  end.runtime_ns = event.runtime_ns;
  end.max_rss = event.max_rss;
  end.minor_faults = event.minor_faults;
  end.major_faults = event.major_faults;
  end.voluntary_switches = event.voluntary_switches;
  end.involuntary_switches = event.involuntary_switches;
  sums_.ends.push_back(end);
}

void ProbeRecording::on_hit(const sgperf_event_hit &event) {
  sums_.hits.push_back({event.header.pid, event.header.tid, event.role, event.header.time, event.address});
}

void ProbeRecording::watch_library(const std::string &path) {
  constexpr int most = 2; // each costs its process 0.1 s to give up
  if (!watches_frames() || watched_ == most) return;
  std::string error;
  ++watched_;
  if (!probes_.watch_library(path, error)) missing_.push_back("phases and code of the runtime as they come: " + error);
}

void ProbeRecording::on_frames(const sgperf_event_frames &event) {
  if (!images_of_code_) return;
  const auto pid = static_cast<pid_t>(event.header.pid);
  const auto hit = [&](uint32_t role) {
    sums_.hits.push_back({event.header.pid, event.header.tid, role, event.header.time, event.eh_frame});
  };
  if (!event.published) {
    if (!images_of_code_->gone(pid, event.eh_frame, event.header.time)) return;
    hit(record::hit_gone);
    probes_.clear_breakpoints(pid);
    probes_.set_phase(pid, SGPERF_GIVEN_TEARDOWN);
    return;
  }
  const auto entry = images_of_code_->published(pid, event.eh_frame, event.header.time);
  if (!entry) return;
  hit(record::hit_published);
  std::string error;
  if (!entry->entry || !probes_.set_breakpoints(pid, static_cast<pid_t>(event.header.tid), *entry, error))
    probes_.set_phase(pid, SGPERF_GIVEN_RUNNING);
}

void ProbeRecording::on_sample(const probes::SampleRecord &sample) {
  if (receiver_ && *receiver_) (*receiver_)(sample);
}

} // namespace sgperf::run
