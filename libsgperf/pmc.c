/* SPDX-License-Identifier: Apache-2.0 */
/* Performance counters of phases (SGPERF_PHASE_PMC): each thread that runs phases counts what it does itself.
 *
 * The only descriptors that this library keeps: opened at a thread's first phase, moved out of the way of the host's
 * own low numbers, closed with the thread, in the child of a fork, before a seccomp filter comes and when detaching.  A
 * host may close everything it did not open and use the numbers again, so before each use a descriptor must say the
 * event id that it had when it was opened; one that does not is forgotten and never touched again.  (Between that
 * question and the read, another thread of the host could exchange it: a window of less than a microsecond.)
 *
 * All functions but sgp_pmc_start() are called with the lock held. */
#include "libsgperf/kernel.h"
#include "libsgperf/pmc_page.h"
#include "libsgperf/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
  GROUP_HARDWARE = 4, /* general counters of a CPU of which one may be taken; bigger groups are never scheduled */
  OUT_OF_THE_WAY = 128,
  MAX_DESCRIPTORS = 512 /* of the process, and never more than a quarter of RLIMIT_NOFILE */
};

/* Counts of the kernel alone would be 0 with `exclude_kernel`, and time has no such part: no suffix for these. */
static const struct event {
  const char *name;
  uint32_t type;
  uint32_t config;
  bool has_sides;
  bool in_kernel;
} events[] = {
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, true, false},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, true, false},
    {"cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES, true, false},
    {"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, true, false},
    {"branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, true, false},
    {"branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, true, false},
    {"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, false, false},
    {"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, true, false},
    {"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, false, true},
    {"cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, false, true},
    {"minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN, true, false},
    {"major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ, true, false},
};

/* What was asked for. */
static struct request {
  const struct event *event;
  bool user_only, kernel_only;
  bool refused; /* will not work on any thread; the note has the reason */
} requests[SGP_PMC];
static uint32_t request_count;

/* What a thread has, by the index of its block. */
struct counter {
  int fd;        /* -1 = none */
  uint32_t lead; /* index of the first event of its group: that one is read */
  uint64_t id;
  struct perf_event_mmap_page *page; /* NULL: no reading without a system call */
};
static struct thread_counters {
  uint32_t opened; /* a number of its own for each set, 0 = none */
  uint32_t tid;
  struct counter counter[SGP_PMC];
} threads[SGP_MAX_BLOCKS] SGP_TABLE;
static uint32_t threads_end; /* no set is open from here on */
static uint32_t last_opened;
static uint32_t descriptors, descriptor_limit;
static bool stopped;

/* ---- the reason, for people ---- */

/* Appends "name: reason" to the session's note: whole, or with the errno's name alone, or not at all.  What every event
 * met is in header.pmc_errors. */
static void note(const char *name, const char *reason) {
  static const char subject[] = "phase counters: ";
  char *whole = sgp.header->note, *end = whole + sizeof sgp.header->note;
  char text[128];
  char *at = text;
  if (name) at = sgp_put_text(sgp_put_text(text, text + sizeof text, name), text + sizeof text, ": ");
  sgp_put_text(at, text + sizeof text, reason);
  if (strstr(whole, text)) return;
  size_t used = strlen(whole);
  const char *between = strstr(whole, subject) ? "; " : used ? "; phase counters: " : subject;
  size_t room = sizeof sgp.header->note - used;
  if (strlen(between) + strlen(text) >= room) {
    at[strcspn(at, ":")] = 0;
    if (strlen(between) + strlen(text) >= room || strstr(whole, text)) return;
  }
  sgp_put_text(sgp_put_text(whole + used, end, between), end, text);
}

static const char *why(const struct request *r, int error) {
  switch (error) {
  case ENOENT:
    return "ENOENT: this CPU or virtual machine offers no such event";
  case EOPNOTSUPP:
    return "EOPNOTSUPP: this CPU or virtual machine cannot count that";
  case ENODEV:
    return "ENODEV: this CPU has no performance counters";
  case EACCES:
  case EPERM:
    if (r->event->in_kernel || r->kernel_only) return "EACCES: perf_event_paranoid > 1";
    return "EACCES: not allowed: see perf_event_paranoid, or a container's seccomp profile";
  case ENOSYS:
    return "ENOSYS: this kernel has no perf_event_open";
  case EMFILE:
  case ENFILE:
    return "EMFILE: too few file descriptors";
  case EINVAL:
    return "EINVAL: the kernel knows no such event";
  case EBUSY:
    return "EBUSY: all counters are taken";
  default:
    return "perf_event_open failed";
  }
}

static void label(uint32_t n, const char *suffix) {
  char *to = sgp.header->pmc_names[n], *end = to + sizeof sgp.header->pmc_names[n];
  sgp_put_text(sgp_put_text(to, end, requests[n].event->name), end, suffix);
}

static void refuse(uint32_t n, int error) {
  requests[n].refused = true;
  sgp.header->pmc_errors[n] = error;
  note(sgp.header->pmc_names[n], why(&requests[n], error));
}

/* ---- start ---- */

static void parse_one(const char *text, size_t length) {
  char name[32] = {0};
  memcpy(name, text, length < sizeof name ? length : sizeof name - 1);
  if (request_count == SGP_PMC) {
    note(name, "left out: at most 8 events");
    return;
  }
  struct request r = {0};
  size_t plain = length;
  if (length > 2 && text[length - 2] == ':') {
    r.user_only = text[length - 1] == 'u';
    r.kernel_only = text[length - 1] == 'k';
    if (r.user_only || r.kernel_only) plain -= 2;
  }
  for (size_t i = 0; i < sizeof events / sizeof *events; i++)
    if (strlen(events[i].name) == plain && memcmp(events[i].name, text, plain) == 0) r.event = &events[i];
  if (!r.event) {
    note(name, "no such event: see SGPERF_PHASE_PMC in instrumenting.md");
    return;
  }
  requests[request_count] = r;
  label(request_count, r.user_only ? ":u" : r.kernel_only ? ":k" : "");
  if ((r.user_only || r.kernel_only) && !r.event->has_sides) {
    requests[request_count].refused = true;
    sgp.header->pmc_errors[request_count] = EINVAL;
    note(name, "has no user and kernel part: leave the suffix out");
  }
  request_count++;
}

void sgp_pmc_start(const char *list) {
  if (!list) return;
  while (*list) {
    size_t length = strcspn(list, ",");
    if (length) parse_one(list, length);
    list += length + (list[length] == ',');
  }
  if (request_count && sgp.calls != SGP_CALLS_ALL) note(NULL, "not opened: seccomp");
}

/* ---- descriptors ---- */

static bool ours(const struct counter *c) {
  uint64_t id = 0;
  return c->fd >= 0 && sgp_ioctl(c->fd, PERF_EVENT_IOC_ID, &id) == 0 && id == c->id;
}

static void close_counter(struct counter *c, bool mapped) {
  if (c->fd < 0) return;
  if (ours(c)) sgp_close(c->fd);
  if (c->page && mapped) sgp_munmap(c->page, SGP_PAGE);
  c->page = NULL;
  c->fd = -1;
  descriptors--;
}

static void close_set(struct thread_counters *t, bool mapped) {
  if (!t->opened) return;
  for (uint32_t n = request_count; n-- > 0;) close_counter(&t->counter[n], mapped); /* the first of a group last */
  t->opened = 0;
}

static void close_all(bool mapped) {
  for (uint32_t i = 0; i < threads_end; i++) close_set(&threads[i], mapped);
  threads_end = 0;
}

static bool may_open(void) {
  if (!descriptor_limit) {
    uint64_t all = sgp_limit(RLIMIT_NOFILE);
    descriptor_limit = all / 4 < MAX_DESCRIPTORS ? (uint32_t)(all / 4) : (uint32_t)MAX_DESCRIPTORS;
  }
  return descriptors < descriptor_limit;
}

/* A descriptor, or -errno. */
static int open_event(const struct request *r, bool user_only, int group) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = PERF_ATTR_SIZE_VER5; /* all that is used here is older */
  attr.type = r->event->type;
  attr.config = r->event->config;
  attr.exclude_kernel = attr.exclude_hv = user_only;
  attr.exclude_user = r->kernel_only;
  attr.read_format =
      PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  if (!may_open()) return -EMFILE;
  int low = (int)sgp_kernel(SYS_perf_event_open, (long)&attr, 0, -1, group, PERF_FLAG_FD_CLOEXEC, 0);
  if (low < 0) return -errno;
  if (low >= OUT_OF_THE_WAY) return low;
  int fd = sgp_fcntl(low, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
  if (fd < 0) fd = sgp_fcntl(low, F_DUPFD_CLOEXEC, 3); /* never stdin, stdout, stderr of a host that has closed them */
  int error = errno;
  sgp_close(low);
  return fd < 0 ? -error : fd;
}

/* As asked for; without the kernel's part where that is refused and the rest means something. */
static int open_request(uint32_t n, int group) {
  struct request *r = &requests[n];
  int fd = open_event(r, r->user_only, group);
  bool denied = fd == -EACCES || fd == -EPERM;
  if (!denied || r->user_only || r->kernel_only || r->event->in_kernel) return fd;
  fd = open_event(r, true, group);
  if (fd < 0 || !r->event->has_sides) return fd;
  r->user_only = true;
  label(n, ":u");
  note(NULL, ":u only (perf_event_paranoid)");
  return fd;
}

static void open_set(struct thread_counters *t) {
  uint32_t hardware_lead = SGP_PMC, software_lead = SGP_PMC, in_group = 0;
  bool any = false;
  for (uint32_t n = 0; n < request_count; n++) {
    struct request *r = &requests[n];
    struct counter *c = &t->counter[n];
    *c = (struct counter){.fd = -1};
    if (r->refused) continue;
    bool hardware = r->event->type == PERF_TYPE_HARDWARE;
    /* Reading a group that another software event leads leaves a task clock as it was when the thread was last switched
     * in: 0 after 300 us of work, right when it leads itself (Linux 6.18). */
    uint32_t alone = SGP_PMC;
    bool clock = !hardware && r->event->config == PERF_COUNT_SW_TASK_CLOCK;
    uint32_t *lead = hardware ? &hardware_lead : clock ? &alone : &software_lead;
    if (hardware && in_group == GROUP_HARDWARE) *lead = SGP_PMC;
    int fd = open_request(n, *lead < SGP_PMC ? t->counter[*lead].fd : -1);
    if (fd == -EINVAL && *lead < SGP_PMC) { /* this CPU has fewer counters: a group of its own */
      *lead = SGP_PMC;
      fd = open_request(n, -1);
    }
    if (fd == -EMFILE || fd == -ENFILE || fd == -EBUSY || fd == -ENOMEM) { /* this thread's trouble, not the event's */
      note(r->event->name, why(r, -fd));
      continue;
    }
    if (fd < 0) {
      refuse(n, -fd);
      continue;
    }
    if (sgp_ioctl(fd, PERF_EVENT_IOC_ID, &c->id) != 0) { /* Linux before 3.12 */
      sgp_close(fd);
      refuse(n, ENOSYS);
      continue;
    }
    c->fd = fd;
    descriptors++;
    any = true;
    if (*lead == SGP_PMC) {
      *lead = n;
      if (hardware) in_group = 0;
    }
    if (hardware) in_group++;
    c->lead = *lead;
#if defined(__x86_64__)
    if (hardware) {
      void *page = sgp_mmap(NULL, SGP_PAGE, PROT_READ, MAP_SHARED, fd);
      c->page = page == MAP_FAILED ? NULL : page;
    }
#endif
  }
  if (any) {
    t->tid = sgp_tid();
    t->opened = ++last_opened;
  }
}

/* The set of the calling thread, opened now if it is its first phase. */
static struct thread_counters *mine(sgperf_block *block) {
  if (stopped || sgp.calls != SGP_CALLS_ALL || sgp_clock_stopped() || !sgp_is_session_block(block)) return NULL;
  uint32_t index = sgp_block_index(block);
  struct thread_counters *t = &threads[index];
  const sgperf_block_owner *owner = sgp_owner(block);
  if (t->opened) return t->tid == sgp_tid() ? t : NULL;
  /* A destructor that runs after ours could leave descriptors behind, and its block may be another's by now. */
  if (owner->state != SGPERF_BLOCK_LIVE || owner->tid != sgp_tid() || !sgp_thread_end_is_seen()) return NULL;
  open_set(t);
  if (t->opened && index >= threads_end) threads_end = index + 1;
  return t->opened ? t : NULL;
}

/* ---- reading ---- */

#if defined(__x86_64__)
static uint64_t rdpmc(uint32_t counter) {
  uint32_t low, high;
  __asm__ volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(counter));
  return (uint64_t)high << 32 | low;
}
static uint64_t rdtsc(void) {
  return sgperf_i_ticks();
}
static const struct sgp_counter_instructions cpu = {rdpmc, rdtsc};
#endif

/* All of a group without a system call, or nothing. */
static bool read_pages(const struct thread_counters *t, uint32_t lead, struct sgp_pmc_reading *out) {
#if defined(__x86_64__)
  uint64_t enabled = 0, running = 0;
  const struct perf_event_mmap_page *first = t->counter[lead].page;
  if (!first) return false;
  for (uint32_t n = lead; n < request_count; n++) {
    const struct counter *c = &t->counter[n];
    if (c->fd < 0 || c->lead != lead) continue;
    if (!c->page || !sgp_page_count(c->page, &cpu, &out->event[n].value)) return false;
  }
  if (!sgp_page_times(first, &cpu, &enabled, &running)) return false;
  for (uint32_t n = lead; n < request_count; n++) {
    if (t->counter[n].fd < 0 || t->counter[n].lead != lead) continue;
    out->event[n].enabled = enabled;
    out->event[n].running = running;
    out->valid |= 1u << n;
  }
  return true;
#else
  (void)t, (void)lead, (void)out;
  return false;
#endif
}

static void read_group(const struct thread_counters *t, uint32_t lead, struct sgp_pmc_reading *out) {
  struct {
    uint64_t count, enabled, running;
    struct {
      uint64_t value, id;
    } event[SGP_PMC];
  } group;
  ssize_t size = sgp_read(t->counter[lead].fd, &group, sizeof group);
  if (size < 24) return;
  for (uint64_t i = 0; i < group.count && i < SGP_PMC && 24 + (i + 1) * 16 <= (uint64_t)size; i++)
    for (uint32_t n = lead; n < request_count; n++) {
      if (t->counter[n].fd < 0 || t->counter[n].id != group.event[i].id) continue;
      out->event[n] = (struct sgp_reading){group.event[i].value, group.enabled, group.running};
      out->valid |= 1u << n;
    }
}

void sgp_pmc_read(sgperf_block *block, struct sgp_pmc_reading *out) {
  out->valid = out->opened = 0;
  if (!request_count) return;
  struct thread_counters *t = mine(block);
  if (!t) return;
  for (uint32_t n = 0; n < request_count; n++) {
    if (t->counter[n].fd < 0 || t->counter[n].lead != n) continue;
    if (!ours(&t->counter[n])) { /* the host has closed it: our counters are over, whatever that number is now */
      close_all(true);
      stopped = true;
      note(NULL, "stopped: the program closed their descriptors");
      out->valid = 0;
      return;
    }
    if (!read_pages(t, n, out)) read_group(t, n, out);
  }
  out->opened = t->opened;
}

void sgp_pmc_store(const struct sgp_pmc_reading *before, const struct sgp_pmc_reading *after,
                   sgperf_phase_record *out) {
  if (!before->opened || before->opened != after->opened) return;
  for (uint32_t n = 0; n < request_count; n++) {
    if (!(before->valid & after->valid & 1u << n)) continue;
    enum sgp_difference how = sgp_reading_difference(&before->event[n], &after->event[n], &out->pmc[n]);
    if (how == SGP_NOT_COUNTED)
      note(requests[n].event->name, "never got a counter in a phase: others took them");
    else
      out->pmc_flags |= 1u << n;
    if (how == SGP_SCALED) out->pmc_flags |= 0x100u << n;
  }
}

bool sgp_pmc_works(sgperf_block *block) {
  struct sgp_pmc_reading now;
  sgp_pmc_read(block, &now);
  return now.valid != 0;
}

/* ---- the ends ---- */

void sgp_pmc_thread_ends(sgperf_block *block) {
  if (request_count && sgp.calls == SGP_CALLS_ALL && sgp_is_session_block(block))
    close_set(&threads[sgp_block_index(block)], true);
}

void sgp_pmc_close(void) {
  if (sgp.calls == SGP_CALLS_ALL) close_all(true);
}

/* The child has copies of the descriptors, but not of the pages: the kernel does not hand those on, and something else
 * may be mapped there by now. */
void sgp_pmc_after_fork(void) {
  if (sgp.calls == SGP_CALLS_ALL) close_all(false);
}

/* A session of its own after fork: the same events, opened again by its threads. */
void sgp_pmc_follow(sgperf_session_header *to, const sgperf_session_header *from) {
  memcpy(to->pmc_names, from->pmc_names, sizeof to->pmc_names);
  memcpy(to->pmc_errors, from->pmc_errors, sizeof to->pmc_errors);
}
