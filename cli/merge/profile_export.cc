// SPDX-License-Identifier: Apache-2.0
#include "merge/profile_export.h"

#include "formats/perf_data_reader.h"
#include "merge/code_map.h"
#include "merge/jit_sources.h"
#include "merge/native_names.h"
#include "merge/stacks.h"

#include <sys/mman.h>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace sgperf::merge {
namespace fs = std::filesystem;
namespace {

class Reader : public formats::PerfDataVisitor {
public:
  Reader(ProfileExport &out, const CodeIndex &code) : out_(out), map_(code), stacks_(map_, native_) {}

  // Functions with a sample in them, by which it is decided whose lines are worth looking up.
  const std::set<const JitCode *> &hot() const { return hot_; }

  void begin(const formats::PerfData &data) override {
    out_.events = data.events;
    stacks_.begin(data);
  }
  void mmap(const formats::PerfMmap &mmap, const formats::PerfSampleId &who) override {
    map_.mmap(mmap);
    ExportMapping one{who.time, mmap};
    one.mmap.path = keep(mmap.path);
    const std::string_view id = keep({reinterpret_cast<const char *>(mmap.build_id.data()), mmap.build_id.size()});
    one.mmap.build_id = {reinterpret_cast<const uint8_t *>(id.data()), id.size()};
    // MMAP, the older record, does not say; perf loads no names for what is not executable.
    if (one.mmap.protection == 0) one.mmap.protection = PROT_READ | PROT_EXEC;
    out_.mappings.push_back(one);
  }
  void comm(const formats::PerfComm &comm, const formats::PerfSampleId &who) override {
    if (comm.by_exec) map_.exec(comm.pid, who.time);
    ExportComm one{who.time, comm};
    one.comm.name = keep(comm.name);
    out_.comms.push_back(one);
  }
  void fork(const formats::PerfTask &task, const formats::PerfSampleId &) override {
    map_.fork(task);
    out_.tasks.push_back({task, false});
  }
  void exit(const formats::PerfTask &task, const formats::PerfSampleId &) override {
    out_.tasks.push_back({task, true});
  }
  void ksymbol(const formats::PerfKsymbol &symbol, const formats::PerfSampleId &who) override {
    ExportKsymbol one{who.time, symbol};
    one.symbol.name = keep(symbol.name);
    out_.ksymbols.push_back(one);
  }
  void lost(const formats::PerfLost &lost, const formats::PerfSampleId &) override { out_.lost += lost.lost; }
  void sample(const formats::PerfSample &sample) override {
    ExportSample one;
    one.time = sample.time;
    one.period = sample.period;
    one.ip = sample.ip;
    one.pid = sample.pid;
    one.tid = sample.tid;
    one.cpu = sample.cpu;
    one.misc = sample.misc;
    one.event = static_cast<uint16_t>(sample.event);
    one.chain = out_.chains.size();
    const bool user = (sample.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
    const JitCode *leaf = user ? map_.find(sample.pid, sample.ip, sample.time).jit : nullptr;
    if (leaf) hot_.insert(leaf);
    const Chain &chain = stacks_.chain(sample); // as in the Model
    out_.chains.insert(out_.chains.end(), chain.words.begin(), chain.words.end());
    one.chain_length = static_cast<uint32_t>(out_.chains.size() - one.chain);
    out_.samples.push_back(one);
  }

private:
  // Paths and names come again and again.
  std::string_view keep(std::string_view text) {
    const auto known = kept_.find(text);
    if (known != kept_.end()) return known->second;
    const std::string_view stays = out_.keep(std::string(text));
    kept_.emplace(stays, stays);
    return stays;
  }

  ProfileExport &out_;
  NativeNames native_;
  CodeMap map_;
  Stacks stacks_;
  std::set<const JitCode *> hot_;
  std::unordered_map<std::string_view, std::string_view> kept_;
};

class Functions {
public:
  Functions(ProfileExport &out, JitSources &jit) : out_(out), jit_(jit) {}

  void add(const JitCode &code, bool with_lines) {
    // What the Model does not show there (an image knows better) is not to cover it in perf either.
    if (jit_.index().find(code.pid, code.start, code.loaded) != &code) return;
    ExportFunction one;
    one.pid = one.tid = code.pid;
    const CodeName &name = jit_.name(code);
    one.name = out_.keep(name.name);
    one.tier = out_.keep(name.tier);
    one.address = code.start;
    one.size = code.end - code.start;
    one.load_time = code.loaded;
    one.unload_time = code.unloaded;
    one.code = out_.keep(std::string(code.code));
    one.first_line = out_.lines.size();
    if (with_lines)
      for (const CodeLine &line : jit_.lines(code))
        out_.lines.push_back({line.address, file(line.file), line.line, line.column});
    one.line_count = out_.lines.size() - one.first_line;
    out_.functions.push_back(one);
  }

private:
  uint32_t file(const std::string &path) {
    const auto [at, added] = files_.try_emplace(path, static_cast<uint32_t>(out_.files.size()));
    if (added) out_.files.push_back(out_.keep(path));
    return at->second;
  }

  ProfileExport &out_;
  JitSources &jit_;
  std::map<std::string, uint32_t> files_;
};

} // namespace

std::optional<ProfileExport> load_for_export(const fs::path &recording, std::string &error) {
  const fs::path file = recording / "perf.data";
  std::error_code code;
  if (!fs::exists(file, code)) {
    error = recording.string() + ": expected a recording with samples (perf.data in it), found none; make one with: "
                                 "sgperf record -- PROGRAM";
    return std::nullopt;
  }
  std::map<std::string, uint64_t> odd;
  std::vector<std::string> remarks; // the Model has the same
  JitSources jit;
  jit.load(recording, odd, remarks);
  ProfileExport out;
  Reader reader(out, jit.index());
  auto data = formats::read_perf_data_file(file, reader, error);
  if (!data) return std::nullopt;
  if (data->unfinished) out.events = data->events;
  out.features = std::move(data->features);
  Functions functions(out, jit);
  for (const JitCode &one : jit.index().entries()) functions.add(one, reader.hot().contains(&one));
  std::stable_sort(out.functions.begin(), out.functions.end(),
                   [](const ExportFunction &a, const ExportFunction &b) { return a.load_time < b.load_time; });
  return out;
}

} // namespace sgperf::merge
