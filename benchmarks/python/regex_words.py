# SPDX-License-Identifier: Apache-2.0
"""Searches, alternatives, groups and substitutions over generated text."""

import re

def numbers(count, limit, state=1):
    """A sequence that is the same everywhere (a linear congruential generator)."""
    out = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((state >> 33) % limit)
    return out


text = " ".join("%s%d@%s.example" % ("ab" * (n % 3 + 1), n, "mnopq"[n % 5]) for n in numbers(6000, 5000))
patterns = [
    r"\b(\w+)@([a-z]+)\.example\b",
    r"(?:ab)+1\d*",
    r"(\d)\1",
    r"[^@ ]{9,}",
    r"(?i)ABAB\d+@[MN]",
    r"ab(?=9)|ba(?!b)",
]
for pattern in patterns:
    print(pattern, len(re.findall(pattern, text)))
print(len(re.sub(r"(\d+)@(\w)", r"\2:\1", text)), len(re.split(r"[@. ]", text)))
