// SPDX-License-Identifier: Apache-2.0
// bench-engine-call [--json] [--rounds N]: a call of a guest function through the C API of an engine that does nothing,
// without the library in front of it and with it.
#include <stdlib.h>
#include <string.h>

#include <cstdio>
#include <memory>
#include <system_error>
#include <vector>

#include "bench/arguments.h"
#include "bench/startup.h"

namespace {

// What tests/preload/programs/engine_host.c prints: ns per call; 0 = it failed.
double time_of(const std::string &environment) {
  const auto host = sgperf::bench::own_dir().parent_path() / "preload" / "engine_host";
  const std::string command = "exec env -u LD_PRELOAD " + environment + " '" + host.string() + "' time 2000000";
  const std::unique_ptr<FILE, int (*)(FILE *)> out(popen(command.c_str(), "r"), pclose);
  char text[64] = "";
  return out && fgets(text, sizeof text, out.get()) ? strtod(text, nullptr) : 0;
}

} // namespace

int main(int argc, char **argv) {
  using namespace sgperf::bench;
  bool json = false;
  int rounds = 15;
  if (!read_arguments(argc, argv, "bench-engine-call", json, {{"--rounds", &rounds}})) return 2;
  char dir[] = "/dev/shm/sgperf-bench-XXXXXX";
  if (!mkdtemp(dir)) {
    perror("mkdtemp /dev/shm/sgperf-bench-XXXXXX");
    return 4;
  }
  const std::string preload = "LD_PRELOAD='" + built_library().string() + "'";
  Printer printer(json);
  printer.machine();
  printer.header();
  std::vector<double> plain, off, live;
  for (int round = 0; round < rounds; ++round) {
    const double alone = time_of("-u SGPERF_DIR");
    const double idle = time_of("SGPERF_DIR=/proc/no-such-folder " + preload);
    const double measured = time_of("SGPERF_DIR=" + std::string(dir) + " " + preload);
    if (!(alone > 0) || !(idle > 0) || !(measured > 0)) break;
    plain.push_back(alone);
    off.push_back(idle - alone);
    live.push_back(measured - alone);
  }
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
  if (plain.size() != static_cast<size_t>(rounds)) {
    fprintf(stderr, "bench-engine-call: tests/preload/engine_host printed no time; is it built?\n");
    return 3;
  }
  Line line;
  line.name = "engine-call";
  line.value = summarize(plain).median;
  line.unit = "ns";
  printer.print(line);
  printer.print(line_with_limit("engine-call-off", summarize(off).median, "ns", 5));
  printer.print(line_with_limit("engine-call-live", summarize(live).median, "ns", 100));
  return printer.failed() ? 1 : 0;
}
