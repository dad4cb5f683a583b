# SPDX-License-Identifier: Apache-2.0
"""Objects with three floats: made, normalised, compared."""

from math import cos, sin, sqrt


class Point:
    __slots__ = ("x", "y", "z")

    def __init__(self, i):
        self.x = x = sin(i)
        self.y = cos(i) * 3
        self.z = (x * x) / 2

    def normalise(self):
        norm = sqrt(self.x**2 + self.y**2 + self.z**2)
        self.x /= norm
        self.y /= norm
        self.z /= norm

    def largest(self, other):
        self.x = max(self.x, other.x)
        self.y = max(self.y, other.y)
        self.z = max(self.z, other.z)
        return self


points = [Point(i) for i in range(40000)]
for point in points:
    point.normalise()
most = points[0]
for point in points[1:]:
    most = most.largest(point)
print("largest %.9f %.9f %.9f" % (most.x, most.y, most.z))
