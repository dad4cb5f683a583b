// SPDX-License-Identifier: Apache-2.0
#include "run/bench.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <filesystem>

namespace sgperf::run {

namespace fs = std::filesystem;

BenchOutcome Bench::resume() {
  std::string error;
  const fs::path folder = fs::absolute(options_.output);
  auto stored = read_plan(folder, error);
  if (!stored) return usage(error);
  const BenchOptions now = options_;
  options_ = stored->options;
  options_.output = folder;
  options_.seed_given = true;
  options_.verbose = now.verbose;
  options_.json = now.json;
  options_.quiet = now.quiet;
  if (chdir(stored->working_directory.c_str()) != 0)
    return environment("cannot go to " + stored->working_directory + ", where the run began: " + strerror(errno));
  if (const BenchOutcome outcome = prepare(); outcome != BenchOutcome::done) return outcome;
  for (const Engine &engine : cells_.engines) {
    const auto was = stored->engine_identity.find(engine.spec.id);
    if (was != stored->engine_identity.end() && was->second != engine.identity)
      return usage("engine " + engine.spec.id + " is not the one the run began with (build " + was->second + ", now " +
                   engine.identity + "): a resumed run must not mix builds; start a new one");
  }
  for (const Workload &workload : cells_.workloads) {
    const auto was = stored->workload_identity.find(workload.id);
    if (was == stored->workload_identity.end() || was->second != workload.sha256)
      return usage("workload " + workload.id + " has changed since the run began; start a new one");
  }
  if (!writer_.reopen(
          folder, stored->prepared, [&](const record::Sample &sample) { note_sample(sample); }, error))
    return environment(error);
  inner_ = stored->inner;
  prepared_ = stored->prepared;
  describe_meta();
  if (const auto before = record::read_meta(folder, error)) {
    meta_.started_realtime_ns = before->started_realtime_ns;
    meta_.command = before->command;
    std::vector<std::map<std::string, uint64_t>> anchors = before->anchors;
    anchors.insert(anchors.end(), meta_.anchors.begin(), meta_.anchors.end());
    meta_.anchors = anchors;
    meta_.warnings.insert(meta_.warnings.begin(), before->warnings.begin(), before->warnings.end());
  }
  return BenchOutcome::done;
}

} // namespace sgperf::run
