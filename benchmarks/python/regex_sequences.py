# SPDX-License-Identifier: Apache-2.0
"""Patterns counted in a long sequence of four letters."""

import re

def numbers(count, limit, state=1):
    """A sequence that is the same everywhere (a linear congruential generator)."""
    out = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out.append((state >> 33) % limit)
    return out


sequence = "".join("acgt"[n] for n in numbers(120000, 4))
variants = [
    "agggtaaa|tttaccct",
    "[cgt]gggtaaa|tttaccc[acg]",
    "a[act]ggtaaa|tttacc[agt]t",
    "ag[act]gtaaa|tttac[agt]ct",
    "agg[act]taaa|ttta[agt]cct",
    "aggg[acg]aaa|ttt[cgt]ccc",
    "acgt.{1,3}acgt",
]
for variant in variants:
    print(variant, len(re.findall(variant, sequence)))
for pattern, code in (("tHa[Nt]".lower(), "<4>"), ("a[act]g", "<3>"), ("c{3,}", "<2>")):
    sequence = re.sub(pattern, code, sequence)
print(len(sequence))
