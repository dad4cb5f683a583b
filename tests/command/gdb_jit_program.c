// SPDX-License-Identifier: Apache-2.0
// A program that makes machine code and registers it for debuggers, as LLVM does: two functions, one after the other,
// at the same address, with their symbol files in the same memory.
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

struct jit_code_entry {
  struct jit_code_entry *next, *prev;
  const char *symfile_addr;
  uint64_t symfile_size;
};
struct jit_descriptor {
  uint32_t version, action_flag;
  struct jit_code_entry *relevant_entry, *first_entry;
};
struct jit_descriptor __jit_debug_descriptor = {1, 0, NULL, NULL};
__attribute__((noinline)) void __jit_debug_register_code(void) {
  __asm__ volatile("" ::: "memory");
}

// do {} while (--n);
#if defined(__x86_64__)
static const unsigned char machine_code[] = {0xff, 0xcf, 0x75, 0xfc, 0xc3}; // dec %edi; jnz .-2; ret
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
static const unsigned char machine_code[] = {0x00, 0x04, 0x00, 0x71,  // subs w0, w0, #1
                                             0xe1, 0xff, 0xff, 0x54,  // b.ne .-4
                                             0xc0, 0x03, 0x5f, 0xd6}; // ret
#define MACHINE EM_AARCH64
#endif

struct symfile {
  Elf64_Ehdr header;
  Elf64_Shdr sections[4]; // none, .text, .symtab, .strtab (for names of sections too)
  Elf64_Sym symbols[2];
  char strings[64];
};

static void make_symfile(struct symfile *out, const char *name, void *code) {
  memset(out, 0, sizeof *out);
  memcpy(out->header.e_ident, ELFMAG, SELFMAG);
  out->header.e_ident[EI_CLASS] = ELFCLASS64;
  out->header.e_ident[EI_DATA] = ELFDATA2LSB;
  out->header.e_ident[EI_VERSION] = out->header.e_version = EV_CURRENT;
  out->header.e_type = ET_REL;
  out->header.e_machine = MACHINE;
  out->header.e_ehsize = sizeof out->header;
  out->header.e_shoff = offsetof(struct symfile, sections);
  out->header.e_shentsize = sizeof out->sections[0];
  out->header.e_shnum = 4;
  out->header.e_shstrndx = 3;
  char *at = out->strings + 1;
  const char *texts[] = {".text", ".symtab", ".strtab", name};
  uint32_t offsets[4];
  for (int i = 0; i < 4; ++i) {
    offsets[i] = (uint32_t)(at - out->strings);
    at = stpcpy(at, texts[i]) + 1;
  }
  out->sections[1] = (Elf64_Shdr){.sh_name = offsets[0],
                                  .sh_type = SHT_NOBITS,
                                  .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                                  .sh_addr = (uint64_t)code,
                                  .sh_size = sizeof machine_code,
                                  .sh_addralign = 16};
  out->sections[2] = (Elf64_Shdr){.sh_name = offsets[1],
                                  .sh_type = SHT_SYMTAB,
                                  .sh_offset = offsetof(struct symfile, symbols),
                                  .sh_size = sizeof out->symbols,
                                  .sh_link = 3,
                                  .sh_info = 1,
                                  .sh_addralign = 8,
                                  .sh_entsize = sizeof out->symbols[0]};
  out->sections[3] = (Elf64_Shdr){.sh_name = offsets[2],
                                  .sh_type = SHT_STRTAB,
                                  .sh_offset = offsetof(struct symfile, strings),
                                  .sh_size = sizeof out->strings,
                                  .sh_addralign = 1};
  out->symbols[1] = (Elf64_Sym){.st_name = offsets[3],
                                .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                .st_shndx = 1,
                                .st_size = sizeof machine_code};
}

static void change(struct jit_code_entry *entry, uint32_t action) {
  __jit_debug_descriptor.first_entry = action == 1 ? entry : NULL;
  __jit_debug_descriptor.relevant_entry = entry;
  __jit_debug_descriptor.action_flag = action;
  __jit_debug_register_code();
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// SECONDS of each function, default 0.5
int main(int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 0.5;
  char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (code == MAP_FAILED) return 1;
  memcpy(code, machine_code, sizeof machine_code);
  __builtin___clear_cache(code, code + sizeof machine_code);
  void (*run)(uint32_t) = NULL;
  memcpy(&run, &code, sizeof run);
  static struct symfile symfile;
  struct jit_code_entry entry = {NULL, NULL, (const char *)&symfile, sizeof symfile};
  for (int i = 0; i < 2; ++i) {
    make_symfile(&symfile, i ? "made_second" : "made_first", code);
    change(&entry, 1);
    for (const double end = now() + seconds; now() < end;) run(1000000);
    change(&entry, 2);
  }
  puts("done");
  return 0;
}
