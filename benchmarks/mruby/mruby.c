// SPDX-License-Identifier: Apache-2.0
// A Ruby interpreter (mruby) and its script in one module.  The region is all of it: opening the interpreter, compiling
// script.rb, running it, closing.  The script's last value, a string, is printed after that.
#include "sgperf_bench.h"

#include <mruby.h>
#include <mruby/compile.h>
#include <mruby/string.h>
#include <stdio.h>
#include <stdlib.h>

static const char script[] =
#include "script.inc"
    ;

int main(void) {
  char *text = NULL;
  size_t size = 0;
  int failed = 1;
  bench_start();
  mrb_state *mrb = mrb_open();
  if (mrb) {
    mrb_value value = mrb_load_nstring(mrb, script, sizeof script - 1);
    if (!mrb->exc && mrb_string_p(value)) {
      size = (size_t)RSTRING_LEN(value);
      text = malloc(size + 1);
      if (text) memcpy(text, RSTRING_PTR(value), size);
      failed = !text;
    } else if (mrb->exc) {
      mrb_print_error(mrb);
    }
    mrb_close(mrb);
  }
  bench_end();
  if (!failed) bench_write(text, size);
  free(text);
  return failed;
}
