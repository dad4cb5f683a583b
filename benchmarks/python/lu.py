# SPDX-License-Identifier: Apache-2.0
"""LU decomposition of a 70 x 70 matrix with pivots, on lists of floats."""

def numbers(count, limit, state=1):
    """A sequence that is the same everywhere (a linear congruential generator)."""
    out = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((state >> 33) % limit)
    return out


SIZE = 70
flat = numbers(SIZE * SIZE, 1000, 3)
matrix = [[flat[i * SIZE + j] / 999 + (2.0 if i == j else 0.0) for j in range(SIZE)] for i in range(SIZE)]
determinant = 1.0
for k in range(SIZE):
    pivot = max(range(k, SIZE), key=lambda i: abs(matrix[i][k]))
    if pivot != k:
        matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
        determinant = -determinant
    top = matrix[k]
    determinant *= top[k]
    for i in range(k + 1, SIZE):
        row = matrix[i]
        factor = row[k] = row[k] / top[k]
        for j in range(k + 1, SIZE):
            row[j] -= factor * top[j]
print("determinant %.6e" % determinant)
