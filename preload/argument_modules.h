/* SPDX-License-Identifier: Apache-2.0 */
/* The modules that the program was given by name. */
#ifndef SGPERF_PRELOAD_ARGUMENT_MODULES_H
#define SGPERF_PRELOAD_ARGUMENT_MODULES_H

#include "libsgperf/entry_layout.h"

/* For an image without names of functions: by the first argument of the program that is a .wasm file whose `_start`
 * the image has a trampoline for. */
bool sgp_find_entry_by_arguments(const void *image, uint64_t length, sgperf_entry_points *out);

#endif
