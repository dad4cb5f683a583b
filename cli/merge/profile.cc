// SPDX-License-Identifier: Apache-2.0
#include "merge/profile.h"

namespace sgperf::merge {

const char *to_text(Side side) {
  switch (side) {
  case Side::guest:
    return "guest";
  case Side::runtime:
    return "runtime";
  case Side::libc:
    return "libc";
  case Side::kernel:
    return "kernel";
  case Side::unknown:
    break;
  }
  return "unknown";
}

} // namespace sgperf::merge
