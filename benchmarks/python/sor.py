# SPDX-License-Identifier: Apache-2.0
"""Successive over-relaxation on a 60 x 60 grid."""

SIZE, OMEGA = 60, 1.25
grid = [[float((i * j) % 7) for j in range(SIZE)] for i in range(SIZE)]
for _ in range(40):
    for i in range(1, SIZE - 1):
        above, row, below = grid[i - 1], grid[i], grid[i + 1]
        for j in range(1, SIZE - 1):
            row[j] = OMEGA * 0.25 * (above[j] + below[j] + row[j - 1] + row[j + 1]) + (1 - OMEGA) * row[j]
print("sum %.9f" % sum(sum(row) for row in grid))
