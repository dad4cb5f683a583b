// SPDX-License-Identifier: Apache-2.0
#include "run/worker_chain.h"

#include "run/measures/clock.h"

#include <errno.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace sgperf::run {

namespace {

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

// What is left of invoke_many() without the calls.
void only_count(uint64_t times) {
  for (uint64_t i = 0; i < times; ++i) asm volatile("" : "+r"(i));
}

using InvokeFn = decltype(sgperf_engine::invoke);

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

bool loops_itself(const sgperf_engine &engine) {
  return engine.struct_size >= offsetof(sgperf_engine, invoke_many) + sizeof engine.invoke_many && engine.invoke_many;
}

int WorkerChain::call(uint64_t times) {
  if (!loops_itself(engine_)) return call_loop(engine_.invoke, function_, arguments_, results_, times);
  return engine_.invoke_many(function_, arguments_.data(), static_cast<uint32_t>(arguments_.size()), results_.data(),
                             static_cast<uint32_t>(results_.size()), times);
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
  const bool fresh = !function_; // of this instance nothing was called yet
  if (fresh) resolve();
  stage(Stage::invoke);
  const Meter &meter = host_.meter();
  PhaseReading reading;
  if (fresh) {
    // The first call ends the interval `jit`, as a call of _start would.  It is a phase of its own, since an engine may
    // compile, link or fault pages in during it; those after it are `execute`.
    loop_begin_ns_ = monotonic_ns();
    meter.begin(loop_begin_);
    const int status = call(1);
    meter.end(loop_end_);
    expect(status, "invoke");
    region_begin_ = loop_begin_;
    region_end_ = loop_end_;
    if (!reused_) {
      reading.phase = "first-call";
      reading.start_ns = loop_begin_ns_;
      meter.difference(loop_begin_, loop_end_, reading.values, reading.running);
      answer.phases.push_back(reading);
    }
    looped_ = false;
    if (host_.starts() || host_.ends()) { // its region is between the hooks
      if (plan_.inner > 1)
        throw ChainError{"hooks", "invoke",
                         plan_.invoke + " calls bench.start itself, so it cannot be repeated in a loop of " +
                             std::to_string(plan_.inner)};
      return;
    }
  }
  looped_ = true;
  reading = {};
  reading.inner = plan_.inner;
  Boundary begin, end;
  reading.start_ns = monotonic_ns();
  meter.begin(begin);
  const int status = call(plan_.inner);
  meter.end(end);
  expect(status, "invoke");
  meter.difference(begin, end, reading.values, reading.running);
  for (const char *phase : {"execute", "call"}) {
    reading.phase = phase;
    answer.phases.push_back(reading);
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
    expect(call(1), "invoke"); // cold
    const auto call_ns = [&](uint64_t count) {
      const uint64_t begin = monotonic_ns();
      expect(call(count), "invoke");
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

void measure_empty_loop(const Meter &meter, uint64_t inner, bool own_loop, uint32_t readings, size_t params,
                        size_t results, const std::function<void(const Answer &)> &tell) {
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
    if (own_loop)
      only_count(inner);
    else
      call_loop(empty_call, nullptr, arguments, out, inner);
    meter.end(end);
    meter.difference(begin, end, reading.values, reading.running);
    answer.phases.push_back(std::move(reading));
    tell(answer);
  }
}

} // namespace sgperf::run
