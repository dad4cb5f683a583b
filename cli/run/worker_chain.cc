// SPDX-License-Identifier: Apache-2.0
#include "run/worker_chain.h"

#include "run/measures/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace sgperf::run {
namespace {

const char *status_text(int status) {
  switch (status) {
  case SGPERF_ENGINE_INVALID:
    return "invalid_module";
  case SGPERF_ENGINE_COMPONENT:
    return "component";
  case SGPERF_ENGINE_IMPORT:
    return "unknown_import";
  case SGPERF_ENGINE_TRAP:
    return "trap";
  case SGPERF_ENGINE_EXIT:
    return "exit_code";
  case SGPERF_ENGINE_UNSUPPORTED:
    return "unsupported";
  case SGPERF_ENGINE_NOT_FOUND:
    return "engine_missing";
  default:
    return "engine_error";
  }
}

// The page cache is told to forget the file; what other processes have mapped stays.
void drop_cache(const std::string &path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);
}

// "i64:5", "f32:1.5"; without a kind i32, or f64 where the text has a point.
bool parse_value(const std::string &text, sgperf_value &value) {
  std::string kind, number = text;
  if (const size_t colon = text.find(':'); colon != std::string::npos) {
    kind = text.substr(0, colon);
    number = text.substr(colon + 1);
  } else {
    kind = number.find_first_of(".eE") != std::string::npos && number.compare(0, 2, "0x") != 0 ? "f64" : "i32";
  }
  char *end = nullptr;
  errno = 0;
  if (kind == "i32") {
    value.kind = 0;
    const long long n = strtoll(number.c_str(), &end, 0);
    if (n < INT32_MIN || n > static_cast<long long>(UINT32_MAX)) errno = ERANGE;
    value.of.i32 = static_cast<int32_t>(static_cast<uint32_t>(n));
  } else if (kind == "i64") {
    value.kind = 1;
    value.of.i64 =
        number[0] == '-' ? strtoll(number.c_str(), &end, 0) : static_cast<int64_t>(strtoull(number.c_str(), &end, 0));
  } else if (kind == "f32") {
    value.kind = 2;
    value.of.f32 = strtof(number.c_str(), &end);
  } else if (kind == "f64") {
    value.kind = 3;
    value.of.f64 = strtod(number.c_str(), &end);
  } else {
    return false;
  }
  return errno == 0 && end && end != number.c_str() && *end == 0;
}

int empty_call(void *, const sgperf_value *, uint32_t, sgperf_value *, uint32_t) {
  return 0;
}

using InvokeFn = int (*)(void *, const sgperf_value *, uint32_t, sgperf_value *, uint32_t);

// One loop for the engine's function and for the empty one, so that their difference is the calls alone.
__attribute__((noinline)) int call_loop(InvokeFn fn, void *function, const std::vector<sgperf_value> &args,
                                        std::vector<sgperf_value> &results, uint64_t count) {
  const InvokeFn volatile call = fn; // not inlined, not even the empty one
  int failed = 0;
  for (uint64_t i = 0; i < count && !failed; ++i)
    failed = call(function, args.data(), static_cast<uint32_t>(args.size()), results.data(),
                  static_cast<uint32_t>(results.size()));
  return failed;
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

// Bytes are copied into memory of our own and touched, so that no page of the file faults inside a region.
bool WorkerChain::load_module() {
  const bool native = engine_.capabilities & SGPERF_ENGINE_CAP_NATIVE;
  if (native) return true;
  const int fd = open(plan_.module.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) {
    const int error = errno;
    if (fd >= 0) close(fd);
    throw ChainError{"invalid_module", "load", plan_.module + ": " + strerror(error)};
  }
  wasm_size_ = static_cast<size_t>(info.st_size);
  auto *memory = static_cast<uint8_t *>(mmap(nullptr, wasm_size_ ? wasm_size_ : 1, PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
  if (memory == MAP_FAILED) {
    close(fd);
    wasm_size_ = 0;
    throw ChainError{"engine_error", "load", plan_.module + ": no memory for its bytes"};
  }
  wasm_ = memory;
  size_t have = 0;
  for (ssize_t n; have < wasm_size_ && (n = read(fd, memory + have, wasm_size_ - have)) > 0;)
    have += static_cast<size_t>(n);
  close(fd);
  if (have != wasm_size_) throw ChainError{"invalid_module", "load", plan_.module + ": shorter than its size says"};
  // Said here once for all engines, in the same words.
  if (have < 4 || memcmp(memory, "\0asm", 4) != 0)
    throw ChainError{"invalid_module", "load",
                     plan_.module + " is not a WebAssembly module: expected it to begin with \\0asm"};
  if (have >= 8 && (memory[6] != 0 || memory[7] != 0))
    throw ChainError{"component", "load",
                     plan_.module + " is a component; a core module is expected (version field 1, layer 0)"};
  return true;
}

void WorkerChain::expect(int status, const char *phase) {
  if (status == SGPERF_ENGINE_OK) return;
  std::string message = host_.take_errors();
  if (status == SGPERF_ENGINE_EXIT) {
    const std::string code = "the guest left with exit code " + std::to_string(exit_code_) + ", expected 0";
    message = message.empty() ? code : code + ": " + message;
  }
  if (message.empty())
    message =
        std::string("the engine failed in ") + phase + " (status " + std::to_string(status) + ") and gave no reason";
  throw ChainError{status_text(status), phase, message};
}

void WorkerChain::compile() {
  stage(Stage::compile);
  expect(engine_.compile(created_, plan_.module.c_str(), wasm_, wasm_size_, &module_), "compile");
}

void WorkerChain::serialize() {
  stage(Stage::serialize);
  if (!engine_.serialize) expect(SGPERF_ENGINE_UNSUPPORTED, "serialize");
  expect(engine_.serialize(module_, artefact_.c_str()), "serialize");
}

void WorkerChain::deserialize() {
  stage(Stage::deserialize);
  if (!engine_.deserialize) expect(SGPERF_ENGINE_UNSUPPORTED, "deserialize");
  expect(engine_.deserialize(created_, artefact_.c_str(), &loaded_), "deserialize");
}

void WorkerChain::instantiate() {
  stage(Stage::instantiate);
  expect(engine_.instantiate(loaded_ ? loaded_ : module_, &instance_), "instantiate");
}

void WorkerChain::execute() {
  stage(Stage::execute);
  exit_code_ = 0;
  expect(engine_.execute(instance_, &exit_code_), "execute");
}

void WorkerChain::resolve() {
  uint32_t params = 0, results = 0;
  if (!engine_.resolve || !engine_.invoke || !(engine_.capabilities & SGPERF_ENGINE_CAP_INVOKE))
    throw ChainError{"unsupported", "invoke", "this engine cannot call exported functions (no invoke capability)"};
  expect(engine_.resolve(instance_, plan_.invoke.c_str(), &function_, &params, &results), "invoke");
  if (params != plan_.invoke_args.size())
    throw ChainError{"invalid_module", "invoke",
                     plan_.invoke + " takes " + std::to_string(params) + " arguments, " +
                         std::to_string(plan_.invoke_args.size()) + " given: --invoke " + plan_.invoke + ",A,B,.."};
  arguments_.assign(params, sgperf_value{});
  results_.assign(results, sgperf_value{});
  for (size_t i = 0; i < params; ++i)
    if (!parse_value(plan_.invoke_args[i], arguments_[i]))
      throw ChainError{"invalid_module", "invoke",
                       "argument '" + plan_.invoke_args[i] + "' is not a number; expected 5, i64:5 or f32:1.5"};
}

void WorkerChain::invoke(Answer &answer) {
  if (!function_) resolve();
  stage(Stage::invoke);
  const Meter &meter = host_.meter();
  // The first call ends the interval `jit`, as a call of _start would; the loop after it is timed by itself.
  loop_begin_ns_ = monotonic_ns();
  meter.begin(loop_begin_);
  int status = call_loop(engine_.invoke, function_, arguments_, results_, 1);
  meter.end(loop_end_);
  expect(status, "invoke");
  region_begin_ = loop_begin_;
  region_end_ = loop_end_;
  looped_ = false;
  if (plan_.inner > 1) {
    if (host_.starts() || host_.ends())
      throw ChainError{"hooks", "invoke",
                       plan_.invoke + " calls bench.start itself, so it cannot be repeated in a loop of " +
                           std::to_string(plan_.inner)};
    looped_ = true;
    PhaseReading reading;
    reading.inner = plan_.inner;
    Boundary begin, end;
    reading.start_ns = monotonic_ns();
    meter.begin(begin);
    status = call_loop(engine_.invoke, function_, arguments_, results_, plan_.inner);
    meter.end(end);
    expect(status, "invoke");
    meter.difference(begin, end, reading.values, reading.running);
    for (const char *phase : {"execute", "call"}) {
      reading.phase = phase;
      answer.phases.push_back(reading);
    }
  }
}

// Reverse order of creation.
void WorkerChain::free_objects() {
  stage(Stage::free);
  function_ = nullptr;
  if (instance_) engine_.free_instance(instance_);
  instance_ = nullptr;
  if (loaded_) engine_.free_module(loaded_);
  loaded_ = nullptr;
  if (module_) engine_.free_module(module_);
  module_ = nullptr;
}

void WorkerChain::check_hooks(Answer &answer) {
  const uint32_t starts = host_.starts(), ends = host_.ends();
  have_execute_ = false;
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
  } else if (call.ended) {
    region_begin_ = call.begin; // no hooks in this module: the whole call
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
    if (const uint64_t peak = peak_rss_bytes()) widest->values["peak_rss_bytes"] = static_cast<double>(peak);
  }
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

// How long one call takes, roughly: the loop is doubled until it lasts two milliseconds.
bool WorkerChain::pilot() {
  try {
    stage(Stage::load);
    load_module();
    compile();
    instantiate();
    resolve();
    stage(Stage::invoke);
    Answer answer;
    answer.kind = Answer::Kind::pilot;
    expect(call_loop(engine_.invoke, function_, arguments_, results_, 1), "invoke"); // cold
    const auto call_ns = [&](uint64_t count) {
      const uint64_t begin = monotonic_ns();
      expect(call_loop(engine_.invoke, function_, arguments_, results_, count), "invoke");
      return static_cast<double>(monotonic_ns() - begin) / static_cast<double>(count);
    };
    uint64_t count = 1;
    for (;; count *= 2) {
      answer.call_ns = call_ns(count);
      answer.hooked = host_.starts() > 0 || host_.ends() > 0;
      if (answer.call_ns * static_cast<double>(count) >= 2e6 || answer.hooked || count >= (1u << 26)) break;
    }
    // The shortest of several: whoever takes the CPU away meanwhile must not shorten the loop of all engines.
    for (int i = 0; i < 5 && !answer.hooked; ++i)
      answer.call_ns = std::min(answer.call_ns, call_ns(std::max<uint64_t>(count / 8, 1)));
    tell_(answer);
    return true;
  } catch (const ChainError &error) {
    Answer answer;
    answer.kind = Answer::Kind::error;
    answer.status = error.status;
    answer.phase = error.phase;
    answer.message = error.message;
    tell_(answer);
    return false;
  }
}

void measure_empty_loop(const Meter &meter, uint64_t inner, uint32_t readings, size_t params, size_t results,
                        const std::function<void(const Answer &)> &tell) {
  const std::vector<sgperf_value> arguments(params);
  std::vector<sgperf_value> out(results);
  for (uint32_t i = 0; i < readings; ++i) {
    Answer answer;
    answer.kind = Answer::Kind::loop;
    answer.iteration = i;
    answer.role = "calibration";
    PhaseReading reading;
    reading.phase = "empty-loop";
    reading.inner = inner;
    Boundary begin, end;
    reading.start_ns = monotonic_ns();
    meter.begin(begin);
    call_loop(empty_call, nullptr, arguments, out, inner);
    meter.end(end);
    meter.difference(begin, end, reading.values, reading.running);
    answer.phases.push_back(std::move(reading));
    tell(answer);
  }
}

} // namespace sgperf::run
