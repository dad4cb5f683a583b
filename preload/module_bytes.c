/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of modules that a host gave to an engine, kept beside the session as module-<key>-<n>.wasm: names and lines
 * come from them.  The command gives them the name of a recording's modules, which is made of a digest. */
#include "preload/engine_calls.h"

#include "libsgperf/kernel.h"

#include <string.h>

enum { MODULES = 256 };
static const uint64_t most = 256u << 20; /* bytes, of all of them */
static struct {
  uint64_t hash, size;
} kept[MODULES] SGP_TABLE; /* lock held */
static uint32_t count;
static uint64_t total;

static const char magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};

/* FNV-1a in words: tells modules of one process apart, at 2 GB/s. */
static uint64_t hash_of(const uint8_t *bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325u;
  size_t at = 0;
  for (uint64_t word; size - at >= sizeof word; at += sizeof word) {
    memcpy(&word, bytes + at, sizeof word);
    hash = (hash ^ word) * 0x100000001b3u;
    hash ^= hash >> 29;
  }
  for (; at < size; at++) hash = (hash ^ bytes[at]) * 0x100000001b3u;
  return hash;
}

static bool put_bytes(int fd, const uint8_t *bytes, size_t size, off_t at) {
  while (size) {
    const ssize_t put = sgp_kernel(SYS_pwrite64, fd, (long)bytes, (long)size, at, 0, 0);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes += put;
    size -= (size_t)put;
    at += put;
  }
  return true;
}

static bool write_file(const uint8_t *bytes, size_t size, uint32_t number) {
  char path[sizeof sgp.directory], name[96];
  if (size > sgp_limit(RLIMIT_FSIZE)) return false; /* beyond it a write is SIGXFSZ */
  int folder = sgp_folder_open(sgp.directory, NULL, path, sizeof path);
  if (folder < 0) return false;
  char *const end = name + sizeof name;
  char *at = sgp_put_text(sgp_put_text(sgp_put_text(name, end, "module-"), end, sgp.key), end, "-");
  sgp_put_text(sgp_put_number(at, end, number), end, ".wasm");
  const int fd = sgp_folder_create_file(&folder, path, name);
  bool good = fd >= 0;
  if (good) {
    /* The first bytes last: what is not whole is no module. */
    good =
        put_bytes(fd, bytes + sizeof magic, size - sizeof magic, sizeof magic) && put_bytes(fd, bytes, sizeof magic, 0);
    sgp_close(fd);
    if (!good) sgp_folder_remove_file(folder, path, name);
  }
  sgp_folder_close(folder);
  return good;
}

void sgp_module_bytes(const void *bytes, size_t size) {
  if (!bytes || size < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0) return;
  if (!sgp_live() || sgp.calls != SGP_CALLS_ALL) return;
  const int saved_errno = errno;
  const uint64_t hash = hash_of(bytes, size);
  if (!sgp_lock()) return;
  bool known = false;
  for (uint32_t i = 0; i < count && !known; i++) known = kept[i].hash == hash && kept[i].size == size;
  const bool room = count < MODULES && size <= most - total;
  const uint32_t number = count;
  if (!known && room) {
    kept[count].hash = hash;
    kept[count++].size = size;
    total += size;
  }
  sgp_unlock();
  /* Written without the lock: this takes milliseconds. */
  if (!known && (!room || !write_file(bytes, size, number))) sgp_drop(&sgp.header->dropped.jit);
  errno = saved_errno;
}

void sgp_modules_after_fork(void) {
  count = 0;
  total = 0;
}
