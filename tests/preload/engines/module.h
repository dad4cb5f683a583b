/* SPDX-License-Identifier: Apache-2.0 */
/* (module (func $add_three (export "run") (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))) */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const uint8_t wasm[] = {0,  'a', 's', 'm', 1,   0,   0,   0,    1,   6,   1,   0x60, 1,   0x7f, 1,   0x7f,
                               3,  2,   1,   0,   7,   7,   1,   3,    'r', 'u', 'n', 0,    0,   10,   9,   1,
                               7,  0,   32,  0,   65,  3,   106, 0x0b, 0,   19,  4,   'n',  'a', 'm',  'e', 1,
                               12, 1,   0,   9,   'a', 'd', 'd', '_',  't', 'h', 'r', 'e',  'e'};
#define EXPECT(condition)                                                                                              \
  if (!(condition)) {                                                                                                  \
    fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                                            \
    exit(4);                                                                                                           \
  }
