# SPDX-License-Identifier: Apache-2.0
"""Trees walked by generators within generators."""

class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def tree(values):
    middle = len(values) // 2
    if not values:
        return None
    return Tree(tree(values[:middle]), values[middle], tree(values[middle + 1 :]))


total = 0
for _ in range(8):
    total += sum(value * (i & 3) for i, value in enumerate(tree(range(8000))))
print("total", total)
