/* SPDX-License-Identifier: Apache-2.0 */
/* dlcloses LIBRARY ROUNDS: loads the library, calls it, unloads it, switches all sites off and on again (which must not
 * write to the sites that are gone), ROUNDS times.  While it is unloaded its old addresses are taken by inaccessible
 * memory, where the old mapping allows, so that a write to them would kill. */
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <sgperf/sgperf.h>

/* Bytes from the start of a loaded library to its end. */
static size_t span(const char *base) {
  const ElfW(Ehdr) *elf = (const ElfW(Ehdr) *)(const void *)base;
  const ElfW(Phdr) *segment = (const ElfW(Phdr) *)(const void *)(base + elf->e_phoff);
  size_t end = 0;
  for (int i = 0; i < elf->e_phnum; ++i)
    if (segment[i].p_type == PT_LOAD && segment[i].p_vaddr + segment[i].p_memsz > end)
      end = segment[i].p_vaddr + segment[i].p_memsz;
  return (end + 4095) & ~(size_t)4095;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const int rounds = atoi(argv[2]);
  for (int round = 0; round < rounds; ++round) {
    void *handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
      fprintf(stderr, "%s\n", dlerror());
      return 3;
    }
    struct link_map *map = NULL;
    dlinfo(handle, RTLD_DI_LINKMAP, &map);
    void *base = (void *)map->l_addr;
    const size_t size = span(base);
    int (*work)(int) = NULL;
    *(void **)&work = dlsym(handle, "plugin_work"); /* the way POSIX shows */
    if (!work || work(100) != 100) return 4;
    sgperf_enable("plugin::*", 0);
    work(50); /* off */
    sgperf_enable("plugin::*", 1);
    if (work(10) != 10) return 4;
    if (dlclose(handle) != 0 || dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD)) return 5; /* really gone */
    void *guard = mmap(base, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    {
      SGPERF_SCOPE("host::between");
      if (sgperf_enable("*", 0) < 0 || sgperf_enable("*", 1) < 0) return 6;
    }
    if (guard != MAP_FAILED) munmap(guard, size);
    if (round == 0) printf("guard %s\n", guard == MAP_FAILED ? "refused" : "placed");
  }
  printf("rounds %d\n", rounds);
  return 0;
}
