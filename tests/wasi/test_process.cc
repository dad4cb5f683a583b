// SPDX-License-Identifier: Apache-2.0
// args, environ, clocks, random, poll_oneoff, proc, sched, sock.
#include "wasi/guest.h"

#include <chrono>
#include <ctime>
#include <sys/socket.h>
#include <unistd.h>

using namespace sgperf::test;
using sgperf::wasi::Event;
using sgperf::wasi::Subscription;

namespace {

uint64_t now_ns(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

Subscription clock_in(uint64_t userdata, uint64_t timeout, uint32_t clock = 1, uint16_t flags = 0) {
  Subscription one{};
  one.userdata = userdata;
  one.id = clock;
  one.timeout = timeout;
  one.flags = flags;
  return one;
}

Subscription ready_fd(uint64_t userdata, uint8_t tag, uint32_t fd) {
  Subscription one{};
  one.userdata = userdata;
  one.tag = tag;
  one.id = fd;
  return one;
}

std::vector<Event> poll(Guest &guest, const std::vector<Subscription> &subscriptions,
                        const char *expected = "success") {
  uint32_t in = 0x4000, out = 0x8000, count = 0x40;
  for (size_t i = 0; i < subscriptions.size(); i++)
    guest.store(in + static_cast<uint32_t>(i * sizeof(Subscription)), subscriptions[i]);
  EXPECT_EQ(name_of(guest.call("poll_oneoff", {in, out, subscriptions.size(), count})), expected);
  std::vector<Event> events;
  for (uint32_t i = 0; i < guest.load<uint32_t>(count); i++)
    events.push_back(guest.load<Event>(out + i * static_cast<uint32_t>(sizeof(Event))));
  return events;
}

} // namespace

TEST(Strings, ArgsAndEnvironment) {
  Guest guest({.args = {"prog", "", "two words"}, .env = {"A=1", "EMPTY="}});
  ASSERT_EQ(guest.created, 0);
  for (auto [sizes, get, expected] :
       {std::tuple{"args_sizes_get", "args_get", std::vector<std::string>{"prog", "", "two words"}},
        std::tuple{"environ_sizes_get", "environ_get", std::vector<std::string>{"A=1", "EMPTY="}}}) {
    ASSERT_WASI(success, guest.call(sizes, {0x10, 0x20}));
    uint32_t count = guest.load<uint32_t>(0x10), size = guest.load<uint32_t>(0x20), total = 0;
    ASSERT_EQ(count, expected.size());
    for (const std::string &one : expected) total += static_cast<uint32_t>(one.size()) + 1;
    EXPECT_EQ(size, total);
    guest.memory[0x2000 + size] = 0xee;
    ASSERT_WASI(success, guest.call(get, {0x1000, 0x2000}));
    for (uint32_t i = 0; i < count; i++)
      EXPECT_STREQ(reinterpret_cast<char *>(guest.memory.data()) + guest.load<uint32_t>(0x1000 + 4 * i),
                   expected[i].c_str());
    EXPECT_EQ(guest.memory[0x2000 + size], 0xee) << "written beyond the announced size";
    uint64_t end = guest.memory.size();
    EXPECT_WASI(fault, guest.call(get, {end - 4, 0x2000}));
    EXPECT_WASI(fault, guest.call(get, {0x1000, end - size + 1}));
    EXPECT_WASI(success, guest.call(get, {0x1000, end - size}));
    EXPECT_WASI(fault, guest.call(sizes, {end, 0x20}));
  }
}

TEST(Clock, TimesAndResolutions) {
  Guest guest({});
  for (auto [id, clock] : {std::pair{0u, CLOCK_REALTIME},
                           {1u, CLOCK_MONOTONIC},
                           {2u, CLOCK_PROCESS_CPUTIME_ID},
                           {3u, CLOCK_THREAD_CPUTIME_ID}}) {
    uint64_t before = now_ns(clock);
    ASSERT_WASI(success, guest.call("clock_time_get", {id, 1, 8}));
    uint64_t after = now_ns(clock);
    EXPECT_GE(guest.load<uint64_t>(8), before);
    EXPECT_LE(guest.load<uint64_t>(8), after);
    ASSERT_WASI(success, guest.call("clock_res_get", {id, 8}));
    EXPECT_GE(guest.load<uint64_t>(8), 1u);
    EXPECT_LE(guest.load<uint64_t>(8), 10'000'000u);
  }
  EXPECT_WASI(inval, guest.call("clock_time_get", {4, 1, 8}));
  EXPECT_WASI(inval, guest.call("clock_res_get", {~0u, 8}));
  EXPECT_WASI(fault, guest.call("clock_time_get", {1, 1, guest.memory.size() - 7}));
}

TEST(Random, FillsExactlyWhatWasAsked) {
  Guest guest({});
  ASSERT_WASI(success, guest.call("random_get", {0x1000, 300}));
  EXPECT_NE(guest.text(0x1000, 300), std::string(300, '\0'));
  EXPECT_EQ(guest.memory[0xfff], 0);
  EXPECT_EQ(guest.memory[0x1000 + 300], 0);
  EXPECT_WASI(success, guest.call("random_get", {0x1000, 0}));
  EXPECT_WASI(success, guest.call("random_get", {0, guest.memory.size()})); // more than one getrandom gives
  EXPECT_WASI(fault, guest.call("random_get", {1, guest.memory.size()}));
  EXPECT_WASI(fault, guest.call("random_get", {0xffffffff, 0xffffffff}));
}

TEST(Poll, ClockSleepsAsLongAsAsked) {
  Guest guest({});
  for (bool absolute : {false, true}) {
    uint64_t begin = now_ns(CLOCK_MONOTONIC);
    auto events = poll(guest, {clock_in(77, absolute ? begin + 20'000'000 : 20'000'000, 1, absolute)});
    uint64_t slept = now_ns(CLOCK_MONOTONIC) - begin;
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].userdata, 77u);
    EXPECT_EQ(events[0].error, 0);
    EXPECT_EQ(events[0].type, 0);
    EXPECT_GE(slept, 20'000'000u);
    EXPECT_LT(slept, 5'000'000'000u);
  }
  // Already over: at once, also for moments of long ago.
  EXPECT_EQ(poll(guest, {clock_in(1, 0)}).size(), 1u);
  EXPECT_EQ(poll(guest, {clock_in(1, 1, 0, 1)}).size(), 1u);
}

TEST(Poll, TheEarliestOfSeveralClocks) {
  Guest guest({});
  auto events = poll(guest, {clock_in(1, ~uint64_t{0}), clock_in(2, 5'000'000), clock_in(3, 60'000'000'000u, 0)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 2u);
}

TEST(Poll, DescriptorsAndErrors) {
  TempDir dir;
  write_file(dir.path() / "in", "12345");
  Guest guest({.stdin_path = (dir.path() / "in").string()});
  auto events = poll(guest, {clock_in(1, 60'000'000'000u), ready_fd(2, 1, 0), ready_fd(3, 2, 1), ready_fd(4, 1, 99)});
  ASSERT_EQ(events.size(), 3u); // the bad one, stdin, stdout
  EXPECT_EQ(events[0].userdata, 4u);
  EXPECT_EQ(events[0].error, code(Errno::badf));
  EXPECT_EQ(events[1].userdata, 2u);
  EXPECT_EQ(events[1].type, 1);
  EXPECT_EQ(events[1].bytes, 5u);
  EXPECT_EQ(events[2].userdata, 3u);
  EXPECT_EQ(events[2].type, 2);
  // Processor clocks cannot be waited for; an unknown kind refuses the call.
  events = poll(guest, {clock_in(5, 1, 2)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].error, code(Errno::inval));
  poll(guest, {ready_fd(1, 3, 0)}, "inval");
  EXPECT_WASI(inval, guest.call("poll_oneoff", {0, 0, 0, 0}));
  EXPECT_WASI(fault, guest.call("poll_oneoff", {0, guest.memory.size() - 31, 1, 0}));
  EXPECT_WASI(fault, guest.call("poll_oneoff", {0, 0, 60000, 0}));
}

TEST(Poll, WaitsForAPipe) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  Guest guest({.stdout_fd = fds[0]});
  auto events = poll(guest, {ready_fd(1, 1, 1), clock_in(2, 10'000'000)});
  ASSERT_EQ(events.size(), 1u); // nothing to read: the clock won
  EXPECT_EQ(events[0].userdata, 2u);
  ASSERT_EQ(write(fds[1], "abc", 3), 3);
  events = poll(guest, {ready_fd(1, 1, 1), clock_in(2, 60'000'000'000u)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 1u);
  EXPECT_EQ(events[0].bytes, 3u);
  EXPECT_EQ(events[0].flags, 0);
  close(fds[1]);
  events = poll(guest, {ready_fd(1, 1, 1)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].flags, 1); // hung up
  close(fds[0]);
}

TEST(Process, ExitLeavesThroughTheCallback) {
  Guest guest({});
  try {
    guest.call("proc_exit", {42});
    FAIL() << "proc_exit returned";
  } catch (const Exited &exited) {
    EXPECT_EQ(exited.code, 42u);
  }
  Result result = run_function([] {
    sgperf_wasi_config config{};
    config.struct_size = sizeof config;
    sgperf_wasi *wasi = nullptr;
    if (sgperf_wasi_create(&config, &wasi, nullptr, 0)) return 9;
    sgperf_wasi_proc_exit(wasi, nullptr, 0, 0); // nobody to call: must not go on
    return 0;
  });
  EXPECT_EQ(result.signal, SIGABRT);
}

TEST(Process, RaiseAndYield) {
  Guest guest({});
  EXPECT_WASI(notsup, guest.call("proc_raise", {9}));
  EXPECT_WASI(success, guest.call("sched_yield", {}));
}

TEST(Sockets, AreNotSupportedAndSaySo) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  Guest guest({.stdout_fd = fds[0]});
  for (const char *name : {"sock_accept", "sock_recv", "sock_send", "sock_shutdown"}) {
    EXPECT_WASI(badf, guest.call(name, {77, 0, 0, 0, 0, 0}));
    EXPECT_WASI(notsock, guest.call(name, {0, 0, 0, 0, 0, 0}));
    EXPECT_WASI(notsup, guest.call(name, {1, 0, 0, 0, 0, 0}));
  }
  close(fds[0]);
  close(fds[1]);
}
