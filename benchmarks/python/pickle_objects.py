# SPDX-License-Identifier: Apache-2.0
"""Objects through pickle and back, protocols 2 and 5, with shared references."""

import pickle


class Item:
    def __init__(self, number, parent):
        self.number, self.parent, self.words = number, parent, ["w%d" % number, "x" * (number % 9)]


root = Item(0, None)
items = [Item(i, root) for i in range(1, 1200)]
total = 0
for protocol in (2, 5):
    for _ in range(12):
        data = pickle.dumps((root, items), protocol)
        first, rest = pickle.loads(data)
        assert all(item.parent is first for item in rest)
        total += sum(item.number for item in rest)
print("total", total)
