/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a counter of the calling thread from its perf_event_mmap_page, as the comment in linux/perf_event.h says.
 *
 * The two instructions that need hardware are parameters, so that the arithmetic is tested without any. */
#ifndef SGPERF_PMC_PAGE_H
#define SGPERF_PMC_PAGE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

struct sgp_counter_instructions {
  uint64_t (*rdpmc)(uint32_t counter);
  uint64_t (*rdtsc)(void);
};

/* The kernel writes the page on the CPU that we run on, so a compiler barrier orders the two. */
static inline uint32_t sgp_page_lock(const struct perf_event_mmap_page *page) {
  uint32_t lock = __atomic_load_n(&page->lock, __ATOMIC_RELAXED);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  return lock;
}
static inline bool sgp_page_changed(const struct perf_event_mmap_page *page, uint32_t lock) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  return __atomic_load_n(&page->lock, __ATOMIC_RELAXED) != lock;
}

enum { SGP_PAGE_ATTEMPTS = 16 }; /* each failure is a context switch or an interrupt in between */

/* The count since the event was opened; false: ask with read(). */
static inline bool sgp_page_count(const struct perf_event_mmap_page *page, const struct sgp_counter_instructions *cpu,
                                  uint64_t *out) {
  for (int i = 0; i < SGP_PAGE_ATTEMPTS; i++) {
    uint32_t lock = sgp_page_lock(page);
    uint32_t index = page->index;
    uint32_t width = page->pmc_width;
    if (!page->cap_user_rdpmc || !index || !width || width > 64) return false;
    uint64_t offset = (uint64_t)page->offset;
    uint64_t raw = cpu->rdpmc(index - 1);
    if (sgp_page_changed(page, lock)) continue;
    /* A counter of `width` bits, started at a negative value: sign-extended. */
    *out = offset + (uint64_t)((int64_t)(raw << (64 - width)) >> (64 - width));
    return true;
  }
  return false;
}

/* How long the event has existed and how long it was on a counter [ns]; false: ask with read().  Only for an event that
 * is on a counter now, which sgp_page_count() has just seen. */
static inline bool sgp_page_times(const struct perf_event_mmap_page *page, const struct sgp_counter_instructions *cpu,
                                  uint64_t *out_enabled, uint64_t *out_running) {
  for (int i = 0; i < SGP_PAGE_ATTEMPTS; i++) {
    uint32_t lock = sgp_page_lock(page);
    if (!page->cap_user_time || page->time_shift > 63) return false;
    uint64_t cycles = cpu->rdtsc();
    if (page->cap_user_time_short) cycles = page->time_cycles + ((cycles - page->time_cycles) & page->time_mask);
    uint64_t quotient = cycles >> page->time_shift;
    uint64_t rest = cycles & (((uint64_t)1 << page->time_shift) - 1);
    uint64_t delta = page->time_offset + quotient * page->time_mult + ((rest * page->time_mult) >> page->time_shift);
    uint64_t enabled = page->time_enabled + delta;
    uint64_t running = page->time_running + (page->index ? delta : 0);
    if (sgp_page_changed(page, lock)) continue;
    *out_enabled = enabled;
    *out_running = running;
    return true;
  }
  return false;
}

/* What the event would have counted between two readings, had it been on a counter all the time. */
struct sgp_reading {
  uint64_t value, enabled, running;
};
enum sgp_difference { SGP_NOT_COUNTED, SGP_COUNTED, SGP_SCALED };
static inline enum sgp_difference sgp_reading_difference(const struct sgp_reading *before,
                                                         const struct sgp_reading *after, uint64_t *out) {
  uint64_t enabled = after->enabled - before->enabled;
  uint64_t running = after->running - before->running;
  if (!running) return SGP_NOT_COUNTED; /* it never got a counter: 0 would be a lie */
  uint64_t value = after->value - before->value;
  if (running >= enabled) {
    *out = value;
    return SGP_COUNTED;
  }
  *out = (uint64_t)((double)value * ((double)enabled / (double)running) + 0.5);
  return SGP_SCALED;
}

#endif
