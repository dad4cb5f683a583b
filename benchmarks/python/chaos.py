# SPDX-License-Identifier: Apache-2.0
"""A chaos game on splines: points drawn by a generator, counted in a grid."""

def numbers(count, limit, state=1):
    """A sequence that is the same everywhere (a linear congruential generator)."""
    out = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((state >> 33) % limit)
    return out


corners = [(0.0, 0.0), (1.0, 0.1), (0.4, 0.95), (0.8, 0.7)]
grid, x, y = [[0] * 40 for _ in range(40)], 0.3, 0.6
for n in numbers(120000, 4, 7):
    cx, cy = corners[n]
    t = 0.5 + 0.1 * (n - 1.5)
    x, y = x + (cx - x) * t, y + (cy - y) * t
    grid[int(y * 39)][int(x * 39)] += 1
print("filled", sum(1 for row in grid for n in row if n), "most", max(max(row) for row in grid))
