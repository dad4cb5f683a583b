/* SPDX-License-Identifier: Apache-2.0 */
/* __register_frame and __deregister_frame of libgcc: engines call them when machine code is published and when it goes
 * away, so the code's image is there to be copied, with names and address maps, without any switch of the engine.
 *
 * Always forwarded, or unwinding breaks.  The reference of an engine is versioned (__register_frame@GCC_3.0), so ours
 * is defined under a node of that name, hidden (one @): the loader binds versioned references to it, the static linker
 * never takes it for a definition. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include "preload/breakpoints.h"
#include "preload/image_functions.h"

#if defined(__x86_64__) || defined(__aarch64__)
#include <dlfcn.h>
#include <elf.h>
#include <string.h>

#pragma weak dlvsym /* as in process.c: another libc has none, and its loader never binds to the hidden hooks */

typedef void frame_function(const void *);
static frame_function *next_register, *next_deregister;

/* In a program that loaded its engine with dlopen, libgcc_s is not behind us in the global scope, but loaded. */
static frame_function *find(const char *name) {
  void *found = dlvsym(RTLD_NEXT, name, "GCC_3.0");
  if (!found) { /* nothing is loaded: who refers to this version has it */
    void *library = dlopen("libgcc_s.so.1", RTLD_LAZY | RTLD_NOLOAD);
    if (library) found = dlvsym(library, name, "GCC_3.0");
  }
  frame_function *function;
  memcpy(&function, &found, sizeof function);
  return function;
}

/* ---- what is readable around an address ---- */

struct range {
  uint64_t begin, end;     /* readable without a gap, around the address */
  uint64_t text, text_end; /* executable mapping nearest in front of the address, within the range; 0 = none */
  bool from_file;          /* that mapping is of a file */
};

static const char *hex(const char *at, uint64_t *out) {
  uint64_t value = 0;
  for (;; at++) {
    char c = *at;
    if (c >= '0' && c <= '9')
      value = value << 4 | (uint64_t)(c - '0');
    else if (c >= 'a' && c <= 'f')
      value = value << 4 | (uint64_t)(c - 'a' + 10);
    else
      break;
  }
  *out = value;
  return at;
}

/* Takes the mappings of /proc/self/maps in order of address, a line at a time; true when `range` is complete. */
static bool take_mapping(const char *line, uint64_t address, struct range *range) {
  uint64_t begin, end;
  const char *at = hex(line, &begin);
  if (*at != '-') return false;
  at = hex(at + 1, &end);
  if (*at != ' ') return false;
  bool readable = at[1] == 'r', executable = at[3] == 'x';
  if (range->end && (begin != range->end || !readable)) {
    if (range->begin <= address && address < range->end) return true;
    memset(range, 0, sizeof *range);
  }
  if (!readable) return false;
  if (!range->end) range->begin = begin;
  range->end = end;
  if (executable && begin <= address) {
    /* "rights offset device inode": a mapping without a file has inode 0 */
    for (int fields = 0; fields < 3 && *at; fields++) {
      at++;
      while (*at && *at != ' ') at++;
    }
    range->from_file = at[0] == ' ' && at[1] >= '1' && at[1] <= '9';
    range->text = begin;
    range->text_end = end;
  }
  return false;
}

/* By /proc, not by trying: a page that cannot be read is a signal of the host's. */
static bool readable_around(uint64_t address, struct range *range) {
  char buffer[4096];
  size_t have = 0;
  bool found = false;
  memset(range, 0, sizeof *range);
  int fd = sgp_open("/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  while (!found) {
    ssize_t got = sgp_read(fd, buffer + have, sizeof buffer - 1 - have);
    if (got <= 0) break;
    have += (size_t)got;
    char *line = buffer;
    char *newline;
    while (!found && (newline = memchr(line, '\n', have - (size_t)(line - buffer)))) {
      *newline = 0;
      found = take_mapping(line, address, range);
      line = newline + 1;
    }
    have -= (size_t)(line - buffer);
    memmove(buffer, line, have);
    if (have == sizeof buffer - 1) have = 0; /* a path longer than that: its mapping is of no use to us */
  }
  sgp_close(fd);
  return found || (range->begin <= address && address < range->end);
}

/* ---- images ---- */

/* Memory in front of the caller's own may be another thread's, which gives it back while we look (seen with LLVM's
 * JIT): it is read through /proc, where that is an error and no signal.  The loader has made this call too (pread64).
 */
static bool peek(int memory, uint64_t at, void *to, size_t size) {
  return sgp_kernel(SYS_pread64, memory, (long)to, (long)size, (long)at, 0, 0) == (long)size;
}

/* An ELF header at `base` proves that its image holds this eh_frame: its own tables say so, within readable memory.
 * Returns the image's length, 0 = it does not.  (DESIGN: base + .text offset = start of an executable mapping; the
 * end of the section headers is the end of the image.) */
static uint64_t proven_image(int memory, uint64_t base, uint64_t eh_frame, const struct range *range) {
  const uint64_t room = range->end - base;
  Elf64_Ehdr header;
  if (room < sizeof header || !peek(memory, base, &header, sizeof header)) return 0;
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return 0;
  const uint64_t headers = header.e_shoff;
  const uint64_t size = (uint64_t)header.e_shnum * sizeof(Elf64_Shdr);
  if (header.e_shentsize != sizeof(Elf64_Shdr) || headers > room || size > room - headers || headers % 8 != 0) return 0;
  bool text = false, frames = false;
  for (unsigned i = 0; i < header.e_shnum; i++) {
    Elf64_Shdr section;
    if (!peek(memory, base + headers + i * sizeof section, &section, sizeof section)) return 0;
    if (section.sh_offset > room) continue;
    const uint64_t at = base + section.sh_offset;
    if (at == eh_frame) frames = true;
    if ((section.sh_flags & SHF_EXECINSTR) && section.sh_size && at >= range->text && at < range->text_end) text = true;
  }
  return text && frames ? headers + size : 0;
}

/* From the page of `from` downwards. */
static uint64_t search_image(int memory, uint64_t from, uint64_t lowest, uint64_t eh_frame, const struct range *range,
                             uint64_t *out_base) {
  uint64_t base = from & ~(uint64_t)(SGP_PAGE - 1), length;
  while (!(length = proven_image(memory, base, eh_frame, range)) && base >= lowest + SGP_PAGE) base -= SGP_PAGE;
  *out_base = base;
  return length;
}

/* In front of the code first, where images have their header (Wasmtime: a page, on some machines 64 KiB); then, for
 * those that map their header with their code, from the frames down to there.  A page costs 0.3 us. */
static uint64_t find_image(uint64_t eh_frame, const struct range *range, uint64_t *out_base) {
  enum { HEADER = 1 << 20 };
  static const uint64_t largest = 256u << 20;
  if (!range->text) return 0;
  const int memory = sgp_open("/proc/self/mem", O_RDONLY | O_CLOEXEC, 0);
  if (memory < 0) return 0;
  const uint64_t front = range->text - range->begin > HEADER ? range->text - HEADER : range->begin;
  uint64_t length = search_image(memory, range->text, front, eh_frame, range, out_base);
  if (!length && eh_frame > range->text)
    length = search_image(memory, eh_frame, eh_frame - range->text > largest ? eh_frame - largest : range->text,
                          eh_frame, range, out_base);
  sgp_close(memory);
  return length;
}

/* The terminator included; 0 = there is none within readable memory. */
static uint64_t eh_frame_length(uint64_t eh_frame, const struct range *range) {
  uint64_t at = eh_frame;
  while (range->end - at >= 4) {
    const uint32_t length = *(const uint32_t *)(uintptr_t)at;
    if (length == 0) return at + 4 - eh_frame;
    if (length == UINT32_MAX || length > range->end - at - 4) return 0;
    at += 4 + (uint64_t)length;
  }
  return 0;
}

static void published(const void *begin) {
  /* Under a filter that was inherited too: what is called here, the start of the session has called. */
  if (!begin || !sgp_live() || sgp.calls == SGP_CALLS_NONE) return;
  const int saved_errno = errno;
  const uint64_t time = sgp_clock_monotonic(), eh_frame = (uint64_t)(uintptr_t)begin;
  struct range range;
  if (readable_around(eh_frame, &range)) {
    uint64_t base = 0, length = find_image(eh_frame, &range, &base);
    const bool image = length != 0;
    if (image) {
      sgp_code_published(SGPERF_CODE_IMAGE, time, eh_frame, base, length);
      sgp_image_functions(base, length);
    } else if ((length = eh_frame_length(eh_frame, &range)))
      sgp_code_published(SGPERF_CODE_FRAMES, time, eh_frame, eh_frame, length);
    sgperf_entry_points points;
    const bool arm = image && sgp_breakpoints_wanted(base, length, &points);
    if (length && sgp_code_phase_published(range.from_file, arm) && arm) {
      sgp_breakpoints_set(base, &points);
      sgp_code_phase_armed();
    }
  }
  errno = saved_errno;
}

void sgp_hook_register_frame(const void *begin);
__attribute__((visibility("default"))) void sgp_hook_register_frame(const void *begin) {
  if (!next_register) next_register = find("__register_frame");
  if (next_register) next_register(begin);
  published(begin);
}
__asm__(".symver sgp_hook_register_frame,__register_frame@GCC_3.0");

void sgp_hook_deregister_frame(const void *begin);
__attribute__((visibility("default"))) void sgp_hook_deregister_frame(const void *begin) {
  if (begin && sgp_live()) {
    const int saved_errno = errno;
    if (sgp_code_gone((uint64_t)(uintptr_t)begin)) sgp_code_phase_gone();
    errno = saved_errno;
  }
  if (!next_deregister) next_deregister = find("__deregister_frame");
  if (next_deregister) next_deregister(begin);
}
__asm__(".symver sgp_hook_deregister_frame,__deregister_frame@GCC_3.0");
#endif
