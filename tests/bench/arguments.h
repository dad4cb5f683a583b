// SPDX-License-Identifier: Apache-2.0
// What most benchmarks of ourselves take: --json, and how often.
#pragma once

#include <string>
#include <vector>

namespace sgperf::bench {

struct NumberArgument {
  const char *name; // "--pairs"
  int *value;       // 1 and more
};

// False: there is another word; said on stderr, and the exit code is 2.
bool read_arguments(int argc, char **argv, const std::string &program, bool &json,
                    const std::vector<NumberArgument> &numbers);

} // namespace sgperf::bench
