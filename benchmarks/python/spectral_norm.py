# SPDX-License-Identifier: Apache-2.0
"""Largest singular value of an infinite matrix, by power iteration on its first 80 rows."""

from math import sqrt


def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(vector):
    return [sum(entry(i, j) * v for j, v in enumerate(vector)) for i in range(len(vector))]


def times_transposed(vector):
    return [sum(entry(j, i) * v for j, v in enumerate(vector)) for i in range(len(vector))]


u = [1.0] * 80
for _ in range(6):
    v = times_transposed(times(u))
    u = times_transposed(times(v))
print("norm %.9f" % sqrt(sum(a * b for a, b in zip(u, v)) / sum(b * b for b in v)))
