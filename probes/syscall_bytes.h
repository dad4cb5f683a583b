/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Which system calls of x86-64 return a number of bytes that they moved, and which way. */
#ifndef SGPERF_PROBES_SYSCALL_BYTES_H
#define SGPERF_PROBES_SYSCALL_BYTES_H

#include "rows.h"

enum { SGPERF_MOVES_IN = 1, SGPERF_MOVES_OUT = 2 };

/* recvmmsg and sendmmsg return messages, io_uring's transfers have no return value: not counted. */
static const uint8_t sgperf_moves[SGPERF_NUMBER_COMPAT] = {
    [0] = SGPERF_MOVES_IN,                      /* read */
    [17] = SGPERF_MOVES_IN,                     /* pread64 */
    [19] = SGPERF_MOVES_IN,                     /* readv */
    [45] = SGPERF_MOVES_IN,                     /* recvfrom */
    [47] = SGPERF_MOVES_IN,                     /* recvmsg */
    [78] = SGPERF_MOVES_IN,                     /* getdents */
    [89] = SGPERF_MOVES_IN,                     /* readlink */
    [191] = SGPERF_MOVES_IN,                    /* getxattr */
    [192] = SGPERF_MOVES_IN,                    /* lgetxattr */
    [193] = SGPERF_MOVES_IN,                    /* fgetxattr */
    [217] = SGPERF_MOVES_IN,                    /* getdents64 */
    [243] = SGPERF_MOVES_IN,                    /* mq_timedreceive */
    [267] = SGPERF_MOVES_IN,                    /* readlinkat */
    [295] = SGPERF_MOVES_IN,                    /* preadv */
    [310] = SGPERF_MOVES_IN,                    /* process_vm_readv */
    [318] = SGPERF_MOVES_IN,                    /* getrandom */
    [327] = SGPERF_MOVES_IN,                    /* preadv2 */
    [1] = SGPERF_MOVES_OUT,                     /* write */
    [18] = SGPERF_MOVES_OUT,                    /* pwrite64 */
    [20] = SGPERF_MOVES_OUT,                    /* writev */
    [44] = SGPERF_MOVES_OUT,                    /* sendto */
    [46] = SGPERF_MOVES_OUT,                    /* sendmsg */
    [278] = SGPERF_MOVES_OUT,                   /* vmsplice */
    [296] = SGPERF_MOVES_OUT,                   /* pwritev */
    [311] = SGPERF_MOVES_OUT,                   /* process_vm_writev */
    [328] = SGPERF_MOVES_OUT,                   /* pwritev2 */
    [40] = SGPERF_MOVES_IN | SGPERF_MOVES_OUT,  /* sendfile */
    [275] = SGPERF_MOVES_IN | SGPERF_MOVES_OUT, /* splice */
    [276] = SGPERF_MOVES_IN | SGPERF_MOVES_OUT, /* tee */
    [326] = SGPERF_MOVES_IN | SGPERF_MOVES_OUT, /* copy_file_range */
};

#endif
