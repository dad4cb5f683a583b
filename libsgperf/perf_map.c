/* SPDX-License-Identifier: Apache-2.0 */
/* SGPERF_JIT=perfmap: /tmp/perf-<pid>.map, as perf reads it.  The file is opened for each line: a descriptor that stays
 * open could be closed by the host and its number be the host's own file the next time. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <string.h>

static bool made, refused;
static dev_t device;
static ino_t inode;

void sgp_perf_map_after_fork(void) {
  made = refused = false;
}

static char *put_hex(char *to, uint64_t number) {
  char digits[17];
  int n = 0;
  do digits[n++] = "0123456789abcdef"[number & 15];
  while (number >>= 4);
  while (n) *to++ = digits[--n];
  return to;
}

bool sgp_perf_map_write(const struct sgp_function *function) {
  char path[48], line[640];
  if (refused) return false;
  char *end = path + sizeof path;
  sgp_put_text(sgp_put_number(sgp_put_text(path, end, "/tmp/perf-"), end, (uint64_t)sgp.pid), end, ".map");
  /* Somebody else's file of that name, perhaps the engine's own map, is left alone. */
  int fd = sgp_open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (made ? 0 : O_CREAT | O_EXCL), 0600);
  struct stat st;
  if (fd < 0 || sgp_fstat(fd, &st) != 0 || (made && (st.st_dev != device || st.st_ino != inode))) {
    if (fd >= 0) sgp_close(fd);
    refused = true;
    return false;
  }
  made = true;
  device = st.st_dev;
  inode = st.st_ino;
  char *at = put_hex(line, function->address);
  *at++ = ' ';
  at = put_hex(at, function->size);
  *at++ = ' ';
  size_t length = sgp_cut_utf8(function->name, function->name_size, 512);
  for (size_t i = 0; i < length; i++) *at++ = (unsigned char)function->name[i] < ' ' ? ' ' : function->name[i];
  *at++ = '\n';
  ssize_t size = at - line;
  bool done = sgp_write(fd, line, (size_t)size) == size;
  sgp_close(fd);
  return done;
}
