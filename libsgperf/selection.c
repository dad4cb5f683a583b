/* SPDX-License-Identifier: Apache-2.0 */
/* Which sites are on: SGPERF_SITES, then what sgperf_enable() was told, the later the stronger. */
#include "libsgperf/runtime.h"

#include <errno.h>
#include <string.h>

enum { RULES = 32, RULE_TEXT = 256 };

static char site_globs[1024], histogram_globs[512];
static struct {
  char globs[RULE_TEXT];
  bool on;
} rules[RULES] SGP_TABLE;
static uint32_t rule_count;

/* `*` any text, `?` any one byte. */
static bool glob(const char *pattern, size_t length, const char *text) {
  const char *end = pattern + length;
  const char *star = NULL, *retry = NULL;
  while (*text) {
    if (pattern < end && *pattern == '*') {
      star = pattern++;
      retry = text;
    } else if (pattern < end && (*pattern == '?' || *pattern == *text)) {
      pattern++;
      text++;
    } else if (star) {
      pattern = star + 1;
      text = ++retry;
    } else {
      return false;
    }
  }
  while (pattern < end && *pattern == '*') pattern++;
  return pattern == end;
}

bool sgp_glob_list(const char *globs, const char *name, bool *out_match) {
  bool match = globs[0] == '!'; /* "all but these" */
  for (const char *at = globs;;) {
    size_t length = strcspn(at, ",");
    bool negated = length && *at == '!';
    if (length == (negated ? 1u : 0u)) return false; /* an empty item */
    if (glob(at + negated, length - negated, name)) match = !negated;
    if (!at[length]) break;
    at += length + 1;
  }
  *out_match = match;
  return true;
}

void sgp_selection_start(const char *sites, const char *histograms) {
  /* A list that does not fit is cut after its last whole item. */
  const char *const from[] = {sites, histograms};
  char *const to[] = {site_globs, histogram_globs};
  const size_t size[] = {sizeof site_globs, sizeof histogram_globs};
  for (int i = 0; i < 2; i++) {
    if (!from[i]) continue;
    size_t length = strlen(from[i]);
    if (length >= size[i]) {
      length = size[i] - 1;
      while (length && from[i][length] != ',') length--;
    }
    memcpy(to[i], from[i], length);
    to[i][length] = 0;
  }
}

bool sgp_selection_is_on(const char *name) {
  bool on = true, match = false;
  if (site_globs[0] && sgp_glob_list(site_globs, name, &match)) on = match;
  for (uint32_t i = 0; i < rule_count; i++)
    if (sgp_glob_list(rules[i].globs, name, &match) && match) on = rules[i].on;
  return on;
}

bool sgp_selection_wants_histogram(const char *name) {
  bool match = false;
  return histogram_globs[0] && sgp_glob_list(histogram_globs, name, &match) && match;
}

/* Remembered for sites that are seen later.  An equal list replaces its older self, "*" replaces all. */
int sgp_selection_add(const char *globs, int on) {
  if (strlen(globs) >= RULE_TEXT) return -E2BIG;
  if (strcmp(globs, "*") == 0) rule_count = 0;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < rule_count; i++) {
    if (strcmp(rules[i].globs, globs) == 0) continue;
    if (kept != i) rules[kept] = rules[i];
    kept++;
  }
  rule_count = kept;
  if (rule_count == RULES) return -ENOSPC;
  strcpy(rules[rule_count].globs, globs);
  rules[rule_count++].on = on != 0;
  return 0;
}
