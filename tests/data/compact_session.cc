// SPDX-License-Identifier: Apache-2.0
// compact_session IN OUT: a session with its tables moved together, small enough to be kept as a sample.  The layout
// allows any offsets and capacities; nothing but these is changed, and the host's name: a sample is of no machine that
// is here, so that every reader sees it as a foreign one.
#include "libsgperf/session_layout.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

uint64_t aligned(uint64_t size) {
  return (size + 63) / 64 * 64;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: compact_session IN OUT\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string in{std::istreambuf_iterator<char>(file), {}};
  sgperf_session_header header;
  if (in.size() < sizeof header || in.compare(0, 8, std::string(SGPERF_SESSION_MAGIC, 8)) != 0) {
    std::fprintf(stderr, "%s: expected a session file\n", argv[1]);
    return 1;
  }
  std::memcpy(&header, in.data(), sizeof header);
  // What lies beyond the end of the file is a hole.
  const auto part = [&](uint64_t offset, uint64_t size) {
    std::string bytes = offset < in.size() ? in.substr(offset, size) : "";
    bytes.resize(size);
    return bytes;
  };
  std::string out(sizeof header, '\0');
  const auto move_table = [&](uint64_t &offset, uint64_t size, uint64_t &capacity, uint64_t count) {
    const std::string bytes = part(offset, size * count);
    offset = out.size();
    capacity = count;
    out += bytes;
    out.resize(aligned(out.size()));
  };
  const uint64_t slots = offsetof(sgperf_block, slots) + uint64_t{header.site_count} * sizeof(sgperf_slot);
  const uint64_t block_offset = header.block_offset, block_size = header.block_size;
  move_table(header.site_offset, header.site_size, header.site_capacity, header.site_count);
  move_table(header.phase_offset, header.phase_size, header.phase_capacity, header.phase_count);
  std::vector<std::string> blocks;
  uint64_t longest = 0;
  for (uint64_t i = 0; i < header.block_count; ++i) {
    std::string block = part(block_offset + i * block_size, slots);
    for (uint64_t site = 0; site < header.site_count; ++site) {
      const uint64_t at = offsetof(sgperf_block, slots) + site * sizeof(sgperf_slot) + offsetof(sgperf_slot, hist);
      uint64_t histogram = 0;
      std::memcpy(&histogram, block.data() + at, sizeof histogram);
      if (histogram == 0) continue;
      const uint64_t moved = block.size();
      block += part(block_offset + i * block_size + histogram, 64 * sizeof(uint64_t));
      std::memcpy(block.data() + at, &moved, sizeof moved);
    }
    longest = std::max<uint64_t>(longest, block.size());
    blocks.push_back(std::move(block));
  }
  header.block_offset = out.size();
  header.block_size = aligned(longest);
  header.block_capacity = header.block_count;
  for (std::string &block : blocks) {
    block.resize(header.block_size);
    out += block;
  }
  header.total_size = out.size();
  std::memset(header.host, 0, sizeof header.host);
  std::memcpy(header.host, "sample", 6);
  std::memcpy(out.data(), &header, sizeof header);
  std::ofstream(argv[2], std::ios::binary) << out;
  return 0;
}
