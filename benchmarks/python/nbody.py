# SPDX-License-Identifier: Apache-2.0
"""Five bodies under gravity, 2000 steps of a symplectic integrator."""

from math import pi, sqrt

SOLAR_MASS = 4 * pi * pi
DAYS = 365.24


def bodies():
    # Position [AU], velocity [AU/day], mass [solar masses] of the sun and four planets.
    return [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, SOLAR_MASS],
        [4.84, -1.16, -0.10, 0.00166 * DAYS, 0.00770 * DAYS, -0.00007 * DAYS, 0.000955 * SOLAR_MASS],
        [8.34, 4.12, -0.40, -0.00277 * DAYS, 0.00500 * DAYS, 0.00002 * DAYS, 0.000286 * SOLAR_MASS],
        [12.89, -15.11, -0.22, 0.00296 * DAYS, 0.00238 * DAYS, -0.00003 * DAYS, 0.0000437 * SOLAR_MASS],
        [15.38, -25.92, 0.18, 0.00268 * DAYS, 0.00163 * DAYS, -0.00010 * DAYS, 0.0000515 * SOLAR_MASS],
    ]


def advance(system, step):
    for i, a in enumerate(system):
        for b in system[i + 1 :]:
            dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
            square = dx * dx + dy * dy + dz * dz
            pull = step / (square * sqrt(square))
            for at, d in ((3, dx), (4, dy), (5, dz)):
                a[at] -= d * b[6] * pull
                b[at] += d * a[6] * pull
    for a in system:
        for at in range(3):
            a[at] += step * a[at + 3]


def energy(system):
    total = 0.0
    for i, a in enumerate(system):
        total += 0.5 * a[6] * (a[3] ** 2 + a[4] ** 2 + a[5] ** 2)
        for b in system[i + 1 :]:
            total -= a[6] * b[6] / sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)
    return total


system = bodies()
print("before %.9f" % energy(system))
for _ in range(2000):
    advance(system, 0.01)
print("after %.9f" % energy(system))
