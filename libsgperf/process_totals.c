/* SPDX-License-Identifier: Apache-2.0 */
/* What a process has read and written and how many threads it has, at its end: from /proc, since no call tells. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <stdlib.h>
#include <string.h>

static bool read_file(const char *path, char *out, size_t size) {
  const int fd = sgp_open(path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  const ssize_t got = sgp_read(fd, out, size - 1);
  sgp_close(fd);
  if (got <= 0) return false;
  out[got] = 0;
  return true;
}

/* "rchar: 123" at the start of a line. */
static bool number_of(const char *text, const char *name, uint64_t *out) {
  const size_t length = strlen(name);
  for (const char *line = text; line; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, name, length) != 0 || line[length] != ':') continue;
    *out = strtoull(line + length + 1, NULL, 10);
    return true;
  }
  return false;
}

void sgp_process_totals(sgperf_totals *out) {
  char text[512];
  if (sgp.calls != SGP_CALLS_ALL) return;
  if (read_file("/proc/self/io", text, sizeof text) && number_of(text, "rchar", &out->read_bytes) &&
      number_of(text, "wchar", &out->written_bytes) && number_of(text, "read_bytes", &out->storage_read_bytes) &&
      number_of(text, "write_bytes", &out->storage_written_bytes))
    out->flags |= SGPERF_TOTALS_IO;
  /* The links of this folder are its own two and one a thread; /proc/self/stat has the number too, and takes the kernel
   * three times as long. */
  struct stat task;
  if (sgp_stat("/proc/self/task", &task) == 0 && task.st_nlink > 2) {
    out->threads = (uint32_t)task.st_nlink - 2;
    out->flags |= SGPERF_TOTALS_THREADS;
  }
}
