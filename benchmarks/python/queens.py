# SPDX-License-Identifier: Apache-2.0
"""All solutions for eight queens: generators and sets."""

def permutations(items):
    if not items:
        yield ()
    for i, item in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1 :]):
            yield (item,) + rest


def queens(size):
    for columns in permutations(tuple(range(size))):
        if size == len({c + i for i, c in enumerate(columns)}) == len({c - i for i, c in enumerate(columns)}):
            yield columns


found = list(queens(8))
print("solutions", len(found), found[0], found[-1])
