// SPDX-License-Identifier: Apache-2.0
#include "merge/stacks.h"

#include "merge/leaf_repair.h"

#include <optional>

namespace sgperf::merge {
namespace {

// <asm/perf_regs.h> of x86, also for recordings that are read elsewhere.
constexpr int x86_frame_pointer = 6, x86_stack_pointer = 7;

std::optional<uint64_t> register_of(const formats::PerfSample &sample, uint64_t mask, int number) {
  const uint64_t bit = uint64_t{1} << number;
  const auto at = static_cast<size_t>(__builtin_popcountll(mask & (bit - 1)));
  if (!(mask & bit) || at >= sample.user_regs.size()) return std::nullopt;
  return sample.user_regs[at];
}

} // namespace

bool is_marker(uint64_t word) {
  return word >= static_cast<uint64_t>(PERF_CONTEXT_MAX);
}

void Stacks::begin(const formats::PerfData &data) {
  registers_.clear();
  for (const formats::PerfEvent &event : data.events) registers_.push_back(event.attr.sample_regs_user);
  // A file without an end does not say; it is most likely this machine's.
  repairs_ = !data.swapped && (data.features.arch.empty() || data.features.arch == "x86_64");
}

const Chain &Stacks::chain(const formats::PerfSample &sample) {
  chain_ = Chain{std::move(chain_.words)};
  chain_.words.assign(sample.callchain.begin(), sample.callchain.end());
  bool user = (sample.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
  for (size_t i = 0; i < chain_.words.size(); ++i) {
    const uint64_t word = chain_.words[i];
    if (is_marker(word)) {
      user = word == static_cast<uint64_t>(PERF_CONTEXT_USER);
      chain_.reached_user = chain_.reached_user || user;
      continue;
    }
    if (!user) continue;
    chain_.reached_user = true;
    repair(sample, i);
    break;
  }
  return chain_;
}

void Stacks::repair(const formats::PerfSample &sample, size_t leaf) {
  const uint64_t mask = sample.event < registers_.size() ? registers_[sample.event] : 0;
  const auto sp = register_of(sample, mask, x86_stack_pointer);
  if (!repairs_ || sample.user_abi != PERF_SAMPLE_REGS_ABI_64 || sample.user_stack.empty() || !sp) return;
  const uint64_t ip = chain_.words[leaf];
  const CodePlace place = map_.find(sample.pid, ip, sample.time);
  NativeLeaf found;
  if (place.jit) {
    if (const auto caller = lost_caller(place.jit->code, ip - place.jit->start, sample.user_stack))
      found = {NativeLeaf::Chain::skips, *caller};
  } else if (place.mapping) {
    const formats::NativeFrame *frame = native_.frame(*place.mapping, ip);
    const auto fp = register_of(sample, mask, x86_frame_pointer);
    if (frame && fp) found = native_caller(*frame, *sp, *fp, sample.user_stack);
  }
  // What is no code was no return address.
  if (found.chain == NativeLeaf::Chain::right || !map_.find(sample.pid, found.caller - 1, sample.time)) return;
  chain_.repaired = true;
  auto &words = chain_.words;
  if (found.chain == NativeLeaf::Chain::garbage) words.resize(leaf + 1);
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(leaf) + 1, found.caller);
}

} // namespace sgperf::merge
