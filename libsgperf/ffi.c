/* SPDX-License-Identifier: Apache-2.0 */
/* Out-of-line twins of the inline functions, for callers that have no C compiler: the same header, compiled once with
 * external linkage. */
#define SGPERF_I_FN __attribute__((visibility("default")))
#include "sgperf/sgperf.h"
