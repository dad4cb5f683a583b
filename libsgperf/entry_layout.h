/* SPDX-License-Identifier: Apache-2.0 */
/* Where a host enters a guest, in an image of machine code as Wasmtime publishes it: the trampoline
 * `array_to_wasm_trampoline[i]` of the function that the module exports as `_start`, and where it returns.
 *
 * The image's own symbols have i: `wasm[0]::function[i]::_start.command_export` of a clang module (which has a
 * `_start` too, that is not exported), else `::_start`.  An image without names has the trampolines still: of exported
 * functions and of those in tables, so a single one is it, and else the module's export section must say.
 *
 * Header only, plain C, libc's string.h and elf.h: the library in the target uses it, and tests do. */
#ifndef SGPERF_ENTRY_LAYOUT_H
#define SGPERF_ENTRY_LAYOUT_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Offsets from the image's first byte; 0 = not found. */
typedef struct sgperf_entry_points {
  uint64_t entry, normal_return, unwind_return;
} sgperf_entry_points;

/* The tables of an image that were found within its bytes. */
struct sgperf_i_symbols {
  const uint8_t *symbols;
  uint64_t count;
  const char *names;
  uint64_t names_size;
  uint64_t text, text_size;
};

static inline bool sgperf_i_within(uint64_t offset, uint64_t size, uint64_t length) {
  return offset <= length && size <= length - offset;
}

static inline Elf64_Shdr sgperf_i_section(const uint8_t *image, const Elf64_Ehdr *header, uint64_t index) {
  Elf64_Shdr section;
  memcpy(&section, image + header->e_shoff + index * sizeof section, sizeof section);
  return section;
}

static inline bool sgperf_i_find_symbols(const uint8_t *image, uint64_t length, struct sgperf_i_symbols *out) {
  Elf64_Ehdr header;
  if (length < sizeof header) return false;
  memcpy(&header, image, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_machine != EM_X86_64 || header.e_shentsize != sizeof(Elf64_Shdr) ||
      !sgperf_i_within(header.e_shoff, (uint64_t)header.e_shnum * sizeof(Elf64_Shdr), length))
    return false;
  memset(out, 0, sizeof *out);
  for (uint64_t i = 0; i < header.e_shnum; i++) {
    const Elf64_Shdr section = sgperf_i_section(image, &header, i);
    if (section.sh_type == SHT_NOBITS || !sgperf_i_within(section.sh_offset, section.sh_size, length)) continue;
    if (section.sh_type == SHT_PROGBITS && (section.sh_flags & SHF_EXECINSTR) && !out->text_size) {
      out->text = section.sh_offset;
      out->text_size = section.sh_size;
    }
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= header.e_shnum) continue;
    const Elf64_Shdr names = sgperf_i_section(image, &header, section.sh_link);
    if (!sgperf_i_within(names.sh_offset, names.sh_size, length)) continue;
    out->symbols = image + section.sh_offset;
    out->count = section.sh_size / sizeof(Elf64_Sym);
    out->names = (const char *)image + names.sh_offset;
    out->names_size = names.sh_size;
  }
  return out->symbols && out->text_size;
}

/* The name of a symbol, terminated; NULL: it has none within the table. */
static inline const char *sgperf_i_symbol(const struct sgperf_i_symbols *table, uint64_t index, Elf64_Sym *out) {
  memcpy(out, table->symbols + index * sizeof *out, sizeof *out);
  if (out->st_name >= table->names_size) return NULL;
  const char *name = table->names + out->st_name;
  return memchr(name, 0, table->names_size - out->st_name) ? name : NULL;
}

/* Behind `prefix` and a number in brackets; NULL: the name begins otherwise. */
static inline const char *sgperf_i_indexed(const char *name, const char *prefix, uint32_t *index) {
  const uint64_t size = strlen(prefix);
  if (strncmp(name, prefix, size) != 0) return NULL;
  name += size;
  uint64_t value = 0;
  const char *digits = name;
  while (*name >= '0' && *name <= '9' && value < UINT32_MAX) value = value * 10 + (uint64_t)(*name++ - '0');
  if (name == digits || *name != ']' || value > UINT32_MAX) return NULL;
  *index = (uint32_t)value;
  return name + 1;
}

/* An unsigned LEB128 of at most 32 bits. */
static inline bool sgperf_i_leb(const uint8_t **at, const uint8_t *end, uint32_t *out) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 35 && *at < end; shift += 7) {
    const uint8_t byte = *(*at)++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) {
      *out = (uint32_t)value;
      return value <= UINT32_MAX;
    }
  }
  return false;
}

/* The index of the function that a module (its bytes) exports as `_start`. */
static inline bool sgperf_exported_start(const void *module, uint64_t length, uint32_t *out) {
  static const uint8_t magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  const uint8_t *at = (const uint8_t *)module, *end = at + length;
  if (length < sizeof magic || memcmp(at, magic, sizeof magic) != 0) return false;
  at += sizeof magic;
  while (at < end) {
    const uint8_t id = *at++;
    uint32_t size, count;
    if (!sgperf_i_leb(&at, end, &size) || size > (uint64_t)(end - at)) return false;
    const uint8_t *next = at + size;
    if (id == 7 && sgperf_i_leb(&at, next, &count)) {
      while (count--) {
        uint32_t name_size, index;
        if (!sgperf_i_leb(&at, next, &name_size) || name_size >= (uint64_t)(next - at)) return false;
        const uint8_t *name = at;
        at += name_size;
        const uint8_t kind = *at++;
        if (!sgperf_i_leb(&at, next, &index)) return false;
        if (kind == 0 && name_size == 6 && memcmp(name, "_start", 6) == 0) {
          *out = index;
          return true;
        }
      }
      return false;
    }
    at = next;
  }
  return false;
}

/* mov %rbp,%rsp; pop %rbp; ret: how Cranelift ends a function with a frame.  The first one is the normal return, the
 * last one the handler's, which the engine jumps to after a trap or proc_exit. */
static inline void sgperf_i_find_returns(const uint8_t *image, uint64_t begin, uint64_t end, sgperf_entry_points *out) {
  static const uint8_t epilogue[5] = {0x48, 0x89, 0xec, 0x5d, 0xc3};
  uint64_t first = 0, last = 0;
  for (uint64_t at = begin; at + sizeof epilogue <= end; at++) {
    if (memcmp(image + at, epilogue, sizeof epilogue) != 0) continue;
    last = at + sizeof epilogue - 1;
    if (!first) first = last;
  }
  out->normal_return = first;
  out->unwind_return = last != first ? last : 0;
}

/* `image`: the whole ELF.  `module`: the bytes of the module it was compiled from, NULL if they are not known.  Bad
 * input of any kind is false, never a fault. */
static inline bool sgperf_find_entry(const void *image, uint64_t image_length, const void *module,
                                     uint64_t module_length, sgperf_entry_points *out) {
  const uint8_t *bytes = (const uint8_t *)image;
  struct sgperf_i_symbols table;
  memset(out, 0, sizeof *out);
  if (!sgperf_i_find_symbols(bytes, image_length, &table)) return false;
  uint32_t start = 0, command = 0, only = 0;
  bool has_start = false, has_command = false;
  const bool exported = module && sgperf_exported_start(module, module_length, &only);
  uint64_t trampolines = 0, found_at = 0, found_size = 0;
  /* Twice: which function it is, then its trampoline. */
  for (int round = 0; round < 2 && !found_size; round++) {
    const uint32_t wanted = exported ? only : has_command ? command : start;
    const bool known = exported || has_command || has_start;
    for (uint64_t i = 0; i < table.count; i++) {
      Elf64_Sym symbol;
      uint32_t index;
      const char *name = sgperf_i_symbol(&table, i, &symbol);
      if (!name) continue;
      if (round == 0) {
        const char *rest = sgperf_i_indexed(name, "wasm[0]::function[", &index);
        if (rest && strcmp(rest, "::_start.command_export") == 0) {
          has_command = true;
          command = index;
        } else if (rest && strcmp(rest, "::_start") == 0) {
          has_start = true;
          start = index;
        }
      }
      const char *rest = sgperf_i_indexed(name, "wasm[0]::array_to_wasm_trampoline[", &index);
      if (!rest || *rest) continue;
      if (round == 0) trampolines++;
      if (round == 1 && (known ? index == wanted : trampolines == 1)) {
        found_at = symbol.st_value;
        found_size = symbol.st_size;
      }
    }
  }
  if (!found_size || !sgperf_i_within(found_at, found_size, table.text_size)) return false;
  out->entry = table.text + found_at;
  sgperf_i_find_returns(bytes, out->entry, out->entry + found_size, out);
  return true;
}

#ifdef __cplusplus
}
#endif
#endif
