// SPDX-License-Identifier: Apache-2.0
// The loader: owns the programs in the kernel, their maps and links, and reads what they say.
//
//     Options options;
//     options.syscalls = options.samples = true;
//     Probes probes;
//     std::string error;
//     if (!probes.start(options, error)) ...;       // nothing works; error is a sentence, missing() has the parts
//     probes.add(child, When::exec, error);         // a child that waits in front of its exec
//     ... let it run; while it runs, poll(probes.descriptor()) and then:
//     probes.consume(sink);                         // fork, exec, exit, samples in the order of the ring buffer
//     probes.stop();                                // nothing is counted any more
//     probes.consume(sink);                         // what is still in the ring buffer
//     probes.syscalls(); probes.faults(); probes.drops();
//
// Everything is held by descriptors of this process: it is gone when the object or the process ends, however it ends.
// One thread at a time may use an object.  Costs: docs/probes.md.
#pragma once

#include "probes/entry_points.h"
#include "probes/refusal.h"
#include "probes/sample_record.h"
#include "probes/sums.h"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sgperf::probes {

struct Options {
  // The tree of processes is always followed.
  bool syscalls = false;
  bool samples = false;
  bool faults = false;
  // Execute breakpoints in processes that knock; with `syscalls` only, whose programs hear the knock.
  bool breakpoints = true;
  // Code that processes without our library publish: once watch_library() has said where.
  bool frames = false;

  // Samples
  uint64_t frequency = 999; // Hz
  uint64_t period = 0;      // not 0: a sample every so many events, and frequency means nothing
  std::string event;  // "cycles", "cpu-clock", "task-clock"; empty: cycles if the machine counts them, else cpu-clock
  bool kernel = true; // samples in the kernel, and kernel stacks
  bool stacks = true; // false: neither stacks nor stack bytes
  bool broken_chains = true; // up to 4 KiB of stack where the chain of frame pointers breaks

  // System calls: one of so many, at random, is told with its stack (Sink::on_syscall); 0 = none.
  uint32_t syscall_sample_rate = 0;
  bool lend_pages = true; // false: region tags are always read the long way, as before Linux 6.13

  // Sizes
  size_t ring_bytes = 4u << 20; // rounded up to a power of two pages
  // Rows of sums at once: a thread, a call, a phase and a scope take one, those of ended threads are used again.  480
  // bytes each, when they are needed; 4096 and row_reserve from the start, which makes their calls 30 ns cheaper.
  // Beyond row_limit, calls are counted by their number only.
  uint32_t row_limit = 1u << 17; // at most 2^20
  uint32_t row_reserve = 0;
};

enum class When {
  exec, // a child that waits in front of its exec: counted from there on
  now,  // a process that runs: all its threads, and what they start
};

// What could not be kept, by kind.
struct Drops {
  uint64_t events = 0;    // fork, exec, exit, session: the ring buffer was full
  uint64_t samples = 0;   // the ring buffer was full, or busy in an NMI
  uint64_t row_calls = 0; // calls and faults in rows of what found no row of its own: counted, but in no place
  uint64_t errnos = 0;    // errors whose errno found no room: counted as errors, but in no errno
  uint64_t tasks = 0;     // calls of threads that the kernel gave no memory for: counted nowhere else
  uint64_t unmatched = 0; // returns without a call: it began before the probes did, or a filter answered it
  uint64_t processes = 0; // processes beyond the table: not followed
  bool any() const { return events || samples || row_calls || errnos || tasks || processes; }
  // "ring buffer: 12 samples lost; use a larger one: 8 MiB"; empty = nothing lost.
  std::string advice;
};

// Gets the events.  What a function is given is valid during the call.
class Sink {
public:
  virtual ~Sink() = default;
  virtual void on_fork(const sgperf_event_fork &) {}
  virtual void on_exec(const sgperf_event_exec &) {}
  virtual void on_exit(const sgperf_event_exit &) {}
  virtual void on_session(const sgperf_event_session &) {}
  virtual void on_frames(const sgperf_event_frames &) {
  }                                                // a thread that publishes waits for the end of this, at most 50 ms
  virtual void on_hit(const sgperf_event_hit &) {} // from then on the phase of the process is SGPERF_GIVEN_*
  virtual void on_sample(const SampleRecord &) {}
  virtual void on_syscall(const SampleRecord &) {} // head->number, head->duration
};

class Probes {
public:
  Probes();
  ~Probes();
  Probes(const Probes &) = delete;
  Probes &operator=(const Probes &) = delete;

  // Loads and attaches what `options` asks for.  False: not even the tree can be followed; `error` says why in one
  // sentence.  True with missing() not empty: the rest works.
  bool start(const Options &options, std::string &error);
  const std::vector<Refusal> &missing() const;
  // Whether this part works.
  bool has(Part part) const;
  // "cpu-clock", "cycles", ..: what is sampled; empty without samples.
  const std::string &event() const;
  const std::string &event_note() const; // why it is another than cycles; empty = it is not

  // Follows a process and all that it starts.  False: it has ended, or there is no room.
  bool add(pid_t pid, When when, std::string &error);
  // Where a process that was added with When::now has its session: found in /proc/PID/maps by add(), or given here.
  // Sessions that are made while the probes run are seen by the kernel's side.
  bool set_session(pid_t pid, uint64_t header_address, int64_t tls_offset);
  // The phase of a process for threads that have none of their own, whatever the process says; 0 = none.  From now on
  // tags have `phase | SGPERF_PHASE_GIVEN`.
  bool set_phase(pid_t pid, uint32_t phase);

  // Uprobes on __register_frame and __deregister_frame in this file (libgcc_s.so.1, as the target maps it), whoever
  // maps it: 8 to 13 ms; Sink::on_frames() hears of the tree's processes.  Given up in stop(), by another process.
  bool watch_library(const std::string &path, std::string &error);
  // Breakpoints on the entry of a guest and on its returns, `tid`'s first; the phase of the process is
  // SGPERF_GIVEN_INSTANTIATE from now on.
  bool set_breakpoints(pid_t pid, pid_t tid, const EntryPoints &points, std::string &error);
  void clear_breakpoints(pid_t pid);

  // For poll(2): readable when there are events.
  int descriptor() const;
  // Hands all events over, and returns how many there were; makes room in the tables of sums.  Never waits.
  size_t consume(Sink &sink);
  // Waits for events at most so long, then as consume().
  size_t poll(Sink &sink, std::chrono::milliseconds timeout);

  // Detaches: nothing is counted any more.  Sums and the ring buffer can still be read.
  void stop();

  // Everything since start().  At any time; exact once the threads have ended or after stop().
  std::vector<SyscallSums> syscalls();
  std::vector<FaultSums> faults();
  Drops drops() const;
  // Threads whose region tag the kernel reads without a detour (sgperf_lent_pages): a matter of cost only.
  size_t lent_threads() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace sgperf::probes
