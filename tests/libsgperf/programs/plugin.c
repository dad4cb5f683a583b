/* SPDX-License-Identifier: Apache-2.0 */
/* An instrumented library that dlclose.c loads and unloads. */
#include <sgperf/sgperf.h>

int plugin_work(int n);

__attribute__((visibility("default"))) int plugin_work(int n) {
  for (int i = 0; i < n; ++i) {
    SGPERF_SCOPE("plugin::outer");
    SGPERF_SCOPE("plugin::inner");
    SGPERF_COUNT("plugin::items", 2);
  }
  return n;
}
