// SPDX-License-Identifier: Apache-2.0
#include "run/worker_chain.h"

#include "run/measures/clock.h"

#include <sys/stat.h>

#include <algorithm>

namespace sgperf::run {

void WorkerChain::check_hooks(Answer &answer) {
  const uint32_t starts = host_.starts(), ends = host_.ends();
  have_execute_ = false;
  answer.hooked = starts > 0;
  if (starts > 1 || ends > 1)
    throw ChainError{"hooks", "execute",
                     "bench.start was called " + std::to_string(starts) + " times and bench.end " +
                         std::to_string(ends) + " times; expected one of each in a run of _start"};
  if (starts == 0 && ends == 1)
    throw ChainError{"hooks", "execute", "bench.end was called without bench.start: the region has no begin"};
  const RegionMarks &call = host_.region(SGPERF_REGION_CALL);
  if (starts == 1) {
    region_begin_ = host_.start_mark(0);
    if (ends == 1)
      region_end_ = host_.end_mark(0);
    else {
      region_end_ = call.end;
      answer.warnings.push_back("bench.end missing: region closed at return");
    }
    if (static_cast<int64_t>(region_end_.tsc - region_begin_.tsc) < 0)
      throw ChainError{"hooks", "execute", "bench.end was called before bench.start"};
    have_execute_ = true;
  } else if (call.ended && !call.at_end_ns) { // nor a process, of whose call nobody knows what is execution
    region_begin_ = call.begin;               // no hooks in this module: the whole call
    region_end_ = call.end;
    have_execute_ = true;
  }
}

void WorkerChain::check_output() {
  stage(Stage::check);
  for (OutputCheck *check : {&stdout_, &stderr_}) {
    const std::string difference = check->check();
    if (!difference.empty()) throw ChainError{"wrong_output", "execute", difference};
  }
}

void WorkerChain::collect_total(Answer &answer, const char *name, const Boundary &begin, uint64_t begin_ns,
                                const Boundary &end) {
  PhaseReading reading;
  reading.phase = name;
  reading.start_ns = begin_ns;
  host_.meter().difference(begin, end, reading.values, reading.running);
  answer.phases.push_back(std::move(reading));
}

void WorkerChain::collect(Answer &answer) {
  static constexpr const char *names[] = {"parse",       "compile", "serialize", "deserialize",
                                          "instantiate", "execute", "call"};
  uint64_t first_ns = 0, load_ns = 0;
  const Boundary *first = nullptr, *load = nullptr, *stored = nullptr;
  bool told_later = false; // by region_at: a program's own marks, wall time only
  for (uint32_t r = 0; r < region_count; ++r) {
    const RegionMarks &marks = host_.region(r);
    if (marks.at_end_ns) {
      PhaseReading reading;
      reading.phase = names[r];
      reading.start_ns = marks.at_begin_ns;
      // Where the engine has bracketed it as well: what children that ended within have used.
      if (marks.begun && marks.ended) host_.meter().difference(marks.begin, marks.end, reading.values, reading.running);
      if (host_.meter().wants("wall_ns"))
        reading.values["wall_ns"] = static_cast<double>(marks.at_end_ns - marks.at_begin_ns);
      answer.phases.push_back(std::move(reading));
      told_later = told_later || r == SGPERF_REGION_EXECUTE;
    }
    if (!marks.begun || !marks.ended || r == SGPERF_REGION_EXECUTE) continue;
    if (r <= SGPERF_REGION_INSTANTIATE && r != SGPERF_REGION_SERIALIZE && r != SGPERF_REGION_DESERIALIZE && !first) {
      first = &marks.begin;
      first_ns = marks.begin_ns;
    }
    if (r == SGPERF_REGION_DESERIALIZE) load = &marks.begin, load_ns = marks.begin_ns;
    if (r == SGPERF_REGION_SERIALIZE) stored = &marks.end;
    if (r == SGPERF_REGION_CALL && marks.at_end_ns) continue;
    PhaseReading reading;
    reading.phase = names[r];
    reading.start_ns = marks.begin_ns;
    host_.meter().difference(marks.begin, marks.end, reading.values, reading.running);
    answer.phases.push_back(std::move(reading));
  }
  const bool invoked = !plan_.invoke.empty() && plan_.chain != Chain::compile;
  if ((have_execute_ && !told_later) || invoked) {
    const uint64_t at = invoked ? loop_begin_ns_ : host_.region(SGPERF_REGION_CALL).begin_ns;
    if (!looped_) {
      collect_total(answer, "execute", region_begin_, at, region_end_);
      if (invoked) collect_total(answer, "call", loop_begin_, at, loop_end_);
    }
    if (first && !reused_ && (plan_.chain == Chain::jit || plan_.chain == Chain::invoke))
      collect_total(answer, "jit", *first, first_ns, region_end_);
    if (load) collect_total(answer, "aot-execute", *load, load_ns, region_end_);
    if (load && first && !reused_ && !plan_.drop_caches)
      collect_total(answer, "aot-total", *first, first_ns, region_end_);
  }
  if (stored && first) collect_total(answer, "aot-compile", *first, first_ns, *stored);

  if (module_) {
    sgperf_module_info info{};
    info.struct_size = sizeof info;
    if (engine_.describe_module && engine_.describe_module(module_, &info) == SGPERF_ENGINE_OK) {
      answer.code_bytes = info.code_size;
      answer.artefact_bytes = info.artefact_size;
      answer.lazy = info.lazy;
    }
    struct stat file {};
    if (stored && stat(artefact_.c_str(), &file) == 0) answer.artefact_bytes = static_cast<uint64_t>(file.st_size);
  }
  // Peak memory belongs to the chain as a whole: it is told with the widest phase of the iteration.
  if (host_.meter().wants("peak_rss_bytes") && !answer.phases.empty()) {
    PhaseReading *widest = &answer.phases.back();
    for (const char *name : {"aot-total", "jit", "aot-execute", "call", "execute", "compile"}) {
      const auto found = std::find_if(answer.phases.begin(), answer.phases.end(),
                                      [&](const PhaseReading &p) { return p.phase == name; });
      if (found == answer.phases.end()) continue;
      widest = &*found;
      break;
    }
    // A guest that is a process of its own has all the memory.
    const bool child = host_.region(SGPERF_REGION_CALL).at_end_ns != 0;
    if (const uint64_t peak = child ? peak_rss_of_children_bytes() : peak_rss_bytes())
      widest->values["peak_rss_bytes"] = static_cast<double>(peak);
  }
}

} // namespace sgperf::run
