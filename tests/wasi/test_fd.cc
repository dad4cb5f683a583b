// SPDX-License-Identifier: Apache-2.0
// fd_*: content, state and rights of open descriptors.
#include "wasi/guest.h"

#include <dirent.h>
#include <map>
#include <sys/stat.h>

using namespace sgperf::test;
using sgperf::wasi::Dirent;
using sgperf::wasi::Fdstat;
using sgperf::wasi::Iovec;

namespace {

class Fd : public testing::Test {
protected:
  TempDir dir;
  Guest guest{{.preopens = {{dir.path().string(), true}}}};

  void SetUp() override { ASSERT_EQ(guest.created, 0) << guest.error; }
  uint32_t file(const std::string &content, uint64_t rights = Guest::read_rights | Guest::write_rights,
                uint32_t fdflags = 0) {
    write_file(dir.path() / "file", content);
    EXPECT_WASI(success, guest.open("file", 0, rights, 3, 1, fdflags));
    return guest.fd();
  }
  std::string content() { return read_file(dir.path() / "file"); }
  uint64_t seek(uint32_t fd, int64_t offset, uint32_t whence) {
    EXPECT_WASI(success, guest.call("fd_seek", {fd, static_cast<uint64_t>(offset), whence, Guest::out}));
    return guest.load<uint64_t>(Guest::out);
  }
  Fdstat fdstat(uint32_t fd) {
    EXPECT_WASI(success, guest.call("fd_fdstat_get", {fd, Guest::out}));
    return guest.load<Fdstat>(Guest::out);
  }
};

} // namespace

TEST_F(Fd, ReadWriteSeekTell) {
  uint32_t fd = file("0123456789");
  ASSERT_WASI(success, guest.read(fd, 4));
  EXPECT_EQ(guest.got(), "0123");
  ASSERT_WASI(success, guest.call("fd_tell", {fd, Guest::out}));
  EXPECT_EQ(guest.load<uint64_t>(Guest::out), 4u);
  EXPECT_EQ(seek(fd, -2, 2), 8u);
  ASSERT_WASI(success, guest.write(fd, "XYZ"));
  EXPECT_EQ(guest.load<uint32_t>(Guest::out), 3u);
  EXPECT_EQ(seek(fd, -10, 1), 1u);
  ASSERT_WASI(success, guest.read(fd));
  EXPECT_EQ(guest.got(), "1234567XYZ");
  ASSERT_WASI(success, guest.read(fd));
  EXPECT_EQ(guest.got(), "");
  EXPECT_WASI(inval, guest.call("fd_seek", {fd, 0, 3, Guest::out}));
  EXPECT_WASI(inval, guest.call("fd_seek", {fd, ~uint64_t{0}, 0, Guest::out})); // before the start
  EXPECT_WASI(fault, guest.call("fd_seek", {fd, 0, 0, guest.memory.size() - 4}));
  EXPECT_EQ(content(), "01234567XYZ");
}

TEST_F(Fd, VectorsAreGatheredAndScattered) {
  uint32_t fd = file("");
  guest.put("heads tails", Guest::buffer_at);
  guest.store(Guest::iov_at, Iovec{Guest::buffer_at + 6, 5});
  guest.store(Guest::iov_at + 8, Iovec{0xfffffff0, 0}); // empty, but outside: refused like any other
  EXPECT_WASI(fault, guest.call("fd_write", {fd, Guest::iov_at, 2, Guest::out}));
  guest.store(Guest::iov_at + 8, Iovec{Guest::buffer_at, 0});
  guest.store(Guest::iov_at + 16, Iovec{Guest::buffer_at, 5});
  ASSERT_WASI(success, guest.call("fd_write", {fd, Guest::iov_at, 3, Guest::out}));
  EXPECT_EQ(content(), "tailsheads");
  seek(fd, 0, 0);
  guest.store(Guest::iov_at, Iovec{Guest::buffer_at + 100, 3});
  guest.store(Guest::iov_at + 8, Iovec{Guest::buffer_at + 200, 100});
  ASSERT_WASI(success, guest.call("fd_read", {fd, Guest::iov_at, 2, Guest::out}));
  EXPECT_EQ(guest.load<uint32_t>(Guest::out), 10u);
  EXPECT_EQ(guest.text(Guest::buffer_at + 100, 3), "tai");
  EXPECT_EQ(guest.text(Guest::buffer_at + 200, 7), "lsheads");
}

TEST_F(Fd, MoreVectorsThanTheKernelTakes) {
  uint32_t fd = file("");
  const uint32_t count = 3000, list = 0x20000;
  guest.put("z", Guest::buffer_at);
  for (uint32_t i = 0; i < count; i++) guest.store(list + 8 * i, Iovec{Guest::buffer_at, 1});
  ASSERT_WASI(success, guest.call("fd_write", {fd, list, count, Guest::out}));
  uint32_t written = guest.load<uint32_t>(Guest::out);
  EXPECT_EQ(written, 1024u); // short, as a write may be
  EXPECT_EQ(content(), std::string(written, 'z'));
}

TEST_F(Fd, PointersOutsideMemory) {
  uint32_t fd = file("0123456789");
  const uint64_t size = guest.memory.size();
  guest.vector(4);
  EXPECT_WASI(fault, guest.call("fd_read", {fd, size - 7, 1, Guest::out}));
  EXPECT_WASI(fault, guest.call("fd_read", {fd, Guest::iov_at, 1, size - 3}));
  EXPECT_WASI(fault, guest.call("fd_read", {fd, Guest::iov_at, 0xffffffff, Guest::out}));
  guest.vector(4, static_cast<uint32_t>(size - 3));
  EXPECT_WASI(fault, guest.call("fd_read", {fd, Guest::iov_at, 1, Guest::out}));
  guest.vector(0xffffffff, 0xffffffff);
  EXPECT_WASI(fault, guest.call("fd_write", {fd, Guest::iov_at, 1, Guest::out}));
  ASSERT_WASI(success, guest.call("fd_tell", {fd, Guest::out}));
  EXPECT_EQ(guest.load<uint64_t>(Guest::out), 0u) << "a refused read has moved the position";
}

TEST_F(Fd, PreadPwriteKeepThePosition) {
  uint32_t fd = file("0123456789");
  guest.vector(3);
  ASSERT_WASI(success, guest.call("fd_pread", {fd, Guest::iov_at, 1, 5, Guest::out}));
  EXPECT_EQ(guest.got(), "567");
  guest.put("ab", Guest::buffer_at);
  guest.vector(2);
  ASSERT_WASI(success, guest.call("fd_pwrite", {fd, Guest::iov_at, 1, 12, Guest::out}));
  EXPECT_EQ(content(), std::string("0123456789\0\0ab", 14));
  EXPECT_EQ(seek(fd, 0, 1), 0u);
  EXPECT_WASI(inval, guest.call("fd_pread", {fd, Guest::iov_at, 1, ~uint64_t{0}, Guest::out}));
}

TEST_F(Fd, SizeAllocateAdviseSync) {
  uint32_t fd = file("0123456789");
  EXPECT_WASI(success, guest.call("fd_filestat_set_size", {fd, 4}));
  EXPECT_EQ(content(), "0123");
  EXPECT_WASI(success, guest.call("fd_allocate", {fd, 0, 100}));
  EXPECT_EQ(content().size(), 100u);
  EXPECT_WASI(inval, guest.call("fd_filestat_set_size", {fd, ~uint64_t{0}}));
  EXPECT_WASI(inval, guest.call("fd_allocate", {fd, ~uint64_t{0}, 1}));
  EXPECT_WASI(success, guest.call("fd_advise", {fd, 0, 0, 1}));
  EXPECT_WASI(inval, guest.call("fd_advise", {fd, 0, 0, 6}));
  EXPECT_WASI(success, guest.call("fd_sync", {fd}));
  EXPECT_WASI(success, guest.call("fd_datasync", {fd}));
}

TEST_F(Fd, FilestatAndTimes) {
  uint32_t fd = file("0123456789");
  // 1 and 4 set, 2 and 8 mean now.
  ASSERT_WASI(success, guest.call("fd_filestat_set_times", {fd, 1'000'000'123u, 2'000'000'456u, 1 | 4}));
  ASSERT_WASI(success, guest.call("fd_filestat_get", {fd, Guest::out}));
  auto stat = guest.filestat();
  EXPECT_EQ(stat.size, 10u);
  EXPECT_EQ(stat.nlink, 1u);
  EXPECT_EQ(stat.filetype, sgperf::wasi::filetype::regular_file);
  EXPECT_EQ(stat.atim, 1'000'000'123u);
  EXPECT_EQ(stat.mtim, 2'000'000'456u);
  ASSERT_WASI(success, guest.call("fd_filestat_set_times", {fd, 0, 0, 8})); // now, and leave the other
  ASSERT_WASI(success, guest.call("fd_filestat_get", {fd, Guest::out}));
  EXPECT_EQ(guest.filestat().atim, 1'000'000'123u);
  EXPECT_GT(guest.filestat().mtim, 1'700'000'000'000'000'000u);
  EXPECT_WASI(inval, guest.call("fd_filestat_set_times", {fd, 0, 0, 1 | 2}));
  EXPECT_WASI(inval, guest.call("fd_filestat_set_times", {fd, 0, 0, 16}));
}

TEST_F(Fd, FlagsOfAnOpenFile) {
  uint32_t fd = file("abc", Guest::read_rights | Guest::write_rights, sgperf::wasi::fdflag::append);
  EXPECT_EQ(fdstat(fd).flags, sgperf::wasi::fdflag::append);
  ASSERT_WASI(success, guest.write(fd, "def"));
  EXPECT_EQ(content(), "abcdef");
  ASSERT_WASI(success, guest.call("fd_fdstat_set_flags", {fd, sgperf::wasi::fdflag::nonblock}));
  EXPECT_EQ(fdstat(fd).flags, sgperf::wasi::fdflag::nonblock);
  seek(fd, 0, 0);
  ASSERT_WASI(success, guest.write(fd, "X"));
  EXPECT_EQ(content(), "Xbcdef"); // no longer appending
  EXPECT_WASI(notsup, guest.call("fd_fdstat_set_flags", {fd, sgperf::wasi::fdflag::sync}));
  EXPECT_WASI(inval, guest.call("fd_fdstat_set_flags", {fd, 32}));
}

TEST_F(Fd, RightsAreKeptAndOnlyShrink) {
  uint32_t fd = file("abc", right::fd_read | right::fd_write | right::fd_seek | (uint64_t{1} << 60));
  EXPECT_EQ(fdstat(fd).rights_base, right::fd_read | right::fd_write | right::fd_seek);
  EXPECT_EQ(fdstat(fd).rights_inheriting, 0u); // a file has no children
  EXPECT_WASI(notcapable, guest.call("fd_sync", {fd}));
  EXPECT_WASI(notcapable, guest.call("fd_filestat_get", {fd, Guest::out}));
  EXPECT_WASI(notcapable, guest.call("fd_fdstat_set_rights", {fd, right::fd_read | right::fd_sync, 0}));
  EXPECT_WASI(success, guest.call("fd_fdstat_set_rights", {fd, right::fd_read, 0}));
  EXPECT_WASI(notcapable, guest.write(fd, "x"));
  EXPECT_WASI(success, guest.read(fd));
  EXPECT_WASI(spipe, guest.call("fd_seek", {fd, 0, 0, Guest::out}));
  EXPECT_EQ(content(), "abc");
}

TEST_F(Fd, CloseAndReuseOfNumbers) {
  EXPECT_WASI(badf, guest.close(~0u));
  EXPECT_WASI(badf, guest.close(1000));
  uint32_t first = file("a"), second = file("b");
  EXPECT_EQ(second, first + 1);
  EXPECT_WASI(success, guest.close(first));
  EXPECT_WASI(badf, guest.close(first));
  EXPECT_WASI(badf, guest.read(first));
  EXPECT_EQ(file("c"), first); // the lowest free number
  EXPECT_WASI(success, guest.close(0));
  EXPECT_EQ(file("d"), 0u);
}

TEST_F(Fd, Renumber) {
  uint32_t first = file("first");
  write_file(dir.path() / "other", "second");
  ASSERT_WASI(success, guest.open("other"));
  uint32_t second = guest.fd();
  size_t open_before = open_fds().size();
  EXPECT_WASI(success, guest.call("fd_renumber", {second, first}));
  EXPECT_EQ(open_fds().size(), open_before - 1);
  ASSERT_WASI(success, guest.read(first));
  EXPECT_EQ(guest.got(), "second");
  EXPECT_WASI(badf, guest.read(second));
  EXPECT_WASI(badf, guest.call("fd_renumber", {second, first}));
  EXPECT_WASI(badf, guest.call("fd_renumber", {first, 500}));
  EXPECT_WASI(success, guest.call("fd_renumber", {first, first}));
  EXPECT_WASI(success, guest.read(first));
}

TEST_F(Fd, Prestat) {
  ASSERT_WASI(success, guest.call("fd_prestat_get", {3, Guest::out}));
  EXPECT_EQ(guest.load<uint8_t>(Guest::out), 0);
  ASSERT_EQ(guest.load<uint32_t>(Guest::out + 4), 1u);
  ASSERT_WASI(success, guest.call("fd_prestat_dir_name", {3, Guest::buffer_at, 1}));
  EXPECT_EQ(guest.text(Guest::buffer_at, 1), ".");
  EXPECT_WASI(nametoolong, guest.call("fd_prestat_dir_name", {3, Guest::buffer_at, 0}));
  EXPECT_WASI(badf, guest.call("fd_prestat_get", {4, Guest::out}));
  EXPECT_WASI(badf, guest.call("fd_prestat_get", {1, Guest::out}));
  EXPECT_WASI(fault, guest.call("fd_prestat_get", {3, guest.memory.size() - 7}));
}

TEST_F(Fd, ReaddirGivesEachNameOnceWhateverTheBuffer) {
  std::map<std::string, uint8_t> expected{{".", 3}, {"..", 3}, {"sub", 3}, {"link", 7}};
  for (int i = 0; i < 300; i++) {
    std::string name = "file-" + std::string(static_cast<size_t>(i % 40), 'x') + std::to_string(i);
    write_file(dir.path() / name, "");
    expected[name] = 4;
  }
  std::filesystem::create_directory(dir.path() / "sub");
  std::filesystem::create_symlink("file", dir.path() / "link");
  for (uint32_t buffer : {100u, 333u, 4096u, 65536u}) {
    ASSERT_WASI(success, guest.open(".", oflag::directory));
    uint32_t fd = guest.fd();
    std::map<std::string, uint8_t> found;
    uint64_t cookie = 0;
    for (int round = 0; round < 2000; round++) {
      ASSERT_WASI(success, guest.call("fd_readdir", {fd, Guest::buffer_at, buffer, cookie, Guest::out}));
      uint32_t used = guest.load<uint32_t>(Guest::out), at = 0;
      ASSERT_LE(used, buffer);
      while (at + sizeof(Dirent) <= used) {
        auto entry = guest.load<Dirent>(Guest::buffer_at + at);
        if (at + sizeof(Dirent) + entry.name_length > used) break; // cut: comes again after the last cookie
        std::string name = guest.text(Guest::buffer_at + at + static_cast<uint32_t>(sizeof(Dirent)), entry.name_length);
        EXPECT_FALSE(found.count(name)) << name << " twice, buffer " << buffer;
        found[name] = entry.type;
        cookie = entry.next;
        at += static_cast<uint32_t>(sizeof(Dirent)) + entry.name_length;
      }
      if (used < buffer) break;
    }
    EXPECT_EQ(found, expected) << "buffer " << buffer;
    EXPECT_WASI(success, guest.close(fd));
  }
  uint32_t file_fd = file("x");
  EXPECT_NE(guest.call("fd_readdir", {file_fd, Guest::buffer_at, 100, 0, Guest::out}), 0u);
  EXPECT_WASI(fault, guest.call("fd_readdir", {3, guest.memory.size() - 10, 100, 0, Guest::out}));
}

TEST_F(Fd, EveryCallOnABadDescriptor) {
  for (const char *name : {"fd_advise",
                           "fd_allocate",
                           "fd_close",
                           "fd_datasync",
                           "fd_fdstat_get",
                           "fd_fdstat_set_flags",
                           "fd_fdstat_set_rights",
                           "fd_filestat_get",
                           "fd_filestat_set_size",
                           "fd_filestat_set_times",
                           "fd_pread",
                           "fd_prestat_get",
                           "fd_prestat_dir_name",
                           "fd_pwrite",
                           "fd_read",
                           "fd_readdir",
                           "fd_renumber",
                           "fd_seek",
                           "fd_sync",
                           "fd_tell",
                           "fd_write",
                           "path_create_directory",
                           "path_filestat_get",
                           "path_filestat_set_times",
                           "path_link",
                           "path_open",
                           "path_readlink",
                           "path_remove_directory",
                           "path_rename",
                           "path_unlink_file"})
    for (uint64_t fd : {uint64_t{4}, uint64_t{0x7fffffff}, uint64_t{0xffffffff}})
      EXPECT_EQ(name_of(guest.call(name, {fd, 0, 0, 0, 0, 0, 0, 0, 0})), "badf") << name << " " << fd;
}
