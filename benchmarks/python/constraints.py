# SPDX-License-Identifier: Apache-2.0
"""One-way constraints that are planned and propagated along a chain, as DeltaBlue does."""

class Variable:
    def __init__(self, value):
        self.value, self.users, self.stay = value, [], True


class Equal:
    def __init__(self, source, target):
        self.source, self.target = source, target
        source.users.append(self)

    def execute(self):
        self.target.value = self.source.value


class Scale(Equal):
    def __init__(self, source, target, factor, offset):
        super().__init__(source, target)
        self.factor, self.offset = factor, offset

    def execute(self):
        self.target.value = (self.source.value * self.factor.value + self.offset.value) % 1000003


def plan(variable):
    out, open_variables = [], [variable]
    while open_variables:
        for constraint in open_variables.pop().users:
            out.append(constraint)
            open_variables.append(constraint.target)
    return out


def chain(length, values):
    variables = [Variable(0) for _ in range(length + 1)]
    for a, b in zip(variables, variables[1:]):
        Equal(a, b)
    total, steps = 0, plan(variables[0])
    for value in range(values):
        variables[0].value = value
        for constraint in steps:
            constraint.execute()
        total += variables[-1].value
    return total


def projection(count):
    factor, offset = Variable(10), Variable(1000)
    pairs = [(Variable(i), Variable(0)) for i in range(count)]
    for source, target in pairs:
        Scale(source, target, factor, offset)
    total = 0
    for value in range(40):
        factor.value = value
        for source, target in pairs:
            for constraint in plan(source):
                constraint.execute()
            total += target.value
    return total


print("chain", chain(500, 150), "projection", projection(700))
