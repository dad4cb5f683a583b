# SPDX-License-Identifier: Apache-2.0
"""Lists, sets and dictionaries by comprehension, with conditions and nesting."""

total = 0
for turn in range(30):
    squares = [n * n for n in range(2000) if n % 3]
    pairs = {(a % 13, a % 7) for a in squares}
    table = {key: [v for v in squares[:50] if v % 13 == key[0]] for key in pairs}
    total += sum(len(v) for v in table.values()) + sum(1 for row in [[i ^ j for j in range(40)] for i in range(40)] for v in row if v & 1)
print("total", total)
