/* SPDX-License-Identifier: Apache-2.0 */
/* An engine in small: compiles arithmetic in reverse Polish notation to byte code, then runs it many times.
 *
 *   ./calc ['3 4 + .']                  as always: the sites cost a load and a branch each
 *   LD_PRELOAD=libsgperf.so ./calc      measured; then `sgperf report`
 *
 * It needs no library of sgperf, neither to link nor to run. */
#include <sgperf/sgperf.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STACK = 32, RUNS = 100000 };

enum opcode { OP_PUSH, OP_ADD, OP_SUB, OP_MUL, OP_HOST, OP_END };
struct instruction {
  enum opcode op;
  int64_t value;
};

struct machine {
  char text[24]; /* the last number that the program printed */
  long host_calls;
  int deepest;
};

/* Prepared sites: names for what is no block (compile_site), or wants more than sums (a histogram). */
SGPERF_SITE(compile_site, "calc::compile");
SGPERF_SITE_HIST(execute_site, "calc::execute");

/* The host function of this engine: keeps the last result as text. */
static void host_print(struct machine *machine, int64_t value) {
  SGPERF_SCOPE("calc::host_print"); /* to the end of the block */
  snprintf(machine->text, sizeof machine->text, "%lld", (long long)value);
  ++machine->host_calls;
}

/* What an engine does in its host functions bench.start and bench.end; the number tells instances apart. */
static void host_bench_start(uint64_t instance) {
  SGPERF_BENCH_START(instance);
}
static void host_bench_end(uint64_t instance) {
  SGPERF_BENCH_END(instance);
}

/* Returns the code and its length, or NULL.  Begin and end apart, since the ways out meet at one label. */
static struct instruction *compile(const char *source, int *length) {
  static const char operators[] = "+-*.";
  sgperf_frame frame;
  SGPERF_BEGIN(frame, compile_site);
  int n = 0;
  struct instruction *code =
      malloc((strlen(source) + 1) * sizeof *code); /* no instruction is shorter than a character */
  if (!code) goto out;
  for (const char *at = source + strspn(source, " "); *at; at += strspn(at, " ")) {
    char *end;
    const long long value = strtoll(at, &end, 10);
    if (end != at) {
      code[n++] = (struct instruction){OP_PUSH, value};
      at = end;
      continue;
    }
    const char *found = strchr(operators, *at);
    if (!found) {
      fprintf(stderr, "calc: expected a number or one of %s, found '%s'\n", operators, at);
      free(code);
      code = NULL;
      goto out;
    }
    code[n++] = (struct instruction){(enum opcode)(OP_ADD + (found - operators)), 0};
    ++at;
  }
  code[n] = (struct instruction){OP_END, 0};
  *length = n;
out:
  SGPERF_END(frame);
  return code;
}

/* Overflow wraps, as it does in WebAssembly. */
static int64_t apply(enum opcode op, int64_t left, int64_t right) {
  const uint64_t a = (uint64_t)left, b = (uint64_t)right;
  return (int64_t)(op == OP_ADD ? a + b : op == OP_SUB ? a - b : a * b);
}

/* False when the program asks for more than the stack has. */
static bool execute(const struct instruction *code, struct machine *machine) {
  SGPERF_SCOPE_C(execute_site); /* also ends at each `return` */
  int64_t stack[MAX_STACK];
  int depth = 0, deepest = 0;
  const struct instruction *at = code;
  for (; at->op != OP_END; ++at) {
    if (at->op == OP_PUSH) {
      if (depth == MAX_STACK) return false;
      stack[depth++] = at->value;
      if (depth > deepest) deepest = depth;
    } else if (at->op == OP_HOST) {
      if (depth < 1) return false;
      host_print(machine, stack[depth - 1]);
    } else {
      if (depth < 2) return false;
      --depth;
      stack[depth - 1] = apply(at->op, stack[depth - 1], stack[depth]);
    }
  }
  SGPERF_COUNT("calc::instructions", at - code);
  SGPERF_GAUGE_MAX("calc::stack_depth", deepest);
  machine->deepest = deepest;
  return true;
}

int main(int argc, char **argv) {
  struct machine machine = {"", 0, 0};
  int length = 0;

  SGPERF_PHASE_BEGIN("compile");
  struct instruction *code = compile(argc > 1 ? argv[1] : "3 4 + 5 * 2 - . 7 * .", &length);
  SGPERF_PHASE_END("compile");
  if (!code) return EXIT_FAILURE;

  SGPERF_PHASE_BEGIN("execute");
  bool good = execute(code, &machine); /* the first run is cold, so it stays out of the benchmark's region */
  host_bench_start(0);
  for (int i = 1; good && i < RUNS; ++i) good = execute(code, &machine);
  host_bench_end(0);
  SGPERF_PHASE_END("execute");

  free(code);
  if (!good) {
    fprintf(stderr, "calc: the program takes from an empty stack, or puts more than %d numbers there\n", MAX_STACK);
    return EXIT_FAILURE;
  }
  printf("%s after %d runs of %d instructions, %ld calls of the host, %d deep\n", machine.text, RUNS, length,
         machine.host_calls, machine.deepest);
  return EXIT_SUCCESS;
}
