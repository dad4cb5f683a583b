// SPDX-License-Identifier: Apache-2.0
// The files in which engines name their JIT code: into the recording with them, and nothing of them left elsewhere.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

namespace sgperf::run {

// After the end of the recorded processes.  Into `recording`, under their own names, come
//   - jit-*.dump and perf-*.map from anywhere below `folder` (private to this recording; removed, with all in it),
//   - dumps elsewhere that a process of `pids` mapped as perf wants it (known from the recording's perf.data),
//   - /tmp/perf-PID.map of `pids`.
// Outside of `folder` only regular files of this user that were written to since `started_realtime_ns` (CLOCK_REALTIME)
// are looked at, and links are not followed.  Unless `keep_originals`, those that were made since then are removed, and
// with them V8's isolate-*-PID-v8.log beside a dump and in the working directory; what existed before stays as it is.
// `pids` are those of this pid namespace: files of a process in another one have other names.  Problems are added to
// `problems`, one a line.
void collect_jit_files(const std::filesystem::path &folder, const std::filesystem::path &recording,
                       const std::set<pid_t> &pids, uint64_t started_realtime_ns, std::string &problems,
                       bool keep_originals = false);

} // namespace sgperf::run
