/* SPDX-License-Identifier: Apache-2.0 */
/* libkernel: the layer that makes real system calls. Its functions return 0 or more, or a negative errno. */
#ifndef LAYERS_KERNEL_H
#define LAYERS_KERNEL_H

int kernel_close(int fd);

#endif
