/* SPDX-License-Identifier: Apache-2.0 */
/* Where a host enters a guest, in an image of machine code as Wasmtime publishes it: the trampoline
 * `array_to_wasm_trampoline[i]` of the function that the module exports as `_start`, and where it returns.
 *
 * Header only, plain C, libc's string.h and elf.h: the library in the target uses it, and the recorder on a copy. */
#ifndef SGPERF_ENTRY_POINTS_H
#define SGPERF_ENTRY_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Offsets from the image's first byte; 0 = not found. */
typedef struct sgperf_entry_points {
  uint64_t entry, normal_return, unwind_return;
} sgperf_entry_points;

/* `image`: the whole ELF.  `module`: the bytes of the module it was compiled from, NULL if they are not known (then by
 * names of functions; a stripped module has none).  Bad input of any kind is false, never a fault. */
static inline bool sgperf_find_entry(const void *image, uint64_t image_length, const void *module,
                                     uint64_t module_length, sgperf_entry_points *out);

#ifdef __cplusplus
}
#endif
#endif
