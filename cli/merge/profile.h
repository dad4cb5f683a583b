// SPDX-License-Identifier: Apache-2.0
// What `sgperf record` saw of a program from outside: samples with named stacks, system calls, page faults, the process
// tree.  A part of the Model; indices instead of pointers, so that it can be copied and kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sgperf::merge {

// Whose code a function is.
enum class Side : uint8_t {
  guest,   // WebAssembly that a compiler of the runtime made machine code of
  runtime, // the program that was recorded and its libraries
  libc,    // libc, libm, the loader, the C++ and unwind libraries
  kernel,
  unknown, // no mapping, or a mapping without a file and without records of JIT code
};
const char *to_text(Side side);

struct ProfileFunction {
  // Guest: "module!function"; native: the demangled symbol; without either "[module+0x1234]".
  std::string name;
  std::string module; // of the guest: the module's name; else the file's base name, "[kernel]", "[unknown]"
  std::string tier;   // "liftoff", "turbofan", "BBQ", "cranelift", ..; empty = not known or not compiled
  std::string path;   // of the file, empty for JIT code
  Side side = Side::unknown;
  bool jit = false;
  bool named = false; // false = `name` is made of an address or an index
  uint64_t self = 0;  // samples in it
  uint64_t total = 0; // samples with it anywhere on the stack, each counted once
};

struct ProfileLine {
  uint32_t function = 0; // index
  std::string file;      // as in the debug information
  uint32_t line = 0;     // 0 = not known
  uint64_t self = 0;     // samples
};

inline constexpr uint32_t no_index = UINT32_MAX;

// One frame below another: a path from the root is a stack.  [0] is the root and no frame.
struct ProfileNode {
  uint32_t parent = 0;
  uint32_t function = no_index;
  uint64_t self = 0; // samples that end here
};

struct ProfileSample {
  uint64_t time = 0; // CLOCK_MONOTONIC ns
  uint64_t period = 1;
  uint32_t process = 0, tid = 0; // process: index
  uint32_t node = 0;             // leaf
  uint32_t line = no_index;      // of the leaf
  uint32_t phase = 0;            // index into `phases`; 0 = none
  uint32_t scope = 0;            // index into `scopes`; 0 = none
  uint16_t cpu = 0;
  bool user = true;     // false: in the kernel
  bool complete = true; // the stack reaches the thread's start
};

// Shares that a report's head states.  All are counts of samples.
struct ProfileCoverage {
  uint64_t samples = 0, lost = 0;
  uint64_t unnamed = 0;        // leaf without a name
  uint64_t jit = 0;            // leaf in JIT code
  uint64_t jit_unnamed = 0;    // goal <= 1 %
  uint64_t jit_lines = 0;      // leaf in JIT code with a source line
  uint64_t jit_lines_near = 0; // of these: of the instruction in front of it, since the engine kept none of its own
  uint64_t native = 0, native_lines = 0;
  uint64_t complete = 0;               // stacks
  uint64_t repaired = 0;               // stacks whose caller was put back (profiling: leaf repair)
  std::map<std::string, uint64_t> odd; // records that a reader left out, by kind
};

struct ProfileProcess {
  uint32_t pid = 0, parent = 0; // pids
  std::string comm;
  std::vector<std::string> command; // empty if not seen
  uint64_t started = 0, ended = 0;  // CLOCK_MONOTONIC ns, 0 = not seen
  bool exit_seen = false;
  int exit_code = 0, signal = 0;
  uint64_t user_ns = 0, system_ns = 0, max_rss_kb = 0, minor_faults = 0, major_faults = 0;
  uint64_t samples = 0;
};

struct SyscallRow {
  std::string name; // "write", or "syscall 999"
  uint32_t number = 0;
  uint32_t process = 0;     // index
  std::string phase, scope; // empty = none
  uint64_t count = 0, errors = 0;
  uint64_t total_ns = 0, blocked_ns = 0; // blocked: the thread was off the processor
  uint64_t max_ns = 0;
  uint64_t bytes_in = 0, bytes_out = 0; // read by the program, written by it
  std::map<int, uint64_t> errnos;
  std::array<uint64_t, 64> histogram{}; // bucket n: 2^n <= ns < 2^(n+1)
};

// Adds up what both have as SyscallRow has it: rows, and record::SyscallSum.
template <typename To, typename From> void add_calls(To &to, const From &from) {
  to.count += from.count;
  to.errors += from.errors;
  to.total_ns += from.total_ns;
  to.blocked_ns += from.blocked_ns;
  to.max_ns = std::max(to.max_ns, from.max_ns);
  to.bytes_in += from.bytes_in;
  to.bytes_out += from.bytes_out;
  for (const auto &[number, count] : from.errnos) to.errnos[static_cast<int>(number)] += count;
  for (size_t i = 0; i < to.histogram.size(); ++i) to.histogram[i] += from.histogram[i];
}

// Calls of one system call that a function of the guest made, of those that were sampled.
struct SyscallCaller {
  std::string name; // of the system call
  uint32_t number = 0;
  uint32_t function = no_index; // no_index: nothing of the guest was on the stack
  uint64_t samples = 0;
  uint64_t total_ns = 0; // of these
};

struct FaultRow {
  uint32_t process = 0;
  std::string phase, scope;
  uint64_t user = 0, kernel = 0; // page faults taken in user space, and in the kernel for it
  uint64_t major = 0;            // of both: waited for a disk
};

struct Profile {
  bool recorded = false;  // samples were asked for
  std::string event;      // "cpu-clock", "cycles:u", ..
  uint64_t frequency = 0; // Hz; 0 = by period
  std::vector<std::string> phases{""}, scopes{""};
  std::vector<ProfileFunction> functions;
  std::vector<ProfileLine> lines;
  std::vector<ProfileNode> nodes{{}};
  std::vector<ProfileSample> samples; // by time
  std::vector<ProfileProcess> processes;
  ProfileCoverage coverage;

  bool syscalls_recorded = false, faults_recorded = false;
  std::vector<SyscallRow> syscalls;           // by time spent, largest first
  uint64_t syscalls_dropped = 0;              // counted in no row: the table was full
  uint64_t syscall_rate = 0;                  // one call of so many was sampled, at random; 0 = none
  std::vector<SyscallCaller> syscall_callers; // most samples first
  std::vector<FaultRow> faults;
  // What is missing: what, why, how to get it.
  std::vector<std::string> missing;

  bool empty() const { return samples.empty() && syscalls.empty() && faults.empty() && processes.empty(); }
};

} // namespace sgperf::merge
