/* SPDX-License-Identifier: Apache-2.0 */
/* SGPERF_JIT=jitdump: jit-<pid>.dump for `perf inject --jit` (tools/perf/Documentation/jitdump-specification.txt). perf
 * finds the file through an executable mapping of it, so it must lie where mappings may be executable: /dev/shm is
 * often noexec in containers, then /tmp. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <elf.h>
#include <string.h>

struct dump_header {
  uint32_t magic, version, total_size, elf_machine, pad, pid;
  uint64_t timestamp, flags;
};
struct dump_load {
  uint32_t id, total_size;
  uint64_t timestamp;
  uint32_t pid, tid;
  uint64_t vma, code_address, code_size, code_index;
};
SGPERF_I_ASSERT(sizeof(struct dump_header) == 40 && sizeof(struct dump_load) == 56, "jitdump version 1");

#if defined(__aarch64__)
enum { MACHINE = EM_AARCH64 };
#else
enum { MACHINE = EM_X86_64 };
#endif

static char path[sizeof sgp.directory + 32];
static bool made, refused;
static dev_t device;
static ino_t inode;
static uint64_t next_index;

void sgp_jitdump_after_fork(void) {
  made = refused = false;
}

static int create_in(const char *folder) {
  char *end = path + sizeof path;
  char *at = sgp_put_text(sgp_put_text(path, end, folder), end, "/jit-");
  sgp_put_text(sgp_put_number(at, end, (uint64_t)sgp.pid), end, ".dump");
  int fd = sgp_open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return -1;
  struct dump_header header = {0};
  header.magic = 0x4A695444;
  header.version = 1;
  header.total_size = sizeof header;
  header.elf_machine = MACHINE;
  header.pid = (uint32_t)sgp.pid;
  header.timestamp = sgp_clock_monotonic();
  struct stat st;
  if (sgp_write(fd, &header, sizeof header) == (ssize_t)sizeof header && sgp_fstat(fd, &st) == 0 &&
      sgp_mmap(NULL, SGP_PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd) != MAP_FAILED) { /* the marker, kept mapped */
    device = st.st_dev;
    inode = st.st_ino;
    return fd;
  }
  sgp_close(fd);
  sgp_unlinkat(AT_FDCWD, path);
  return -1;
}

static int open_dump(void) {
  struct stat st;
  int fd;
  if (!made) {
    fd = create_in(sgp.directory);
    if (fd < 0) fd = create_in("/tmp");
  } else {
    fd = sgp_open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd >= 0 && (sgp_fstat(fd, &st) != 0 || st.st_dev != device || st.st_ino != inode)) {
      sgp_close(fd);
      fd = -1;
    }
  }
  made = fd >= 0;
  refused = fd < 0;
  return fd;
}

bool sgp_jitdump_write(const struct sgp_function *function) {
  if (refused) return false;
  int fd = open_dump();
  if (fd < 0) return false;
  struct dump_load load = {0};
  load.total_size = (uint32_t)(sizeof load + function->name_size + 1 + function->size);
  load.timestamp = sgp_clock_monotonic();
  load.pid = (uint32_t)sgp.pid;
  load.tid = sgp_tid();
  load.vma = load.code_address = function->address;
  load.code_size = function->size;
  load.code_index = next_index++;
  struct iovec parts[4] = {{&load, sizeof load},
                           {(void *)(uintptr_t)function->name, function->name_size},
                           {(void *)(uintptr_t) "", 1},
                           {(void *)(uintptr_t)function->code, function->size}};
  bool done = sgp_writev(fd, parts, 4) == (ssize_t)load.total_size;
  sgp_close(fd);
  return done;
}
