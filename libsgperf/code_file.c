/* SPDX-License-Identifier: Apache-2.0 */
/* The code file: what a JIT compiler told us, bytes included, so that it can be read when the process is gone.  Made at
 * the first record, by the same rules as the session; mapped sparse, no descriptor stays open. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <string.h>

static sgperf_code_header *code;
static uint64_t pages_end; /* bytes of the file that have memory */
static bool tried;
static bool perf_map, jitdump;

static const uint64_t most = 256u << 20, least = 1u << 20, without_populate = 4u << 20;

void sgp_jit_start(const char *choice) {
  if (!choice) return;
  bool both = strcmp(choice, "both") == 0;
  perf_map = both || strcmp(choice, "perfmap") == 0;
  jitdump = both || strcmp(choice, "jitdump") == 0;
}
bool sgp_jit_wants_perf_map(void) {
  return perf_map;
}
bool sgp_jit_wants_jitdump(void) {
  return jitdump;
}

static void open_file(void) {
  char name[96];
  if (tried || sgp.calls == SGP_CALLS_NONE) return;
  tried = true;
  sgp_first_use();
  int folder = sgp_folder_reopen();
  if (folder < 0) return;
  char *end = name + sizeof name;
  sgp_put_text(sgp_put_text(sgp_put_text(name, end, "code-"), end, sgp.key), end, ".sgc");
  int fd = sgp_folder_create_file(&folder, sgp.directory, name);
  if (fd >= 0) {
    uint64_t capacity = sgp.preallocated ? without_populate : most;
    const uint64_t limit = sgp_limit(RLIMIT_FSIZE); /* beyond it ftruncate is SIGXFSZ */
    while (capacity > limit) capacity /= 2;
    void *at = MAP_FAILED;
    for (; capacity >= least && at == MAP_FAILED; capacity /= 2) {
      if (sgp_ftruncate(fd, (off_t)capacity) != 0) break;
      at = sgp_mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd);
      if (at != MAP_FAILED) break;
    }
    bool usable =
        at != MAP_FAILED && (sgp.preallocated ? sgp_fallocate(fd, (off_t)capacity) == 0 : sgp_populate(at, SGP_PAGE));
    sgp_close(fd);
    if (usable) {
      sgperf_code_header *header = at;
      header->header_size = sizeof *header;
      header->pid = (uint32_t)sgp.pid;
      header->capacity = capacity;
      header->used = sizeof *header;
      pages_end = sgp.preallocated ? capacity : SGP_PAGE;
      memcpy(header->magic, SGPERF_CODE_MAGIC, sizeof header->magic);
      code = header;
    } else {
      if (at != MAP_FAILED) sgp_munmap(at, capacity);
      sgp_folder_remove_file(folder, sgp.directory, name);
    }
  }
  sgp_folder_close(folder);
}

/* Lock held. */
static int append(const sgperf_code_record *record, const char *name, const void *bytes) {
  open_file();
  uint64_t size = (sizeof *record + record->name_size + record->bytes_size + 7) & ~7ull;
  if (!code || size > UINT32_MAX || code->used + size > code->capacity) goto full;
  uint64_t end = code->used + size;
  if (end > pages_end) {
    if (!sgp_populate((char *)code + pages_end, end - pages_end)) goto full;
    pages_end = (end + SGP_PAGE - 1) & ~(uint64_t)(SGP_PAGE - 1);
  }
  char *to = (char *)code + code->used;
  memcpy(to + sizeof *record, name, record->name_size);
  if (record->bytes_size) memcpy(to + sizeof *record + record->name_size, bytes, record->bytes_size);
  sgperf_code_record copy = *record;
  copy.size = (uint32_t)size;
  memcpy(to, &copy, sizeof copy);
  __atomic_store_n(&code->used, end, __ATOMIC_RELEASE);
  sgp.header->jit_count++;
  return 0;
full:
  if (code) sgp_drop(&code->dropped);
  sgp_drop(&sgp.header->dropped.jit);
  return -ENOSPC;
}

static bool known(const struct sgperf_jit_opts *opts, size_t end) {
  return opts->sz >= end;
}
#define KNOWN(opts, member) known(opts, offsetof(struct sgperf_jit_opts, member) + sizeof((opts)->member))

int sgp_jit_register(const struct sgperf_jit_opts *opts) {
  if (!opts || !KNOWN(opts, size) || !opts->name || !opts->addr || !opts->size) return -EINVAL;
  for (size_t i = sizeof *opts; i < opts->sz; i++) /* a wish of a newer header that we cannot even read */
    if (((const char *)opts)[i]) return -E2BIG;
  uint32_t flags = KNOWN(opts, flags) ? opts->flags : 0;
  if (flags & ~SGPERF_JIT_NO_BYTES) return -E2BIG;
  const void *bytes = KNOWN(opts, code) && opts->code ? opts->code : opts->addr;
  if (!sgp_live()) return 0;
  int saved_errno = errno;
  if (!sgp_lock()) { /* a signal handler inside our slow path */
    sgp_drop(&sgp.header->dropped.jit);
    return -EBUSY;
  }
  size_t name_size = sgp_cut_utf8(opts->name, strlen(opts->name), 4096);
  struct sgp_function function = {opts->name, name_size, (uint64_t)(uintptr_t)opts->addr, opts->size, bytes};
  sgperf_code_record record = {0};
  record.kind = SGPERF_CODE_FUNCTION;
  record.time = sgp_clock_monotonic();
  record.base = function.address;
  record.length = opts->size;
  record.tid = sgp_tid();
  record.name_size = (uint32_t)name_size;
  bool keep = !(flags & SGPERF_JIT_NO_BYTES) && opts->size <= most;
  record.bytes_size = keep ? (uint32_t)opts->size : 0;
  record.flags = flags;
  int rc = append(&record, opts->name, bytes);
  if (sgp.calls != SGP_CALLS_NONE) {
    if (perf_map && !sgp_perf_map_write(&function)) sgp_drop(&sgp.header->dropped.jit);
    if (jitdump && !sgp_jitdump_write(&function)) sgp_drop(&sgp.header->dropped.jit);
  }
  sgp_unlock();
  errno = saved_errno;
  return rc;
}

int sgp_jit_unregister(const void *addr) {
  if (!addr) return -EINVAL;
  if (!sgp_live()) return 0;
  int saved_errno = errno;
  if (!sgp_lock()) { /* a signal handler inside our slow path */
    sgp_drop(&sgp.header->dropped.jit);
    return -EBUSY;
  }
  sgperf_code_record record = {0};
  record.kind = SGPERF_CODE_UNLOAD;
  record.time = sgp_clock_monotonic();
  record.base = (uint64_t)(uintptr_t)addr;
  record.tid = sgp_tid();
  int rc = append(&record, "", NULL);
  sgp_unlock();
  errno = saved_errno;
  return rc;
}

/* ---- images ---- */

/* Published and not gone yet: what says that an image goes away is its .eh_frame, what readers know is its base. Beyond
 * these many the key stands for the base; readers then see an unload of nothing they know. */
static struct {
  uint64_t key, base;
} published[1024] SGP_TABLE;

static void remember(uint64_t key, uint64_t base) {
  for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
    if (published[i].key && published[i].key != key) continue;
    published[i].key = key;
    published[i].base = base;
    return;
  }
}
static uint64_t forget(uint64_t key, bool *known) {
  for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
    if (published[i].key != key) continue;
    published[i].key = 0;
    *known = true;
    return published[i].base;
  }
  *known = false;
  return key;
}

void sgp_code_published(uint32_t kind, uint64_t time, uint64_t key, uint64_t base, uint64_t length) {
  if (!sgp_lock()) {
    sgp_drop(&sgp.header->dropped.jit);
    return;
  }
  remember(key, base);
  sgperf_code_record record = {0};
  record.kind = kind;
  record.time = time;
  record.base = base;
  record.length = length;
  record.tid = sgp_tid();
  record.bytes_size = length <= most ? (uint32_t)length : 0;
  append(&record, "", (const void *)(uintptr_t)base);
  sgp_unlock();
}

bool sgp_code_gone(uint64_t key) {
  bool known;
  if (!sgp_lock()) return false;
  sgperf_code_record record = {0};
  record.kind = SGPERF_CODE_UNLOAD;
  record.time = sgp_clock_monotonic();
  record.base = forget(key, &known);
  record.tid = sgp_tid();
  append(&record, "", NULL);
  sgp_unlock();
  return known;
}

void sgp_code_hit(uint32_t role, uint64_t time, uint64_t address, uint32_t tid, int error) {
  sgperf_code_record record = {0};
  record.kind = SGPERF_CODE_HIT;
  record.flags = role;
  record.time = time;
  record.base = address;
  record.length = (uint64_t)error;
  record.tid = tid;
  append(&record, "", NULL);
}

/* The mapping stays in the child, unused: it belongs to the parent's file. */
void sgp_jit_after_fork(void) {
  code = NULL;
  tried = false;
  memset(published, 0, sizeof published);
  sgp_perf_map_after_fork();
  sgp_jitdump_after_fork();
}
