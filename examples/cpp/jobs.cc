// SPDX-License-Identifier: Apache-2.0
// A just-in-time compiler in small: a pool of threads compiles functions to machine code, which is then published and
// called.
//
//   ./jobs                              as always: the sites cost a load and a branch each
//   LD_PRELOAD=libsgperf.so ./jobs      measured; then `sgperf report`
//
// It needs no library of sgperf, neither to link nor to run.
#include "machine_code.h"

#include <sgperf/sgperf.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr int function_count = 2000;
constexpr int thread_count = 4;

SGPERF_SITE(wait_site, "jobs::wait");
SGPERF_SITE_HIST(compile_site, "jobs::compile"); // with a histogram of its durations

// What the program itself knows of its work; the report must tell the same.
struct totals {
  std::atomic<std::uint64_t> waits{0}, passes{0}, operations{0}, code_bytes{0};
  std::atomic<int> compiled{0}, refused{0};
};

// "*3 +7 -0 ..": depends on the number alone.  Every 100th one is wrong.
std::string source_of(int number) {
  std::string source;
  auto state = static_cast<std::uint32_t>(number) * 2654435761u + 1;
  for (int i = 0; i < 6 + number % 5; ++i) {
    state = state * 1664525u + 1013904223u;
    source += std::string(1, "+-*"[(state >> 24) % 3]) + std::to_string((state >> 16) % 7) + " ";
  }
  if (number % 100 == 99) source += "?";
  return source;
}

struct syntax_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::vector<operation> parse(const std::string &source) {
  SGPERF_SCOPE("jobs::parse"); // also ends when an exception leaves it
  std::vector<operation> operations;
  for (const char *at = source.c_str(); *at;) {
    if (*at == ' ') {
      ++at;
      continue;
    }
    if (*at != '+' && *at != '-' && *at != '*') throw syntax_error(std::string("expected one of + - *, found ") + *at);
    char *end;
    const long constant = std::strtol(at + 1, &end, 10);
    operations.push_back({*at, static_cast<std::int32_t>(constant)});
    at = end;
  }
  return operations;
}

// Passes of the optimizer: functions from operations to operations.
std::vector<operation> drop_neutral(const std::vector<operation> &operations) {
  std::vector<operation> kept;
  for (const operation &operation : operations)
    if (operation.constant != (operation.op == '*' ? 1 : 0)) kept.push_back(operation);
  return kept;
}
std::vector<operation> merge_sums(const std::vector<operation> &operations) {
  std::vector<operation> merged;
  for (const operation &operation : operations) {
    if (operation.op == '*' || merged.empty() || merged.back().op == '*')
      merged.push_back(operation);
    else if (merged.back().op == operation.op)
      merged.back().constant += operation.constant;
    else
      merged.back().constant -= operation.constant;
  }
  return merged;
}

// A site in a template: each instantiation has one of its own, and all are one row.
template <std::vector<operation> (*pass)(const std::vector<operation> &)>
void run_pass(std::vector<operation> &operations, totals &sums) {
  SGPERF_SCOPE("jobs::pass");
  operations = pass(operations);
  ++sums.passes;
}

struct compiled_function {
  int number;
  std::vector<operation> operations; // as written
  std::size_t length;                // after the passes
  machine_code code;
};

compiled_function compile(int number, totals &sums) {
  sgperf::scope scope(compile_site);
  compiled_function function{number, parse(source_of(number)), 0, {}};
  std::vector<operation> operations = function.operations;
  run_pass<merge_sums>(operations, sums);
  run_pass<drop_neutral>(operations, sums);
  function.length = operations.size();
  function.code = assemble(operations);
  SGPERF_COUNT("jobs::code_bytes", function.code.size());
  SGPERF_GAUGE_MAX("jobs::length", function.length);
  sums.operations += function.length;
  sums.code_bytes += function.code.size();
  return function;
}

// Hands out numbers and collects functions, both under one lock.
class job_list {
public:
  explicit job_list(totals &sums) : sums_(sums) {}

  std::optional<int> next() {
    const auto lock = wait();
    return next_ < function_count ? std::optional(next_++) : std::nullopt;
  }
  void done(compiled_function function) {
    const auto lock = wait();
    longest_ = std::max(longest_, function.length);
    functions_.push_back(std::move(function));
  }
  // When the threads have ended:
  const std::vector<compiled_function> &functions() const { return functions_; }
  std::size_t longest() const { return longest_; }

private:
  std::unique_lock<std::mutex> wait() {
    sgperf::scope waiting(wait_site);
    std::unique_lock lock(mutex_);
    waiting.end(); // what follows is work and no waiting
    ++sums_.waits;
    return lock;
  }

  totals &sums_;
  std::mutex mutex_;
  int next_ = 0;
  std::size_t longest_ = 0;
  std::vector<compiled_function> functions_;
};

void compiler_thread(job_list &jobs, totals &sums) {
  SGPERF_THREAD_NAME("compiler");
  while (const std::optional<int> number = jobs.next()) {
    try {
      jobs.done(compile(*number, sums));
      ++sums.compiled;
    } catch (const syntax_error &) {
      SGPERF_COUNT("jobs::refused", 1);
      ++sums.refused;
    }
  }
}

// The code of all functions in one mapping, and a name for each part of it as long as it is there.
class published_code {
public:
  explicit published_code(const std::vector<compiled_function> &functions) : memory_(joined(functions)) {
    std::size_t offset = 0;
    for (const compiled_function &function : functions) {
      addresses_.push_back(memory_.at(offset));
      const std::string name = "function[" + std::to_string(function.number) + "]";
      names_.emplace_back(name.c_str(), addresses_.back(), function.code.size()); // sgperf copies name and bytes
      offset += function.code.size();
    }
  }
  std::int64_t call(std::size_t index, std::int64_t argument) const {
    SGPERF_SCOPE("jobs::call");
    return reinterpret_cast<std::int64_t (*)(std::int64_t)>(reinterpret_cast<std::uintptr_t>(addresses_[index]))(
        argument);
  }

private:
  static machine_code joined(const std::vector<compiled_function> &functions) {
    machine_code all;
    for (const compiled_function &function : functions)
      all.insert(all.end(), function.code.begin(), function.code.end());
    return all;
  }

  executable_memory memory_;
  std::vector<const void *> addresses_;
  std::vector<sgperf::jit_code> names_; // after memory_: names go before what they name
};

// The same function without a compiler.
std::int64_t interpret(const std::vector<operation> &operations, std::int64_t argument) {
  auto value = static_cast<std::uint64_t>(argument); // overflow wraps
  for (const operation &operation : operations) {
    const auto constant = static_cast<std::uint64_t>(std::int64_t{operation.constant});
    value = operation.op == '+' ? value + constant : operation.op == '-' ? value - constant : value * constant;
  }
  return static_cast<std::int64_t>(value);
}

} // namespace

int main() try {
  totals sums;
  job_list jobs(sums);

  sgperf::phase compiling("compile");
  std::vector<std::thread> pool;
  for (int i = 0; i < thread_count; ++i) pool.emplace_back(compiler_thread, std::ref(jobs), std::ref(sums));
  for (std::thread &thread : pool) thread.join();
  compiling.end();

  std::optional<published_code> code;
  {
    sgperf::phase phase("publish");
    code.emplace(jobs.functions());
  }

  int wrong = 0;
  {
    sgperf::phase phase("execute");
    for (std::size_t i = 0; i < jobs.functions().size(); ++i)
      wrong += code->call(i, 5) != interpret(jobs.functions()[i].operations, 5);
  }

  std::printf("%d functions: %d compiled, %d refused, %d wrong, on %d threads\n", function_count, sums.compiled.load(),
              sums.refused.load(), wrong, thread_count);
  std::printf("%ju waits, %ju passes, %ju operations, at most %zu in a function, %ju bytes of machine code\n",
              std::uintmax_t{sums.waits}, std::uintmax_t{sums.passes}, std::uintmax_t{sums.operations}, jobs.longest(),
              std::uintmax_t{sums.code_bytes});
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception &error) {
  std::fprintf(stderr, "jobs: %s\n", error.what());
  return EXIT_FAILURE;
}
