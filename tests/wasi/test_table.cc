// SPDX-License-Identifier: Apache-2.0
// The list of functions as engines use it, and the creation of a context.
#include "wasi/guest.h"

#include <fcntl.h>
#include <set>
#include <unistd.h>

using namespace sgperf::test;

TEST(Table, HasEveryFunctionOfPreview1Sorted) {
  // The 46 of the specification.
  const std::set<std::string> expected{"args_get",
                                       "args_sizes_get",
                                       "environ_get",
                                       "environ_sizes_get",
                                       "clock_res_get",
                                       "clock_time_get",
                                       "fd_advise",
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
                                       "path_symlink",
                                       "path_unlink_file",
                                       "poll_oneoff",
                                       "proc_exit",
                                       "proc_raise",
                                       "sched_yield",
                                       "random_get",
                                       "sock_accept",
                                       "sock_recv",
                                       "sock_send",
                                       "sock_shutdown"};
  size_t count = 0;
  const sgperf_wasi_function *all = sgperf_wasi_functions(&count);
  std::set<std::string> found;
  for (size_t i = 0; i < count; i++) {
    found.insert(all[i].name);
    if (i > 0) {
      EXPECT_LT(std::string(all[i - 1].name), all[i].name);
    }
    EXPECT_EQ(sgperf_wasi_find(all[i].name), &all[i]);
  }
  EXPECT_EQ(found, expected);
  EXPECT_EQ(sgperf_wasi_find("fd_"), nullptr);
  EXPECT_EQ(sgperf_wasi_find("zzz"), nullptr);
  EXPECT_EQ(sgperf_wasi_find(nullptr), nullptr);
}

TEST(Table, SignaturesAreThoseOfTheSpecification) {
  EXPECT_STREQ(sgperf_wasi_find("path_open")->signature, "iiiiiIIii>i");
  EXPECT_STREQ(sgperf_wasi_find("fd_seek")->signature, "iIii>i");
  EXPECT_STREQ(sgperf_wasi_find("clock_time_get")->signature, "iIi>i");
  EXPECT_STREQ(sgperf_wasi_find("fd_readdir")->signature, "iiiIi>i");
  EXPECT_STREQ(sgperf_wasi_find("path_filestat_set_times")->signature, "iiiiIIi>i");
  EXPECT_STREQ(sgperf_wasi_find("sched_yield")->signature, ">i");
  EXPECT_STREQ(sgperf_wasi_find("proc_exit")->signature, "i>");
}

TEST(Table, ErrnoNames) {
  EXPECT_STREQ(sgperf_wasi_errno_name(0), "success");
  EXPECT_STREQ(sgperf_wasi_errno_name(1), "2big");
  EXPECT_STREQ(sgperf_wasi_errno_name(8), "badf");
  EXPECT_STREQ(sgperf_wasi_errno_name(44), "noent");
  EXPECT_STREQ(sgperf_wasi_errno_name(76), "notcapable");
  EXPECT_STREQ(sgperf_wasi_errno_name(77), "?");
}

TEST(Create, SaysWhatIsWrong) {
  {
    Guest guest({.preopens = {{"/no/such/folder", false}}});
    EXPECT_EQ(guest.created, -ENOENT);
    EXPECT_NE(std::string(guest.error).find("/no/such/folder"), std::string::npos) << guest.error;
    EXPECT_EQ(guest.wasi, nullptr);
  }
  {
    Guest guest({.stdin_path = "/no/such/file"});
    EXPECT_EQ(guest.created, -ENOENT);
    EXPECT_NE(std::string(guest.error).find("stdin"), std::string::npos) << guest.error;
  }
  TempDir dir;
  write_file(dir.path() / "file", "x");
  {
    Guest guest({.preopens = {{(dir.path() / "file").string(), false}}});
    EXPECT_EQ(guest.created, -ENOTDIR);
  }
  sgperf_wasi_config config{};
  config.struct_size = 8;
  sgperf_wasi *wasi = nullptr;
  EXPECT_EQ(sgperf_wasi_create(&config, &wasi, nullptr, 0), -EINVAL);
  sgperf_wasi_free(nullptr);
}

TEST(Create, LeavesNoDescriptorBehind) {
  TempDir dir;
  std::vector<int> before = open_fds();
  {
    Guest guest({.preopens = {{dir.path().string(), true}}, .stdout_path = (dir.path() / "out").string()});
    ASSERT_EQ(guest.created, 0) << guest.error;
    ASSERT_WASI(success, guest.open("new", oflag::creat, Guest::write_rights));
    EXPECT_GT(open_fds().size(), before.size());
  }
  EXPECT_EQ(open_fds(), before);
  {
    Guest guest({.preopens = {{dir.path().string(), true}, {"/no/such/folder", true}}});
    EXPECT_NE(guest.created, 0);
  }
  EXPECT_EQ(open_fds(), before);
}

TEST(Create, StdioGoesWhereConfigured) {
  TempDir dir;
  write_file(dir.path() / "in", "from stdin");
  {
    Guest guest({.stdin_path = (dir.path() / "in").string(),
                 .stdout_path = (dir.path() / "out").string(),
                 .stderr_path = (dir.path() / "err").string()});
    ASSERT_EQ(guest.created, 0) << guest.error;
    ASSERT_WASI(success, guest.read(0));
    EXPECT_EQ(guest.got(), "from stdin");
    EXPECT_WASI(success, guest.write(1, "one"));
    EXPECT_WASI(success, guest.write(2, "two"));
    EXPECT_WASI(notcapable, guest.write(0, "x"));
    EXPECT_WASI(notcapable, guest.read(1));
  }
  EXPECT_EQ(read_file(dir.path() / "out"), "one");
  EXPECT_EQ(read_file(dir.path() / "err"), "two");

  int pipe_fds[2];
  ASSERT_EQ(pipe(pipe_fds), 0);
  {
    Guest guest({.stdout_fd = pipe_fds[1]});
    ASSERT_EQ(guest.created, 0) << guest.error;
    EXPECT_WASI(success, guest.write(1, "piped"));
    ASSERT_WASI(success, guest.read(0)); // nothing was configured: empty
    EXPECT_EQ(guest.got(), "");
    EXPECT_WASI(success, guest.write(2, "gone"));
  }
  char buffer[16] = "";
  EXPECT_EQ(read(pipe_fds[0], buffer, sizeof buffer), 5);
  EXPECT_STREQ(buffer, "piped");
  EXPECT_EQ(fcntl(pipe_fds[1], F_GETFD), 0); // the caller keeps its own
  close(pipe_fds[0]);
  close(pipe_fds[1]);
}

TEST(Create, NullDeviceIsNoTerminal) {
  // A libc takes a character device without the right to seek for a terminal, and would flush at each line.
  Guest guest({});
  ASSERT_WASI(success, guest.call("fd_fdstat_get", {1, Guest::out}));
  auto stat = guest.load<sgperf::wasi::Fdstat>(Guest::out);
  EXPECT_EQ(stat.filetype, sgperf::wasi::filetype::character_device);
  EXPECT_TRUE(stat.rights_base & right::fd_seek);
}
