# SPDX-License-Identifier: Apache-2.0
"""JSON text to nested structures."""

import json

text = json.dumps(
    [{"id": i, "name": "user %d" % i, "tags": ["x", "\u00fc", str(i * i)], "score": i / 7, "sub": {"ok": i % 2 == 0}} for i in range(300)]
)
total = 0.0
for _ in range(60):
    loaded = json.loads(text)
    total += sum(item["score"] for item in loaded if item["sub"]["ok"])
print("records", len(loaded), "total %.6f" % total)
