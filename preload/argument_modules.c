/* SPDX-License-Identifier: Apache-2.0 */
#include "preload/argument_modules.h"

#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

static const off_t largest = 256 << 20;

static bool try_file(const char *path, const void *image, uint64_t length, sgperf_entry_points *out) {
  const int fd = sgp_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
  if (fd < 0) return false;
  bool found = false;
  struct stat status;
  char magic[4];
  if (sgp_fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= largest &&
      sgp_read(fd, magic, sizeof magic) == sizeof magic && memcmp(magic, "\0asm", sizeof magic) == 0) {
    const uint64_t size = (uint64_t)status.st_size;
    void *module = sgp_mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd);
    if (module != MAP_FAILED) {
      found = sgperf_find_entry(image, length, module, size, out);
      sgp_munmap(module, size);
    }
  }
  sgp_close(fd);
  return found;
}

bool sgp_find_entry_by_arguments(const void *image, uint64_t length, sgperf_entry_points *out) {
  char words[4096]; /* what is behind them is not looked at */
  const int fd = sgp_open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  const ssize_t got = sgp_read(fd, words, sizeof words);
  sgp_close(fd);
  bool first = true;
  for (ssize_t at = 0; at < got; first = false) {
    const char *word = words + at, *end = memchr(word, 0, (size_t)(got - at));
    if (!end) break; /* cut */
    at += end - word + 1;
    if (!first && *word && try_file(word, image, length, out)) return true;
  }
  return false;
}
