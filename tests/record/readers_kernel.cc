// SPDX-License-Identifier: Apache-2.0
// Readers of what the kernel's side of a recording leaves (readers.h): syscalls.jsonl, and the raw part of samples.
#include "record/kernel_sums.h"
#include "record/readers.h"
#include "record/readers_file.h"
#include "record/region_tag.h"

#include <cstdlib>

namespace sgperf::test {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

} // namespace

bool read_as_kernel_sums(const std::string &bytes) {
  const record::KernelSums sums = record::parse_kernel_sums(bytes);
  const size_t rows = sums.syscall_sums.size() + sums.fault_sums.size() + sums.images.size() + sums.ends.size();
  require(rows + sums.unreadable <= bytes.size());
  // What was read can be written, and reads the same.
  const std::string folder = std::filesystem::path(as_file(bytes, "syscalls.jsonl")).parent_path();
  std::string error;
  require(record::write_kernel_sums(folder, sums, error));
  const auto again = record::read_kernel_sums(folder, error);
  require(again && again->unreadable == 0 && again->syscall_sums.size() == sums.syscall_sums.size() &&
          again->fault_sums.size() == sums.fault_sums.size() && again->images.size() == sums.images.size() &&
          again->ends.size() == sums.ends.size());
  return rows != 0 && sums.unreadable == 0;
}

bool read_as_region_tag(const std::string &bytes) {
  const auto tag = record::decode_region_tag(bytes);
  if (tag && !tag->stack.empty())
    require(tag->stack.data() >= bytes.data() && tag->stack.data() + tag->stack.size() <= bytes.data() + bytes.size());
  return tag.has_value();
}

} // namespace sgperf::test
