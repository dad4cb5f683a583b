// SPDX-License-Identifier: Apache-2.0
#include "merge/profile_load.h"

#include "formats/perf_data_reader.h"
#include "merge/address_space.h"
#include "merge/jit_sources.h"
#include "merge/leaf_repair.h"
#include "merge/native_names.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace sgperf::merge {
namespace fs = std::filesystem;
namespace {

// Where a thread's first function is called from: a chain that ends there is whole.
bool starts_a_thread(const std::string &name) {
  for (const char *one : {"_start", "__libc_start_call_main", "__libc_start_main", "__libc_start_main_impl", "start_thread",
                          "clone", "clone3", "__clone", "__clone3", "_dl_start", "_dl_start_user"})
    if (name == one) return true;
  return false;
}

struct Frame {
  uint32_t function = no_index;
  const JitCode *jit = nullptr;
  Mapping mapping; // of native code
  uint64_t file_address = 0;
  bool native = false;
};

class Builder : public formats::PerfDataVisitor {
public:
  Builder(Model &model, JitSources &jit, std::vector<PhaseSpan> spans)
      : profile_(model.profile), jit_(jit), spans_(std::move(spans)) {
    std::sort(spans_.begin(), spans_.end(), [](const PhaseSpan &a, const PhaseSpan &b) {
      return std::tie(a.pid, a.begin) < std::tie(b.pid, b.begin);
    });
  }

  void begin(const formats::PerfData &data) override {
    profile_.recorded = true;
    if (data.events.empty()) return;
    const formats::PerfEvent &event = data.events[0];
    profile_.event = event.name;
    if (profile_.event.empty())
      profile_.event = event.attr.type == PERF_TYPE_HARDWARE ? "cycles" : "cpu-clock"; // killed: names come at the end
    profile_.frequency = event.attr.freq ? event.attr.sample_freq : 0;
    registers_ = event.attr.sample_regs_user;
  }
  void mmap(const formats::PerfMmap &mmap, const formats::PerfSampleId &) override {
    if (mmap.protection == 0 || (mmap.protection & 4)) spaces_.map(mmap); // PROT_EXEC; MMAP does not say
  }
  void fork(const formats::PerfTask &task, const formats::PerfSampleId &) override {
    if (task.pid == task.parent_pid) return; // a thread
    spaces_.fork(task.pid, task.parent_pid);
    ProfileProcess &child = profile_.processes[process(task.pid)];
    child.parent = task.parent_pid;
    child.started = task.time;
    const auto parent = processes_.find(task.parent_pid);
    if (parent != processes_.end()) child.comm = profile_.processes[parent->second].comm;
  }
  void exit(const formats::PerfTask &task, const formats::PerfSampleId &) override {
    if (task.pid == task.tid) profile_.processes[process(task.pid)].ended = task.time;
  }
  void comm(const formats::PerfComm &comm, const formats::PerfSampleId &who) override {
    if (comm.by_exec) spaces_.exec(comm.pid);
    ProfileProcess &one = profile_.processes[process(comm.pid)];
    if (comm.pid == comm.tid || one.comm.empty()) one.comm = std::string(comm.name);
    if (comm.by_exec && one.started == 0) one.started = who.time;
  }
  void lost(const formats::PerfLost &lost, const formats::PerfSampleId &) override {
    profile_.coverage.lost += lost.lost;
  }

  void sample(const formats::PerfSample &sample) override {
    ProfileCoverage &coverage = profile_.coverage;
    ++coverage.samples;
    ProfileSample out;
    out.time = sample.time;
    out.period = sample.period;
    out.process = process(sample.pid);
    out.tid = sample.tid;
    out.cpu = static_cast<uint16_t>(sample.cpu);
    out.user = (sample.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
    ++profile_.processes[out.process].samples;
    out.complete = false;

    const std::vector<Frame> frames = stack_of(sample, out.user, out.complete);
    if (out.complete) ++coverage.complete;
    out.phase = phase_of(sample.pid, sample.tid, sample.time);
    std::set<uint32_t> seen;
    uint32_t node = 0;
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
      node = child(node, frame->function);
      if (seen.insert(frame->function).second) ++profile_.functions[frame->function].total;
    }
    out.node = node;
    ++profile_.nodes[node].self;
    count_leaf(frames.front(), sample.ip, out);
    profile_.samples.push_back(out);
  }

  void finish() {
    for (const ProfileFunction &one : profile_.functions)
      if (!one.named) profile_.coverage.unnamed += one.self;
    if (const std::string why = native_.kernel_why(); !why.empty()) profile_.missing.push_back("kernel names: " + why);
  }

private:
  uint32_t process(uint32_t pid) {
    const auto [at, added] = processes_.try_emplace(pid, static_cast<uint32_t>(profile_.processes.size()));
    if (added) {
      profile_.processes.emplace_back();
      profile_.processes.back().pid = pid;
    }
    return at->second;
  }

  uint32_t child(uint32_t parent, uint32_t function) {
    const auto [at, added] =
        children_.try_emplace({parent, function}, static_cast<uint32_t>(profile_.nodes.size()));
    if (added) {
      ProfileNode node;
      node.parent = parent;
      node.function = function;
      profile_.nodes.push_back(node);
    }
    return at->second;
  }

  uint32_t function(const ProfileFunction &made) {
    const auto [at, added] = functions_.try_emplace({made.name, made.module, made.path, made.tier},
                                                    static_cast<uint32_t>(profile_.functions.size()));
    if (added) profile_.functions.push_back(made);
    return at->second;
  }

  // `caller`: a return address, which may be the first byte of the next function.
  Frame resolve(uint32_t pid, uint64_t address, uint64_t time, bool kernel, bool caller) {
    Frame frame;
    const uint64_t at = caller && address ? address - 1 : address;
    ProfileFunction made;
    if (!kernel) frame.jit = jit_.index().find(pid, at, time);
    if (frame.jit) {
      made.name = frame.jit->name;
      made.module = frame.jit->module;
      made.tier = frame.jit->tier;
      made.side = frame.jit->guest ? Side::guest : Side::runtime;
      made.jit = true;
      made.named = frame.jit->named;
    } else {
      const Mapping *mapping = kernel ? nullptr : spaces_.find(pid, at);
      NativeName name = kernel ? native_.kernel(at) : native_.user(mapping, at);
      made.name = std::move(name.name);
      made.module = std::move(name.module);
      made.path = std::move(name.path);
      made.side = name.side;
      made.named = name.named;
      if (mapping) {
        frame.mapping = *mapping;
        frame.file_address = name.file_address;
        frame.native = name.file_address != 0;
      }
    }
    frame.function = function(made);
    return frame;
  }

  // Innermost first; at least the leaf.
  std::vector<Frame> stack_of(const formats::PerfSample &sample, bool user, bool &complete) {
    std::vector<Frame> frames;
    bool kernel = !user, first = true, leaf = true;
    for (const uint64_t address : sample.callchain) {
      if (address >= static_cast<uint64_t>(PERF_CONTEXT_MAX)) {
        kernel = address == static_cast<uint64_t>(PERF_CONTEXT_KERNEL);
        first = true;
        continue;
      }
      frames.push_back(resolve(sample.pid, address, sample.time, kernel, !first));
      if (first && leaf && user && !kernel) repair(sample, frames);
      first = leaf = false;
    }
    if (frames.empty()) frames.push_back(resolve(sample.pid, sample.ip, sample.time, !user, false));
    const ProfileFunction &root = profile_.functions[frames.back().function];
    complete = starts_a_thread(root.name) || (root.side == Side::kernel && !user && profile_.processes[process(sample.pid)].comm.starts_with("k"));
    return frames;
  }

  void repair(const formats::PerfSample &sample, std::vector<Frame> &frames) {
    const JitCode *code = frames.back().jit;
    if (!code || code->code.empty()) return;
    const auto caller = lost_caller(code->code, sample.ip - code->start, sample.user_stack);
    if (!caller) return;
    frames.push_back(resolve(sample.pid, *caller, sample.time, false, true));
    ++profile_.coverage.repaired;
  }

  uint32_t line(uint32_t function, const formats::SourcePlace &place) {
    const formats::SourceFrame &frame = place.frames.front();
    const auto [at, added] = lines_.try_emplace({function, frame.file, frame.line},
                                                static_cast<uint32_t>(profile_.lines.size()));
    if (added) {
      ProfileLine one;
      one.function = function;
      one.file = frame.file;
      one.line = frame.line;
      profile_.lines.push_back(one);
    }
    ++profile_.lines[at->second].self;
    return at->second;
  }

  void count_leaf(const Frame &leaf, uint64_t ip, ProfileSample &out) {
    ProfileCoverage &coverage = profile_.coverage;
    ProfileFunction &function = profile_.functions[leaf.function];
    ++function.self;
    const formats::SourcePlace *place = nullptr;
    if (leaf.jit) {
      ++coverage.jit;
      if (!function.named) ++coverage.jit_unnamed;
      place = jit_.line(*leaf.jit, ip);
    } else if (leaf.native) {
      ++coverage.native;
      place = native_.line(leaf.mapping, leaf.file_address);
    }
    if (!place || place->frames.empty() || place->frames.front().line == 0) return;
    ++(leaf.jit ? coverage.jit_lines : coverage.native_lines);
    out.line = line(leaf.function, *place);
  }

  uint32_t phase_of(uint32_t pid, uint32_t tid, uint64_t time) {
    const PhaseSpan *own = nullptr, *any = nullptr; // of the thread, of the process: the innermost is the latest begun
    auto at = std::lower_bound(spans_.begin(), spans_.end(), pid,
                               [](const PhaseSpan &span, uint32_t value) { return span.pid < value; });
    for (; at != spans_.end() && at->pid == pid && at->begin <= time; ++at) {
      if (time >= at->end) continue;
      any = &*at;
      if (at->tid == tid) own = &*at;
    }
    const PhaseSpan *best = own ? own : any;
    if (!best) return 0;
    const auto [found, added] = phases_.try_emplace(best->name, static_cast<uint32_t>(profile_.phases.size()));
    if (added) profile_.phases.push_back(best->name);
    return found->second;
  }

  Profile &profile_;
  JitSources &jit_;
  std::vector<PhaseSpan> spans_;
  AddressSpaces spaces_;
  NativeNames native_;
  uint64_t registers_ = 0;
  std::map<uint32_t, uint32_t> processes_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> children_;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, uint32_t> functions_;
  std::map<std::tuple<uint32_t, std::string, uint32_t>, uint32_t> lines_;
  std::map<std::string, uint32_t> phases_;
};

} // namespace

void add_phase_spans(std::vector<PhaseSpan> &spans, const record::Session &session) {
  for (const record::SessionPhase &phase : session.phases) {
    const double begin = session.monotonic_ns(phase.t0);
    if (begin <= 0) continue;
    PhaseSpan span;
    span.pid = session.header.pid;
    span.tid = phase.tid;
    span.begin = static_cast<uint64_t>(begin);
    if (phase.t1 != 0) span.end = static_cast<uint64_t>(std::max(begin, session.monotonic_ns(phase.t1)));
    span.name = phase.name;
    spans.push_back(std::move(span));
  }
}

void load_profile(Model &model, const fs::path &folder, std::vector<PhaseSpan> spans) {
  const fs::path file = folder / "perf.data";
  std::error_code code;
  if (!fs::exists(file, code)) return;
  JitSources jit;
  jit.load(folder, model.profile.coverage.odd, model.remarks);
  Builder builder(model, jit, std::move(spans));
  std::string error;
  const auto data = formats::read_perf_data_file(file, builder, error);
  if (!data) {
    model.remarks.push_back(error);
    return;
  }
  builder.finish();
  Profile &profile = model.profile;
  if (const uint64_t odd = data->counts.odd_records()) profile.coverage.odd["records of perf.data"] += odd;
  if (data->unfinished)
    profile.missing.push_back("the end of perf.data: the recorder was killed; what it had written is shown");
  for (const auto &warning : model.meta.warnings)
    if (warning.id == "W104") profile.missing.push_back(warning.text);
}

} // namespace sgperf::merge
