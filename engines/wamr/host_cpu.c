/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM 16 calls a CPU that came after it "generic", and WAMR then refuses every module: it asks the name, not the CPU,
 * whether there is SSE 4.1 for SIMD.  This stands in front of LLVM's function inside of WAMR's libraries and gives such
 * a CPU the name of its level.  Compiled by install.sh among the sources of WAMR's compiler. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>
#include <string.h>

static const char *level(void) {
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  return __builtin_cpu_supports("x86-64-v2") ? "x86-64-v2" : "x86-64";
}

/* To be freed with LLVMDisposeMessage, as LLVM's. */
char *LLVMGetHostCPUName(void) {
  /* dlsym finds LLVM's own: this one is not exported. */
  char *(*ask)(void) = (char *(*)(void))dlsym(RTLD_DEFAULT, "LLVMGetHostCPUName");
  char *name = ask ? ask() : NULL;
  if (name && *name && strcmp(name, "generic")) return name;
  if (name) LLVMDisposeMessage(name);
  return LLVMCreateMessage(level());
}
