/* SPDX-License-Identifier: Apache-2.0 */
/* Execute breakpoints of this process on itself: which thread came by, and when, without a signal and without a switch
 * of the engine.  One perf event a thread, processor and address, with a ring of one page each.
 *
 * The guest may run on a thread that was there before its code was, so every thread has its own, and threads that are
 * made later inherit those of their maker; a ring of an inherited event can only be mapped for one processor
 * (perf_event_open(2)).  The mapping keeps the event: its descriptor is closed at once, and the host's numbers stay as
 * they are.  A hit costs the thread about 5 us. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include "preload/hit_events.h"

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* 8 KiB of locked memory each; an unprivileged user has 516 KiB a processor (kernel.perf_event_mlock_kb). */
enum { MOST_RINGS = 96, RING_BYTES = 2 * SGP_PAGE, MOST_THREADS = 256 };

static struct ring {
  char *memory;
  uint32_t role;
} rings[MOST_RINGS] SGP_TABLE;
static uint32_t ring_count;

static long open_event(uint64_t address, uint32_t tid, int cpu) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_BREAKPOINT;
  attr.bp_type = HW_BREAKPOINT_X;
  attr.bp_addr = address;
  attr.bp_len = sizeof(long);
  attr.sample_period = 1;
  attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  attr.exclude_kernel = 1;
  attr.exclude_hv = 1;
  attr.inherit = cpu >= 0;
  attr.use_clockid = 1;
  attr.clockid = CLOCK_MONOTONIC;
  return sgp_kernel(SYS_perf_event_open, (long)&attr, (long)tid, cpu, -1, PERF_FLAG_FD_CLOEXEC, 0);
}

/* 0, or an errno. */
static int open_ring(const struct sgp_hit_point *point, uint32_t tid, int cpu) {
  if (ring_count == MOST_RINGS) return ENOSPC;
  const long fd = open_event(point->address, tid, cpu);
  if (fd < 0) return errno;
  void *memory = sgp_mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd);
  const int error = errno;
  sgp_close((int)fd);
  if (memory == MAP_FAILED) return error;
  rings[ring_count].memory = memory;
  rings[ring_count].role = point->role;
  ring_count++;
  return 0;
}

struct linux_dirent64 {
  uint64_t ino, off;
  unsigned short reclen;
  unsigned char type;
  char name[];
};

/* This thread first: most often it is the one that goes on to call the guest. */
static uint32_t list_threads(uint32_t *tids) {
  char buffer[4096] __attribute__((aligned(8)));
  uint32_t count = 0;
  tids[count++] = sgp_tid();
  const int fd = sgp_open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return count;
  long got;
  while ((got = sgp_kernel(SYS_getdents64, fd, (long)buffer, sizeof buffer, 0, 0, 0)) > 0)
    for (long at = 0; at < got;) {
      const struct linux_dirent64 *entry = (const void *)(buffer + at);
      at += entry->reclen;
      const uint32_t tid = (uint32_t)strtoul(entry->name, NULL, 10);
      if (tid && tid != tids[0] && count < MOST_THREADS) tids[count++] = tid;
    }
  sgp_close(fd);
  return count;
}

int sgp_hits_open(const struct sgp_hit_point *points, uint32_t count) {
  uint32_t tids[MOST_THREADS];
  const uint32_t threads = list_threads(tids);
  long processors = sysconf(_SC_NPROCESSORS_CONF);
  /* Too many for rings: threads that are made later are then not seen. */
  const bool each = processors > 0 && (uint64_t)processors * threads * count <= MOST_RINGS;
  for (uint32_t t = 0; t < threads; t++)
    for (uint32_t p = 0; p < count; p++)
      for (long cpu = each ? 0 : -1; cpu < (each ? processors : 0); cpu++) {
        const int error = open_ring(&points[p], tids[t], (int)cpu);
        if (error == 0 || error == ESRCH || error == ENODEV) continue; /* it has ended; not there */
        if (t > 0 && (error == ENOSPC || error == EPERM)) return 0;    /* the limits: some threads are watched */
        /* No register is left for the unwinding return: the others tell enough. */
        if (error == ENOSPC && points[p].role == SGPERF_HIT_UNWIND) continue;
        sgp_hits_close();
        return error;
      }
  return ring_count ? 0 : ESRCH;
}

struct hit {
  struct perf_event_header header;
  uint64_t ip;
  uint32_t pid, tid;
  uint64_t time;
};

static void collect(const struct ring *ring) {
  struct perf_event_mmap_page *page = (void *)ring->memory;
  const char *data = ring->memory + SGP_PAGE;
  const uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
  uint64_t tail = page->data_tail;
  while (tail < head) {
    struct hit hit;
    char *to = (char *)&hit;
    for (size_t i = 0; i < sizeof hit; i++) to[i] = data[(tail + i) % SGP_PAGE];
    if (hit.header.size == 0) break;
    if (hit.header.type == PERF_RECORD_SAMPLE) sgp_code_hit(ring->role, hit.time, hit.ip, hit.tid, 0);
    tail += hit.header.size;
  }
  __atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
}

void sgp_hits_collect(void) {
  for (uint32_t i = 0; i < ring_count; i++) collect(&rings[i]);
}

void sgp_hits_close(void) {
  for (uint32_t i = 0; i < ring_count; i++) sgp_munmap(rings[i].memory, RING_BYTES);
  ring_count = 0;
}

void sgp_hits_after_fork(void) {
  ring_count = 0;
}
