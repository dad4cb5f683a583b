/* SPDX-License-Identifier: Apache-2.0 */
/* An engine in small: compiles arithmetic in reverse Polish notation to byte code, then runs it many times.
 *
 *   ./calc                              as always: the scopes cost a load and a branch each
 *   LD_PRELOAD=libsgperf.so ./calc      measured; then `sgperf report`
 *
 * It needs no library of sgperf, neither to link nor to run. */
#include <sgperf/sgperf.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CODE = 64, MAX_STACK = 32, RUNS = 100000 };

enum opcode { OP_PUSH, OP_ADD, OP_SUB, OP_MUL, OP_HOST, OP_END };
struct instruction {
  enum opcode op;
  long value;
};

/* The host function of this engine: keeps the last result as text. */
static void host_print(long value, char *out, size_t size) {
  SGPERF_SCOPE("calc::host_print");
  snprintf(out, size, "%ld", value);
}

static int compile(const char *source, struct instruction *code) {
  SGPERF_SCOPE("calc::compile");
  int n = 0;
  for (const char *at = source; *at && n < MAX_CODE - 1; ++n) {
    char *end;
    long value = strtol(at, &end, 10);
    if (end != at) {
      code[n] = (struct instruction){OP_PUSH, value};
      at = end;
    } else {
      static const char names[] = "+-*.";
      const char *found = strchr(names, *at);
      if (!found) return -1;
      code[n] = (struct instruction){(enum opcode)(OP_ADD + (found - names)), 0};
      ++at;
    }
    at += strspn(at, " ");
  }
  code[n] = (struct instruction){OP_END, 0};
  return n;
}

static long execute(const struct instruction *code, char *out, size_t size) {
  SGPERF_SCOPE("calc::execute");
  long stack[MAX_STACK];
  int depth = 0, deepest = 0, steps = 0;
  for (;; ++code, ++steps) {
    if (code->op == OP_END) break;
    if (code->op == OP_PUSH) {
      stack[depth++] = code->value;
      if (depth > deepest) deepest = depth;
      if (depth == MAX_STACK) break;
      continue;
    }
    if (code->op == OP_HOST) {
      if (depth) host_print(stack[depth - 1], out, size);
      continue;
    }
    if (depth < 2) break;
    long right = stack[--depth], *left = &stack[depth - 1];
    *left = code->op == OP_ADD ? *left + right : code->op == OP_SUB ? *left - right : *left * right;
  }
  SGPERF_COUNT("calc::instructions", (uint64_t)steps);
  SGPERF_GAUGE_MAX("calc::stack_depth", (uint64_t)deepest);
  return depth ? stack[depth - 1] : 0;
}

int main(void) {
  struct instruction code[MAX_CODE];
  char text[32] = "";
  SGPERF_PHASE_BEGIN("compile");
  int length = compile("3 4 + 5 * 2 - . 7 * .", code);
  SGPERF_PHASE_END("compile");
  if (length < 0) return EXIT_FAILURE;
  SGPERF_PHASE_BEGIN("execute");
  long last = 0;
  for (int i = 0; i < RUNS; ++i) last = execute(code, text, sizeof text);
  SGPERF_PHASE_END("execute");
  printf("%s (%ld) after %d runs of %d instructions\n", text, last, RUNS, length);
  return strcmp(text, "231") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
