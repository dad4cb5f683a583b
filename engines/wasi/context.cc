// SPDX-License-Identifier: Apache-2.0
// Creating and freeing a context: what the guest finds open when it starts.
#include "engines/wasi/context.h"
#include "engines/wasi/kernel.h"
#include "engines/wasi/path.h"

#include <cstdarg>
#include <cstdlib>
#include <new>

using namespace sgperf::wasi;

namespace {

struct Complaint {
  char *text;
  size_t size;
  // Writes the sentence and returns the negative errno that create() is to return.
  __attribute__((format(printf, 3, 4))) int operator()(int host_errno, const char *format, ...) const {
    if (text && size) {
      va_list list;
      va_start(list, format);
      vsnprintf(text, size, format, list);
      va_end(list);
    }
    return -host_errno;
  }
};

void copy_strings(const char *const *from, std::vector<std::string> &to) {
  for (; from && *from; from++) to.emplace_back(*from);
}

// Descriptors 0, 1, 2.
int add_stdio(sgperf_wasi &wasi, const sgperf_wasi_config &config, int number, const Complaint &complain) {
  static const char *const names[] = {"stdin", "stdout", "stderr"};
  const char *const paths[] = {config.stdin_path, config.stdout_path, config.stderr_path};
  const int fds[] = {config.stdin_fd, config.stdout_fd, config.stderr_fd};
  int host = -1;
  if (paths[number]) {
    host = number == 0 ? ::open(paths[number], O_RDONLY | O_CLOEXEC)
                       : ::open(paths[number], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (host < 0)
      return complain(errno, "guest's %s: expected a file that can be %s at '%s', found errno %d (%s); check the path",
                      names[number], number == 0 ? "read" : "written", paths[number], errno, strerror(errno));
  } else if (config.use_fds & (1u << number)) {
    host = ::fcntl(fds[number], F_DUPFD_CLOEXEC, 0);
    if (host < 0)
      return complain(errno, "guest's %s: expected an open descriptor, found %d (%s)", names[number], fds[number],
                      strerror(errno));
  } else {
    host = ::open("/dev/null", (number == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
    if (host < 0) return complain(errno, "guest's %s: cannot open /dev/null (%s)", names[number], strerror(errno));
  }
  Descriptor descriptor;
  descriptor.host = host;
  descriptor.base = right::file & ~(number == 0 ? right::fd_write | right::fd_allocate | right::fd_filestat_set_size
                                                : uint64_t{right::fd_read});
  // A libc takes "character device without the right to seek" for a terminal.
  if (::isatty(host)) descriptor.base &= ~right::seeking;
  uint32_t fd = 0;
  return wasi.table.insert(std::move(descriptor), fd) == Errno::success ? 0 : complain(ENOMEM, "out of memory");
}

int add_preopen(sgperf_wasi &wasi, const sgperf_wasi_preopen &preopen, const Complaint &complain) {
  if (!preopen.guest_name || !preopen.host_path)
    return complain(EINVAL, "preopened directory: expected a guest name and a host path, found NULL");
  int host = ::open(preopen.host_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (host < 0)
    return complain(errno, "preopened directory: expected a readable directory at '%s', found errno %d (%s)",
                    preopen.host_path, errno, strerror(errno));
  Descriptor descriptor;
  descriptor.host = host;
  descriptor.type = filetype::directory;
  descriptor.typed = true;
  descriptor.preopen = true;
  descriptor.base = right::directory;
  descriptor.inheriting = right::directory | right::file;
  if (!preopen.writable) {
    descriptor.base &= ~right::changing;
    descriptor.inheriting &= ~right::changing;
  }
  descriptor.guest_name = preopen.guest_name;
  uint32_t fd = 0;
  return wasi.table.insert(std::move(descriptor), fd) == Errno::success ? 0 : complain(ENOMEM, "out of memory");
}

int fill(sgperf_wasi &wasi, const sgperf_wasi_config &config, const Complaint &complain) {
  copy_strings(config.args, wasi.args);
  copy_strings(config.env, wasi.env);
  wasi.host = config.host;
  wasi.exit = config.exit;
  const char *no_openat2 = getenv("SGPERF_WASI_NO_OPENAT2");
  wasi.use_openat2 = !(config.flags & SGPERF_WASI_NO_OPENAT2) && !(no_openat2 && *no_openat2 == '1') && has_openat2();
  for (int number = 0; number < 3; number++)
    if (int error = add_stdio(wasi, config, number, complain)) return error;
  for (size_t i = 0; i < config.preopen_count; i++)
    if (int error = add_preopen(wasi, config.preopens[i], complain)) return error;
  return 0;
}

} // namespace

int sgperf_wasi_create(const sgperf_wasi_config *config, sgperf_wasi **out, char *error, size_t error_size) {
  const Complaint complain{error, error_size};
  if (error && error_size) *error = 0;
  // The first version of the struct is the smallest there is: an older caller cannot exist.
  if (!config || !out || config->struct_size < sizeof *config)
    return complain(EINVAL, "sgperf_wasi_config: expected at least %zu bytes, found %zu; rebuild the caller",
                    sizeof *config, config ? config->struct_size : 0);
  try {
    auto *wasi = new sgperf_wasi;
    if (int failed = fill(*wasi, *config, complain)) {
      delete wasi;
      return failed;
    }
    *out = wasi;
    return 0;
  } catch (const std::bad_alloc &) {
    return complain(ENOMEM, "out of memory");
  }
}

void sgperf_wasi_free(sgperf_wasi *wasi) {
  delete wasi;
}
