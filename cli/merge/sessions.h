// SPDX-License-Identifier: Apache-2.0
// Sessions -> scope and phase rows.
#pragma once

#include "merge/model.h"

namespace sgperf::merge {

// Adds one session's rows to the model.
void add_session(Model &model, record::Session session);
// Adds its phases only.
void add_phases(Model &model, const record::Session &session);
// The same sites from a run in which only `site` was on.
void add_isolated(Model &model, record::Session session, const std::string &site);
// Orders the rows once all sessions are in.
void finish_sessions(Model &model);

} // namespace sgperf::merge
