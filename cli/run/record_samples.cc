// SPDX-License-Identifier: Apache-2.0
#include "run/record_samples.h"

#include "record/region_tag.h"
#include "run/measures/clock.h"
#include "run/perf_attr.h"

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace sgperf::run {
namespace {

// A ring of 512 KiB holds about 1200 samples of this layout: at 999 Hz a second.  A full half wakes us earlier.
constexpr int wait_ms = 200;

// Samples of the probes have no event of the kernel's; its ids count up from 1.
constexpr uint64_t probe_event_id = uint64_t{1} << 62, syscall_event_id = probe_event_id + 1;

} // namespace

void SampleRecording::arm(pid_t pid) {
  if (probes_ && probes_->watches_frames()) {
    probes_->use(&images_);
    // Where a program that is about to start will have it, most often: where we have it.  Others are seen when they are
    // mapped.
    images_.find_unwinders(options_.attach ? pid : getpid());
    watch_unwinders();
  }
  if (probes_) probes_->add(pid, options_.attach ? probes::When::now : probes::When::exec);
  if (!options_.samples) return;
  // The probes take the samples; mappings and names come from an event that samples nothing.
  SamplerOptions options = options_;
  if (probes_ && probes_->samples()) options.samples = false;
  std::string why;
  sampler_ = PerfSampler::open(pid, options, why);
  if (!sampler_) {
    missing_.push_back(why);
    return;
  }
  if (!sampler_->kernel_missing().empty()) missing_.push_back(sampler_->kernel_missing());
  note_ = options.samples ? sampler_->event_note() : probes_->event_note();
  if (!open_writer(why)) {
    missing_.push_back(why);
    sampler_.reset();
    return;
  }
  // After the events are on: a mapping that is made meanwhile is seen by one of the two.
  if (options_.attach) {
    write_running(*writer_, pid, monotonic_ns());
    images_.look(std::set<pid_t>{pid});
  }
}

bool SampleRecording::open_writer(std::string &why) {
  std::vector<formats::PerfEvent> events;
  if (probes_ && probes_->samples()) {
    const auto kinds = event_kinds();
    const auto kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const EventKind &one) { return probes_->event() == one.name; });
    AttrOptions attr;
    attr.frequency = options_.frequency;
    attr.callchain = options_.callchain;
    attr.on_exec = !options_.attach;
    formats::PerfEvent event;
    event.name = probes_->event();
    event.attr = tagged_attr(kind == kinds.end() ? kinds[1] : *kind, attr);
    event.ids.push_back(probe_event_id);
    events.push_back(std::move(event));
  }
  if (probes_ && probes_->syscall_rate()) {
    formats::PerfEvent event;
    event.name = "syscalls";
    event.attr = syscall_attr(probes_->syscall_rate());
    event.ids.push_back(syscall_event_id);
    syscall_event_ = events.size();
    events.push_back(std::move(event));
  }
  // First the one that samples: what the file is of.
  events.insert(probes_ && probes_->samples() ? events.end() : events.begin(), sampler_->event());
  if (!(probes_ && probes_->samples())) ++syscall_event_;
  writer_ = formats::PerfDataWriter::create(folder_ / "perf.data", std::move(events), why);
  if (!writer_) return false;
  if (kernel_ = sampler_->kernel_missing().empty() ? kernel_map() : std::nullopt; kernel_) {
    formats::PerfMmap mapping;
    mapping.pid = UINT32_MAX;
    mapping.address = mapping.page_offset = kernel_->text;
    mapping.length = kernel_->length;
    mapping.protection = PROT_READ | PROT_EXEC;
    mapping.flags = MAP_PRIVATE;
    mapping.path = kernel_map_name;
    mapping.misc = PERF_RECORD_MISC_KERNEL;
    formats::PerfSampleId who;
    who.pid = UINT32_MAX;
    writer_->mmap(mapping, who);
  }
  write_programs(0);
  return true;
}

// Nobody knows their names once they are gone, as ours are at the end.  The kernel would tell of those that are loaded
// meanwhile, but only to events of all processes.
void SampleRecording::write_programs(uint64_t time) {
  for (probes::ProgramSymbol &program : probes::program_symbols()) {
    if (std::find(programs_.begin(), programs_.end(), program) != programs_.end()) continue;
    formats::PerfKsymbol symbol;
    symbol.address = program.address;
    symbol.length = program.length;
    symbol.type = PERF_RECORD_KSYMBOL_TYPE_BPF;
    symbol.name = program.name;
    formats::PerfSampleId who;
    who.time = time;
    writer_->ksymbol(symbol, who);
    programs_.push_back(std::move(program));
  }
}

formats::PerfSample SampleRecording::common(const probes::SampleRecord &from, size_t event) const {
  const sgperf_event_sample &head = *from.head;
  const formats::PerfEvent &to = writer_->events()[event];
  formats::PerfSample sample;
  sample.event = event;
  sample.type = to.attr.sample_type;
  sample.misc = from.in_kernel() ? PERF_RECORD_MISC_KERNEL : PERF_RECORD_MISC_USER;
  sample.ip = head.ip;
  sample.pid = head.header.pid;
  sample.tid = head.header.tid;
  sample.time = head.header.time;
  sample.id = to.ids.front();
  sample.cpu = head.header.cpu;
  sample.period = head.period;
  return sample;
}

void SampleRecording::write(const probes::SampleRecord &from) {
  const sgperf_event_sample &head = *from.head;
  // Of samples of the processor number and duration are 0.
  const std::string raw = record::encode_region_tag(
      {head.tag.phase, head.tag.site, head.chain_address, from.chain, head.number, head.duration});
  if (head.header.kind == SGPERF_EVENT_SYSCALL) {
    if (!probes_->syscall_rate()) return;
    formats::PerfSample sample = common(from, syscall_event_);
    sample.raw = raw;
    writer_->sample(sample);
    return;
  }
  chain_.clear();
  if (from.in_kernel()) {
    chain_.push_back(static_cast<uint64_t>(PERF_CONTEXT_KERNEL));
    chain_.insert(chain_.end(), from.kernel.begin(), from.kernel.end());
  }
  if (!from.user.empty()) {
    chain_.push_back(static_cast<uint64_t>(PERF_CONTEXT_USER));
    chain_.insert(chain_.end(), from.user.begin(), from.user.end());
  }
  formats::PerfSample sample = common(from, 0);
  sample.callchain = formats::PerfWords(chain_);
  sample.raw = raw;
  if (from.has_user()) {
    sample.user_abi = PERF_SAMPLE_REGS_ABI_64;
    sample.user_regs = formats::PerfWords(std::span<const uint64_t>(head.regs));
    sample.user_stack = from.leaf;
  }
  writer_->sample(sample);
}

ProbeRecording::OnSample SampleRecording::receiver() {
  return [this](const probes::SampleRecord &sample) {
    if (writer_) write(sample);
  };
}

void SampleRecording::drain() {
  if (sampler_ && writer_) sampler_->drain(*writer_);
  if (probes_) probes_->consume(folder_, receiver());
  if (writer_) writer_->flush();
}

void SampleRecording::attend(int ended, std::optional<std::chrono::steady_clock::time_point> until,
                             const volatile int *stop) {
  std::vector<pollfd> all;
  if (ended >= 0) all.push_back({ended, POLLIN, 0});
  const size_t first = all.size();
  if (probes_ && probes_->running()) all.push_back({probes_->descriptor(), POLLIN, 0});
  if (sampler_)
    for (const int fd : sampler_->descriptors()) all.push_back({fd, POLLIN, 0});
  while (!stop || !*stop) {
    int timeout = wait_ms;
    if (sampler_) timeout = std::min<int>(timeout, static_cast<int>(images_.until_next().count()));
    if (until) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(*until - std::chrono::steady_clock::now());
      if (left.count() <= 0) break;
      timeout = static_cast<int>(std::min<long long>(timeout, left.count()));
    }
    poll(all.data(), all.size(), timeout); // EINTR: a signal that was passed on
    drain();
    if (sampler_) {
      images_.look(sampler_->pids());
      watch_unwinders();
      // For the case that this process is killed.  finish() tries again, and says what is wrong.
      std::string ignored;
      images_.write_now_and_then(folder_, ignored);
    }
    // An event whose task has ended is "hung up" for ever: it must not wake us any more.
    for (size_t i = first; i < all.size(); ++i)
      if (all[i].revents & (POLLHUP | POLLERR)) all[i].fd = -1;
    if (ended >= 0 && (all[0].revents & POLLIN)) break;
  }
}

void SampleRecording::watch_unwinders() {
  const auto found = images_.take_unwinders();
  if (probes_)
    for (const std::string &path : found) probes_->watch_library(path);
}

void SampleRecording::finish(const std::vector<std::string> &command) {
  if (sampler_) sampler_->stop();
  if (writer_) write_programs(monotonic_ns());
  if (probes_) {
    const bool counted = probes_->running();
    probes_->finish(folder_, receiver());
    missing_.insert(missing_.end(), probes_->missing().begin(), probes_->missing().end());
    finished_ = counted;
  }
  images_.write(folder_, problems_);
  if (!sampler_ || !writer_) return;
  sampler_->drain(*writer_);
  if (sampler_->lost())
    missing_.push_back(
        "CPU samples: " + std::to_string(sampler_->lost()) +
        " records found no room in the ring buffer; a lower frequency (-F) or a less busy machine helps");
  formats::PerfFeatures features = formats::perf_features_of_this_machine();
  features.version = SGPERF_PROJECT_VERSION;
  features.command = command;
  if (kernel_ && !kernel_->build_id.empty())
    features.build_ids.push_back({-1, PERF_RECORD_MISC_KERNEL, kernel_->build_id, kernel_file_name});
  std::string error;
  if (!writer_->finish(features, error)) missing_.push_back(error);
  writer_.reset();
  finished_ = true;
}

} // namespace sgperf::run
