# SPDX-License-Identifier: Apache-2.0
"""Sorts with and without keys, heaps, bisection."""

import bisect
import heapq

def numbers(count, limit, state=1):
    """A sequence that is the same everywhere (a linear congruential generator)."""
    out = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((state >> 33) % limit)
    return out


data = numbers(30000, 1 << 30)
total = 0
for turn in range(3):
    ordered = sorted(data)
    by_key = sorted(data, key=lambda n: (n & 255, -n))
    total += ordered[turn] + by_key[-1 - turn]
    heap = []
    for n in data[:8000]:
        heapq.heappush(heap, n)
    total += sum(heapq.heappop(heap) for _ in range(4000)) & 0xFFFFFF
    total += sum(bisect.bisect(ordered, n) for n in data[:6000])
    data = data[1:] + data[:1]
print("total", total, [n % 100 for n in heapq.nsmallest(5, data)])
