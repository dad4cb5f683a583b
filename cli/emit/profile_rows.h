// SPDX-License-Identifier: Apache-2.0
// The rows of a profile that every format of the report shows.
#pragma once

#include "merge/profile.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::emit {

inline constexpr size_t side_count = 5;

// "module!function [tier]": the one form of exports; tables show the tier in a column of its own.
std::string shown_name(std::string_view name, std::string_view tier);
std::string shown_name(const merge::ProfileFunction &function);

// The leaf's function; nullptr: the sample has none.
const merge::ProfileFunction *leaf_of(const merge::Profile &profile, const merge::ProfileSample &sample);
merge::Side side_of(const merge::Profile &profile, const merge::ProfileSample &sample);
// A phase in which an engine compiles: "compile", "aot-compile", "parse+compile".
bool is_compiling(std::string_view phase);

// Shares of 1; nothing where there is nothing to have a share of.
struct CoverageShares {
  std::optional<double> named;                          // leaves, of all samples
  std::optional<double> jit_unnamed;                    // of all samples: the goal is 1 % at most
  std::optional<double> lines, jit_lines, native_lines; // leaves with a source line; of those in user space
  std::optional<double> complete;                       // stacks, of all samples
};
CoverageShares coverage_shares(const merge::ProfileCoverage &coverage);

struct SideRow {
  merge::Side side = merge::Side::unknown;
  uint64_t samples = 0;
  uint64_t compiling = 0; // of these, while the phase was one of compiling
  uint32_t threads = 0;   // that have samples there
};
// Those with samples, in the order of `Side`.
std::vector<SideRow> side_rows(const merge::Profile &profile);

struct RegionRow {
  std::string name; // of the phase or scope; empty = outside
  uint64_t samples = 0;
  std::array<uint64_t, side_count> sides{}; // by Side
};
// Largest first; empty if no sample was in a phase (scope) at all.
std::vector<RegionRow> phase_rows_of(const merge::Profile &profile);
std::vector<RegionRow> scope_rows_of(const merge::Profile &profile);

// By samples in them, then by samples with them on the stack; those without either are left out.
std::vector<const merge::ProfileFunction *> hot_functions(const merge::Profile &profile);
std::vector<const merge::ProfileLine *> hot_lines(const merge::Profile &profile);

// System calls of one region, summed over processes and over the regions of the other kind.
struct SyscallGroup {
  std::string region;                  // name of the phase or scope; empty = outside
  std::vector<merge::SyscallRow> rows; // by time spent, largest first
  uint64_t count = 0, total_ns = 0;
};
enum class RegionKind { phase, scope };
// By time spent, largest first; what is outside comes last.
std::vector<SyscallGroup> syscall_groups(const merge::Profile &profile, RegionKind kind);
// "ENOENT", or "errno 600".  Also the four that only the kernel and tracers see.
std::string errno_text(int number);

// Page faults of a phase and scope, summed over processes.
std::vector<merge::FaultRow> fault_rows(const merge::Profile &profile);

struct ProcessRow {
  size_t process = 0; // index into Profile::processes
  size_t depth = 0;   // 0 = nobody of the recording started it
};
// Parents in front of their children, siblings by their start.
std::vector<ProcessRow> process_tree(const merge::Profile &profile);
// Its command line, else its name.
std::string process_text(const merge::ProfileProcess &process);
// "exit 0", "SIGKILL", or "" where the end was not seen.
std::string end_text(const merge::ProfileProcess &process);

} // namespace sgperf::emit
