// SPDX-License-Identifier: Apache-2.0
// Call chains of samples, with the caller of the innermost function put back where frame pointers have lost it.
#pragma once

#include "formats/perf_data_reader.h"
#include "merge/code_map.h"
#include "merge/native_names.h"

#include <cstdint>
#include <vector>

namespace sgperf::merge {

struct Chain {
  std::vector<uint64_t> words; // innermost first, with PERF_CONTEXT_* markers, as in perf.data
  bool repaired = false;       // a word was put in
  bool reached_user = false;   // the user's part was looked for: false = the thread has none (or is not to have one)
};

// PERF_CONTEXT_USER, _KERNEL, ..: no address.
bool is_marker(uint64_t word);

class Stacks {
public:
  // Both must live longer.
  Stacks(const CodeMap &map, NativeNames &native) : map_(map), native_(native) {}
  // Before the first record.
  void begin(const formats::PerfData &data);
  // Of a sample at the moment of its record.  Valid until the next call.
  const Chain &chain(const formats::PerfSample &sample);

private:
  // Puts the caller behind words[leaf], and takes away what follows if that is garbage.
  void repair(const formats::PerfSample &sample, size_t leaf);

  const CodeMap &map_;
  NativeNames &native_;
  std::vector<uint64_t> registers_; // of each event: which user registers its samples have
  bool repairs_ = true;             // made on x86-64
  Chain chain_;
};

} // namespace sgperf::merge
