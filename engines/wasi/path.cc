// SPDX-License-Identifier: Apache-2.0
#include "engines/wasi/path.h"
#include "engines/wasi/kernel.h"
#include "engines/wasi/memory.h"

#include <cstring>
#include <new>
#include <vector>

namespace sgperf::wasi {

namespace {

constexpr int max_links = 40; // as in the kernel

// An escape is EXDEV for openat2; the walk says the same.
Errno path_error() {
  return errno == EXDEV ? Errno::notcapable : last_error();
}

int openat2_beneath(int root, const char *path, int flags, unsigned mode) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.mode = (flags & O_CREAT) ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something was renamed while `..` was resolved, and the kernel could not prove that the path stays inside.
  for (int attempt = 0;; attempt++) {
    int fd = kernel::openat2(root, path, &how);
    if (fd >= 0 || errno != EAGAIN || attempt == 100) return fd;
  }
}

// text = first + "/" + second, within PATH_MAX.
bool join(char (&text)[PATH_MAX], const char *first, size_t first_size, const char *second) {
  size_t second_size = strlen(second);
  if (first_size + 1 + second_size >= sizeof text) return false;
  memmove(text + first_size + 1, second, second_size + 1); // second may lie in text
  memmove(text, first, first_size);
  text[first_size] = '/';
  return true;
}

// The walk for kernels without openat2 (before 5.6) and for seccomp filters that refuse it.
// Keeps every directory on the way open, so that `..` goes back to where it came from even if directories are moved.
class Walk {
public:
  explicit Walk(int root) : root_(root) {}
  ~Walk() {
    for (int fd : open_) ::close(fd);
  }

  // Returns an O_PATH descriptor of the directory, or -1 with errno.
  int to(const char *path) {
    char rest[PATH_MAX];
    size_t size = strlen(path);
    if (size >= sizeof rest) return fail(ENAMETOOLONG);
    memcpy(rest, path, size + 1);
    int links = 0;
    const char *at = rest;
    if (*at == '/') return fail(EXDEV);
    while (*at) {
      const char *end = strchrnul(at, '/');
      char name[NAME_MAX + 1];
      size_t length = static_cast<size_t>(end - at);
      if (length >= sizeof name) return fail(ENAMETOOLONG);
      memcpy(name, at, length);
      name[length] = 0;
      at = *end ? end + 1 : end;
      if (length == 0 || !strcmp(name, ".")) continue;
      if (!strcmp(name, "..")) {
        if (open_.empty()) return fail(EXDEV);
        ::close(open_.back());
        open_.pop_back();
        continue;
      }
      int fd = kernel::openat(current(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
      if (fd < 0) return -1;
      struct stat st;
      if (kernel::fstat(fd, &st)) return fail_closing(fd, errno);
      if (S_ISLNK(st.st_mode)) {
        if (++links > max_links) return fail_closing(fd, ELOOP);
        char target[PATH_MAX];
        ssize_t n = kernel::readlinkat(fd, "", target, sizeof target - 1);
        if (n < 0) return fail_closing(fd, errno);
        ::close(fd);
        target[n] = 0;
        if (target[0] == '/') return fail(EXDEV);
        if (!join(rest, target, static_cast<size_t>(n), at)) return fail(ENAMETOOLONG);
        at = rest;
        continue;
      }
      if (!S_ISDIR(st.st_mode)) return fail_closing(fd, ENOTDIR);
      open_.push_back(fd);
    }
    if (open_.empty()) return kernel::openat(root_, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = open_.back();
    open_.pop_back();
    return fd;
  }

private:
  int current() const { return open_.empty() ? root_ : open_.back(); }
  static int fail(int error) {
    errno = error;
    return -1;
  }
  static int fail_closing(int fd, int error) {
    ::close(fd);
    return fail(error);
  }

  int root_;
  std::vector<int> open_;
};

} // namespace

Errno read_path(const Memory &memory, uint32_t p, uint32_t size, GuestPath &out) {
  const uint8_t *from = memory.at(p, size);
  if (!from) return Errno::fault;
  if (size == 0) return Errno::noent;
  if (size >= sizeof out.text) return Errno::nametoolong;
  if (memchr(from, 0, size)) return Errno::inval;
  memcpy(out.text, from, size);
  out.text[size] = 0;
  return Errno::success;
}

bool has_openat2() {
  int fd = openat2_beneath(AT_FDCWD, ".", O_PATH | O_DIRECTORY, 0);
  if (fd >= 0) ::close(fd);
  // A folder that is gone or closed to us says nothing about the system call.
  return fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != EINVAL);
}

Place::~Place() {
  drop_parent();
}

void Place::drop_parent() {
  if (owned_) ::close(parent_);
  owned_ = false;
  parent_ = -1;
}

Errno Place::open_parent(int root, const char *path, bool use_openat2) {
  drop_parent();
  if (use_openat2) {
    parent_ = openat2_beneath(root, path, O_PATH | O_DIRECTORY, 0);
  } else {
    try {
      parent_ = Walk(root).to(path);
    } catch (const std::bad_alloc &) {
      return Errno::nomem;
    }
  }
  owned_ = parent_ >= 0;
  return owned_ ? Errno::success : path_error();
}

Errno Place::resolve(int root, const char *path, Last last, bool use_openat2) {
  char work[PATH_MAX];
  size_t size = strlen(path);
  if (size >= sizeof work) return Errno::nametoolong;
  memcpy(work, path, size + 1);
  must_be_dir_ = false;
  for (int links = 0; links <= max_links; links++) {
    if (work[0] == '/') return Errno::notcapable;
    size = strlen(work);
    if (size == 0) return Errno::noent;
    while (size > 0 && work[size - 1] == '/') {
      work[--size] = 0;
      must_be_dir_ = true;
    }
    char *slash = strrchr(work, '/');
    const char *name = slash ? slash + 1 : work;
    if (!strcmp(name, ".") || !strcmp(name, "..")) {
      // The whole path is a directory that is on the way, and the name is that directory itself.
      if (Errno error = open_parent(root, work, use_openat2); error != Errno::success) return error;
      strcpy(text_, ".");
      name_ = text_;
      return Errno::success;
    }
    memcpy(text_, name, strlen(name) + 1);
    name_ = text_;
    size_t parent_size = 0;
    if (slash) {
      *slash = 0;
      parent_size = static_cast<size_t>(slash - work);
      if (Errno error = open_parent(root, work, use_openat2); error != Errno::success) return error;
    } else {
      drop_parent();
      parent_ = root;
    }
    if (last == Last::keep) return Errno::success;
    char target[PATH_MAX];
    ssize_t n = kernel::readlinkat(parent_, name_, target, sizeof target - 1);
    if (n < 0) return Errno::success; // not a link; whatever else is wrong, the call itself will say
    target[n] = 0;
    if (target[0] == '/') return Errno::notcapable;
    if (slash) {
      // From the root again: the link may climb, and what is beneath is decided by the root alone.
      char joined[PATH_MAX];
      if (!join(joined, work, parent_size, target)) return Errno::nametoolong;
      memcpy(work, joined, sizeof work);
    } else {
      memcpy(work, target, static_cast<size_t>(n) + 1);
    }
  }
  return Errno::loop;
}

Errno Place::check_slash() const {
  if (!must_be_dir_) return Errno::success;
  struct stat st;
  if (kernel::fstatat(parent_, name_, &st, AT_SYMLINK_NOFOLLOW)) return last_error();
  return S_ISDIR(st.st_mode) ? Errno::success : Errno::notdir;
}

int open_beneath(int root, const char *path, int flags, unsigned mode, Errno &error) {
  int fd = openat2_beneath(root, path, flags, mode);
  if (fd < 0) error = path_error();
  return fd;
}

} // namespace sgperf::wasi
