/* SPDX-License-Identifier: Apache-2.0 */
/* The process's own view of its session. */
#include "libsgperf/runtime.h"

#include <errno.h>
#include <string.h>

/* ns per timer unit, from the start of the session to now: no sleeping, and the longer it ran the better. */
static double ns_per_unit(void) {
  if (sgp.timer != SGPERF_TIMER_TSC) return 1;
  sgperf_anchor now;
  sgp_anchor(&now);
  if (!now.uncertainty) now = sgp.header->end; /* taken when the clocks stopped */
  const sgperf_anchor *start = &sgp.header->start;
  if (now.tsc <= start->tsc || now.monotonic_raw <= start->monotonic_raw) return 1;
  return (double)(now.monotonic_raw - start->monotonic_raw) / (double)(now.tsc - start->tsc);
}

static void add_blocks(sgperf_row *row, uint32_t id) {
  uint64_t min_inv = 0;
  uint32_t blocks = __atomic_load_n(&sgp.header->block_count, __ATOMIC_ACQUIRE);
  for (uint32_t b = 0; b < blocks; b++) {
    if (!sgp_block_is_ready(b)) continue;
    const sgperf_slot *slot = sgp_block(b)->slots + id;
    uint64_t count = __atomic_load_n(&slot->count, __ATOMIC_RELAXED);
    if (!count) continue;
    row->threads++;
    row->count += count;
    row->total += __atomic_load_n(&slot->total, __ATOMIC_RELAXED);
    row->self += __atomic_load_n(&slot->self, __ATOMIC_RELAXED);
    uint64_t max = __atomic_load_n(&slot->max, __ATOMIC_RELAXED);
    if (max > row->max) row->max = max;
    uint64_t inverted = __atomic_load_n(&slot->min_inv, __ATOMIC_RELAXED);
    if (inverted > min_inv) min_inv = inverted;
  }
  row->min = min_inv ? ~min_inv : 0;
  if ((int64_t)row->self < 0) row->self = 0; /* interleaved fibers can take more from a parent than it had */
}

long sgp_snapshot(sgperf_row *rows, size_t capacity, size_t row_size) {
  if (capacity && (!rows || row_size < sizeof(sgperf_row))) return -EINVAL;
  if (!sgp_live()) return 0;
  double scale = ns_per_unit();
  uint32_t sites = __atomic_load_n(&sgp.header->site_count, __ATOMIC_ACQUIRE);
  size_t count = 0;
  for (uint32_t id = 1; id < sites; id++) {
    const sgperf_site_record *site = &sgp.sites[id];
    uint32_t kind = site->flags & SGPERF_SITE_KIND;
    if (!__atomic_load_n(&site->ready, __ATOMIC_ACQUIRE) || kind == SGPERF_SITE_PHASE) continue;
    sgperf_row row;
    memset(&row, 0, sizeof row);
    if (count < capacity || id == SGP_OTHER_SITES) add_blocks(&row, id);
    if (id == SGP_OTHER_SITES && !row.count) continue; /* the table was never full */
    if (count < capacity) {
      memcpy(row.name, site->name, sizeof row.name);
      row.kind = kind;
      if (kind == SGPERF_SITE_SCOPE) {
        row.total = (uint64_t)((double)row.total * scale);
        row.self = (uint64_t)((double)row.self * scale);
        row.min = (uint64_t)((double)row.min * scale);
        row.max = (uint64_t)((double)row.max * scale);
      }
      /* A newer header may have longer rows: what it knows and we do not is zero. */
      char *to = (char *)rows + count * row_size;
      memset(to, 0, row_size);
      memcpy(to, &row, sizeof row);
    }
    count++;
  }
  return (long)count;
}
