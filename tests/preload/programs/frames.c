/* SPDX-License-Identifier: Apache-2.0 */
/* frames [fork | engine PLUGIN | kill | abort | exec | wait]: registers an .eh_frame of one function that stands in no
 * image, as engines without ELF images do, and asks libgcc for it.  Prints the address of the section, its length, the
 * address of the code.  fork: in a child.  kill, abort, exec: ends so, before the code goes; wait: goes on when stdin
 * ends.  With a plugin (engine_plugin.c) an engine's C API is called while the code is there. */
#include <dlfcn.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern void __register_frame(const void *);
extern void __deregister_frame(const void *);
struct dwarf_eh_bases {
  void *tbase, *dbase, *func;
};
extern const void *_Unwind_Find_FDE(void *pc, struct dwarf_eh_bases *bases);

static uint8_t section[256] __attribute__((aligned(8)));

/* CIE "zR" with absolute addresses, CFA = rsp + 8, return address at CFA - 8; one FDE; the terminator. */
static size_t make(uint64_t code, uint64_t size) {
  static const uint8_t cie[] = {20, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0, 0x0c, 7, 8, 0x90, 1, 0, 0};
  size_t at = sizeof cie;
  memcpy(section, cie, sizeof cie);
  const uint32_t length = 28, back = (uint32_t)at + 4;
  memcpy(section + at, &length, 4);
  memcpy(section + at + 4, &back, 4);
  memcpy(section + at + 8, &code, 8);
  memcpy(section + at + 16, &size, 8);
  at += 4 + length; /* augmentation of length 0, then nops: zeros */
  return at + 4;
}

static int registered(void *pc) {
  struct dwarf_eh_bases bases;
  return _Unwind_Find_FDE(pc, &bases) != NULL;
}

int main(int argc, char **argv) {
  uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(code, 0xc3, 4096);
  mprotect(code, 4096, PROT_READ | PROT_EXEC);
  const size_t length = make((uint64_t)(uintptr_t)code, 4096);
  if (argc > 1 && strcmp(argv[1], "fork") == 0) {
    const pid_t child = fork();
    if (child != 0) {
      int status = 1;
      waitpid(child, &status, 0);
      return WEXITSTATUS(status);
    }
  }
  if (registered(code + 5)) return 10;
  __register_frame(section);
  if (!registered(code + 5)) return 11; /* libgcc was not told */
  printf("%" PRIx64 " %zu %" PRIx64 "\n", (uint64_t)(uintptr_t)section, length, (uint64_t)(uintptr_t)code);
  fflush(stdout);
  if (argc > 2 && strcmp(argv[1], "engine") == 0) {
    void *plugin = dlopen(argv[2], RTLD_LAZY | RTLD_LOCAL);
    int (*plugin_run)(void) = plugin ? (int (*)(void))(uintptr_t)dlsym(plugin, "plugin_run") : NULL;
    if (!plugin_run || plugin_run() != 11) return 14;
  }
  const char *end = argc > 1 ? argv[1] : "";
  char byte;
  if (strcmp(end, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(end, "abort") == 0) abort();
  if (strcmp(end, "exec") == 0) execl("/bin/true", "true", (char *)NULL);
  if (strcmp(end, "wait") == 0 && read(0, &byte, 1) != 0) return 13;
  __deregister_frame(section);
  if (registered(code + 5)) return 12;
  _exit(0);
}
