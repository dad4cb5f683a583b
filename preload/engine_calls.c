/* SPDX-License-Identifier: Apache-2.0 */
/* What a wrapper forwards to: the function that the caller's reference would be bound to if we were not there. */
#include "preload/engine_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#pragma weak dladdr1 /* another libc has none, and nothing is measured there (libsgperf/process.c) */

/* In the global scope, behind us: the same for all callers.  The library is kept loaded, as the loader keeps what a
 * reference was bound to. */
static void *global(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  Dl_info info;
  struct link_map *map = NULL;
  if (found && dladdr1 && dladdr1(found, &info, (void **)&map, RTLD_DL_LINKMAP) && map && map->l_name[0])
    (void)dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD);
  return found;
}

void *sgp_engine_library(const void *function) {
  Dl_info info;
  struct link_map *map = NULL;
  if (!dladdr1 || !dladdr1(function, &info, (void **)&map, RTLD_DL_LINKMAP) || !map) return NULL;
  return dlopen(map->l_name[0] ? map->l_name : NULL, RTLD_LAZY | RTLD_NOLOAD);
}
void *sgp_engine_symbol(void *library, const char *name) {
  return dlsym(library, name);
}
void sgp_engine_library_close(void *library) {
  dlclose(library);
}

/* In a program that loaded a library with dlopen(RTLD_LOCAL), and that one its engine: in the caller's own scope. */
static void *local(const char *name, const void *caller) {
  void *library = sgp_engine_library(caller);
  if (!library) return NULL;
  void *found = dlsym(library, name);
  dlclose(library);
  return found;
}

/* ---- callers that have one of their own ----
 *
 * Several engines share these names, so each place of a call is remembered for itself, and only until a library is
 * unloaded: another one may come to be where the caller or its engine was. */
enum { PLACES = 128 };
static struct place {
  const struct sgp_engine_call *call;
  const void *caller;
  void *real;
} places[PLACES] SGP_TABLE;
static unsigned place_count;
static unsigned long long unloads;
static int places_taken; /* a lock that nobody waits for: who finds it taken asks the loader again */

static int read_unloads(struct dl_phdr_info *info, size_t size, void *out) {
  if (size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof info->dlpi_subs)
    *(unsigned long long *)out = info->dlpi_subs;
  return 1;
}

static bool take_places(void) {
  int expected = 0;
  if (!__atomic_compare_exchange_n(&places_taken, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    return false;
  unsigned long long now = 0;
  dl_iterate_phdr(read_unloads, &now);
  if (now != unloads) place_count = 0;
  unloads = now;
  return true;
}
static void give_places(void) {
  __atomic_store_n(&places_taken, 0, __ATOMIC_RELEASE);
}

static void *known_place(const struct sgp_engine_call *call, const void *caller) {
  void *found = NULL;
  if (!take_places()) return NULL;
  for (unsigned i = 0; i < place_count && !found; i++)
    if (places[i].call == call && places[i].caller == caller) found = places[i].real;
  give_places();
  return found;
}

static void remember_place(const struct sgp_engine_call *call, const void *caller, void *real) {
  if (!take_places()) return;
  if (place_count == PLACES) place_count = 0;
  places[place_count++] = (struct place){call, caller, real};
  give_places();
}

/* ---- callers that are not the caller ----
 *
 * Where a library's call of the function is its last, the return address is of whoever called the library (seen in
 * WAMR's own: wasm_runtime_load ends so).  What that one cannot see is looked for in everything that is loaded, and
 * taken if one library alone has it. */
enum { MOST_LIBRARIES = 512 };
struct loaded {
  const char *names[MOST_LIBRARIES];
  unsigned count;
};

/* Only that, since the loader's lock is held. */
static int take_name(struct dl_phdr_info *info, size_t size, void *out) {
  (void)size;
  struct loaded *loaded = out;
  if (info->dlpi_name && info->dlpi_name[0]) loaded->names[loaded->count++] = info->dlpi_name;
  return loaded->count == MOST_LIBRARIES;
}

static void *anywhere(const char *name) {
  struct loaded loaded;
  loaded.count = 0;
  dl_iterate_phdr(take_name, &loaded);
  void *only = NULL;
  for (unsigned i = 0; i < loaded.count; i++) {
    void *library = dlopen(loaded.names[i], RTLD_LAZY | RTLD_NOLOAD);
    void *found = library ? dlsym(library, name) : NULL; /* also of what the library needs: that is met again */
    if (library) dlclose(library);
    if (!found || found == only) continue;
    if (only) return NULL;
    only = found;
  }
  return only;
}

/* ---- nothing behind us ---- */

/* As the loader ends a program that calls what nobody defines: its words, its exit code. */
static __attribute__((noreturn)) void missing(const char *name, const void *caller) {
  char text[512];
  char *const end = text + sizeof text;
  Dl_info info;
  const char *where = dladdr(caller, &info) && info.dli_fname ? info.dli_fname : "?";
  char *at = sgp_put_text(text, end, program_invocation_name);
  at = sgp_put_text(at, end, ": symbol lookup error: ");
  at = sgp_put_text(at, end, where);
  at = sgp_put_text(at, end, ": undefined symbol: ");
  at = sgp_put_text(sgp_put_text(at, end, name), end, "\n");
  ssize_t written = write(STDERR_FILENO, text, (size_t)(at - text));
  (void)written;
  _exit(127);
}

void *sgp_engine_find(struct sgp_engine_call *call, const void *caller) {
  const int saved_errno = errno;
  void *real = NULL;
  /* Once somebody was sent to an engine of its own, what comes into the global scope later is not for everybody. */
  if (__atomic_load_n(&call->local, __ATOMIC_ACQUIRE)) real = known_place(call, caller);
  if (!real && (real = global(call->name))) {
    if (__atomic_load_n(&call->local, __ATOMIC_ACQUIRE))
      remember_place(call, caller, real);
    else
      __atomic_store_n(&call->real, real, __ATOMIC_RELEASE);
  }
  if (!real && ((real = local(call->name, caller)) || (real = anywhere(call->name)))) {
    __atomic_store_n(&call->local, true, __ATOMIC_RELEASE);
    remember_place(call, caller, real);
  }
  if (!real) missing(call->name, caller);
  errno = saved_errno;
  return real;
}
