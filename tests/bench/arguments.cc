// SPDX-License-Identifier: Apache-2.0
#include "bench/arguments.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sgperf::bench {

bool read_arguments(int argc, char **argv, const std::string &program, bool &json,
                    const std::vector<NumberArgument> &numbers) {
  for (int i = 1; i < argc; ++i) {
    const auto number = std::find_if(numbers.begin(), numbers.end(),
                                     [&](const NumberArgument &one) { return std::strcmp(one.name, argv[i]) == 0; });
    if (std::strcmp(argv[i], "--json") == 0) {
      json = true;
    } else if (number != numbers.end() && i + 1 < argc && std::atoi(argv[i + 1]) > 0) {
      *number->value = std::atoi(argv[++i]);
    } else {
      std::fprintf(stderr, "usage: %s [--json]", program.c_str());
      for (const NumberArgument &one : numbers) std::fprintf(stderr, " [%s N]", one.name);
      std::fprintf(stderr, "; found '%s'\n", argv[i]);
      return false;
    }
  }
  return true;
}

} // namespace sgperf::bench
