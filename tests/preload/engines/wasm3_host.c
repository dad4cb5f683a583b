/* SPDX-License-Identifier: Apache-2.0 */
/* host CALLS: a host of wasm3, the shared library; each call through another function of its API.  Own declarations. */
#include "module.h"

extern void *m3_NewEnvironment(void);
extern void m3_FreeEnvironment(void *environment);
extern void *m3_NewRuntime(void *environment, uint32_t stack, void *data);
extern void m3_FreeRuntime(void *runtime);
extern const char *m3_ParseModule(void *environment, void **out, const uint8_t *bytes, uint32_t size);
extern const char *m3_LoadModule(void *runtime, void *module);
extern const char *m3_CompileModule(void *module);
extern const char *m3_FindFunction(void **out, void *runtime, const char *name);
extern const char *m3_Call(void *function, uint32_t count, const void **arguments);
extern const char *m3_CallV(void *function, ...);
extern const char *m3_CallArgv(void *function, uint32_t count, const char **arguments);
extern const char *m3_GetResults(void *function, uint32_t count, const void **results);

int main(int argc, char **argv) {
  const int calls = argc > 1 ? atoi(argv[1]) : 1;
  void *environment = m3_NewEnvironment(), *runtime = m3_NewRuntime(environment, 65536, NULL), *module, *function;
  EXPECT(!m3_ParseModule(environment, &module, wasm, sizeof wasm));
  EXPECT(!m3_LoadModule(runtime, module));
  EXPECT(!m3_CompileModule(module));
  EXPECT(!m3_FindFunction(&function, runtime, "run"));
  long sum = 0;
  for (int i = 0; i < calls; i++) {
    char text[12];
    snprintf(text, sizeof text, "%d", i);
    const void *arguments[] = {&i}, *results[] = {NULL};
    const char *texts[] = {text};
    int32_t result = 0;
    results[0] = &result;
    EXPECT(!(i % 3 == 0   ? m3_Call(function, 1, arguments)
             : i % 3 == 1 ? m3_CallV(function, i)
                          : m3_CallArgv(function, 1, texts)));
    EXPECT(!m3_GetResults(function, 1, results));
    sum += result;
  }
  m3_FreeRuntime(runtime);
  m3_FreeEnvironment(environment);
  printf("sum %ld\n", sum);
  return (int)(sum % 100);
}
