/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of a published image, one by one, for those who read jitdumps and perf maps (SGPERF_JIT): as the
 * symbols of the image have them. */
#include "libsgperf/runtime.h"

#include "libsgperf/entry_layout.h"
#include "preload/image_functions.h"

void sgp_image_functions(uint64_t base, uint64_t length) {
  const uint8_t *image = (const uint8_t *)(uintptr_t)base;
  struct sgperf_i_symbols table;
  if ((!sgp_jit_wants_perf_map() && !sgp_jit_wants_jitdump()) || sgp.calls != SGP_CALLS_ALL) return;
  if (!sgperf_i_find_symbols(image, length, &table) || !sgp_lock()) return;
  for (uint64_t i = 0; i < table.count; i++) {
    Elf64_Sym symbol;
    const char *name = sgperf_i_symbol(&table, i, &symbol);
    if (!name || !*name || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || !symbol.st_size ||
        !sgperf_i_within(symbol.st_value, symbol.st_size, table.text_size))
      continue;
    const uint64_t address = base + table.text + symbol.st_value;
    const struct sgp_function function = {name, strlen(name), address, symbol.st_size,
                                          (const void *)(uintptr_t)address};
    if (sgp_jit_wants_perf_map() && !sgp_perf_map_write(&function)) sgp_drop(&sgp.header->dropped.jit);
    if (sgp_jit_wants_jitdump() && !sgp_jitdump_write(&function)) sgp_drop(&sgp.header->dropped.jit);
  }
  sgp_unlock();
}
