/* SPDX-License-Identifier: Apache-2.0 */
/* Making the session file and ending it.  Every failure here means "no session", and the host runs on. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <string.h>
#include <sys/auxv.h>

struct sgp_runtime sgp;

/* What a session created later (fork) needs again; the rest was in the environment of the start. */
static struct {
  char host[64];
  char comm[16];
  char exe[240];
  char command[1024];
  uint64_t pid_ns;
  bool preloaded;
} facts;

const char *sgp_env(const struct sgp_start *start, const char *name) {
  size_t length = strlen(name);
  for (char **entry = start->envp; entry && *entry; entry++)
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
  return NULL;
}

/* ---- geometry ---- */

struct geometry {
  uint32_t sites, phases, blocks, histograms;
};

static uint64_t round_up(uint64_t n) {
  return (n + SGP_PAGE - 1) & ~(uint64_t)(SGP_PAGE - 1);
}
static uint64_t slot_bytes(const struct geometry *g) {
  return offsetof(sgperf_block, slots) + 64ull * g->sites;
}
static uint64_t histogram_offset(const struct geometry *g) {
  return g->histograms ? round_up(slot_bytes(g)) : 0;
}
static uint64_t block_bytes(const struct geometry *g) {
  return g->histograms ? round_up(histogram_offset(g) + (uint64_t)g->histograms * SGP_HISTOGRAM_BYTES)
                       : round_up(slot_bytes(g));
}
static uint64_t fixed_bytes(const struct geometry *g) {
  return SGP_PAGE + round_up(256ull * g->sites) + round_up(256ull * g->phases);
}
static uint64_t total_bytes(const struct geometry *g) {
  return fixed_bytes(g) + block_bytes(g) * g->blocks;
}

static const struct geometry large = {SGP_MAX_SITES, 4096, SGP_MAX_BLOCKS, SGP_MAX_HISTOGRAMS};
static const struct geometry small = {512, 256, 16, 0};

/* As many blocks as fit into `limit` bytes; false if not even `least`. */
static bool shrink_to(struct geometry *g, uint64_t limit, uint32_t least) {
  if (total_bytes(g) <= limit) return true;
  if (limit <= fixed_bytes(g)) return false;
  uint64_t blocks = (limit - fixed_bytes(g)) / block_bytes(g);
  if (blocks < least) return false;
  g->blocks = (uint32_t)blocks;
  return true;
}

static uint64_t file_size_limit(void) {
  return sgp_limit(RLIMIT_FSIZE);
}

/* Sizes and maps the file, or as much memory for one that is made later (fd -1): shared, because RLIMIT_DATA counts
 * what is private.  Beyond RLIMIT_FSIZE, ftruncate would raise SIGXFSZ and end the host: so the limit is read first.
 * RLIMIT_AS is met by trying. */
static char *map_file(int fd, struct geometry *g) {
  const int flags = MAP_SHARED | MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0);
  uint64_t limit = file_size_limit();
  for (int pass = 0; pass < 2; pass++) {
    *g = pass ? small : large;
    uint32_t least = pass ? 1 : 4;
    if (!shrink_to(g, limit, least)) continue;
    for (;;) {
      if (fd >= 0 && sgp_ftruncate(fd, (off_t)total_bytes(g)) != 0) return NULL;
      void *at = sgp_mmap(NULL, total_bytes(g), PROT_READ | PROT_WRITE, flags, fd);
      if (at != MAP_FAILED) return at;
      if (errno != ENOMEM || g->blocks / 4 < least) break;
      g->blocks /= 4;
    }
  }
  return NULL;
}

static void place(char *base, const struct geometry *g) {
  sgp.base = base;
  sgp.size = total_bytes(g);
  sgp.header = (sgperf_session_header *)(void *)base;
  sgp.sites = (sgperf_site_record *)(void *)(base + SGP_PAGE);
  sgp.phases = (sgperf_phase_record *)(void *)(base + SGP_PAGE + round_up(256ull * g->sites));
  sgp.blocks = base + fixed_bytes(g);
  sgp.site_capacity = g->sites;
  sgp.phase_capacity = g->phases;
  sgp.block_capacity = g->blocks;
  sgp.block_size = block_bytes(g);
  sgp.histogram_offset = (uint32_t)histogram_offset(g);
  sgp.histogram_capacity = g->histograms;
}

/* The first pages.  Returns the mapping, which on an old kernel is another, smaller one; NULL: nothing is mapped. */
static char *first_pages(int fd, char *base, struct geometry *g) {
  place(base, g);
  sgp.header = NULL; /* nothing may be counted in a page that is not there yet */
  sgp.preallocated = false;
  /* The header only; sites, phases and blocks when there are some. */
  if (sgp_populate(base, SGP_PAGE)) {
    sgp.site_pages = sgp.phase_pages = 0;
  } else {
    int error = errno;
    uint32_t blocks = g->blocks;
    sgp_munmap(base, total_bytes(g));
    if (error != EINVAL) return NULL; /* tmpfs full */
    *g = small;
    if (g->blocks > blocks) g->blocks = blocks;
    if (sgp_ftruncate(fd, 0) != 0 || sgp_ftruncate(fd, (off_t)total_bytes(g)) != 0) return NULL;
    if (sgp_fallocate(fd, (off_t)total_bytes(g)) != 0) return NULL;
    void *at = sgp_mmap(NULL, total_bytes(g), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    if (at == MAP_FAILED) return NULL;
    base = at;
    place(base, g);
    sgp.preallocated = true;
    sgp.site_pages = (uint32_t)(round_up(256ull * g->sites) / SGP_PAGE);
    sgp.phase_pages = (uint32_t)(round_up(256ull * g->phases) / SGP_PAGE);
  }
  sgp.header = (sgperf_session_header *)(void *)base;
  return base;
}

/* ---- names ---- */

static void make_key(char *out, size_t size, uint64_t boottime) {
  char *end = out + size, *at = out;
  for (const char *c = facts.host; *c && at < out + 23; c++) {
    bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '.' ||
                 *c == '_' || *c == '-';
    *at++ = plain ? *c : '_';
  }
  at = sgp_put_text(at, end, "-");
  at = sgp_put_number(at, end, (uint64_t)sgp.pid);
  at = sgp_put_text(at, end, "-");
  sgp_put_number(at, end, boottime);
}

static void make_file_name(char *out, size_t size, const char *key) {
  char *end = out + size;
  sgp_put_text(sgp_put_text(sgp_put_text(out, end, "session-"), end, key), end, ".sgp");
}

static void fill_header(const struct geometry *g, const char *parent_key, uint32_t ppid) {
  sgperf_session_header *h = sgp.header;
  memcpy(h->magic, SGPERF_SESSION_MAGIC, 8);
  h->endian = 0x01020304;
  h->major = SGPERF_SESSION_MAJOR;
  h->minor = SGPERF_SESSION_MINOR;
  h->header_size = sizeof *h;
  h->page_size = SGP_PAGE;
  h->total_size = sgp.size;
  h->gen_begin = 1;
  h->state = SGPERF_SESSION_LIVE;
  h->pid = (uint32_t)sgp.pid;
  h->ppid = ppid;
  h->pid_ns = facts.pid_ns;
  h->uid = sgp_euid();
  h->timer = sgp.timer;
  h->site_offset = (uint64_t)((char *)sgp.sites - sgp.base);
  h->site_size = sizeof(sgperf_site_record);
  h->site_capacity = g->sites;
  h->phase_offset = (uint64_t)((char *)sgp.phases - sgp.base);
  h->phase_size = sizeof(sgperf_phase_record);
  h->phase_capacity = g->phases;
  h->block_offset = (uint64_t)(sgp.blocks - sgp.base);
  h->block_size = sgp.block_size;
  h->block_capacity = g->blocks;
  h->tls_offset = (int64_t)((uintptr_t)&sgperf_current - (uintptr_t)__builtin_thread_pointer());
  h->flags = (sgp.fork_follow ? SGPERF_SESSION_FLAG_FORK_FOLLOW : 0) |
             (sgp.calls != SGP_CALLS_ALL ? SGPERF_SESSION_FLAG_SECCOMP : 0) |
             (facts.preloaded ? SGPERF_SESSION_FLAG_PRELOADED : 0);
  if (parent_key) sgp_put_text(h->parent_key, h->parent_key + sizeof h->parent_key, parent_key);
  memcpy(h->host, facts.host, sizeof h->host);
  memcpy(h->comm, facts.comm, sizeof h->comm);
  memcpy(h->exe, facts.exe, sizeof h->exe);
  memcpy(h->command, facts.command, sizeof h->command);
}

/* In the child of a fork: the new session goes where the old one is mapped, since every module of the process has
 * cached pointers into it.  With mmap, which a filter that was inherited is known to allow. */
static bool take_place_of(const struct sgp_runtime *before, int fd, char *at_address, const struct geometry *g) {
  sgperf_session_header *h = sgp.header;
  const sgperf_session_header *old = before->header;
  char *temporary = sgp.base;
  uint32_t count = before->sites_at_fork;
  for (uint32_t i = 0; i < count; i++) {
    if (!sgp_need_site(i)) return false;
    memcpy(&sgp.sites[i], &before->sites[i], sizeof *sgp.sites);
  }
  h->site_count = count;
  h->block_count = before->blocks_at_fork;
  h->flags |= old->flags & SGPERF_SESSION_FLAG_INVARIANT_TSC;
  memcpy(h->note, old->note, sizeof h->note);
  sgp_pmc_follow(h, old);
  h->empty_scope_min = old->empty_scope_min;
  h->empty_scope_median = old->empty_scope_median;
  h->empty_scope_cost = old->empty_scope_cost;
  void *at = sgp_mmap(at_address, sgp.size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_SHARED | MAP_NORESERVE, fd);
  if (at == MAP_FAILED) return false;
  sgp_munmap(temporary, sgp.size);
  place(at_address, g);
  sgp.slot_pages = before->slot_pages;
  sgp.histogram_pages = before->histogram_pages;
  return true;
}

static bool create_in(int *folder, const char *path, char *at_address, const char *parent_key, uint32_t ppid) {
  sgperf_anchor anchor;
  struct geometry g;
  char key[sizeof sgp.key], name[96];
  int fd = -EEXIST;
  for (int attempt = 0; attempt < 3 && fd == -EEXIST; attempt++) { /* pid namespaces can repeat a pid at one time */
    sgp_anchor(&anchor);
    make_key(key, sizeof key, anchor.boottime);
    make_file_name(name, sizeof name, key);
    fd = sgp_folder_create_file(folder, path, name);
  }
  if (fd < 0) return false;

  struct sgp_runtime before = sgp;
  char *base = map_file(fd, &g);
  if (base) base = first_pages(fd, base, &g);
  bool done = base && (!at_address || total_bytes(&g) == before.size);
  if (done) {
    memcpy(sgp.key, key, sizeof key);
    fill_header(&g, parent_key, ppid);
    sgp.header->start = anchor;
    sgp.slot_pages = sgp.preallocated ? (uint32_t)(sgp.block_size / SGP_PAGE) : 1;
    sgp.histogram_pages = 0;
    if (at_address) done = take_place_of(&before, fd, at_address, &g);
  }
  sgp_close(fd);
  if (!done) {
    if (base) sgp_munmap(base, total_bytes(&g));
    sgp_folder_remove_file(*folder, path, name);
    sgp = before;
  }
  return done;
}

static void publish(void) {
  __atomic_store_n(&sgp.header->gen_end, 1, __ATOMIC_RELEASE);
}

/* ---- quiet ----
 *
 * A program that the user started has its file from the start.  What that one starts in turn, a hundred `sed` of a
 * script, mostly says nothing: its session is memory without a name until something is said, and goes with it. */

static bool create_quiet(const char *parent_key, uint32_t ppid) {
  struct geometry g;
  struct sgp_runtime before = sgp;
  sgperf_anchor anchor;
  sgp_anchor(&anchor);
  char *base = map_file(-1, &g);
  if (!base) return false;
  place(base, &g);
  sgp.header = NULL;
  if (!sgp_populate(base, SGP_PAGE)) { /* an old kernel: all has to be allocated while there is a descriptor */
    sgp_munmap(base, total_bytes(&g));
    sgp = before;
    return false;
  }
  sgp.header = (sgperf_session_header *)(void *)base;
  make_key(sgp.key, sizeof sgp.key, anchor.boottime);
  fill_header(&g, parent_key, ppid);
  sgp.header->start = anchor;
  sgp.slot_pages = 1;
  sgp.quiet = true;
  return true;
}

/* In the child of a fork, of whose parent nothing was said: no pointer into the session is known anywhere yet.  False:
 * as it was. */
bool sgp_session_follow_quietly(void) {
  const sgperf_session_header old = *sgp.header;
  const struct geometry g = {sgp.site_capacity, sgp.phase_capacity, sgp.block_capacity, sgp.histogram_capacity};
  const int parent_pid = sgp.pid;
  sgperf_anchor anchor;
  sgp_anchor(&anchor);
  if (sgp_mmap(sgp.base, sgp.size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
               -1) == MAP_FAILED ||
      !sgp_populate(sgp.base, SGP_PAGE))
    return false;
  const char *parent_key = sgp.quiet ? old.parent_key : sgp.key;
  sgp.pid = sgp_getpid();
  fill_header(&g, parent_key, (uint32_t)parent_pid);
  make_key(sgp.key, sizeof sgp.key, anchor.boottime);
  sgp.header->start = anchor;
  memcpy(sgp.header->note, old.note, sizeof old.note);
  sgp_pmc_follow(sgp.header, &old);
  sgp.site_pages = sgp.phase_pages = sgp.histogram_pages = 0;
  sgp.slot_pages = 1;
  sgp.quiet = true;
  publish();
  return true;
}

/* Something is said: the file takes the place of the memory, of which only the header has been written to.  Without a
 * file (no such folder any more, no room, no descriptor) the memory goes on, and nobody will read it.  Lock held. */
void sgp_session_make_file(void) {
  if (!sgp.quiet || sgp.calls != SGP_CALLS_ALL) return;
  sgp.quiet = false; /* one attempt */
  char name[96];
  make_file_name(name, sizeof name, sgp.key);
  if (sgp_limit(RLIMIT_FSIZE) < sgp.size) return;
  int folder = sgp_folder_reopen();
  if (folder < 0) return;
  const int fd = sgp_folder_create_file(&folder, sgp.directory, name);
  bool done = false;
  if (fd >= 0) {
    done =
        sgp_ftruncate(fd, (off_t)sgp.size) == 0 && sgp_write(fd, sgp.base, SGP_PAGE) == SGP_PAGE &&
        sgp_mmap(sgp.base, sgp.size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_SHARED | MAP_NORESERVE, fd) != MAP_FAILED;
    sgp_close(fd);
    if (!done) sgp_folder_remove_file(folder, sgp.directory, name);
  }
  sgp_folder_close(folder);
}

/* The variable by which the programs that this one starts know that they are not the first. */
const char *sgp_session_marker(void) {
  static char marker[sizeof SGP_PARENT_VARIABLE + sizeof sgp.key];
  if (!sgp_live() || sgp.header->parent_key[0]) return NULL;
  char *end = marker + sizeof marker;
  sgp_put_text(sgp_put_text(marker, end, SGP_PARENT_VARIABLE), end, sgp.key);
  return marker;
}

bool sgp_session_create(char *at_address, const char *parent_key, int parent_pid) {
  char path[sizeof sgp.directory];
  int folder = sgp_folder_open(sgp.directory, NULL, path, sizeof path);
  if (folder < 0) return false;
  bool done = create_in(&folder, path, at_address, parent_key, (uint32_t)parent_pid);
  sgp_folder_close(folder);
  if (done) publish();
  return done;
}

/* ---- start ---- */

static void read_facts(const struct sgp_start *start, const struct sgp_process *process) {
  sgp_host_name(facts.host, sizeof facts.host);
  memcpy(facts.comm, process->comm, sizeof facts.comm);
  const char *path = (const char *)getauxval(AT_EXECFN);
  if (path) sgp_put_text(facts.exe, facts.exe + sizeof facts.exe, path);
  size_t used = 0;
  for (int i = 0; i < start->argc && start->argv[i]; i++) {
    size_t length = strlen(start->argv[i]);
    size_t room = sizeof facts.command - 1 - used;
    if (!room) break;
    size_t keep = sgp_cut_utf8(start->argv[i], length, room);
    memcpy(facts.command + used, start->argv[i], keep);
    used += keep + 1;
    if (keep < length || used >= sizeof facts.command - 1) break;
  }
  const char *preload = sgp_env(start, "LD_PRELOAD");
  facts.preloaded = preload && strstr(preload, "libsgperf.so");
}

/* What costs microseconds each and a process without a scope, phase or JIT record does not need: its names under /proc,
 * 25 us, and the choice of the timer, 20 us (Linux 6.18 in a VM).  Lock held. */
void sgp_first_use(void) {
  static bool done;
  if (done) return;
  done = true;
  sgp_timer_decide();
  sgp_session_make_file();
  if (sgp.calls == SGP_CALLS_NONE) return;
  sgp.header->pid_ns = facts.pid_ns = sgp_process_pid_namespace(); /* the loader's fstat is the same call */
  if (sgp.calls != SGP_CALLS_ALL) return;
  char path[sizeof facts.exe];
  ssize_t n = sgp_readlink("/proc/self/exe", path, sizeof path - 1);
  if (n <= 0) return;
  path[n] = 0;
  memcpy(facts.exe, path, (size_t)n + 1);
  memcpy(sgp.header->exe, path, (size_t)n + 1);
}

static void at_exit(int code, void *unused) {
  (void)unused;
  sgp_session_end(code);
}

static void register_exit(void) {
  int (*next)(void (*)(int, void *), void *);
  *(void **)&next = sgp_libc("on_exit", "GLIBC_2.2.5");
  if (next) next(at_exit, NULL);
}

void sgp_session_start(const struct sgp_start *start) {
  if (getauxval(AT_SECURE)) return; /* setuid: the environment is not to be trusted, and the files would be another's */
  const char *parent = sgp_env(start, "SGPERF_PARENT"), *follow = sgp_env(start, "SGPERF_FOLLOW_EXEC");
  const bool child = parent && *parent;
  if (child && follow && strcmp(follow, "0") == 0) return;
  struct sgp_process process;
  sgp_clock_start();
  sgp_process_read(&process);
  sgp.pid = (int)sgp_getpid();
  sgp.calls = process.seccomp == 0 ? SGP_CALLS_ALL : SGP_CALLS_KNOWN;
  int folder = sgp_folder_open(sgp_env(start, "SGPERF_DIR"), sgp_env(start, "XDG_RUNTIME_DIR"), sgp.directory,
                               sizeof sgp.directory);
  if (folder < 0) return;
  const char *timer = sgp_env(start, "SGPERF_TIMER");
  sgp.wants_clock = timer && strcmp(timer, "clock") == 0;
  read_facts(start, &process);
  sgp_tid_calibrate();
  const char *fork_choice = sgp_env(start, "SGPERF_FORK");
  sgp.fork_follow = fork_choice && strcmp(fork_choice, "follow") == 0;
  sgp.fork_detach = fork_choice && strcmp(fork_choice, "0") == 0;

  sgp_folder_remember(folder);
  /* Under a filter nothing may be done later that was not done at the start. */
  bool done = child && sgp.calls == SGP_CALLS_ALL && create_quiet(parent, process.ppid);
  if (!done) done = create_in(&folder, sgp.directory, NULL, parent, process.ppid);
  sgp_folder_close(folder);
  if (!done) return;
  sgp_pmc_start(sgp_env(start, "SGPERF_PHASE_PMC"));
  sgp_selection_start(sgp_env(start, "SGPERF_SITES"), sgp_env(start, "SGPERF_HIST"));
  sgp_threads_start();
  sgp_jit_start(sgp_env(start, "SGPERF_JIT"));
  sgp_breakpoints_start(sgp_env(start, "SGPERF_BREAKPOINTS"), sgp_env(start, "SGPERF_KNOCK"));
  sgp_fork_start();
  sgp_hooks_start();
  sgp_marks_start();
  /* Registered first of all handlers, so it runs last, after every destructor of the host; and it is told the exit
   * code.  libc keeps the first 32 handlers in static memory. */
  register_exit();
  publish();
  __atomic_store_n(&sgp.mode, SGP_LIVE, __ATOMIC_RELEASE);
}

/* Stores and vDSO calls; one getrusage and two looks into /proc unless a filter may be on. */
void sgp_session_end(int exit_code) {
  if (!sgp_live()) return;
  if (sgp.calls == SGP_CALLS_ALL && (int)sgp_getpid() != sgp.pid) return; /* exit() in a child of vfork: not our end */
  sgperf_session_header *h = sgp.header;
  sgp_usage(&h->usage);
  sgp_process_totals(&h->totals);
  if (h->usage.flags & 2 && !h->note[0])
    sgp_put_text(h->note, h->note + sizeof h->note, "resource usage not read: seccomp");
  /* A lock that is taken at the end may never be given back. */
  if (sgp_try_lock()) {
    sgp_breakpoints_end();
    sgp_engine_all_end();
    sgp_process_phase_end(&h->usage);
    sgp_unlock();
  }
  sgperf_anchor end;
  sgp_anchor(&end);
  if (end.uncertainty) h->end = end; /* else the one taken when the clock stopped */
  h->exit_code = (uint32_t)exit_code & 0xff;
  h->flags |= SGPERF_SESSION_FLAG_EXIT_CODE;
  __atomic_store_n(&h->state, SGPERF_SESSION_EXITED, __ATOMIC_RELEASE);
}
