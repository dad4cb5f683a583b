# SPDX-License-Identifier: Apache-2.0
"""What the CPython interpreter does in this workload: integers, floats, dictionaries, strings, sorting, classes, JSON.

The output depends on nothing but the language: no time, no addresses, no hash order.
"""

import json
import re


def mandelbrot(width, height, limit):
    inside = 0
    for row in range(height):
        for column in range(width):
            c = complex(3.0 * column / width - 2.25, 2.5 * row / height - 1.25)
            z = 0j
            for _ in range(limit):
                z = z * z + c
                if z.real * z.real + z.imag * z.imag > 4.0:
                    break
            else:
                inside += 1
    return inside


def words(count):
    state, out = 1, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        out.append("w%d" % (state // 65536 % 997))
    return out


def frequencies(text):
    table = {}
    for word in text:
        table[word] = table.get(word, 0) + 1
    return sorted(table.items(), key=lambda entry: (-entry[1], entry[0]))


class Queens:
    """Solutions of the n queens problem, by trying."""

    def __init__(self, size):
        self.size = size
        self.solutions = 0

    def place(self, row=0, columns=0, left=0, right=0):
        if row == self.size:
            self.solutions += 1
            return
        free = ~(columns | left | right) & ((1 << self.size) - 1)
        while free:
            bit = free & -free
            free ^= bit
            self.place(row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1)


def main():
    print("mandelbrot", mandelbrot(60, 40, 60))
    text = words(20000)
    top = frequencies(text)
    print("words", len(top), top[:3])
    queens = Queens(7)
    queens.place()
    print("queens", queens.solutions)
    copied = json.loads(json.dumps({"list": list(range(3000)), "words": text[:3000]}))
    print("json", sum(copied["list"]), len("".join(copied["words"])))
    print("regex", len(re.findall(r"w(\d)\1\b", " ".join(text))))
    print("power", pow(7, 4001) % (10**12 + 39))


main()
