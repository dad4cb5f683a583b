// SPDX-License-Identifier: Apache-2.0
// Reads a table of readings from a file beside the module, formats each line anew and prints a report: stdio, number
// formatting in both directions, and the WASI calls under them (path_open, fd_read, fd_seek, fd_write, fd_close).  The
// file is read 16 times; the lines are printed the first time, later ones only enter a checksum.
#include "sgperf_bench.h"

#include <stdio.h>

enum { stations = 16, passes = 16 };

struct station {
  unsigned count;
  double sum, low, high;
};

static int report(FILE *input, int pass, uint32_t *checksum) {
  struct station all[stations];
  char name[32], text[128];
  int number, line = 0;
  double value;
  memset(all, 0, sizeof all);
  rewind(input);
  while (fscanf(input, "%31s %d %lf", name, &number, &value) == 3) {
    line++;
    if (number < 0 || number >= stations) return -1;
    struct station *s = &all[number];
    if (s->count == 0 || value < s->low) s->low = value;
    if (s->count == 0 || value > s->high) s->high = value;
    s->sum += value;
    s->count++;
    int size = snprintf(text, sizeof text, "%5d  %-12s %2d  %9.3f  %#06x  %e\n", line, name, number, value,
                        (unsigned)(int)(value * 10), value / 3);
    for (int i = 0; i < size; i++) *checksum = *checksum * 31 + (uint8_t)text[i];
    if (pass == 1) fputs(text, stdout);
  }
  printf("pass %2d: %d lines, checksum %08x\n", pass, line, (unsigned)*checksum);
  if (pass > 1) return line;
  for (int i = 0; i < stations; i++)
    printf("  station %2d: %3u readings, mean %8.3f, from %8.3f to %8.3f\n", i, all[i].count,
           all[i].count ? all[i].sum / all[i].count : 0, all[i].low, all[i].high);
  return line;
}

int main(void) {
  int lines = 0;
  uint32_t checksum = 0;
  bench_start();
  FILE *input = fopen("printf-file.input", "r");
  if (input) {
    for (int pass = 1; pass <= passes && lines >= 0; pass++) lines = report(input, pass, &checksum);
    fclose(input);
  }
  fflush(stdout);
  bench_end();
  if (!input) {
    fprintf(stderr, "printf-file: expected printf-file.input in the current directory, found none\n");
    return 1;
  }
  return lines > 0 ? 0 : 1;
}
