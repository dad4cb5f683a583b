# SPDX-License-Identifier: Apache-2.0
"""Digits of pi by a spigot: integers of many digits."""

def digits(count):
    k, a, b, a1, b1 = 2, 4, 1, 12, 4
    out = []
    while len(out) < count:
        p, q, k = k * k, 2 * k + 1, k + 1
        a, b, a1, b1 = a1, b1, p * a + q * a1, p * b + q * b1
        d, d1 = a // b, a1 // b1
        while d == d1 and len(out) < count:
            out.append(d)
            a, a1 = 10 * (a % b), 10 * (a1 % b1)
            d, d1 = a // b, a1 // b1
    return out


found = digits(900)
print("".join(map(str, found[:30])), sum(found))
