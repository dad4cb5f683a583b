// SPDX-License-Identifier: Apache-2.0
#include "run/worker_chain.h"

#include "run/measures/clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <utility>

namespace sgperf::run {

namespace {

// The page cache is told to forget the file; what other processes have mapped stays.
void drop_cache(const std::string &path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);
}

} // namespace

WorkerChain::WorkerChain(const WorkerPlan &plan, const sgperf_engine &engine, void *instance_of_engine,
                         WorkerHost &host, WorkerState &state, std::function<void(const Answer &)> tell)
    : plan_(plan), engine_(engine), created_(instance_of_engine), host_(host), state_(state), tell_(std::move(tell)),
      stdout_("stdout", plan.expected_stdout, plan.work_dir + "/stdout"),
      stderr_("stderr", plan.expected_stderr, plan.work_dir + "/stderr"), artefact_(plan.work_dir + "/artefact") {}

WorkerChain::~WorkerChain() {
  if (wasm_) munmap(const_cast<uint8_t *>(wasm_), wasm_size_ ? wasm_size_ : 1);
}

void WorkerChain::iteration(uint32_t number, const char *role) {
  Answer answer;
  answer.kind = Answer::Kind::iteration;
  answer.iteration = number;
  answer.role = role;
  state_.iteration.store(number, std::memory_order_relaxed);
  disturbance_.begin();
  host_.reset();
  have_execute_ = looped_ = false;
  const bool compile_once = plan_.chain == Chain::run || plan_.compile_once;
  reused_ = module_ != nullptr;
  if (!reused_) {
    const uint64_t begin = monotonic_ns();
    compile();
    if (number == 0) slow_compile_ = monotonic_ns() - begin > 100000000;
  }
  if (plan_.chain == Chain::aot) {
    if (!reused_) serialize();
    if (plan_.drop_caches) drop_cache(artefact_);
    deserialize();
  }
  if (plan_.chain != Chain::compile) {
    if (!instance_) instantiate();
    if (!plan_.invoke.empty())
      invoke(answer);
    else
      execute();
  }
  if (!plan_.invoke.empty()) {
    if (host_.starts() == 1 && host_.ends() == 1) {
      region_begin_ = host_.start_mark(0);
      region_end_ = host_.end_mark(0);
    }
  } else if (plan_.chain != Chain::compile) {
    check_hooks(answer);
    check_output();
  }
  collect(answer);
  answer.disturbed = disturbance_.end();
  for (std::string &warning : host_.take_warnings()) answer.warnings.push_back(std::move(warning));
  answer.output_hash = stdout_.hash();
  tell_(answer);
  // Between the iterations, outside of every region.  The output files go, so that the next instance creates them:
  // truncating a file that was just written makes ext4 flush it, several milliseconds inside of the totals.
  unlink((plan_.work_dir + "/stdout").c_str());
  unlink((plan_.work_dir + "/stderr").c_str());
  const bool enough_compiles =
      plan_.bound_compiles && slow_compile_ && plan_.chain != Chain::compile && number >= plan_.warmups + 2;
  if (!compile_once && !enough_compiles) {
    free_objects();
    if (plan_.chain == Chain::aot) unlink(artefact_.c_str());
    return;
  }
  stage(Stage::free);
  if (plan_.compile_once) return; // the instance stays as well
  function_ = nullptr;
  if (instance_) engine_.free_instance(instance_);
  instance_ = nullptr;
  if (loaded_) engine_.free_module(loaded_);
  loaded_ = nullptr;
}

bool WorkerChain::run() {
  uint32_t number = 0;
  try {
    stage(Stage::load);
    load_module();
    if (plan_.drop_caches) drop_cache(plan_.module);
    const uint32_t total = 1 + plan_.warmups + plan_.iterations;
    const uint64_t begin = monotonic_ns();
    for (; number < total; ++number) {
      if (plan_.time_limit_s > 0 && number >= 1 + plan_.warmups + 3 &&
          static_cast<double>(monotonic_ns() - begin) * 1e-9 > plan_.time_limit_s)
        break;
      iteration(number, number == 0 ? "cold" : number <= plan_.warmups ? "warmup" : "timed");
    }
    if (!(engine_.capabilities & SGPERF_ENGINE_CAP_FREE_UNSAFE)) free_objects();
    return true;
  } catch (const ChainError &error) {
    Answer answer;
    answer.kind = Answer::Kind::error;
    answer.iteration = number;
    answer.status = error.status;
    answer.phase = error.phase;
    answer.message = error.message;
    answer.output_tail = tail_of(read_whole(plan_.work_dir + "/stderr"));
    tell_(answer);
    return false;
  }
}

} // namespace sgperf::run
