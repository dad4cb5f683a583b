# SPDX-License-Identifier: Apache-2.0
"""Telephone bills in exact decimal arithmetic."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

def numbers(count, limit, state=1):
    """A sequence that is the same everywhere (a linear congruential generator)."""
    out = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((state >> 33) % limit)
    return out


RATES = (Decimal("0.0013"), Decimal("0.00894"))
BASE, DISTANCE, CENT = Decimal("0.0675"), Decimal("0.0341"), Decimal("0.01")
total = base_tax = distance_tax = Decimal(0)
for n in numbers(25000, 90000, 11):
    far = n & 1
    price = (Decimal(n) * RATES[far]).quantize(CENT, ROUND_HALF_EVEN)
    tax = (price * BASE).quantize(CENT, ROUND_DOWN)
    base_tax += tax
    price_with_tax = price + tax
    if far:
        tax = (price * DISTANCE).quantize(CENT, ROUND_DOWN)
        distance_tax += tax
        price_with_tax += tax
    total += price_with_tax
print("total", total, base_tax, distance_tax)
