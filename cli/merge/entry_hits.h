// SPDX-License-Identifier: Apache-2.0
// Where the guest of a runtime began and ended, by breakpoints: the phases that hooks saw are cut there.
#pragma once

#include "record/kernel_sums.h"
#include "record/session.h"

#include <vector>

namespace sgperf::merge {

// instantiate+execute becomes instantiate | execute | teardown: at the hits of the session's code file (the file
// `code-<key>.sgc` beside it) and at those of the recorder.  What ended the execution, and why there is no breakpoint
// where there is none, is a remark of the session.
void cut_at_hits(record::Session &session, const std::vector<record::BreakpointHit> &recorded);

// The marks of a benchmark that the recorder heard as system calls of the process: a phase `bench` of the thread for
// each pair.  A start without an end is open until the end of the program.
void add_heard_marks(record::Session &session, const std::vector<record::BreakpointHit> &recorded);

} // namespace sgperf::merge
