// SPDX-License-Identifier: Apache-2.0
// poll_oneoff with one subscription, a monotonic clock whose time is up at once: nobody sleeps; natively ppoll of
// nothing with a timeout of zero.
#include "wasi_calls.h"

static int call(void) {
#ifdef __wasm__
  __wasi_subscription_t subscription;
  __wasi_event_t event;
  __wasi_size_t events = 0;
  memset(&subscription, 0, sizeof subscription);
  subscription.userdata = 42;
  subscription.u.tag = __WASI_EVENTTYPE_CLOCK;
  subscription.u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  return __wasi_poll_oneoff(&subscription, &event, 1, &events) == 0 && events == 1 && event.userdata == 42 &&
         event.error == 0;
#else
  struct timespec zero = {0, 0};
  return ppoll(NULL, 0, &zero, NULL) == 0;
#endif
}

int main(void) {
  BENCH_CALLS(call());
}
