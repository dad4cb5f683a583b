/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of the session: private to the user, never the working directory, never through a link. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <string.h>

enum { TMPFS = 0x01021994 };

/* A descriptor of a folder that is ours alone, or -errno.  -EPERM: it is there but somebody else could write to it. */
static int open_private(const char *path) {
  int fd = -1;
  for (int attempt = 0; attempt < 2 && fd < 0; attempt++) {
    fd = sgp_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd < 0 && errno != ENOENT) return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
    if (fd < 0 && sgp_mkdir(path, 0700) != 0 && errno != EEXIST) return -errno;
  }
  if (fd < 0) return -errno;
  struct stat st;
  if (sgp_fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != sgp_euid() || (st.st_mode & 022) != 0) {
    sgp_close(fd);
    return -EPERM;
  }
  return fd;
}

/* A runtime folder of somebody else ($XDG_RUNTIME_DIR kept by `sudo -E`, `su`): he could exchange ours in it. */
static bool is_own_place(const char *path) {
  int fd = sgp_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  struct stat st;
  bool own = sgp_fstat(fd, &st) == 0 && st.st_uid == sgp_euid();
  sgp_close(fd);
  return own;
}

int sgp_folder_open(const char *explicit_folder, const char *runtime_folder, char *out_path, size_t size) {
  char *end = out_path + size;
  if (explicit_folder && *explicit_folder) {
    /* Relative names would follow the host's chdir(). */
    if (explicit_folder[0] != '/' || strlen(explicit_folder) >= size) return -EINVAL;
    sgp_put_text(out_path, end, explicit_folder);
    return open_private(out_path);
  }
  const char *const candidates[] = {runtime_folder, "/dev/shm", "/run", "/tmp"};
  int result = -ENODEV;
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
    struct statfs fs;
    if (!candidates[i] || candidates[i][0] != '/' || strlen(candidates[i]) > size - 32) continue;
    if (sgp.calls != SGP_CALLS_ALL) { /* not to be asked under a filter: what is on a tmpfs wherever it is */
      bool known =
          i == 1 || i == 2 || strncmp(candidates[i], "/run/", 5) == 0 || strncmp(candidates[i], "/dev/shm/", 9) == 0;
      if (!known) continue;
    } else if (sgp_statfs(candidates[i], &fs) != 0 || (unsigned long)fs.f_type != TMPFS) {
      continue;
    }
    if (i == 0 && !is_own_place(candidates[i])) continue;
    char *at = sgp_put_text(out_path, end, candidates[i]);
    at = sgp_put_text(at, end, "/sgperf-");
    sgp_put_number(at, end, sgp_euid());
    result = open_private(out_path);
    /* Not ours to write to: the next.  Planted by somebody: no session at all, a report would look here first. */
    if (result >= 0 || result == -EPERM) return result;
  }
  return result;
}

static dev_t device;
static ino_t inode;

void sgp_folder_remember(int folder) {
  struct stat st;
  if (sgp_fstat(folder, &st) != 0) return;
  device = st.st_dev;
  inode = st.st_ino;
}

/* The host may have changed its root since, or the folder may have been exchanged. */
int sgp_folder_reopen(void) {
  int fd = sgp_open(sgp.directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (fd < 0) return -errno;
  struct stat st;
  if (sgp_fstat(fd, &st) == 0 && st.st_dev == device && st.st_ino == inode) return fd;
  sgp_close(fd);
  return -EPERM;
}

int sgp_folder_create_file(int *folder, const char *path, const char *name) {
  enum { FLAGS = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW };
  int fd = *folder >= 0 ? sgp_openat(*folder, name, FLAGS, 0600) : -1;
  if (*folder < 0 || (fd < 0 && (errno == EMFILE || errno == ENFILE))) {
    /* The host has one descriptor left: give the folder's back.  Nobody else can have changed what the path means: the
     * folder is ours, and what it lies in is sticky or ours. */
    char full[320];
    char *end = full + sizeof full;
    sgp_put_text(sgp_put_text(sgp_put_text(full, end, path), end, "/"), end, name);
    if (*folder >= 0) sgp_close(*folder);
    *folder = -1;
    fd = sgp_open(full, FLAGS, 0600);
  }
  return fd >= 0 ? fd : -errno;
}

void sgp_folder_remove_file(int folder, const char *path, const char *name) {
  char full[320];
  char *end = full + sizeof full;
  sgp_put_text(sgp_put_text(sgp_put_text(full, end, path), end, "/"), end, name);
  if (folder >= 0)
    sgp_unlinkat(folder, name);
  else
    sgp_unlinkat(AT_FDCWD, full);
}

void sgp_folder_close(int folder) {
  if (folder >= 0) sgp_close(folder);
}
