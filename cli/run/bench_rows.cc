// SPDX-License-Identifier: Apache-2.0
#include "run/bench.h"

#include "run/measures/clock.h"

namespace sgperf::run {

record::Sample Bench::row(const Slot &slot, const PhaseReading &phase, const Answer &answer, int pid,
                          uint32_t index) const {
  record::Sample sample;
  sample.engine = cells_.engines[slot.engine].spec.id;
  sample.workload = cells_.workloads[slot.workload].id;
  sample.block = slot.block;
  sample.position = slot.position;
  sample.process = static_cast<uint32_t>(pid);
  sample.process_index = index;
  sample.iteration = answer.iteration;
  sample.role = record::role_from_text(answer.role).value_or(record::Role::timed);
  sample.phase = phase.phase;
  sample.inner = phase.inner;
  sample.start_ns = phase.start_ns;
  sample.values = phase.values;
  sample.running = phase.running;
  sample.disturbed = answer.disturbed;
  sample.warnings = answer.warnings;
  if (phase.phase == "serialize" || phase.phase.compare(0, 4, "aot-") == 0)
    sample.artefact_bytes = answer.artefact_bytes;
  if (phase.phase == "compile" || phase.phase == "jit" || phase.phase == "aot-compile")
    sample.code_bytes = answer.code_bytes, sample.lazy = answer.lazy;
  return sample;
}

void Bench::note_sample(const record::Sample &sample) {
  if (sample.role == record::Role::calibration) {
    if (sample.phase == "empty-loop" || sample.phase == "execute") corrections_.add(sample);
    return;
  }
  if (sample.status != record::Status::ok || sample.role != record::Role::timed || sample.phase != "execute") return;
  for (uint32_t e = 0; e < cells_.engines.size(); ++e)
    for (uint32_t w = 0; w < cells_.workloads.size(); ++w)
      if (cells_.engines[e].spec.id == sample.engine && cells_.workloads[w].id == sample.workload)
        for (const char *measure : {"tsc_ticks", "wall_ns"})
          if (const auto value = sample.values.find(measure); value != sample.values.end())
            states_[e * cells_.workloads.size() + w]
                .region[std::string(measure) + (sample.inner > 1 ? " loop" : "")]
                .push_back(value->second);
}

void Bench::take(record::Sample sample) {
  corrections_.correct(sample);
  writer_.append(sample);
  note_sample(sample);
}

void Bench::error_row(const Slot &slot, uint32_t index, const WorkerResult *result, const std::string &status,
                      const std::string &phase, const std::string &message, const std::string &tail) {
  record::Sample sample;
  sample.engine = cells_.engines[slot.engine].spec.id;
  sample.workload = cells_.workloads[slot.workload].id;
  sample.block = slot.block;
  sample.position = slot.position;
  sample.process_index = index;
  if (result) sample.process = static_cast<uint32_t>(result->pid);
  if (result) sample.iteration = result->iteration;
  sample.role = sample.iteration == 0 ? record::Role::cold : record::Role::timed;
  // Stages that are no phases belong to the first or the last of them.
  sample.phase = phase == "invoke" || phase == "check" || phase == "execute" ? "execute"
                 : phase == "load" || phase == "create" || phase == "start"  ? "compile"
                 : phase == "free" || phase == "done"                        ? "call"
                                                                             : phase;
  sample.start_ns = monotonic_ns();
  sample.status = record::status_from_text(status).value_or(record::Status::engine_error);
  sample.message = message;
  sample.stderr_tail = tail;
  writer_.append(sample);
  any_failed_ = true;
  last_problem_ = status + ": " + message;
  CellState &state = cell(slot);
  ++state.failures;
  // What cannot change is not tried again; what may be chance gets a second try in the next block.
  const bool chance = sample.status == record::Status::crash || sample.status == record::Status::trap ||
                      sample.status == record::Status::engine_error;
  if (!chance || state.failures >= 2) state.dropped = true;
}

} // namespace sgperf::run
