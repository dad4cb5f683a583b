// SPDX-License-Identifier: Apache-2.0
// What `sgperf top` shows.
#pragma once

#include "emit/text_table.h"
#include "merge/live_sessions.h"

#include <string>

namespace sgperf::emit {

struct LiveOptions {
  TextStyle style;
  size_t top = 20; // rows of each table; 0 = all
};

std::string live_text(const merge::LiveView &view, const LiveOptions &options);
// What became of the sessions of a view, a line each.
std::string live_end(const merge::LiveView &view, const LiveOptions &options);
// One object on one line (docs/top.md), with the line's end.
std::string live_json(const merge::LiveView &view);

} // namespace sgperf::emit
