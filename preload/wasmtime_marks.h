/* SPDX-License-Identifier: Apache-2.0 */
/* bench.start and bench.end for a module that imports them and a host that does not have them. */
#ifndef SGPERF_PRELOAD_WASMTIME_MARKS_H
#define SGPERF_PRELOAD_WASMTIME_MARKS_H

/* In front of wasmtime_linker_instantiate(linker, store, module, ..), which `real` is: defines in the linker what the
 * module imports of the two and the linker lacks.  Each begin has its end. */
void sgp_wasmtime_marks_begin(const void *real, void *linker, void *store, const void *module);
void sgp_wasmtime_marks_end(void);

#endif
