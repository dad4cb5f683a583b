/* SPDX-License-Identifier: Apache-2.0 */
/* The table of sites.  Places that share a name and a kind share a record and a slot; each place's own struct is
 * remembered, so that it can be switched later. */
#include "libsgperf/runtime.h"

#include <errno.h>
#include <link.h>
#include <string.h>

enum { HASH_SIZE = 2 * SGP_MAX_SITES, ENTRIES = 16384, DYNAMIC = 2048 };

/* A place in the program as it was when it registered. */
struct entry {
  sgperf_site *site;
  const char *name;
  uint32_t line;
  uint32_t id; /* 0 = gone */
};

static uint16_t hash_table[HASH_SIZE] SGP_TABLE;       /* id + 0; 0 = free */
static uint16_t histogram_of[SGP_MAX_SITES] SGP_TABLE; /* index + 1 */
static uint16_t histogram_site[SGP_MAX_HISTOGRAMS];    /* id */
static struct entry entries[ENTRIES] SGP_TABLE;
static uint32_t entry_count;
static sgperf_site
    dynamic[DYNAMIC] SGP_TABLE; /* what sgperf_site_intern() hands out; [0] is the one that is always off */
static uint16_t dynamic_of[SGP_MAX_SITES] SGP_TABLE;
static uint32_t dynamic_count = 1;

static sgperf_site off_site = {sizeof(sgperf_site), 0, "(off)", "", 0, 0};
static sgperf_site other_site = {sizeof(sgperf_site), SGP_OTHER_SITES, "(other sites)", "", 0, 0};

static uint32_t kind_of(uint32_t flags) {
  return flags & SGPERF_SITE_KIND;
}

/* ---- records ---- */

static void fill_record(uint32_t id, const char *name, size_t length, uint64_t hash, uint32_t flags, const char *file,
                        uint32_t line, bool on) {
  sgperf_site_record *r = &sgp.sites[id];
  r->id = id;
  r->flags = flags;
  r->line = line;
  r->name_hash = hash;
  r->enabled = on;
  r->name_length = (uint32_t)length;
  memcpy(r->name, name, sgp_cut_utf8(name, length, sizeof r->name - 1));
  size_t file_length = file ? strlen(file) : 0;
  if (file_length) { /* the end of the path says more than its beginning */
    const char *from = file_length < sizeof r->file ? file : file + file_length - (sizeof r->file - 1);
    while (((unsigned char)*from & 0xc0) == 0x80) from++;
    memcpy(r->file, from, strlen(from));
  }
  __atomic_store_n(&r->ready, 1, __ATOMIC_RELEASE);
}

static bool is_same(const sgperf_site_record *r, const char *name, size_t length, uint64_t hash, uint32_t kind) {
  return r->name_hash == hash && r->name_length == length && kind_of(r->flags) == kind &&
         strncmp(r->name, name, strlen(r->name)) == 0;
}

static uint32_t place_of(uint64_t hash, uint32_t kind) {
  return (uint32_t)((hash ^ (hash >> 32)) * 31 + kind * 7919u) % HASH_SIZE;
}

/* Records 0 and 1, when the first site comes. */
static bool first_records(void) {
  static const char none[] = "(none)", other[] = "(other sites)";
  if (sgp.header->site_count) return true;
  if (!sgp_need_site(1)) return false;
  fill_record(0, none, sizeof none - 1, sgp_hash(none, sizeof none - 1), SGPERF_SITE_SCOPE, NULL, 0, false);
  fill_record(1, other, sizeof other - 1, sgp_hash(other, sizeof other - 1), SGPERF_SITE_SCOPE, NULL, 0, true);
  __atomic_store_n(&sgp.header->site_count, 2, __ATOMIC_RELEASE);
  return true;
}

/* ---- histograms ---- */

static void point_to_histogram(sgperf_block *block, uint32_t id) {
  uint64_t offset = sgp.histogram_offset + (uint64_t)(histogram_of[id] - 1) * SGP_HISTOGRAM_BYTES + 8;
  __atomic_store_n(&block->slots[id].hist, offset, __ATOMIC_RELAXED);
}

void sgp_histograms_of_block(sgperf_block *block) {
  for (uint32_t i = 0; i < sgp.histogram_count; i++) point_to_histogram(block, histogram_site[i]);
}

static void give_histogram(uint32_t id) {
  if (histogram_of[id] || sgp.histogram_count >= sgp.histogram_capacity || !sgp_need_histogram(sgp.histogram_count))
    return;
  histogram_site[sgp.histogram_count] = (uint16_t)id;
  histogram_of[id] = (uint16_t)(++sgp.histogram_count);
  for (uint32_t i = 0; i < sgp.block_capacity; i++)
    if (sgp_block_is_ready(i)) point_to_histogram(sgp_block(i), id);
  __atomic_fetch_or(&sgp.sites[id].flags, SGPERF_SITE_HIST, __ATOMIC_RELAXED);
}

/* Index of the record, new or old; 0 = no place.  Lock held. */
enum intern { FIND, CREATE };
static uint32_t intern(enum intern how, const char *name, uint32_t flags, const char *file, uint32_t line) {
  size_t length = strlen(name);
  uint64_t hash = sgp_hash(name, length);
  uint32_t kind = kind_of(flags);
  uint32_t at = place_of(hash, kind);
  for (; hash_table[at]; at = (at + 1) % HASH_SIZE)
    if (is_same(&sgp.sites[hash_table[at]], name, length, hash, kind)) break;
  uint32_t id = hash_table[at];
  if (!id && how == FIND) return 0;
  if (!id) {
    if (!first_records()) return 0;
    uint32_t next = sgp.header->site_count;
    if (next >= sgp.site_capacity || !sgp_need_site(next) || !sgp_need_slot(next)) return 0;
    id = next;
    /* The histogram flag is set when there is one. */
    fill_record(id, name, length, hash, flags & ~(uint32_t)SGPERF_SITE_HIST, file, line,
                kind == SGPERF_SITE_PHASE || sgp_selection_is_on(name));
    hash_table[at] = (uint16_t)id;
    __atomic_store_n(&sgp.header->site_count, next + 1, __ATOMIC_RELEASE);
  }
  if (kind == SGPERF_SITE_SCOPE && (flags & SGPERF_SITE_HIST || sgp_selection_wants_histogram(name)))
    give_histogram(id);
  return id;
}

uint32_t sgp_phase_site(const char *name, bool create) {
  return intern(create ? CREATE : FIND, name, SGPERF_SITE_PHASE, NULL, 0);
}

/* Slot of a place: of its own, the common one of those without, or none.  A counter without a slot is off, since its
 * sum would be mixed with times. */
static int32_t slot_of(uint32_t id, uint32_t flags) {
  if (!id) {
    sgp_drop(&sgp.header->dropped.sites);
    return kind_of(flags) == SGPERF_SITE_SCOPE ? SGP_OTHER_SITES : 0;
  }
  return sgp.sites[id].enabled ? (int32_t)id : 0;
}

/* ---- registration ---- */

int32_t sgp_register_site(sgperf_site *site) {
  if (!sgp_live()) {
    __atomic_store_n(&site->slot, 0, __ATOMIC_RELAXED);
    return 0;
  }
  int saved_errno = errno;
  if (!sgp_lock()) { /* inside our own slow path: the site stays at -1 and asks again next time */
    sgp_drop(&sgp.header->dropped.sites);
    return 0;
  }
  int32_t slot = __atomic_load_n(&site->slot, __ATOMIC_RELAXED);
  if (slot < 0) {
    if (site->struct_size < sizeof(sgperf_site) || !site->name || !*site->name ||
        kind_of(site->flags) > SGPERF_SITE_GAUGE) {
      slot = 0; /* not a site that any version of the header makes */
    } else {
      uint32_t id = intern(CREATE, site->name, site->flags, site->file, site->line);
      slot = slot_of(id, site->flags);
      if (entry_count < ENTRIES)
        entries[entry_count++] = (struct entry){site, site->name, site->line, id ? id : SGP_OTHER_SITES};
    }
    __atomic_store_n(&site->slot, slot, __ATOMIC_RELEASE);
  }
  sgp_unlock();
  errno = saved_errno;
  return slot;
}

int sgp_site_intern(sgperf_site **out, const char *name, uint32_t flags) {
  if (!out || !name || !*name || kind_of(flags) > SGPERF_SITE_GAUGE) return -EINVAL;
  if (!sgp_live()) {
    *out = &off_site;
    return 0;
  }
  int saved_errno = errno, result = 0;
  if (!sgp_lock()) return -EBUSY;
  uint32_t id = intern(CREATE, name, flags, NULL, 0);
  int32_t slot = slot_of(id, flags);
  if (!id) {
    *out = slot ? &other_site : &off_site;
  } else if (dynamic_of[id]) {
    *out = &dynamic[dynamic_of[id]];
  } else if (dynamic_count == DYNAMIC || entry_count == ENTRIES) {
    result = -ENOSPC;
  } else {
    dynamic_of[id] = (uint16_t)dynamic_count;
    sgperf_site *site = &dynamic[dynamic_count++];
    *site = (sgperf_site){sizeof(sgperf_site), slot, sgp.sites[id].name, "", 0, flags};
    entries[entry_count++] = (struct entry){site, site->name, 0, id};
    *out = site;
  }
  sgp_unlock();
  errno = saved_errno;
  return result;
}

/* ---- switching ---- */

/* The structs live in the host's libraries, which may have been unloaded since, and other memory may be where they
 * were. So they are touched only from inside dl_iterate_phdr, which keeps the loader from unmapping anything meanwhile,
 * only if they lie in a writable segment of an object that is loaded now, and only if they still look as they did when
 * they registered: size, name pointer and line.  A new library at an old address fails the last test or has the same
 * site at the same place, and then it is right to switch it.  Sites outside any object (on a heap) are never switched.
 */
struct visit {
  bool (*wanted)(const struct entry *entry, void *context, int32_t *out_slot);
  void *context;
};

static int visit_object(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  struct visit *visit = context;
  if (!sgp_lock()) return 1;
  for (int p = 0; p < info->dlpi_phnum; p++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[p];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W)) continue;
    uintptr_t from = info->dlpi_addr + segment->p_vaddr, to = from + segment->p_memsz;
    for (uint32_t i = 0; i < entry_count; i++) {
      struct entry *entry = &entries[i];
      uintptr_t at = (uintptr_t)entry->site;
      if (!entry->id || at < from || at + sizeof(sgperf_site) > to) continue;
      sgperf_site *site = entry->site;
      if (site->struct_size < sizeof(sgperf_site) || site->name != entry->name || site->line != entry->line) {
        entry->id = 0; /* another object lies there now */
        continue;
      }
      int32_t slot;
      if (__atomic_load_n(&site->slot, __ATOMIC_RELAXED) >= 0 && visit->wanted(entry, visit->context, &slot))
        __atomic_store_n(&site->slot, slot, __ATOMIC_RELAXED);
    }
  }
  sgp_unlock();
  return 0;
}

struct toggle {
  const char *globs;
  int on;
};

static bool wants_toggle(const struct entry *entry, void *context, int32_t *out_slot) {
  const struct toggle *toggle = context;
  bool match = false;
  /* A site beyond the table: its name is where it registered it, in an object that is still loaded. */
  const char *name = entry->id == SGP_OTHER_SITES ? entry->name : sgp.sites[entry->id].name;
  if (!sgp_glob_list(toggle->globs, name, &match) || !match) return false;
  if (entry->id == SGP_OTHER_SITES && kind_of(entry->site->flags) != SGPERF_SITE_SCOPE) return false;
  *out_slot = toggle->on ? (int32_t)entry->id : 0;
  return true;
}

int sgp_enable(const char *globs, int on) {
  bool match;
  if (!globs || !sgp_glob_list(globs, "", &match)) return -EINVAL;
  if (!sgp_live()) return 0;
  int saved_errno = errno, matched = 0;
  if (!sgp_lock()) return -EBUSY;
  int rc = sgp_selection_add(globs, on);
  if (rc == 0) {
    uint32_t count = sgp.header->site_count;
    for (uint32_t id = 2; id < count; id++) {
      sgperf_site_record *r = &sgp.sites[id];
      if (kind_of(r->flags) == SGPERF_SITE_PHASE) continue;
      if (!sgp_glob_list(globs, r->name, &match) || !match) continue;
      __atomic_store_n(&r->enabled, on != 0, __ATOMIC_RELAXED);
      matched++;
    }
  }
  sgp_unlock();
  if (rc == 0) {
    /* The loader's lock is taken before ours, here and everywhere. */
    struct toggle toggle = {globs, on};
    struct visit visit = {wants_toggle, &toggle};
    dl_iterate_phdr(visit_object, &visit);
  }
  errno = saved_errno;
  return rc ? rc : matched;
}

static bool wants_off(const struct entry *entry, void *context, int32_t *out_slot) {
  (void)entry;
  (void)context;
  *out_slot = 0;
  return true;
}

void sgp_sites_off(void) {
  struct visit visit = {wants_off, NULL};
  dl_iterate_phdr(visit_object, &visit);
}
