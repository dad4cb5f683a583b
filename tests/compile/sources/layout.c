/* SPDX-License-Identifier: Apache-2.0 */
/* The headers that describe files and plug-ins, alone and twice. */
#include "libsgperf/session_layout.h"
#include "sgperf/engine.h"

int main(void) {
  return sizeof(sgperf_session_header) == 4096 ? 0 : 1;
}
