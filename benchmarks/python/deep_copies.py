# SPDX-License-Identifier: Apache-2.0
"""Deep copies of nested lists, dictionaries and objects."""

import copy
from dataclasses import dataclass, field


@dataclass
class Node:
    name: str
    values: list = field(default_factory=list)
    table: dict = field(default_factory=dict)


shared = [1, 2, 3]
nodes = [Node("n%d" % i, [i, shared, (i, "x")], {"self": i, i: shared}) for i in range(250)]
total = 0
for _ in range(15):
    nodes = copy.deepcopy(nodes)
    nodes[0].values[1].append(0)
    total += len(nodes[-1].values[1]) + sum(node.table["self"] for node in nodes)
print("total", total)
