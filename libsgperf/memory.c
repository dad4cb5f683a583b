/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the session.  The file is sparse and mapped whole; a page gets memory before anything is stored to it.
 *
 * MADV_POPULATE_WRITE (Linux 5.14) does that with an error code: on a full tmpfs a plain store would be SIGBUS, and
 * fallocate needs a file descriptor, which does not survive a host that closes all of them.  Older kernels: the session
 * is small and allocated whole while its descriptor is open (session.c), and nothing here has to be done. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <string.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static uint8_t block_ready[SGP_MAX_BLOCKS];

bool sgp_populate(void *address, size_t size) {
  if (sgp.preallocated || !size) return true;
  bool done = false;
  if (sgp.calls != SGP_CALLS_NONE) {
    uintptr_t from = (uintptr_t)address & ~(uintptr_t)(SGP_PAGE - 1);
    uintptr_t to = ((uintptr_t)address + size + SGP_PAGE - 1) & ~(uintptr_t)(SGP_PAGE - 1);
    int rc;
    do rc = sgp_madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    while (rc != 0 && errno == EINTR);
    done = rc == 0;
  }
  if (!done && sgp.header) sgp_drop(&sgp.header->dropped.memory);
  return done;
}

static bool need(void *table, uint32_t *pages, uint64_t last_byte) {
  uint32_t wanted = (uint32_t)(last_byte / SGP_PAGE) + 1;
  if (wanted <= *pages) return true;
  sgp_session_make_file();
  if (!sgp_populate((char *)table + (uint64_t)*pages * SGP_PAGE, (uint64_t)(wanted - *pages) * SGP_PAGE)) return false;
  *pages = wanted;
  return true;
}

bool sgp_need_site(uint32_t index) {
  return need(sgp.sites, &sgp.site_pages, ((uint64_t)index + 1) * sizeof *sgp.sites - 1);
}

bool sgp_need_phase(uint32_t index) {
  return need(sgp.phases, &sgp.phase_pages, ((uint64_t)index + 1) * sizeof *sgp.phases - 1);
}

/* The same pages in all ready blocks, or, if the memory is not there, a count that stays as it was: pages gained on the
 * way are asked for again next time, which costs nothing. */
static bool need_in_blocks(uint64_t first_byte, uint32_t *pages, uint64_t last_byte) {
  uint32_t wanted = (uint32_t)((last_byte - first_byte) / SGP_PAGE) + 1;
  if (wanted <= *pages) return true;
  uint32_t count = sgp.block_capacity;
  for (uint32_t i = 0; i < count; i++) {
    if (!block_ready[i]) continue;
    char *from = (char *)sgp_block(i) + first_byte + (uint64_t)*pages * SGP_PAGE;
    if (!sgp_populate(from, (uint64_t)(wanted - *pages) * SGP_PAGE)) return false;
  }
  *pages = wanted;
  return true;
}

bool sgp_need_slot(uint32_t index) {
  return need_in_blocks(0, &sgp.slot_pages, offsetof(sgperf_block, slots) + ((uint64_t)index + 1) * 64 - 1);
}

bool sgp_need_histogram(uint32_t index) {
  if (index >= sgp.histogram_capacity) return false;
  uint64_t area = sgp.histogram_offset;
  return need_in_blocks(area, &sgp.histogram_pages, area + ((uint64_t)index + 1) * SGP_HISTOGRAM_BYTES - 1);
}

bool sgp_block_is_ready(uint32_t index) {
  return block_ready[index];
}

bool sgp_block_prepare(uint32_t index) {
  if (block_ready[index]) return true;
  sgp_session_make_file();
  char *block = (char *)sgp_block(index);
  if (!sgp_populate(block, (uint64_t)sgp.slot_pages * SGP_PAGE)) return false;
  if (sgp.histogram_pages && !sgp_populate(block + sgp.histogram_offset, (uint64_t)sgp.histogram_pages * SGP_PAGE))
    return false;
  block_ready[index] = 1;
  sgp_histograms_of_block((sgperf_block *)(void *)block);
  return true;
}

void sgp_memory_forget_blocks(void) {
  memset(block_ready, 0, sizeof block_ready);
}

/* The last moment at which memory can be asked for: room for some more threads, sites and phases.  What does not fit
 * afterwards is counted as dropped. */
void sgp_memory_prepare_for_seccomp(void) {
  enum { SPARE_BLOCKS = 16, SPARE_SITES = 128, SPARE_PHASES = 64 };
  uint32_t sites = sgp.header->site_count + SPARE_SITES;
  if (sites > sgp.site_capacity) sites = sgp.site_capacity;
  sgp_need_site(sites - 1);
  sgp_need_slot(sites - 1);
  uint32_t phases = sgp.header->phase_count + SPARE_PHASES;
  if (phases > sgp.phase_capacity) phases = sgp.phase_capacity;
  sgp_need_phase(phases - 1);
  uint32_t first = sgp.header->block_count;
  for (uint32_t i = first; i < first + SPARE_BLOCKS && i < sgp.block_capacity; i++)
    if (!sgp_block_prepare(i)) break;
}
