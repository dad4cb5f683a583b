// SPDX-License-Identifier: Apache-2.0
#include "run/perf_attr.h"

#include <asm/perf_regs.h>
#include <time.h>

#include <array>

namespace sgperf::run {
namespace {

// All that an unwinder needs later: the general registers, sp and ip.
#if defined(__x86_64__)
constexpr uint64_t registers =
    ((uint64_t{1} << PERF_REG_X86_64_MAX) - 1) & ~((uint64_t{1} << PERF_REG_X86_DS) | (uint64_t{1} << PERF_REG_X86_ES) |
                                                   (uint64_t{1} << PERF_REG_X86_FS) | (uint64_t{1} << PERF_REG_X86_GS));
#elif defined(__aarch64__)
constexpr uint64_t registers = (uint64_t{1} << PERF_REG_ARM64_MAX) - 1;
#else
constexpr uint64_t registers = 0;
#endif
// For the repair of a leaf's caller: the return address is at sp, or eight bytes above it.
constexpr uint32_t stack_bytes = 64;

constexpr std::array kinds{EventKind{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
                           EventKind{"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK},
                           EventKind{"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK}};

perf_event_attr common(const AttrOptions &options) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU |
                     PERF_SAMPLE_PERIOD;
  attr.sample_id_all = 1;
  attr.disabled = 1;
  attr.enable_on_exec = options.on_exec ? 1 : 0;
  attr.inherit = 1;
  attr.exclude_kernel = options.kernel ? 0 : 1;
  attr.exclude_hv = 1;
  attr.use_clockid = 1;
  attr.clockid = CLOCK_MONOTONIC;
  return attr;
}

void add_samples(perf_event_attr &attr, const EventKind &kind, const AttrOptions &options) {
  attr.type = kind.type;
  attr.config = kind.config;
  attr.freq = 1;
  attr.sample_freq = options.frequency;
  if (!options.callchain) return;
  attr.sample_type |= PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
  attr.sample_regs_user = registers;
  attr.sample_stack_user = stack_bytes;
}

void add_tracking(perf_event_attr &attr, const AttrOptions &options) {
  attr.mmap = attr.mmap2 = attr.comm = attr.comm_exec = attr.task = 1;
  attr.build_id = 1;
  attr.watermark = 1;
  attr.wakeup_watermark = static_cast<uint32_t>(options.wakeup_bytes);
}

} // namespace

std::span<const EventKind> event_kinds() {
  return kinds;
}

perf_event_attr sampling_attr(const EventKind &kind, const AttrOptions &options) {
  perf_event_attr attr = common(options);
  add_samples(attr, kind, options);
  add_tracking(attr, options);
  return attr;
}

perf_event_attr tracking_attr(const AttrOptions &options) {
  perf_event_attr attr = common(options);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.sample_period = 1;
  add_tracking(attr, options);
  return attr;
}

perf_event_attr tagged_attr(const EventKind &kind, const AttrOptions &options) {
  perf_event_attr attr = common(options);
  add_samples(attr, kind, options);
  attr.sample_type |= PERF_SAMPLE_RAW;
  return attr;
}

perf_event_attr syscall_attr(uint64_t rate) {
  perf_event_attr attr = common({});
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_BPF_OUTPUT;
  attr.sample_period = rate;
  attr.sample_type |= PERF_SAMPLE_RAW;
  return attr;
}

} // namespace sgperf::run
