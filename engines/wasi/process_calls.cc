// SPDX-License-Identifier: Apache-2.0
// args_*, environ_*, clock_*, random_get, poll_oneoff, proc_*, sched_yield.
#include "engines/wasi/context.h"
#include "engines/wasi/kernel.h"
#include "engines/wasi/times.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

using namespace sgperf::wasi;

namespace {

uint64_t size_of(const std::vector<std::string> &strings) {
  uint64_t size = 0;
  for (const std::string &one : strings) size += one.size() + 1;
  return size;
}

uint32_t put_sizes(const Memory &memory, const std::vector<std::string> &strings, uint32_t p_count, uint32_t p_size) {
  bool good = memory.store(p_count, static_cast<uint32_t>(strings.size())) &&
              memory.store(p_size, static_cast<uint32_t>(size_of(strings)));
  return result(good ? Errno::success : Errno::fault);
}

uint32_t put_strings(const Memory &memory, const std::vector<std::string> &strings, uint32_t p_list, uint32_t p_buf) {
  if (!memory.at(p_list, strings.size() * 4) || !memory.at(p_buf, size_of(strings))) return result(Errno::fault);
  uint64_t list = p_list, to = p_buf;
  for (const std::string &one : strings) {
    uint8_t *text = memory.at(to, one.size() + 1);
    if (!text || !memory.store(list, static_cast<uint32_t>(to))) return result(Errno::fault);
    memcpy(text, one.c_str(), one.size() + 1);
    list += 4;
    to += one.size() + 1;
  }
  return result(Errno::success);
}

constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

// What poll_oneoff waits for.
struct Wait {
  std::vector<Subscription> subscriptions;
  std::vector<Event> events; // known before any waiting: subscriptions with an error
  std::vector<pollfd> fds;
  std::vector<size_t> fd_of; // index of the subscription of fds[i]
  struct Alarm {
    size_t subscription;
    clockid_t clock;
    uint64_t deadline; // ns of that clock
  };
  std::vector<Alarm> alarms;

  void answer(const Subscription &one, Errno error) {
    Event event{};
    event.userdata = one.userdata;
    event.error = static_cast<uint16_t>(error);
    event.type = one.tag;
    events.push_back(event);
  }
};

uint64_t now_of(clockid_t clock) {
  timespec now{};
  kernel::clock_gettime(clock, &now);
  return ns_of(now);
}

// Waiting for processor time of one's own while asleep would take for ever.
bool sleepable(uint32_t clock_id, clockid_t &clock) {
  return clock_of(clock_id, clock) && (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC);
}

Errno sort_out(sgperf_wasi &wasi, Wait &wait) {
  for (size_t i = 0; i < wait.subscriptions.size(); i++) {
    const Subscription &one = wait.subscriptions[i];
    if (one.tag == 0) {
      clockid_t clock;
      if (!sleepable(one.id, clock)) {
        wait.answer(one, Errno::inval);
        continue;
      }
      uint64_t deadline = one.timeout;
      if (!(one.flags & 1)) {
        uint64_t now = now_of(clock);
        deadline = one.timeout > never - now ? never : now + one.timeout;
      }
      wait.alarms.push_back({i, clock, deadline});
    } else if (one.tag <= 2) {
      Descriptor *file;
      if (Errno error = wasi.table.lookup(one.id, right::poll_fd_readwrite, file); error != Errno::success) {
        wait.answer(one, error);
        continue;
      }
      wait.fds.push_back({file->host, static_cast<short>(one.tag == 1 ? POLLIN : POLLOUT), 0});
      wait.fd_of.push_back(i);
    } else {
      return Errno::inval;
    }
  }
  return Errno::success;
}

Event ready(const Subscription &one, const pollfd &polled) {
  Event event{};
  event.userdata = one.userdata;
  event.type = one.tag;
  if (polled.revents & POLLNVAL)
    event.error = static_cast<uint16_t>(Errno::badf);
  else if (polled.revents & POLLERR)
    event.error = static_cast<uint16_t>(Errno::io);
  if (polled.revents & POLLHUP) event.flags = 1;
  int bytes = 0;
  if (one.tag == 1 && kernel::readable_bytes(polled.fd, &bytes) == 0 && bytes > 0)
    event.bytes = static_cast<uint64_t>(bytes);
  return event;
}

// The commonest use, a libc's sleep: one clock, no descriptor, no memory of our own.
Errno sleep_of_one(const Subscription &one, Event &event) {
  event = Event{};
  event.userdata = one.userdata;
  clockid_t clock;
  if (!sleepable(one.id, clock)) {
    event.error = static_cast<uint16_t>(Errno::inval);
    return Errno::success;
  }
  const bool absolute = one.flags & 1;
  if (absolute ? now_of(clock) >= one.timeout : one.timeout == 0) {
    // Not clock_nanosleep: it would round even this up to the thread's timer slack, 50 us.
    const timespec zero{0, 0};
    return kernel::ppoll(nullptr, 0, &zero) < 0 ? last_error() : Errno::success;
  }
  const timespec time = timespec_of(std::min<uint64_t>(one.timeout, INT64_MAX));
  return from_host(kernel::clock_nanosleep(clock, absolute ? TIMER_ABSTIME : 0, &time));
}

// Sleeps until something is ready and adds it to wait.events.
Errno sleep(Wait &wait) {
  for (;;) {
    uint64_t shortest = never;
    if (!wait.events.empty()) shortest = 0; // only collect what else is ready
    for (const Wait::Alarm &alarm : wait.alarms) {
      uint64_t now = now_of(alarm.clock);
      shortest = std::min(shortest, alarm.deadline > now ? alarm.deadline - now : 0);
    }
    timespec timeout = timespec_of(shortest);
    int n = kernel::ppoll(wait.fds.data(), wait.fds.size(), shortest == never ? nullptr : &timeout);
    if (n < 0) return last_error();
    for (size_t i = 0; n > 0 && i < wait.fds.size(); i++)
      if (wait.fds[i].revents) wait.events.push_back(ready(wait.subscriptions[wait.fd_of[i]], wait.fds[i]));
    for (const Wait::Alarm &alarm : wait.alarms)
      if (now_of(alarm.clock) >= alarm.deadline) wait.answer(wait.subscriptions[alarm.subscription], Errno::success);
    if (!wait.events.empty()) return Errno::success;
  }
}

} // namespace

uint32_t sgperf_wasi_args_get(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t p_argv,
                              uint32_t p_buf) {
  SGPERF_WASI_CALL(args_get);
  return put_strings(Memory(memory, memory_size), wasi->args, p_argv, p_buf);
}

uint32_t sgperf_wasi_args_sizes_get(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t p_count,
                                    uint32_t p_size) {
  SGPERF_WASI_CALL(args_sizes_get);
  return put_sizes(Memory(memory, memory_size), wasi->args, p_count, p_size);
}

uint32_t sgperf_wasi_environ_get(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t p_environ,
                                 uint32_t p_buf) {
  SGPERF_WASI_CALL(environ_get);
  return put_strings(Memory(memory, memory_size), wasi->env, p_environ, p_buf);
}

uint32_t sgperf_wasi_environ_sizes_get(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t p_count,
                                       uint32_t p_size) {
  SGPERF_WASI_CALL(environ_sizes_get);
  return put_sizes(Memory(memory, memory_size), wasi->env, p_count, p_size);
}

uint32_t sgperf_wasi_clock_res_get(sgperf_wasi *, uint8_t *memory, uint64_t memory_size, uint32_t clock_id,
                                   uint32_t p_resolution) {
  SGPERF_WASI_CALL(clock_res_get);
  clockid_t clock;
  timespec resolution;
  if (!clock_of(clock_id, clock)) return result(Errno::inval);
  if (kernel::clock_getres(clock, &resolution)) return result(last_error());
  return result(Memory(memory, memory_size).store(p_resolution, ns_of(resolution)) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_clock_time_get(sgperf_wasi *, uint8_t *memory, uint64_t memory_size, uint32_t clock_id, uint64_t,
                                    uint32_t p_time) {
  SGPERF_WASI_CALL(clock_time_get);
  clockid_t clock;
  timespec now;
  if (!clock_of(clock_id, clock)) return result(Errno::inval);
  if (kernel::clock_gettime(clock, &now)) return result(last_error());
  return result(Memory(memory, memory_size).store(p_time, ns_of(now)) ? Errno::success : Errno::fault);
}

uint32_t sgperf_wasi_random_get(sgperf_wasi *, uint8_t *memory, uint64_t memory_size, uint32_t p_buf, uint32_t size) {
  SGPERF_WASI_CALL(random_get);
  uint8_t *to = Memory(memory, memory_size).at(p_buf, size);
  if (!to) return result(Errno::fault);
  for (uint32_t done = 0; done < size;) {
    ssize_t n = kernel::getrandom(to + done, size - done);
    if (n < 0) {
      if (errno == EINTR) continue;
      return result(last_error());
    }
    done += static_cast<uint32_t>(n);
  }
  return result(Errno::success);
}

uint32_t sgperf_wasi_poll_oneoff(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, uint32_t p_subscriptions,
                                 uint32_t p_events, uint32_t count, uint32_t p_nevents) {
  SGPERF_WASI_CALL(poll_oneoff);
  const Memory mem(memory, memory_size);
  constexpr uint32_t most = 65536; // far above any RLIMIT_NOFILE in use; bounds our own memory
  if (count == 0 || count > most) return result(Errno::inval);
  const uint8_t *from = mem.at(p_subscriptions, uint64_t{count} * sizeof(Subscription));
  uint8_t *to = mem.at(p_events, uint64_t{count} * sizeof(Event));
  if (!from || !to || !mem.at(p_nevents, 4)) return result(Errno::fault);
  if (Subscription one; count == 1 && mem.load(p_subscriptions, one) && one.tag == 0) {
    Event event;
    if (Errno error = sleep_of_one(one, event); error != Errno::success) return result(error);
    return result(mem.store(p_events, event) && mem.store(p_nevents, count) ? Errno::success : Errno::fault);
  }
  try {
    Wait wait;
    wait.subscriptions.resize(count);
    memcpy(wait.subscriptions.data(), from, count * sizeof(Subscription)); // the guest may let the two overlap
    Errno error = sort_out(*wasi, wait);
    if (error == Errno::success) error = sleep(wait);
    if (error != Errno::success) return result(error);
    memcpy(to, wait.events.data(), wait.events.size() * sizeof(Event));
    return result(mem.store(p_nevents, static_cast<uint32_t>(wait.events.size())) ? Errno::success : Errno::fault);
  } catch (const std::bad_alloc &) {
    return result(Errno::nomem);
  }
}

uint32_t sgperf_wasi_sched_yield(sgperf_wasi *, uint8_t *, uint64_t) {
  SGPERF_WASI_CALL(sched_yield);
  return result_of(kernel::sched_yield());
}

// No scope: the engine leaves by a jump or an exception.
uint32_t sgperf_wasi_proc_exit(sgperf_wasi *wasi, uint8_t *, uint64_t, uint32_t code) {
  if (wasi->exit) wasi->exit(wasi->host, code);
  fprintf(stderr, "sgperf: the engine's proc_exit callback returned or is missing; it must leave the guest\n");
  abort();
}

// A signal would hit the engine, not the guest; removed from later WASI versions for that reason.
uint32_t sgperf_wasi_proc_raise(sgperf_wasi *, uint8_t *, uint64_t, uint32_t) {
  SGPERF_WASI_CALL(proc_raise);
  return result(Errno::notsup);
}
