/* SPDX-License-Identifier: Apache-2.0 */
/* many_sites SITES CALLS [intern]: CALLS scopes on each of SITES sites, all with names of their own; made here, or with
 * sgperf_site_intern(). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sgperf/sgperf.h>

/* Never freed: the library may look at sites until the end. */
static sgperf_site *sites;
static char (*names)[32];

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const long count = atol(argv[1]), calls = atol(argv[2]);
  const int intern = argc > 3 && !strcmp(argv[3], "intern");
  sites = calloc((size_t)count, sizeof *sites);
  names = calloc((size_t)count, sizeof *names);
  long refused = 0;
  for (long i = 0; i < count; ++i) {
    snprintf(names[i], sizeof names[i], "many::site_%ld", i);
    sgperf_site *site = &sites[i];
    if (intern) {
      site = NULL;
      if (sgperf_site_intern(&site, names[i], SGPERF_SITE_SCOPE) != 0) {
        ++refused;
        continue;
      }
    } else
      *site = (sgperf_site){sizeof *site, -1, names[i], __FILE__, (uint32_t)i, SGPERF_SITE_SCOPE};
    for (long k = 0; k < calls; ++k) {
      sgperf_frame frame;
      sgperf_scope_begin(site, &frame);
      sgperf_scope_end(&frame);
    }
  }
  printf("sites %ld refused %ld\n", count, refused);
  return 0;
}
