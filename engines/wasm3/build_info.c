/* SPDX-License-Identifier: Apache-2.0 */
/* What wasm3's API does not tell, compiled into the library by install.sh with wasm3's own headers, so that no layout
 * is guessed: its version, and how much internal code a runtime holds. */
#include "m3_env.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT const char *sgperf_wasm3_version(void) {
  return M3_VERSION;
}

static size_t used_bytes(const M3CodePage *page) {
  size_t bytes = 0;
  for (; page; page = page->info.next) bytes += page->info.lineIndex * sizeof(code_t);
  return bytes;
}

/* Bytes of translated code; what was not called yet is not translated, unless the module was compiled as a whole. */
EXPORT size_t sgperf_wasm3_code_bytes(IM3Runtime runtime) {
  return used_bytes(runtime->pagesOpen) + used_bytes(runtime->pagesFull);
}
