// SPDX-License-Identifier: Apache-2.0
#include "run/syscall_names.h"

#include <seccomp.h>

#include <cstdlib>
#include <memory>

namespace sgperf::run {
namespace {

constexpr uint32_t no_such_call = 511; // SGPERF_NUMBER_ODD: the probes have one row for all numbers beyond the table

} // namespace

std::string syscall_name(uint32_t number, bool compat) {
  if (number == no_such_call) return compat ? "compat calls that do not exist" : "calls that do not exist";
  const uint32_t table = compat ? SCMP_ARCH_X86 : seccomp_arch_native();
  const std::unique_ptr<char, decltype(&std::free)> name(
      seccomp_syscall_resolve_num_arch(table, static_cast<int>(number)), &std::free);
  const std::string text = name ? name.get() : "syscall " + std::to_string(number);
  return compat ? "compat " + text : text;
}

} // namespace sgperf::run
