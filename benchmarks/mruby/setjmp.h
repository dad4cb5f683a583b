/* SPDX-License-Identifier: Apache-2.0 */
/* In place of the C library's, which wasi-libc 16 does not have: WebAssembly has no way back up the stack without
 * its exceptions, and few engines have those.  mruby raises an error by longjmp(); here that is a trap.  A script that
 * raises none does not notice.  The native object is built with this file too, so that both do the same. */
#ifndef SGPERF_MRUBY_SETJMP_H
#define SGPERF_MRUBY_SETJMP_H

typedef int jmp_buf[1];
#define setjmp(buffer) ((void)(buffer), 0)
#define longjmp(buffer, value) __builtin_trap()

#endif
