# SPDX-License-Identifier: Apache-2.0
"""Flips of prefixes over all permutations of eight numbers."""

def fannkuch(n):
    current, counts = list(range(n)), [0] * n
    most, checksum, sign, width = 0, 0, 1, n
    while True:
        while width != 1:
            counts[width - 1] = width
            width -= 1
        row, flips = list(current), 0
        while row[0]:
            k = row[0]
            row[: k + 1] = row[k::-1]
            flips += 1
        most = max(most, flips)
        checksum += sign * flips
        sign = -sign
        while True:
            if width == n:
                return checksum, most
            first = current.pop(0)
            current.insert(width, first)
            counts[width] -= 1
            if counts[width] > 0:
                break
            width += 1


print("fannkuch", *fannkuch(8))
