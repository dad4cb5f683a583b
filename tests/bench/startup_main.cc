// SPDX-License-Identifier: Apache-2.0
// bench-startup [--json] [--pairs N]: see startup.h.
#include <stdlib.h>
#include <string.h>

#include <cstdio>
#include <system_error>

#include "bench/arguments.h"
#include "bench/startup.h"

int main(int argc, char **argv) {
  bool json = false;
  int pairs = 1000;
  if (!sgperf::bench::read_arguments(argc, argv, "bench-startup", json, {{"--pairs", &pairs}})) return 2;
  char dir[] = "/dev/shm/sgperf-bench-XXXXXX";
  if (!mkdtemp(dir)) {
    perror("mkdtemp /dev/shm/sgperf-bench-XXXXXX");
    return 4;
  }
  sgperf::bench::Printer printer(json);
  printer.machine();
  printer.header();
  std::string error;
  const bool measured = sgperf::bench::measure_startup(printer, sgperf::bench::own_dir(),
                                                       sgperf::bench::built_library(), dir, pairs, error);
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
  if (!measured) {
    fprintf(stderr, "bench-startup: %s\n", error.c_str());
    return 3;
  }
  return printer.failed() ? 1 : 0;
}
