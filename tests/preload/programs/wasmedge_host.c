/* SPDX-License-Identifier: Apache-2.0 */
/* Calls the functions of fake_wasmedge.c. */
#include "wasmedge_api.h"

#include <stdio.h>

int main(void) {
  static const uint8_t module[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  const Bytes bytes = {sizeof module, module};
  const String name = {3, "run"}, other = {4, "main"};
  void *const vm = (void *)8, *const in = (void *)16, *const out = (void *)32;
  void *parsed = NULL;
  const unsigned codes[] = {WasmEdge_LoaderParseFromBytes(vm, &parsed, bytes).Code,
                            WasmEdge_VMRunWasmFromBytes(vm, bytes, name, in, 5, out, 6).Code,
                            WasmEdge_VMRunWasmFromBuffer(vm, module, sizeof module, name, in, 5, out, 6).Code,
                            WasmEdge_VMExecuteRegistered(vm, other, name, in, 5, out, 6).Code};
  printf("%d %u %u %u %u\n", parsed == vm, codes[0], codes[1], codes[2], codes[3]);
  return 0;
}
