// SPDX-License-Identifier: Apache-2.0
// A guest without an engine: 1 MiB of linear memory, the calls of the shim, and a folder that is its world.
#pragma once

#include "engines/wasi/abi.h"
#include "engines/wasi/wasi.h"
#include "support/process.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace sgperf::test {

using wasi::Errno;
namespace right = wasi::right;
namespace oflag = wasi::oflag;

inline uint32_t code(Errno error) {
  return static_cast<uint32_t>(error);
}

struct Exited {
  uint32_t code;
};

// Readable failures: "notcapable" instead of 76.
inline std::string name_of(uint32_t error) {
  return sgperf_wasi_errno_name(error);
}
#define EXPECT_WASI(expected, call) EXPECT_EQ(std::string(#expected), ::sgperf::test::name_of(call)) << #call
#define ASSERT_WASI(expected, call) ASSERT_EQ(std::string(#expected), ::sgperf::test::name_of(call)) << #call

class Guest {
public:
  struct Setup {
    std::vector<std::string> args{"guest"}, env{};
    std::vector<std::pair<std::string, bool>> preopens{}; // host path, writable; guest names "." "/1" "/2"
    std::string stdin_path{}, stdout_path{}, stderr_path{};
    int stdout_fd = -1; // wins where there is no path
    uint32_t flags = 0;
  };

  explicit Guest(const Setup &setup) : memory(1 << 20) {
    std::vector<const char *> args, env;
    for (const std::string &one : setup.args) args.push_back(one.c_str());
    for (const std::string &one : setup.env) env.push_back(one.c_str());
    args.push_back(nullptr);
    env.push_back(nullptr);
    std::vector<std::string> names;
    for (size_t i = 0; i < setup.preopens.size(); i++)
      names.push_back(i == 0 ? "." : std::string(1, '/').append(std::to_string(i)));
    std::vector<sgperf_wasi_preopen> preopens;
    for (size_t i = 0; i < setup.preopens.size(); i++)
      preopens.push_back({names[i].c_str(), setup.preopens[i].first.c_str(), setup.preopens[i].second, 0});
    sgperf_wasi_config config{};
    config.struct_size = sizeof config;
    config.args = args.data();
    config.env = env.data();
    config.preopens = preopens.data();
    config.preopen_count = preopens.size();
    if (!setup.stdin_path.empty()) config.stdin_path = setup.stdin_path.c_str();
    if (!setup.stdout_path.empty()) config.stdout_path = setup.stdout_path.c_str();
    if (!setup.stderr_path.empty()) config.stderr_path = setup.stderr_path.c_str();
    if (setup.stdout_fd >= 0) {
      config.stdout_fd = setup.stdout_fd;
      config.use_fds = 2;
    }
    config.flags = setup.flags;
    config.exit = [](void *, uint32_t exit_code) { throw Exited{exit_code}; };
    created = sgperf_wasi_create(&config, &wasi, error, sizeof error);
  }
  ~Guest() { sgperf_wasi_free(wasi); }
  Guest(const Guest &) = delete;
  Guest &operator=(const Guest &) = delete;

  // Any function by name, as an engine binds it.  Strings are put into memory and passed as pointer and size.
  uint32_t call(const char *name, const std::vector<uint64_t> &args) {
    const sgperf_wasi_function *function = sgperf_wasi_find(name);
    if (!function) {
      ADD_FAILURE() << "no function " << name;
      return ~0u;
    }
    return function->call(wasi, memory.data(), memory.size(), args.data());
  }

  template <class T> T load(uint32_t p) const {
    T value;
    memcpy(&value, memory.data() + p, sizeof value);
    return value;
  }
  template <class T> void store(uint32_t p, const T &value) { memcpy(memory.data() + p, &value, sizeof value); }
  std::string text(uint32_t p, uint32_t size) const {
    return {reinterpret_cast<const char *>(memory.data()) + p, size};
  }

  // Short forms of what the tests need most; results of a call are at `out`.
  static constexpr uint32_t out = 0x100, path_at = 0x1000, path2_at = 0x3000, iov_at = 0x200, buffer_at = 0x10000,
                            buffer_size = 0x10000;
  uint32_t put(const std::string &value, uint32_t at = path_at) {
    memcpy(memory.data() + at, value.data(), value.size());
    return static_cast<uint32_t>(value.size());
  }
  static constexpr uint64_t read_rights =
      right::fd_read | right::fd_seek | right::fd_tell | right::fd_readdir | right::fd_filestat_get;
  static constexpr uint64_t write_rights = right::fd_write | right::fd_allocate | right::fd_filestat_set_size |
                                           right::fd_filestat_set_times | right::fd_seek | right::fd_tell |
                                           right::fd_sync | right::fd_datasync | right::fd_fdstat_set_flags |
                                           right::fd_filestat_get | right::poll_fd_readwrite | right::fd_advise;

  uint32_t open(const std::string &path, uint32_t oflags = 0, uint64_t rights = read_rights, uint32_t dir = 3,
                uint32_t lookup = 1, uint32_t fdflags = 0) {
    uint32_t size = put(path);
    return sgperf_wasi_path_open(wasi, memory.data(), memory.size(), dir, lookup, path_at, size, oflags, rights,
                                 right::all, fdflags, out);
  }
  uint32_t fd() const { return load<uint32_t>(out); } // that open() gave
  uint32_t close(uint32_t fd) { return call("fd_close", {fd}); }

  uint32_t on_path(const char *function, const std::string &path, uint32_t dir = 3) {
    uint32_t size = put(path);
    return call(function, {dir, path_at, size});
  }
  uint32_t stat(const std::string &path, uint32_t lookup = 1, uint32_t dir = 3) {
    uint32_t size = put(path);
    return call("path_filestat_get", {dir, lookup, path_at, size, out});
  }
  wasi::Filestat filestat() const { return load<wasi::Filestat>(out); }
  uint32_t two_paths(const char *function, const std::string &from, const std::string &to, uint32_t from_dir = 3,
                     uint32_t to_dir = 3) {
    uint32_t from_size = put(from), to_size = put(to, path2_at);
    if (!strcmp(function, "path_link"))
      return call(function, {from_dir, 0, path_at, from_size, to_dir, path2_at, to_size});
    if (!strcmp(function, "path_symlink")) return call(function, {path_at, from_size, to_dir, path2_at, to_size});
    return call(function, {from_dir, path_at, from_size, to_dir, path2_at, to_size});
  }
  uint32_t readlink(const std::string &path, uint32_t size_limit = buffer_size) {
    uint32_t size = put(path);
    return call("path_readlink", {3, path_at, size, buffer_at, size_limit, out});
  }

  // One vector over `size` bytes of the buffer.
  void vector(uint32_t size, uint32_t at = buffer_at) { store(iov_at, wasi::Iovec{at, size}); }
  uint32_t write(uint32_t fd, const std::string &value) {
    put(value, buffer_at);
    vector(static_cast<uint32_t>(value.size()));
    return call("fd_write", {fd, iov_at, 1, out});
  }
  uint32_t read(uint32_t fd, uint32_t size = 4096) {
    vector(size);
    return call("fd_read", {fd, iov_at, 1, out});
  }
  std::string got() const { return text(buffer_at, load<uint32_t>(out)); } // that read() or readlink() gave

  std::vector<uint8_t> memory;
  sgperf_wasi *wasi = nullptr;
  int created = -1;
  char error[256] = "";
};

} // namespace sgperf::test
