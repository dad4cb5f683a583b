/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of WasmEdge whose arguments are hardest to hand on: structs by value, more words than registers.  The
 * outcome says what came. */
#include "wasmedge_api.h"

#include <string.h>

static uint32_t expected(String name, const void *arguments, uint32_t count, const void *results,
                         uint32_t results_count) {
  return (name.Length == 3 && memcmp(name.Buf, "run", 3) == 0) | (arguments == (void *)16) << 1 | (count == 5) << 2 |
         (results == (void *)32) << 3 | (results_count == 6) << 4;
}
Result WasmEdge_VMRunWasmFromBytes(void *vm, Bytes module, String name, const void *arguments, uint32_t count,
                                   void *results, uint32_t results_count) {
  return (Result){expected(name, arguments, count, results, results_count) |
                  (uint32_t)(vm == (void *)8 && module.Length == 8 && module.Buf[1] == 'a') << 5};
}
Result WasmEdge_VMRunWasmFromBuffer(void *vm, const uint8_t *module, uint32_t size, String name, const void *arguments,
                                    uint32_t count, void *results, uint32_t results_count) {
  return (Result){expected(name, arguments, count, results, results_count) |
                  (uint32_t)(vm == (void *)8 && size == 8 && module[1] == 'a') << 5};
}
Result WasmEdge_VMExecuteRegistered(void *vm, String module, String name, const void *arguments, uint32_t count,
                                    void *results, uint32_t results_count) {
  return (Result){expected(name, arguments, count, results, results_count) |
                  (uint32_t)(vm == (void *)8 && module.Length == 4 && module.Buf[0] == 'm') << 5};
}
Result WasmEdge_LoaderParseFromBytes(void *loader, void **module, Bytes bytes) {
  *module = loader;
  return (Result){bytes.Length == 8 ? 63 : 0};
}
