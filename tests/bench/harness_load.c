/* SPDX-License-Identifier: Apache-2.0 */
/* The least that a process needs to have an engine: start, dlopen, create, end.  argv: plug-in, tier ("" = default),
 * cache folder.  The yardstick of bench-harness. */
#include "sgperf/engine.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void on_log(void *host, int level, const char *message) {
  (void)host;
  if (level == SGPERF_LOG_ERROR) fprintf(stderr, "%s\n", message);
}
static void on_region(void *host, uint32_t region) {
  (void)host, (void)region;
}
static void on_region_at(void *host, uint32_t region, uint64_t a, uint64_t b) {
  (void)host, (void)region, (void)a, (void)b;
}
static void on_hook(void *host) {
  (void)host;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  void *found = library ? dlsym(library, SGPERF_ENGINE_ENTRY) : NULL;
  if (!found) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  sgperf_engine_entry entry;
  memcpy(&entry, &found, sizeof entry);
  const struct sgperf_engine *engine = entry(SGPERF_ENGINE_VERSION);
  static const char *const none[] = {NULL};
  struct sgperf_engine_config config = {0};
  config.struct_size = sizeof config;
  config.log = on_log;
  config.region_begin = config.region_end = on_region;
  config.region_at = on_region_at;
  config.bench_start = config.bench_end = on_hook;
  config.tier = *argv[2] ? argv[2] : NULL;
  config.cache_dir = argv[3];
  config.work_dir = "/tmp";
  config.args = config.env = none;
  void *created = NULL;
  _exit(engine && engine->create(&config, &created) == SGPERF_ENGINE_OK ? 0 : 1);
}
