// SPDX-License-Identifier: Apache-2.0
// A pool of threads that compile functions, as engines have it: scopes on several threads are summed by site.
//
//   ./jobs                              as always
//   LD_PRELOAD=libsgperf.so ./jobs      measured; then `sgperf report`
#include <sgperf/sgperf.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int functions = 2000;
constexpr int threads = 4;

// Stands for the work of a compiler: sorts a list that only depends on the function's number.
uint64_t optimise(int function) {
  SGPERF_SCOPE("jobs::optimise");
  std::vector<uint64_t> values(200);
  uint64_t state = static_cast<uint64_t>(function) * 2654435761u + 1;
  for (uint64_t &value : values) value = state = state * 6364136223846793005u + 1442695040888963407u;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

uint64_t emit(uint64_t value) {
  SGPERF_SCOPE("jobs::emit");
  const std::string text = std::to_string(value);
  SGPERF_COUNT("jobs::bytes", text.size());
  return text.size();
}

uint64_t compile(int function) {
  SGPERF_SCOPE("jobs::compile");
  return emit(optimise(function));
}

} // namespace

int main() {
  std::atomic<int> next{0};
  std::atomic<uint64_t> bytes{0};
  std::vector<std::thread> pool;
  for (int i = 0; i < threads; ++i) {
    pool.emplace_back([&] {
      SGPERF_THREAD_NAME("compiler");
      for (int function; (function = next++) < functions;) bytes += compile(function);
    });
  }
  for (std::thread &thread : pool) thread.join();
  std::printf("%d functions compiled on %d threads, %llu bytes\n", functions, threads,
              static_cast<unsigned long long>(bytes.load()));
  return bytes > functions ? 0 : 1;
}
