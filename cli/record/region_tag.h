// SPDX-License-Identifier: Apache-2.0
// The raw part (PERF_SAMPLE_RAW) of a sample that the probes took: in which region the thread was, and bytes of its
// stack from where the chain of frame pointers broke.  Little-endian, as it lies in the recording's perf.data.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace sgperf::record {

// Phases of a process that the recorder knows of by its breakpoints and by marks, and no session: in a tag, and as the
// phase of sums, with this bit.
inline constexpr uint32_t given_phase_bit = 0x80000000u;
enum class GivenPhase : uint32_t { instantiate = 1, execute = 2, teardown = 3, running = 4, bench = 5 };
// "" for a number that is none; `phase` with the bit.
inline std::string_view given_phase_name(uint32_t phase) {
  constexpr std::string_view names[] = {"", "instantiate", "execute", "teardown", "instantiate+execute", "bench"};
  const uint32_t number = phase & ~given_phase_bit;
  return phase & given_phase_bit && number < std::size(names) ? names[number] : std::string_view();
}

struct RegionTag {
  uint32_t phase = 0, site = 0; // numbers of sites in the session of the process; 0 = none
  uint64_t stack_address = 0;   // of stack[0] in the process
  std::string_view stack;       // from the last good frame pointer upwards; empty if the chain was whole.  Of a sampled
                                // system call: from the stack pointer upwards
  uint32_t number = 0;          // of the system call; 0 in samples of the processor
  uint64_t duration = 0;        // of it, ns
};

inline constexpr size_t region_tag_size = 32; // without the stack
// u32 phase, u32 site, u64 stack_address, u32 bytes of stack, u32 number, u64 duration, stack.  perf pads to eight
// bytes behind it.
inline std::string encode_region_tag(const RegionTag &tag) {
  std::string out(region_tag_size, '\0');
  const auto bytes = static_cast<uint32_t>(tag.stack.size());
  std::memcpy(out.data(), &tag.phase, 4);
  std::memcpy(out.data() + 4, &tag.site, 4);
  std::memcpy(out.data() + 8, &tag.stack_address, 8);
  std::memcpy(out.data() + 16, &bytes, 4);
  std::memcpy(out.data() + 20, &tag.number, 4);
  std::memcpy(out.data() + 24, &tag.duration, 8);
  return out.append(tag.stack);
}

// nullopt: that is none.  `stack` points into `raw`; of a torn one it has what is there.
inline std::optional<RegionTag> decode_region_tag(std::string_view raw) {
  if (raw.size() < region_tag_size) return std::nullopt;
  RegionTag out;
  uint32_t bytes = 0;
  std::memcpy(&out.phase, raw.data(), 4);
  std::memcpy(&out.site, raw.data() + 4, 4);
  std::memcpy(&out.stack_address, raw.data() + 8, 8);
  std::memcpy(&bytes, raw.data() + 16, 4);
  std::memcpy(&out.number, raw.data() + 20, 4);
  std::memcpy(&out.duration, raw.data() + 24, 8);
  out.stack = raw.substr(region_tag_size, std::min<size_t>(bytes, raw.size() - region_tag_size));
  return out;
}

} // namespace sgperf::record
