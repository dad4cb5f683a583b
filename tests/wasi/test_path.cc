// SPDX-License-Identifier: Apache-2.0
// path_*: what they do inside their folder, with and without openat2.
#include "wasi/guest.h"

#include <sys/stat.h>

using namespace sgperf::test;
namespace fs = std::filesystem;

namespace {

class Path : public testing::TestWithParam<uint32_t> {
protected:
  TempDir dir;
  Guest guest{{.preopens = {{dir.path().string(), true}}, .flags = GetParam()}};

  void SetUp() override { ASSERT_EQ(guest.created, 0) << guest.error; }
  void file(const std::string &name, const std::string &content = "x") { write_file(dir.path() / name, content); }
};
INSTANTIATE_TEST_SUITE_P(Resolution, Path, testing::Values(0u, SGPERF_WASI_NO_OPENAT2),
                         [](const auto &info) { return info.param ? std::string("Walk") : std::string("Openat2"); });

} // namespace

TEST_P(Path, OpenFlags) {
  EXPECT_WASI(noent, guest.open("new", 0, Guest::write_rights));
  ASSERT_WASI(success, guest.open("new", oflag::creat | oflag::excl, Guest::write_rights));
  ASSERT_WASI(success, guest.write(guest.fd(), "content"));
  EXPECT_WASI(exist, guest.open("new", oflag::creat | oflag::excl, Guest::write_rights));
  EXPECT_WASI(success, guest.open("new", oflag::creat));
  EXPECT_EQ(read_file(dir.path() / "new"), "content");
  EXPECT_WASI(success, guest.open("new", oflag::trunc, Guest::write_rights));
  EXPECT_EQ(read_file(dir.path() / "new"), "");
  EXPECT_WASI(notdir, guest.open("new", oflag::directory));
  EXPECT_WASI(success, guest.open(".", oflag::directory));
  EXPECT_WASI(isdir, guest.open(".", 0, Guest::write_rights));
  EXPECT_WASI(inval, guest.open("new", 16));
  EXPECT_WASI(notdir, guest.open("new/x"));
  EXPECT_WASI(notdir, guest.open("new/"));
  EXPECT_NE(guest.open("other/", oflag::creat, Guest::write_rights), 0u);
  EXPECT_FALSE(fs::exists(dir.path() / "other"));
}

TEST_P(Path, AFaultCreatesNothing) {
  uint32_t size = guest.put("file");
  EXPECT_WASI(fault, guest.call("path_open", {3, 0, Guest::path_at, size, oflag::creat, Guest::write_rights, 0, 0,
                                              guest.memory.size() - 2}));
  EXPECT_FALSE(fs::exists(dir.path() / "file"));
  std::vector<int> before = open_fds();
  EXPECT_WASI(fault, guest.call("path_open", {3, 0, guest.memory.size() - 2, 4, 0, 0, 0, 0, Guest::out}));
  EXPECT_EQ(open_fds(), before);
}

TEST_P(Path, StrangePaths) {
  file("file");
  fs::create_directories(dir.path() / "a/b");
  file("a/b/deep");
  EXPECT_WASI(noent, guest.open(""));
  EXPECT_WASI(inval, guest.open(std::string("fi\0le", 5)));
  EXPECT_WASI(nametoolong, guest.open(std::string(300, 'n')));
  EXPECT_WASI(nametoolong, guest.open(std::string(5000, 'n')));
  for (const char *path :
       {"a/b/deep", "./a/./b/deep", "a//b///deep", "a/b/../b/deep", "a/../a/b/deep", "a/b/../../a/b/deep"})
    EXPECT_EQ(name_of(guest.open(path)), "success") << path;
  EXPECT_WASI(success, guest.open("a/b/..", oflag::directory));
  EXPECT_WASI(success, guest.open("a/", oflag::directory));
  EXPECT_WASI(success, guest.stat("a/b/../.."));
  EXPECT_WASI(noent, guest.open("missing/../file")); // as on the host: each component must be there
  std::string deep;
  for (int i = 0; i < 900; i++) deep += "./";
  EXPECT_WASI(success, guest.open(deep + "file"));
}

TEST_P(Path, DescriptorsOfDirectoriesStartPaths) {
  fs::create_directories(dir.path() / "a/b");
  file("a/in", "inside");
  file("out", "outside");
  ASSERT_WASI(success, guest.open("a", oflag::directory, right::all));
  uint32_t a = guest.fd();
  ASSERT_WASI(success, guest.open("in", 0, Guest::read_rights, a));
  ASSERT_WASI(success, guest.read(guest.fd()));
  EXPECT_EQ(guest.got(), "inside");
  EXPECT_WASI(success, guest.open("b/../in", 0, Guest::read_rights, a));
  EXPECT_WASI(notcapable, guest.open("../out", 0, Guest::read_rights, a)); // beneath this descriptor, not the preopen
  ASSERT_WASI(success, guest.open("out"));
  uint32_t file_fd = guest.fd();
  // A directory without the right to open paths, and a file, which has no such right to give.
  ASSERT_WASI(success, guest.open("a", oflag::directory));
  EXPECT_WASI(notcapable, guest.open("in", 0, Guest::read_rights, guest.fd()));
  EXPECT_WASI(notcapable, guest.open("x", 0, Guest::read_rights, file_fd));
  ASSERT_WASI(success, guest.open("out", 0, right::all & ~right::fd_write));
  EXPECT_WASI(notdir, guest.open("x", 0, Guest::read_rights, guest.fd()));
}

TEST_P(Path, DirectoriesAreMadeAndRemoved) {
  EXPECT_WASI(success, guest.on_path("path_create_directory", "new"));
  EXPECT_WASI(exist, guest.on_path("path_create_directory", "new"));
  EXPECT_WASI(success, guest.on_path("path_create_directory", "new/sub/"));
  EXPECT_WASI(noent, guest.on_path("path_create_directory", "no/sub"));
  EXPECT_WASI(notempty, guest.on_path("path_remove_directory", "new"));
  EXPECT_WASI(isdir, guest.on_path("path_unlink_file", "new/sub"));
  EXPECT_WASI(success, guest.on_path("path_remove_directory", "new/sub/"));
  EXPECT_WASI(success, guest.on_path("path_remove_directory", "new"));
  EXPECT_TRUE(fs::is_empty(dir.path()));
  file("file");
  EXPECT_WASI(notdir, guest.on_path("path_remove_directory", "file"));
  EXPECT_WASI(notdir, guest.on_path("path_unlink_file", "file/"));
  EXPECT_WASI(success, guest.on_path("path_unlink_file", "file"));
  EXPECT_WASI(noent, guest.on_path("path_unlink_file", "file"));
}

TEST_P(Path, LinksAreKeptOrFollowedAsAsked) {
  file("target", "12345");
  fs::create_directory(dir.path() / "sub");
  fs::create_symlink("../target", dir.path() / "sub/link");
  fs::create_symlink("sub/link", dir.path() / "link2");
  fs::create_symlink("sub", dir.path() / "dirlink");
  fs::create_symlink("nowhere", dir.path() / "dangling");
  EXPECT_WASI(loop, guest.open("link2", 0, Guest::read_rights, 3, 0));
  ASSERT_WASI(success, guest.open("link2"));
  ASSERT_WASI(success, guest.read(guest.fd()));
  EXPECT_EQ(guest.got(), "12345");
  ASSERT_WASI(success, guest.stat("link2", 0));
  EXPECT_EQ(guest.filestat().filetype, sgperf::wasi::filetype::symbolic_link);
  ASSERT_WASI(success, guest.stat("link2", 1));
  EXPECT_EQ(guest.filestat().size, 5u);
  ASSERT_WASI(success, guest.stat("dirlink/link", 1));
  EXPECT_EQ(guest.filestat().size, 5u);
  // A slash at the end follows in any case.
  ASSERT_WASI(success, guest.stat("dirlink/", 0));
  EXPECT_EQ(guest.filestat().filetype, sgperf::wasi::filetype::directory);
  EXPECT_WASI(notdir, guest.stat("link2/", 0));
  EXPECT_WASI(noent, guest.stat("dangling", 1));
  EXPECT_WASI(success, guest.stat("dangling", 0));
  // Creating through a dangling link makes what it points to, as on the host.
  EXPECT_WASI(exist, guest.open("dangling", oflag::creat | oflag::excl, Guest::write_rights));
  EXPECT_WASI(success, guest.open("dangling", oflag::creat, Guest::write_rights));
  EXPECT_TRUE(fs::exists(dir.path() / "nowhere"));

  ASSERT_WASI(success, guest.readlink("sub/link"));
  EXPECT_EQ(guest.got(), "../target");
  ASSERT_WASI(success, guest.readlink("sub/link", 4)); // cut, no error
  EXPECT_EQ(guest.got(), "../t");
  EXPECT_WASI(inval, guest.readlink("target"));

  uint32_t size = guest.put("link2");
  ASSERT_WASI(success, guest.call("path_filestat_set_times", {3, 1, Guest::path_at, size, 1000, 2000, 5}));
  EXPECT_WASI(success, guest.stat("target"));
  EXPECT_EQ(guest.filestat().mtim, 2000u);
  size = guest.put("link2");
  ASSERT_WASI(success, guest.call("path_filestat_set_times", {3, 0, Guest::path_at, size, 1000, 3000, 5}));
  EXPECT_WASI(success, guest.stat("target"));
  EXPECT_EQ(guest.filestat().mtim, 2000u);
  EXPECT_WASI(success, guest.stat("link2", 0));
  EXPECT_EQ(guest.filestat().mtim, 3000u);
}

TEST_P(Path, CirclesOfLinksEnd) {
  fs::create_symlink("b", dir.path() / "a");
  fs::create_symlink("a", dir.path() / "b");
  fs::create_symlink("self/x", dir.path() / "self");
  EXPECT_WASI(loop, guest.open("a"));
  EXPECT_WASI(loop, guest.stat("a", 1));
  EXPECT_WASI(loop, guest.open("self"));
  EXPECT_WASI(loop, guest.open("a/file"));
  EXPECT_WASI(loop, guest.on_path("path_unlink_file", "self/file"));
}

TEST_P(Path, LinkSymlinkRename) {
  file("file", "content");
  fs::create_directory(dir.path() / "sub");
  EXPECT_WASI(success, guest.two_paths("path_link", "file", "sub/hard"));
  EXPECT_EQ(read_file(dir.path() / "sub/hard"), "content");
  EXPECT_WASI(success, guest.stat("file"));
  EXPECT_EQ(guest.filestat().nlink, 2u);
  EXPECT_WASI(exist, guest.two_paths("path_link", "file", "sub/hard"));
  EXPECT_WASI(noent, guest.two_paths("path_link", "file", "sub/other/"));
  EXPECT_WASI(notdir, guest.two_paths("path_link", "file/", "sub/other"));

  EXPECT_WASI(success, guest.two_paths("path_symlink", "../file", "sub/soft"));
  EXPECT_EQ(fs::read_symlink(dir.path() / "sub/soft"), "../file");
  EXPECT_WASI(exist, guest.two_paths("path_symlink", "x", "sub/soft"));
  // A hard link to what a symbolic link points to, only when asked.
  uint32_t from = guest.put("sub/soft"), to = guest.put("followed", Guest::path2_at);
  EXPECT_WASI(success, guest.call("path_link", {3, 1, Guest::path_at, from, 3, Guest::path2_at, to}));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(dir.path() / "followed")));

  EXPECT_WASI(success, guest.two_paths("path_rename", "file", "sub/moved"));
  EXPECT_FALSE(fs::exists(dir.path() / "file"));
  EXPECT_EQ(read_file(dir.path() / "sub/moved"), "content");
  EXPECT_WASI(noent, guest.two_paths("path_rename", "file", "x"));
  EXPECT_WASI(notdir, guest.two_paths("path_rename", "sub/moved", "sub/moved2/"));
  EXPECT_WASI(success, guest.two_paths("path_rename", "sub/", "sub2/"));
  EXPECT_WASI(success, guest.two_paths("path_rename", "sub2/moved", "sub2/soft")); // replaces the link itself
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(dir.path() / "sub2/soft")));
  EXPECT_WASI(inval, guest.two_paths("path_rename", "sub2", "sub2/inside"));
}

TEST_P(Path, NoDescriptorLeaks) {
  fs::create_directories(dir.path() / "a/b/c");
  file("a/b/c/file");
  fs::create_symlink("../../a", dir.path() / "a/b/up");
  std::vector<int> before = open_fds();
  EXPECT_WASI(success, guest.stat("a/b/up/b/c/file"));
  EXPECT_WASI(noent, guest.stat("a/b/up/b/c/missing"));
  EXPECT_WASI(notdir, guest.stat("a/b/c/file/x"));
  EXPECT_WASI(notcapable, guest.stat("a/b/c/../../../../x"));
  EXPECT_WASI(success, guest.two_paths("path_rename", "a/b/up/b/c/file", "a/b/file"));
  EXPECT_NE(guest.two_paths("path_link", "a/b/file", "a/b/c/no/file"), 0u);
  EXPECT_EQ(open_fds(), before);
}
