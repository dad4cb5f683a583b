// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM set `interrupted` (worker_process.h) while one of these lives; then they are what they were.
#pragma once

#include "run/worker_process.h"

#include <signal.h>

namespace sgperf::run {

class SignalGuard {
public:
  SignalGuard() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { interrupted = signal; };
    sigemptyset(&action.sa_mask);
    interrupted = 0;
    sigaction(SIGINT, &action, &int_);
    sigaction(SIGTERM, &action, &term_);
  }
  ~SignalGuard() {
    sigaction(SIGINT, &int_, nullptr);
    sigaction(SIGTERM, &term_, nullptr);
  }
  SignalGuard(const SignalGuard &) = delete;
  SignalGuard &operator=(const SignalGuard &) = delete;

private:
  struct sigaction int_ {
  }, term_{};
};

} // namespace sgperf::run
