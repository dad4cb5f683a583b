# SPDX-License-Identifier: Apache-2.0
"""Joins, splits, formats, searches and translations."""

words = ["%s%s" % (chr(97 + i % 26), format(i * 7919 % 1000, "03d")) for i in range(3000)]
table = str.maketrans("abcdefghij0123456789", "jihgfedcba9876543210")
total = 0
for turn in range(25):
    text = ";".join(words)
    parts = text.split(";")
    total += sum(len(p.upper().lower().strip("a").replace("1", "__")) for p in parts)
    total += text.count("9;") + text.find("z999") + text.rfind("a0")
    total += len(text.translate(table).encode("utf-8"))
    total += sum(p.startswith("b") and p.endswith("7") for p in parts)
    total += len("".join(f"{p!r:>8}|{turn:04x}" for p in parts[:500]))
    words = words[1:] + words[:1]
print("total", total)
