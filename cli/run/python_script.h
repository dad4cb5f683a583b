// SPDX-License-Identifier: Apache-2.0
// A script for CPython as a workload: CPython built for WASI runs it, and beside it the machine's own CPython.
#pragma once

#include <filesystem>
#include <string>

namespace sgperf::run {

bool is_python_script(const std::filesystem::path &path); // by its name: .py

// CPython for WASI, as benchmarks/fetch-python-wasi.sh puts it into the cache.  Empty: `error` says how to get it.
std::filesystem::path python_module(std::string &error);
// The nearest to it of the PATH: python3.12, else python3.  Empty if there is none.
std::filesystem::path native_python();

} // namespace sgperf::run
