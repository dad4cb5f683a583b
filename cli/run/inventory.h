// SPDX-License-Identifier: Apache-2.0
// What there is to run: `sgperf suite`.
#pragma once

namespace sgperf::run {

void print_suites(bool json);

} // namespace sgperf::run
