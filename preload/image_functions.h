/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SGPERF_PRELOAD_IMAGE_FUNCTIONS_H
#define SGPERF_PRELOAD_IMAGE_FUNCTIONS_H

#include <stdint.h>

/* Writes them where SGPERF_JIT asks for it; nothing if it does not.  Lock not held. */
void sgp_image_functions(uint64_t base, uint64_t length);

#endif
