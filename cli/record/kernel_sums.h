// SPDX-License-Identifier: Apache-2.0
// syscalls.jsonl: what the probes in the kernel counted of a recorded tree of processes, and what became of each
// process. One row a line, `kind` first; rows of other kinds are left out by a reader.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::record {

// A thread at a moment: phase and innermost scope are numbers of sites in the session of its process; 0 = none.
struct KernelPlace {
  uint32_t pid = 0, tid = 0; // both 0: counted, but the table had no room to say where
  uint32_t phase = 0, site = 0;
  uint32_t image = 0; // programs that the process had executed before
};

struct SyscallSum {
  KernelPlace place;
  uint32_t number = 0;
  std::string name;        // "write"; of the 32-bit entry "compat write"; "syscall 999" where none is known
  uint64_t count = 0;      // calls that returned
  uint64_t unreturned = 0; // calls that never did: exit, killed inside
  uint64_t errors = 0;
  uint64_t total_ns = 0, blocked_ns = 0, max_ns = 0; // blocked: the thread was on no processor
  uint64_t bytes_in = 0, bytes_out = 0;              // to the program, from it
  std::map<uint32_t, uint64_t> errnos;
  std::array<uint64_t, 64> histogram{}; // bucket n: 2^n <= ns < 2^(n+1)
};

struct FaultSum {
  KernelPlace place;
  uint64_t user = 0, kernel = 0; // page faults of user space; of the kernel at the process's addresses
  uint64_t major = 0;            // of both: had to wait for a disk
};

// A program that a process began to execute, or (image 0 of a forked process) that it took over.
struct ProcessImage {
  uint32_t pid = 0, parent = 0; // parent 0: not seen
  uint32_t image = 0;
  uint64_t time = 0;                // CLOCK_MONOTONIC ns
  std::string path;                 // as given to exec; empty: forked
  std::vector<std::string> command; // empty: it had gone on before anybody could ask
};

struct ProcessEnd {
  uint32_t pid = 0;
  uint64_t time = 0;                   // CLOCK_MONOTONIC ns
  int32_t status = 0;                  // as wait(2) gives it
  uint64_t user_ns = 0, system_ns = 0; // as the timer tick saw it
  uint64_t runtime_ns = 0;             // on processors; exact but for the last slice of each thread
  uint64_t max_rss = 0;                // bytes
  uint64_t minor_faults = 0, major_faults = 0;
  uint64_t voluntary_switches = 0, involuntary_switches = 0;
};

// In a process without our library: code was published, the last of it went away; marks of a benchmark
// (libsgperf/mark_layout.h).  Roles beside SGPERF_HIT_*.
inline constexpr uint32_t hit_published = 16, hit_gone = 17, hit_bench_start = 18, hit_bench_end = 19;

// An execute breakpoint of the recorder's was hit: which, by whom.  (Those that a process set on itself are
// SGPERF_CODE_HIT in its code file.)
struct BreakpointHit {
  uint32_t pid = 0, tid = 0;
  uint32_t role = 0; // SGPERF_HIT_*, hit_*
  uint64_t time = 0; // CLOCK_MONOTONIC ns
  uint64_t address = 0;
};

struct KernelSums {
  bool syscalls = false, faults = false; // were counted
  bool finished = false;                 // false: a state from the middle; the recorder was killed
  std::vector<SyscallSum> syscall_sums;  // several of one key are to be added up
  std::vector<FaultSum> fault_sums;
  std::vector<ProcessImage> images; // by time
  std::vector<ProcessEnd> ends;
  std::vector<BreakpointHit> hits;      // by time
  uint64_t placeless = 0;               // calls in no place (place.pid == 0), as the kernel counted them
  std::map<std::string, uint64_t> lost; // by kind: what could not be kept
  uint64_t unreadable = 0;              // lines that a reader left out
};

// In place of an older file, at once: a reader sees one or the other.  False: `error` says why.
bool write_kernel_sums(const std::filesystem::path &recording, const KernelSums &sums, std::string &error);
// nullopt with an empty error: the recording has none.  Lines that are no rows are counted and left out.
std::optional<KernelSums> read_kernel_sums(const std::filesystem::path &recording, std::string &error);
// The text of such a file.
KernelSums parse_kernel_sums(std::string_view text);

} // namespace sgperf::record
