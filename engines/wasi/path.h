// SPDX-License-Identifier: Apache-2.0
// Paths that cannot leave the directory they start from.
//
// Every call that takes a path ends in "a parent directory, opened, and one name in it that is not followed": whoever
// swaps a component for a symbolic link in between can make the call fail, never make it leave.
#pragma once

#include "engines/wasi/abi.h"

#include <climits>
#include <cstdint>

namespace sgperf::wasi {

class Memory;

// A path as the guest wrote it, NUL-terminated.
struct GuestPath {
  char text[PATH_MAX];
};
// fault; nametoolong; inval when it holds a NUL; noent when empty.
Errno read_path(const Memory &memory, uint32_t p, uint32_t size, GuestPath &out);

// What the kernel can do; asked once, at the creation of a context.
bool has_openat2();

// The last symbolic link of a path: follow it, or mean it.
enum class Last { follow, keep };

class Place {
public:
  Place() = default;
  ~Place();
  Place(const Place &) = delete;
  Place &operator=(const Place &) = delete;

  // `root` is a host descriptor and outlives this.  notcapable = the path leaves root.
  Errno resolve(int root, const char *path, Last last, bool use_openat2);

  int parent() const { return parent_; }
  const char *name() const { return name_; }        // no slash in it; "." when the path ends in a dot
  bool must_be_dir() const { return must_be_dir_; } // the path ended in a slash
  // For calls that remove or rename what is there: notdir when a slash followed the name of something else.
  Errno check_slash() const;

private:
  Errno open_parent(int root, const char *path, bool use_openat2);
  void drop_parent();

  int parent_ = -1;
  bool owned_ = false;
  bool must_be_dir_ = false;
  const char *name_ = nullptr;
  char text_[PATH_MAX];
};

// Opens `path` itself in one system call; only where has_openat2().  Returns a descriptor or -1 with `error` set.
int open_beneath(int root, const char *path, int flags, unsigned mode, Errno &error);

} // namespace sgperf::wasi
