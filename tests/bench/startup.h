// SPDX-License-Identifier: Apache-2.0
// Start-up of an empty program with libsgperf preloaded, beside the same program with an empty library preloaded.
#pragma once

#include <filesystem>
#include <string>

#include "bench/bench_line.h"

namespace sgperf::bench {

// Prints the measure "startup-preload".  `dir` holds the program and the empty library (beside the benchmark's own
// executable); the session files of the runs go to `session_dir`, which the caller removes.  False = could not measure;
// `error` says why.
bool measure_startup(Printer &printer, const std::filesystem::path &dir, const std::filesystem::path &library,
                     const std::filesystem::path &session_dir, int pairs, std::string &error);

// libsgperf.so as this build made it, found from the benchmark's own place: <builddir>/libsgperf/libsgperf.so.1.
std::filesystem::path built_library();
std::filesystem::path own_dir(); // folder of this executable

} // namespace sgperf::bench
