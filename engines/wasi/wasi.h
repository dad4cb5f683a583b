/* SPDX-License-Identifier: Apache-2.0 */
/* wasi.h - WASI preview1 for engines that bring none: one context per instance, plain C, usable from any engine.
 *
 *   struct sgperf_wasi_config config = {sizeof config};
 *   config.args = args;  config.preopens = dirs;  config.preopen_count = 1;  config.exit = leave;  ...
 *   struct sgperf_wasi *wasi;  char why[256];
 *   if (sgperf_wasi_create(&config, &wasi, why, sizeof why)) log(why);
 *
 * An engine binds the imports of module SGPERF_WASI_MODULE in one of two ways:
 *   - by table: sgperf_wasi_find("fd_write") gives name, signature and one entry that takes its arguments as u64;
 *   - directly: `sgperf_wasi_fd_write(wasi, memory, memory_size, fd, iovs, n, out)`, for generated glue.  The list
 * macro SGPERF_WASI_FUNCTIONS(X) expands X(name, signature, typed parameters ...) for every function.
 *
 * MEMORY.  `memory` and `memory_size` are the guest's linear memory at the moment of the call (it may move when it
 * grows, so pass it anew with each call).  Every guest pointer is checked against it: outside = errno fault (21).
 * ERRORS.  The result is a WASI errno, 0 = success.  No function crashes, whatever the guest passes.
 * RIGHTS.  Each descriptor carries rights; a call without them fails with notcapable (76).  As in wasmtime, rights
 * asked for in path_open beyond those of the directory are dropped rather than refused, except that writing, creating
 * or truncating below a read-only preopen is refused. PATHS.   A path is resolved beneath the descriptor it starts from
 * and never leaves it: absolute paths, `..` beyond it and symbolic links that point outside fail with notcapable.
 * openat2(RESOLVE_BENEATH) where the kernel has it, else a walk by component with O_NOFOLLOW. THREADS. A context is
 * used by one thread at a time. SCOPES.  Timed by sgperf in three layers when a runtime is present
 * (docs/instrumenting.md): `wasi::fd_close` the call as the engine sees it, `wasi_table::lookup` the descriptor table,
 * `kernel::close` the system call.  A descriptor that is not in the table is passed on as close(-1), so that
 * fd_close(-1) goes all the way and its errno is the kernel's.
 */
#ifndef SGPERF_ENGINES_WASI_H
#define SGPERF_ENGINES_WASI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SGPERF_WASI_MODULE "wasi_snapshot_preview1"

struct sgperf_wasi;

struct sgperf_wasi_preopen {
  const char *guest_name; /* what the guest calls it: "." or "/data" */
  const char *host_path;  /* an existing directory */
  int writable;           /* 0 = nothing below it can be changed or created */
  int rsv;
};

/* Do not use openat2, walk the path in user space.  The environment variable SGPERF_WASI_NO_OPENAT2=1 does the same. */
#define SGPERF_WASI_NO_OPENAT2 1u

struct sgperf_wasi_config {
  size_t struct_size;
  const char *const *args;                    /* NULL-terminated, args[0] is the program's name; NULL = none */
  const char *const *env;                     /* "NAME=value", NULL-terminated; NULL = empty */
  const struct sgperf_wasi_preopen *preopens; /* descriptors 3, 4, .. in this order */
  size_t preopen_count;
  /* A path wins over a descriptor; with neither, stdin is empty and output is thrown away.  Output files are created or
   * truncated.  Descriptors are duplicated: the caller keeps its own.  Both are 0 in a zeroed struct, so a descriptor
   * counts only with its bit in `use_fds` (1 stdin, 2 stdout, 4 stderr). */
  const char *stdin_path, *stdout_path, *stderr_path;
  int stdin_fd, stdout_fd, stderr_fd;
  uint32_t use_fds;
  uint32_t flags; /* SGPERF_WASI_NO_OPENAT2 */
  uint32_t rsv;
  void *host; /* first argument of exit */
  /* proc_exit.  Must not return (longjmp, throw); no destructor and no scope of the shim is pending when it is called.
   * If it does return, or is NULL, the process is aborted. */
  void (*exit)(void *host, uint32_t code);
};

/* 0, or a negative errno and a sentence in `error` (always terminated; error may be NULL).  *out is set on success
 * only. All strings are copied. */
int sgperf_wasi_create(const struct sgperf_wasi_config *config, struct sgperf_wasi **out, char *error,
                       size_t error_size);
/* Closes every descriptor of the guest.  NULL is allowed. */
void sgperf_wasi_free(struct sgperf_wasi *wasi);

/* `args` holds one u64 per parameter (an i32 in its low half).  The result is that of the wasm function; proc_exit has
 * none. */
typedef uint32_t (*sgperf_wasi_entry)(struct sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size,
                                      const uint64_t *args);

struct sgperf_wasi_function {
  const char *name;
  const char *signature; /* parameters '>' results, in letters i = i32, I = i64: "iIii>i" */
  sgperf_wasi_entry call;
};

/* Sorted by name. */
const struct sgperf_wasi_function *sgperf_wasi_functions(size_t *count);
const struct sgperf_wasi_function *sgperf_wasi_find(const char *name); /* NULL = not a function of preview1 */
/* "badf" for 8; "?" beyond the list. */
const char *sgperf_wasi_errno_name(uint32_t wasi_errno);

/* Pointers into linear memory are u32 named p_... */
/* clang-format off */
#define SGPERF_WASI_FUNCTIONS(X)                                                                                       \
  X(args_get, "ii>i", uint32_t p_argv, uint32_t p_buf)                                                                 \
  X(args_sizes_get, "ii>i", uint32_t p_count, uint32_t p_size)                                                         \
  X(clock_res_get, "ii>i", uint32_t clock_id, uint32_t p_resolution)                                                   \
  X(clock_time_get, "iIi>i", uint32_t clock_id, uint64_t precision, uint32_t p_time)                                   \
  X(environ_get, "ii>i", uint32_t p_environ, uint32_t p_buf)                                                           \
  X(environ_sizes_get, "ii>i", uint32_t p_count, uint32_t p_size)                                                      \
  X(fd_advise, "iIIi>i", uint32_t fd, uint64_t offset, uint64_t length, uint32_t advice)                               \
  X(fd_allocate, "iII>i", uint32_t fd, uint64_t offset, uint64_t length)                                               \
  X(fd_close, "i>i", uint32_t fd)                                                                                      \
  X(fd_datasync, "i>i", uint32_t fd)                                                                                   \
  X(fd_fdstat_get, "ii>i", uint32_t fd, uint32_t p_fdstat)                                                             \
  X(fd_fdstat_set_flags, "ii>i", uint32_t fd, uint32_t fdflags)                                                        \
  X(fd_fdstat_set_rights, "iII>i", uint32_t fd, uint64_t base, uint64_t inheriting)                                    \
  X(fd_filestat_get, "ii>i", uint32_t fd, uint32_t p_filestat)                                                         \
  X(fd_filestat_set_size, "iI>i", uint32_t fd, uint64_t size)                                                          \
  X(fd_filestat_set_times, "iIIi>i", uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t fstflags)                     \
  X(fd_pread, "iiiIi>i", uint32_t fd, uint32_t p_iovs, uint32_t count, uint64_t offset, uint32_t p_nread)              \
  X(fd_prestat_dir_name, "iii>i", uint32_t fd, uint32_t p_path, uint32_t path_size)                                    \
  X(fd_prestat_get, "ii>i", uint32_t fd, uint32_t p_prestat)                                                           \
  X(fd_pwrite, "iiiIi>i", uint32_t fd, uint32_t p_iovs, uint32_t count, uint64_t offset, uint32_t p_nwritten)          \
  X(fd_read, "iiii>i", uint32_t fd, uint32_t p_iovs, uint32_t count, uint32_t p_nread)                                 \
  X(fd_readdir, "iiiIi>i", uint32_t fd, uint32_t p_buf, uint32_t buf_size, uint64_t cookie, uint32_t p_used)           \
  X(fd_renumber, "ii>i", uint32_t fd, uint32_t to)                                                                     \
  X(fd_seek, "iIii>i", uint32_t fd, uint64_t offset, uint32_t whence, uint32_t p_position)                             \
  X(fd_sync, "i>i", uint32_t fd)                                                                                       \
  X(fd_tell, "ii>i", uint32_t fd, uint32_t p_position)                                                                 \
  X(fd_write, "iiii>i", uint32_t fd, uint32_t p_iovs, uint32_t count, uint32_t p_nwritten)                             \
  X(path_create_directory, "iii>i", uint32_t fd, uint32_t p_path, uint32_t path_size)                                  \
  X(path_filestat_get, "iiiii>i", uint32_t fd, uint32_t lookup, uint32_t p_path, uint32_t path_size,                   \
    uint32_t p_filestat)                                                                                               \
  X(path_filestat_set_times, "iiiiIIi>i", uint32_t fd, uint32_t lookup, uint32_t p_path, uint32_t path_size,           \
    uint64_t atim, uint64_t mtim, uint32_t fstflags)                                                                   \
  X(path_link, "iiiiiii>i", uint32_t old_fd, uint32_t lookup, uint32_t p_old_path, uint32_t old_path_size,             \
    uint32_t new_fd, uint32_t p_new_path, uint32_t new_path_size)                                                      \
  X(path_open, "iiiiiIIii>i", uint32_t fd, uint32_t lookup, uint32_t p_path, uint32_t path_size, uint32_t oflags,      \
    uint64_t rights_base, uint64_t rights_inheriting, uint32_t fdflags, uint32_t p_fd)                                 \
  X(path_readlink, "iiiiii>i", uint32_t fd, uint32_t p_path, uint32_t path_size, uint32_t p_buf, uint32_t buf_size,    \
    uint32_t p_used)                                                                                                   \
  X(path_remove_directory, "iii>i", uint32_t fd, uint32_t p_path, uint32_t path_size)                                  \
  X(path_rename, "iiiiii>i", uint32_t fd, uint32_t p_old_path, uint32_t old_path_size, uint32_t new_fd,                \
    uint32_t p_new_path, uint32_t new_path_size)                                                                       \
  X(path_symlink, "iiiii>i", uint32_t p_target, uint32_t target_size, uint32_t fd, uint32_t p_path,                    \
    uint32_t path_size)                                                                                                \
  X(path_unlink_file, "iii>i", uint32_t fd, uint32_t p_path, uint32_t path_size)                                       \
  X(poll_oneoff, "iiii>i", uint32_t p_subscriptions, uint32_t p_events, uint32_t count, uint32_t p_nevents)            \
  X(proc_exit, "i>", uint32_t code)                                                                                    \
  X(proc_raise, "i>i", uint32_t signal)                                                                                \
  X(random_get, "ii>i", uint32_t p_buf, uint32_t size)                                                                 \
  X(sched_yield, ">i", )                                                                                               \
  X(sock_accept, "iii>i", uint32_t fd, uint32_t fdflags, uint32_t p_fd)                                                \
  X(sock_recv, "iiiiii>i", uint32_t fd, uint32_t p_iovs, uint32_t count, uint32_t riflags, uint32_t p_nread,           \
    uint32_t p_roflags)                                                                                                \
  X(sock_send, "iiiii>i", uint32_t fd, uint32_t p_iovs, uint32_t count, uint32_t siflags, uint32_t p_nwritten)         \
  X(sock_shutdown, "ii>i", uint32_t fd, uint32_t how)
/* clang-format on */

/* The direct entries.  proc_exit returns as well as the others as far as its type goes; it never does return. */
#define SGPERF_WASI_DECLARE(name, signature, ...)                                                                      \
  uint32_t sgperf_wasi_##name(struct sgperf_wasi *wasi, uint8_t *memory,                                               \
                              uint64_t memory_size __VA_OPT__(, ) __VA_ARGS__);
SGPERF_WASI_FUNCTIONS(SGPERF_WASI_DECLARE)
#undef SGPERF_WASI_DECLARE

#ifdef __cplusplus
}
#endif
#endif
