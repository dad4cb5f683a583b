// SPDX-License-Identifier: Apache-2.0
// Newton's gravitation between a sun and four planets, 50 000 steps of semi-implicit Euler: double arithmetic, sqrt,
// division.  Starting values are invented (units: the sun's mass, and G = 1), the total momentum is made zero.
#include "sgperf_bench.h"

#include <math.h>
#include <stdio.h>

enum { bodies = 5, steps = 50000 };

struct body {
  double x, y, z, vx, vy, vz, mass;
};

static const struct body start_values[bodies] = {
    {0, 0, 0, 0, 0, 0, 1},
    {1.0, 0, 0.02, 0, 1.0, 0, 3e-4},
    {0, 2.1, -0.05, -0.69, 0, 0.01, 9e-4},
    {-4.2, 0.3, 0.1, -0.02, -0.48, 0, 5e-5},
    {0.4, -7.5, 0, 0.36, 0.03, -0.01, 4e-5},
};

static struct body world[bodies];

static void prepare(void) {
  double px = 0, py = 0, pz = 0;
  memcpy(world, start_values, sizeof world);
  for (int i = 0; i < bodies; i++) {
    px += world[i].vx * world[i].mass;
    py += world[i].vy * world[i].mass;
    pz += world[i].vz * world[i].mass;
  }
  world[0].vx = -px / world[0].mass;
  world[0].vy = -py / world[0].mass;
  world[0].vz = -pz / world[0].mass;
}

static double energy(void) {
  double sum = 0;
  for (int i = 0; i < bodies; i++) {
    const struct body *a = &world[i];
    sum += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int k = i + 1; k < bodies; k++) {
      const struct body *b = &world[k];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      sum -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

static void step(double dt) {
  for (int i = 0; i < bodies; i++) {
    struct body *a = &world[i];
    for (int k = i + 1; k < bodies; k++) {
      struct body *b = &world[k];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double r2 = dx * dx + dy * dy + dz * dz;
      double pull = dt / (r2 * sqrt(r2));
      a->vx -= dx * b->mass * pull;
      a->vy -= dy * b->mass * pull;
      a->vz -= dz * b->mass * pull;
      b->vx += dx * a->mass * pull;
      b->vy += dy * a->mass * pull;
      b->vz += dz * a->mass * pull;
    }
  }
  for (int i = 0; i < bodies; i++) {
    world[i].x += dt * world[i].vx;
    world[i].y += dt * world[i].vy;
    world[i].z += dt * world[i].vz;
  }
}

int main(void) {
  prepare();
  double before = energy();
  bench_start();
  for (int i = 0; i < steps; i++) step(0.001);
  bench_black_box(world);
  bench_end();
  printf("energy before %.12f\nenergy after  %.12f\n", before, energy());
  fflush(stdout);
  return 0;
}
