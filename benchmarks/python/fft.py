# SPDX-License-Identifier: Apache-2.0
"""Fast Fourier transform of 4096 complex numbers, forth and back."""

from cmath import exp, pi


def transform(values, sign):
    n = len(values)
    if n == 1:
        return values
    even, odd = transform(values[::2], sign), transform(values[1::2], sign)
    out = [0j] * n
    for k in range(n // 2):
        turned = exp(sign * 2j * pi * k / n) * odd[k]
        out[k], out[k + n // 2] = even[k] + turned, even[k] - turned
    return out


data = [complex(i % 17, i % 5) for i in range(4096)]
there = transform(data, -1)
back = [value / 4096 for value in transform(there, 1)]
print("first %.6f" % abs(there[0]), "worst", max(abs(a - b) for a, b in zip(data, back)) < 1e-9)
