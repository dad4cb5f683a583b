/* SPDX-License-Identifier: Apache-2.0 */
/* Own declarations, of WasmEdge's public headers. */
#ifndef SGPERF_TEST_WASMEDGE_API_H
#define SGPERF_TEST_WASMEDGE_API_H

#include <stdint.h>

typedef struct {
  uint32_t Code;
} Result;
typedef struct {
  uint32_t Length;
  const char *Buf;
} String;
typedef struct {
  uint32_t Length;
  const uint8_t *Buf;
} Bytes;
#define API __attribute__((visibility("default")))
API Result WasmEdge_VMRunWasmFromBytes(void *vm, const Bytes module, const String name, const void *arguments,
                                       const uint32_t count, void *results, const uint32_t results_count);
API Result WasmEdge_VMRunWasmFromBuffer(void *vm, const uint8_t *module, const uint32_t size, const String name,
                                        const void *arguments, const uint32_t count, void *results,
                                        const uint32_t results_count);
API Result WasmEdge_VMExecuteRegistered(void *vm, const String module, const String name, const void *arguments,
                                        const uint32_t count, void *results, const uint32_t results_count);
API Result WasmEdge_LoaderParseFromBytes(void *loader, void **module, const Bytes bytes);

#endif
