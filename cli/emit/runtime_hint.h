// SPDX-License-Identifier: Apache-2.0
// Of a runtime whose guest's functions a session cannot have: why, and what shows them.
#pragma once

#include "merge/model.h"

#include <string>

namespace sgperf::emit {

// One sentence; empty: nothing is known of this program, or its session has code.
std::string runtime_hint(const merge::SessionRow &session, const merge::CompiledCode &code);

} // namespace sgperf::emit
