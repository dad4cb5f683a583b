# SPDX-License-Identifier: Apache-2.0
"""Nested structures to JSON text."""

import json

record = {
    "name": "caf\u00e9 \"quoted\" \\ \u65e5\u672c",
    "numbers": list(range(60)) + [0.5, 1e300, -2.25],
    "flags": [True, False, None] * 5,
    "deep": {"a": {"b": {"c": [{"d": i} for i in range(30)]}}},
}
total = 0
for _ in range(700):
    total += len(json.dumps(record))
print("bytes", total, len(json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False)))
