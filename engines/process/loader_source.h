// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sgperf::process {

extern const char *const loader_source; // loader.mjs

} // namespace sgperf::process
