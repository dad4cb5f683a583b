// SPDX-License-Identifier: Apache-2.0
#include "merge/profile_load.h"

#include "formats/perf_data_reader.h"
#include "merge/code_map.h"
#include "merge/compiled_code.h"
#include "merge/jit_sources.h"
#include "merge/kernel_tables.h"
#include "merge/native_names.h"
#include "merge/process_table.h"
#include "merge/profile_tables.h"
#include "merge/stacks.h"
#include "record/region_tag.h"

#include <algorithm>
#include <map>

namespace sgperf::merge {
namespace fs = std::filesystem;
namespace {

class Builder : public formats::PerfDataVisitor {
public:
  Builder(Profile &profile, JitSources &jit, Regions &regions)
      : profile_(profile), coverage_(profile.coverage), jit_(jit), regions_(regions), map_(jit.index()),
        stacks_(map_, native_), processes_(profile.processes), tables_(profile, jit, native_) {}

  void begin(const formats::PerfData &data) override {
    profile_.recorded = true;
    stacks_.begin(data);
    if (data.events.empty()) return;
    const formats::PerfEvent &event = data.events[0];
    profile_.event = event.name;
    if (profile_.event.empty()) // the recorder was killed: names come at the end
      profile_.event = event.attr.type == PERF_TYPE_HARDWARE ? "cycles" : "cpu-clock";
    profile_.frequency = event.attr.freq ? event.attr.sample_freq : 0;
    for (size_t i = 1; i < data.events.size(); ++i) {
      const perf_event_attr &attr = data.events[i].attr;
      if (attr.type != PERF_TYPE_SOFTWARE || attr.config != PERF_COUNT_SW_BPF_OUTPUT) continue;
      syscall_event_ = i;
      profile_.syscall_rate = attr.sample_period;
    }
  }
  void mmap(const formats::PerfMmap &mmap, const formats::PerfSampleId &) override { map_.mmap(mmap); }
  void fork(const formats::PerfTask &task, const formats::PerfSampleId &) override {
    map_.fork(task);
    processes_.fork(task);
  }
  void exit(const formats::PerfTask &task, const formats::PerfSampleId &who) override {
    processes_.exit(task, who.cpu);
  }
  void comm(const formats::PerfComm &comm, const formats::PerfSampleId &who) override {
    if (comm.by_exec) map_.exec(comm.pid, who.time);
    processes_.comm(comm, who.time);
  }
  void ksymbol(const formats::PerfKsymbol &symbol, const formats::PerfSampleId &) override {
    constexpr uint16_t gone = PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER;
    if (symbol.type == PERF_RECORD_KSYMBOL_TYPE_BPF && !(symbol.flags & gone))
      native_.add_kernel_code(symbol.address, symbol.length, symbol.name);
  }
  void lost(const formats::PerfLost &lost, const formats::PerfSampleId &) override { coverage_.lost += lost.lost; }

  void sample(const formats::PerfSample &sample) override {
    // A second event counts something else: its samples cannot be added to the first one's.
    if (sample.event != 0 && sample.event == syscall_event_) {
      add_syscall(sample);
      return;
    }
    if (sample.event != 0) {
      ++coverage_.odd["samples of a second event"];
      return;
    }
    ++coverage_.samples;
    ProfileSample out;
    out.time = sample.time;
    out.period = sample.period;
    out.process = processes_.of_sample(sample);
    out.tid = sample.tid;
    out.cpu = static_cast<uint16_t>(sample.cpu);
    out.user = (sample.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
    ++profile_.processes[out.process].samples;
    const Regions::Region region = region_of(sample);
    out.phase = region.phase;
    out.scope = region.scope;
    read_stack(sample, out);
    count_leaf(sample, out);
    profile_.samples.push_back(out);
  }

  void finish() {
    profile_.phases = regions_.phases();
    profile_.scopes = regions_.scopes();
    for (const ProfileFunction &one : profile_.functions)
      if (!one.named) coverage_.unnamed += one.self;
    if (const std::string why = native_.kernel_why(); !why.empty()) profile_.missing.push_back("kernel names: " + why);
    for (const std::string &what : jit_.missing()) profile_.missing.push_back(what);
    if (coverage_.jit_unnamed * 100 > coverage_.jit)
      profile_.missing.push_back("names of code made at run time: " + std::to_string(coverage_.jit_unnamed) + " of " +
                                 std::to_string(coverage_.jit) +
                                 " samples are in code that the engine has told nobody of; get it: a switch of the "
                                 "engine that writes a jitdump or a perf map, if it has one");
    // Of all files without lines the one that most samples are in.
    for (auto &[key, caller] : callers_) profile_.syscall_callers.push_back(std::move(caller));
    std::stable_sort(profile_.syscall_callers.begin(), profile_.syscall_callers.end(),
                     [](const SyscallCaller &a, const SyscallCaller &b) { return a.samples > b.samples; });
    const auto most = std::max_element(without_lines_.begin(), without_lines_.end(),
                                       [](const auto &a, const auto &b) { return a.second < b.second; });
    if (most == without_lines_.end()) return;
    if (const std::string why = native_.lines_why(*most->first); !why.empty())
      profile_.missing.push_back("native lines: " + why);
  }

private:
  struct Leaf {
    CodePlace place;
    uint64_t address = 0;
    uint32_t function = no_index;
  };

  // The innermost function of the guest that the stack has a return address into.  Chains of frame pointers end in the
  // host's libraries; a search from the stack pointer upwards passes them.  What was left there by earlier calls is
  // told apart by what is below a return address in a living frame: the frame pointer of the caller, whose own return
  // address is in code made at run time again.
  void add_syscall(const formats::PerfSample &sample) {
    const auto tag = sample.type & PERF_SAMPLE_RAW ? record::decode_region_tag(sample.raw) : std::nullopt;
    if (!tag) return;
    const auto word = [&](uint64_t at) {
      uint64_t value = 0;
      if (at % 8 == 0 && at < tag->stack.size() && tag->stack.size() - at >= 8)
        std::memcpy(&value, tag->stack.data() + at, 8);
      return value;
    };
    const auto jit_at = [&](uint64_t address) {
      return address ? map_.find(sample.pid, address - 1, sample.time) : CodePlace();
    };
    uint32_t function = no_index;
    for (uint64_t at = 8; at + 8 <= tag->stack.size(); at += 8) {
      const CodePlace place = jit_at(word(at));
      if (!place.jit) continue;
      const uint32_t candidate = tables_.user_function(place, word(at) - 1);
      if (profile_.functions[candidate].side != Side::guest) continue;
      const uint64_t frame = word(at - 8) - tag->stack_address; // of the caller, in these bytes
      if (word(at - 8) <= tag->stack_address + at || !jit_at(word(frame + 8)).jit) continue;
      function = candidate;
      break;
    }
    SyscallCaller &caller = callers_[{tag->number, function}];
    caller.number = tag->number;
    caller.function = function;
    ++caller.samples;
    caller.total_ns += tag->duration;
  }

  Regions::Region region_of(const formats::PerfSample &sample) {
    const auto tag = sample.type & PERF_SAMPLE_RAW ? record::decode_region_tag(sample.raw) : std::nullopt;
    return tag ? regions_.tagged(sample.pid, sample.tid, sample.time, tag->phase, tag->site)
               : regions_.at(sample.pid, sample.tid, sample.time);
  }

  void add_frame(const formats::PerfSample &sample, uint64_t address, bool kernel, bool caller) {
    // A return address may be the first byte of the next function.
    const uint64_t at = caller && address ? address - 1 : address;
    const CodePlace place = kernel ? CodePlace() : map_.find(sample.pid, at, sample.time);
    const uint32_t function = kernel ? tables_.kernel_function(at) : tables_.user_function(place, at);
    if (frames_.empty()) leaf_ = {place, at, function};
    frames_.push_back(function);
  }

  void read_stack(const formats::PerfSample &sample, ProfileSample &out) {
    frames_.clear();
    const Chain &chain = stacks_.chain(sample);
    bool kernel = !out.user, first = true;
    for (const uint64_t word : chain.words) {
      if (is_marker(word)) {
        kernel = word != static_cast<uint64_t>(PERF_CONTEXT_USER);
        first = true;
        continue;
      }
      add_frame(sample, word, kernel, !first);
      first = false;
    }
    if (frames_.empty()) add_frame(sample, sample.ip, !out.user, false);
    // Threads of the kernel, and those that have given up their memory, have no user's part.
    out.complete = tables_.starts_thread(frames_.back()) || (!out.user && !chain.words.empty() && !chain.reached_user);
    if (out.complete) ++coverage_.complete;
    if (chain.repaired) ++coverage_.repaired;

    for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
      out.node = tables_.node(out.node, *frame);
      if (last_seen_.size() <= *frame) last_seen_.resize(profile_.functions.size());
      if (last_seen_[*frame] == coverage_.samples) continue; // recursion counts once
      last_seen_[*frame] = coverage_.samples;
      ++profile_.functions[*frame].total;
    }
    ++profile_.nodes[out.node].self;
  }

  void count_leaf(const formats::PerfSample &sample, ProfileSample &out) {
    bool near = false;
    ProfileFunction &function = profile_.functions[leaf_.function];
    ++function.self;
    const formats::SourceFrame *frame = nullptr;
    if (leaf_.place.jit) {
      ++coverage_.jit;
      if (!function.named) ++coverage_.jit_unnamed;
      frame = jit_.line(*leaf_.place.jit, sample.ip, &near);
    } else if (leaf_.place.mapping && leaf_.place.mapping->file->anonymous()) {
      // Code that was made at run time, and that nobody has told of.
      ++coverage_.jit;
      ++coverage_.jit_unnamed;
    } else if (leaf_.place.mapping && leaf_.place.mapping->file->on_disk()) {
      ++coverage_.native;
      const formats::SourcePlace *place = native_.line(*leaf_.place.mapping, leaf_.address);
      if (place && !place->frames.empty()) frame = &place->frames.front();
      if (!place) ++without_lines_[leaf_.place.mapping->file];
    }
    if (!frame || frame->line == 0) return;
    ++(leaf_.place.jit ? coverage_.jit_lines : coverage_.native_lines);
    if (near) ++coverage_.jit_lines_near;
    out.line = tables_.line(leaf_.function, *frame);
  }

  Profile &profile_;
  ProfileCoverage &coverage_;
  JitSources &jit_;
  Regions &regions_;
  NativeNames native_;
  CodeMap map_;
  Stacks stacks_;
  ProcessTable processes_;
  ProfileTables tables_;
  std::vector<uint32_t> frames_; // of the sample, innermost first
  Leaf leaf_;
  std::vector<uint64_t> last_seen_; // by function: number of the sample
  std::map<const MappedFile *, uint64_t> without_lines_;
  size_t syscall_event_ = 0;                                       // 0: the file has none
  std::map<std::pair<uint32_t, uint32_t>, SyscallCaller> callers_; // by number and function
};

} // namespace

namespace {

void load_samples(Model &model, const fs::path &folder, JitSources &jit, Regions &regions) {
  const fs::path file = folder / "perf.data";
  std::error_code code;
  if (!fs::exists(file, code)) return;
  Profile &profile = model.profile;
  Builder builder(profile, jit, regions);
  std::string error;
  const auto data = formats::read_perf_data_file(file, builder, error);
  if (!data) {
    model.remarks.push_back(error);
    return;
  }
  builder.finish();
  if (const uint64_t odd = data->counts.odd_records()) profile.coverage.odd["records of perf.data"] += odd;
  if (data->counts.torn_bytes) ++profile.coverage.odd["perf.data with a torn end"];
  if (data->unfinished)
    profile.missing.push_back("the end of perf.data: the recorder was killed; what it had written is shown");
}

} // namespace

void load_profile(Model &model, const fs::path &folder, const record::KernelSums *sums, Regions &regions) {
  JitSources jit;
  jit.load(folder, model.profile.coverage.odd, model.remarks);
  load_samples(model, folder, jit, regions);
  model.compiled = compiled_code(jit);
  if (sums) add_kernel_sums(model.profile, *sums, regions);
  for (const auto &warning : model.meta.warnings)
    if (model.meta.kind == "record" && warning.id == "W104") model.profile.missing.push_back(warning.text);
}

} // namespace sgperf::merge
