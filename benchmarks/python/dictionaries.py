# SPDX-License-Identifier: Apache-2.0
"""Tables of strings, tuples and numbers: filled, looked up, merged, emptied."""

from collections import Counter, OrderedDict, defaultdict

def numbers(count, limit, state=1):
    """A sequence that is the same everywhere (a linear congruential generator)."""
    out = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((state >> 33) % limit)
    return out


total = 0
keys = numbers(30000, 4000)
for turn in range(3):
    table = {}
    for key in keys:
        table[key] = table.get(key, 0) + 1
    names = {"k%d" % key: (key, count) for key, count in table.items()}
    total += sum(count for _, count in names.values())
    pairs = defaultdict(list)
    for a, b in zip(keys, keys[1:]):
        pairs[a % 50, b % 50].append(a)
    total += max(len(v) for v in pairs.values()) + len(pairs)
    merged = {**table, **{key: 1 for key in range(2000, 6000)}}
    for key in range(0, 6000, 3):
        merged.pop(key, None)
    total += len(merged) + sum(k in merged for k in keys)
    total += Counter(keys).most_common(1)[0][1] + next(iter(OrderedDict.fromkeys(keys)))
print("total", total)
