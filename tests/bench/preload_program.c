/* SPDX-License-Identifier: Apache-2.0 */
/* preload-program HOW: prints one number.
 * end          CLOCK_MONOTONIC_RAW [ns] as the last it does
 * memory       its resident memory [bytes]
 * publish N    what __register_frame takes [ns] for an image of N MB of code, as an engine makes it */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

extern void __register_frame(const void *);
extern void __deregister_frame(const void *);

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* No stdio: its memory would be the program's own. */
static int print(uint64_t number) {
  char text[24];
  int at = sizeof text;
  text[--at] = '\n';
  do text[--at] = (char)('0' + number % 10);
  while (number /= 10);
  return write(1, text + at, sizeof text - (size_t)at) > 0 ? 0 : 1;
}

static int memory(void) {
  char text[4096];
  const int fd = open("/proc/self/smaps_rollup", O_RDONLY);
  const ssize_t got = read(fd, text, sizeof text - 1);
  if (got <= 0) return 1;
  text[got] = 0;
  const char *rss = strstr(text, "\nRss:");
  return rss ? print(strtoull(rss + 5, NULL, 10) * 1024u) : 1;
}

/* Header, code, an .eh_frame of one function, section headers: what wasmtime publishes, without symbols. */
static int publish(size_t megabytes) {
  enum { PAGE = 4096 };
  const size_t code = megabytes << 20, frames = PAGE + code, sections = frames + 512, size = sections + PAGE;
  char *image = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (image == MAP_FAILED) return 1;
  memset(image + PAGE, 0xc3, code);
  /* CIE "zR" with absolute addresses, CFA = rsp + 8, return address at CFA - 8; one FDE; the terminator. */
  static const uint8_t cie[] = {20, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0, 0x0c, 7, 8, 0x90, 1, 0, 0};
  const uint32_t length = 28, back = sizeof cie + 4;
  const uint64_t begin = (uint64_t)(uintptr_t)(image + PAGE);
  memcpy(image + frames, cie, sizeof cie);
  memcpy(image + frames + sizeof cie, &length, 4);
  memcpy(image + frames + sizeof cie + 4, &back, 4);
  memcpy(image + frames + sizeof cie + 8, &begin, 8);
  memcpy(image + frames + sizeof cie + 16, &code, 8);
  Elf64_Shdr section[3] = {
      {0},
      {.sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR, .sh_offset = PAGE, .sh_size = code},
      {.sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC, .sh_offset = frames, .sh_size = 60},
  };
  Elf64_Ehdr header = {.e_type = ET_DYN,
                       .e_machine = EM_X86_64,
                       .e_shoff = sections,
                       .e_shentsize = sizeof *section,
                       .e_shnum = sizeof section / sizeof *section};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  memcpy(image, &header, sizeof header);
  memcpy(image + sections, section, sizeof section);
  if (mprotect(image + PAGE, code, PROT_READ | PROT_EXEC) != 0) return 1;
  const uint64_t before = now();
  __register_frame(image + frames);
  const uint64_t after = now();
  __deregister_frame(image + frames);
  return print(after - before);
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (strcmp(how, "memory") == 0) return memory();
  if (strcmp(how, "publish") == 0) return publish(argc > 2 ? strtoul(argv[2], NULL, 10) : 1);
  return print(now());
}
