# SPDX-License-Identifier: Apache-2.0
"""PolyBench's kernels once more, from their definitions and by other ways than benchmarks/polybench/*.c goes.

usage: polybench_definitions.py sizes | MINI | SMALL | MEDIUM [KERNEL..]

`sizes` prints the published sizes: a kernel's name and five words.  A data set prints a line a kernel: its name, its
sizes, the sum of its results, their weighted sum and the sum of their magnitudes, as hexadecimal floats.  Sums are
exact (fsum); systems are solved with pivoting where the kernels do not; decompositions come from other decompositions,
filters from their impulse response.
"""

import heapq
import math
import sys
from math import fsum

MASK = 2**64 - 1

# The published sizes: MINI, SMALL, MEDIUM, LARGE, EXTRALARGE.
ONE = "40 120 400 2000 4000"
TWO_M_N = "20x30 60x80 200x240 1000x1200 2000x2600"
SIZES = {
    "2mm": "16x18x22x24 40x50x70x80 180x190x210x220 800x900x1100x1200 1600x1800x2200x2400",
    "3mm": "16x18x20x22x24 40x50x60x70x80 180x190x200x210x220 800x900x1000x1100x1200 1600x1800x2000x2200x2400",
    "adi": "20x20 40x60 100x200 500x1000 1000x2000",
    "atax": "38x42 116x124 390x410 1900x2100 1800x2200",
    "bicg": "38x42 116x124 390x410 1900x2100 1800x2200",
    "cholesky": ONE,
    "correlation": "28x32 80x100 240x260 1200x1400 2600x3000",
    "covariance": "28x32 80x100 240x260 1200x1400 2600x3000",
    "deriche": "64x64 192x128 720x480 4096x2160 7680x4320",
    "doitgen": "8x10x12 20x25x30 40x50x60 140x150x160 220x250x270",
    "durbin": ONE,
    "fdtd-2d": "20x20x30 40x60x80 100x200x240 500x1000x1200 1000x2000x2600",
    "floyd-warshall": "60 180 500 2800 5600",
    "gemm": "20x25x30 60x70x80 200x220x240 1000x1100x1200 2000x2300x2600",
    "gemver": ONE,
    "gesummv": "30 90 250 1300 2800",
    "gramschmidt": TWO_M_N,
    "heat-3d": "20x10 40x20 100x40 500x120 1000x200",
    "jacobi-1d": "20x30 40x120 100x400 500x2000 1000x4000",
    "jacobi-2d": "20x30 40x90 100x250 500x1300 1000x2800",
    "lu": ONE,
    "ludcmp": ONE,
    "mvt": ONE,
    "nussinov": "60 180 500 2500 5500",
    "seidel-2d": "20x40 40x120 100x400 500x2000 1000x4000",
    "symm": TWO_M_N,
    "syr2k": TWO_M_N,
    "syrk": TWO_M_N,
    "trisolv": ONE,
    "trmm": TWO_M_N,
}

ALPHA, BETA = 1.5, 1.25


class Random:
    """bench_random() of sgperf_bench.h."""

    def __init__(self, seed):
        self.state = seed

    def word(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return self.state >> 32

    def uniform(self):
        return (self.word() >> 8) / 2**24

    def vector(self, n):
        return [self.uniform() for _ in range(n)]

    def matrix(self, rows, columns):
        return [self.vector(columns) for _ in range(rows)]


def transposed(a):
    return [list(column) for column in zip(*a)]


def dot(x, y):
    return fsum(map(float.__mul__, x, y))


def product(a, b):
    columns = transposed(b)
    return [[dot(row, column) for column in columns] for row in a]


def apply(a, x):
    return [dot(row, x) for row in a]


def combined(p, a, q, b):
    return [[p * x + q * y for x, y in zip(r, s)] for r, s in zip(a, b)]


def flat(a):
    return [x for row in a for x in row]


def lower(a):
    return [a[i][j] for i in range(len(a)) for j in range(i + 1)]


def solve(a, b):
    """Gauss and Jordan with pivoting; b is a matrix."""
    n = len(a)
    m = [list(row) + list(right) for row, right in zip(a, b)]
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(m[i][k]))
        m[k], m[best] = m[best], m[k]
        pivot = m[k][k]
        m[k] = [x / pivot for x in m[k]]
        for i in range(n):
            if i != k and m[i][k]:
                factor = m[i][k]
                m[i] = [x - factor * y for x, y in zip(m[i], m[k])]
    return [row[n:] for row in m]


def eliminated(a):
    """Gauss without pivoting, by outer products: (L without its ones, U)."""
    n = len(a)
    u = [list(row) for row in a]
    factors = [[0.0] * n for _ in range(n)]
    for k in range(n):
        for i in range(k + 1, n):
            f = factors[i][k] = u[i][k] / u[k][k]
            u[i] = [0.0] * (k + 1) + [x - f * y for x, y in zip(u[i][k + 1 :], u[k][k + 1 :])]
    return factors, u


def k_gemm(r, ni, nj, nk):
    a, b, c = r.matrix(ni, nk), r.matrix(nk, nj), r.matrix(ni, nj)
    return flat(combined(ALPHA, product(a, b), BETA, c))


def k_2mm(r, ni, nj, nk, nl):
    a, b, c, d = r.matrix(ni, nk), r.matrix(nk, nj), r.matrix(nj, nl), r.matrix(ni, nl)
    return flat(combined(ALPHA, product(a, product(b, c)), BETA, d))


def k_3mm(r, ni, nj, nk, nl, nm):
    a, b, c, d = r.matrix(ni, nk), r.matrix(nk, nj), r.matrix(nj, nm), r.matrix(nm, nl)
    return flat(product(a, product(b, product(c, d))))


def k_atax(r, m, n):
    a, x = r.matrix(m, n), r.vector(n)
    return apply(product(transposed(a), a), x)


def k_bicg(r, m, n):
    a, residual, p = r.matrix(n, m), r.vector(n), r.vector(m)
    return apply(transposed(a), residual) + apply(a, p)


def k_mvt(r, n):
    a, x1, x2, y1, y2 = r.matrix(n, n), r.vector(n), r.vector(n), r.vector(n), r.vector(n)
    return [x + y for x, y in zip(x1, apply(a, y1))] + [x + y for x, y in zip(x2, apply(transposed(a), y2))]


def k_gemver(r, n):
    a = r.matrix(n, n)
    u1, v1, u2, v2, y, z = (r.vector(n) for _ in range(6))
    # Without forming A': (A + u1 v1' + u2 v2') x = A x + u1 (v1' x) + u2 (v2' x).
    s1, s2 = dot(u1, y), dot(u2, y)
    x = [BETA * (t + p * s1 + q * s2) + w for t, p, q, w in zip(apply(transposed(a), y), v1, v2, z)]
    s1, s2 = dot(v1, x), dot(v2, x)
    return [ALPHA * (t + p * s1 + q * s2) for t, p, q in zip(apply(a, x), u1, u2)]


def k_gesummv(r, n):
    a, b, x = r.matrix(n, n), r.matrix(n, n), r.vector(n)
    return apply(combined(ALPHA, a, BETA, b), x)


def k_symm(r, m, n):
    a, b, c = r.matrix(m, m), r.matrix(m, n), r.matrix(m, n)
    full = [[a[max(i, j)][min(i, j)] for j in range(m)] for i in range(m)]
    return flat(combined(ALPHA, product(full, b), BETA, c))


def k_syrk(r, m, n):
    a, c = r.matrix(n, m), r.matrix(n, n)
    return lower(combined(ALPHA, product(a, transposed(a)), BETA, c))


def k_syr2k(r, m, n):
    a, b, c = r.matrix(n, m), r.matrix(n, m), r.matrix(n, n)
    ab = product(a, transposed(b))
    return lower(combined(ALPHA, combined(1.0, ab, 1.0, transposed(ab)), BETA, c))


def k_trmm(r, m, n):
    a, b = r.matrix(m, m), r.matrix(m, n)
    triangle = [[a[i][j] if j < i else float(i == j) for j in range(m)] for i in range(m)]
    return [ALPHA * x for x in flat(product(transposed(triangle), b))]


def k_doitgen(r, nq, nr, np):
    a = [r.matrix(nq, np) for _ in range(nr)]
    c = r.matrix(np, np)
    return flat([x for slab in a for x in product(slab, c)])


def dominated(a):
    for i, row in enumerate(a):
        row[i] += len(a)
    return a


def k_cholesky(r, n):
    a = dominated(r.matrix(n, n))
    full = [[a[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]
    factors, u = eliminated(full)  # A = F D F', L = F sqrt(D)
    return lower([[(factors[i][j] if j < i else 1.0) * math.sqrt(u[j][j]) for j in range(n)] for i in range(n)])


def k_lu(r, n):
    factors, u = eliminated(dominated(r.matrix(n, n)))
    return [factors[i][j] if j < i else u[i][j] for i in range(n) for j in range(n)]


def k_ludcmp(r, n):
    a, b = r.matrix(n, n), r.vector(n)
    return flat(solve(dominated(a), [[x] for x in b]))


def k_trisolv(r, n):
    a, b = r.matrix(n, n), r.vector(n)
    dominated(a)
    return flat(solve([[a[i][j] if j <= i else 0.0 for j in range(n)] for i in range(n)], [[x] for x in b]))


def k_durbin(r, n):
    rho = [x * 0.25 / (i + 1) ** 2 for i, x in enumerate(r.vector(n))]
    toeplitz = [[1.0 if i == j else rho[abs(i - j) - 1] for j in range(n)] for i in range(n)]
    return flat(solve(toeplitz, [[-x] for x in rho]))


def k_gramschmidt(r, m, n):
    a = r.matrix(m, n)
    for i in range(m):
        a[i][i] += m
    # R'R = A'A for the first m columns, and R = Q'A for all.
    columns = transposed(a)[:m]
    factors, u = eliminated(product(columns, transposed(columns)))
    triangle = [[math.sqrt(u[i][i]) * (factors[j][i] if j > i else float(i == j)) for j in range(m)] for i in range(m)]
    q = transposed(solve(transposed(triangle), columns))  # Q R = A, so R'Q' = A'
    full = product(transposed(q), a)
    rows = [[full[i][j] if j >= i else 0.0 for j in range(n)] for i in range(m)] + [[0.0] * n] * (n - m)
    return flat([row + [0.0] * (n - m) for row in q]) + flat(rows)


def moments(data):
    columns = transposed(data)
    n = len(data)
    # E[xy] - E[x] E[y], exact enough with exact sums of small numbers.
    means = [fsum(c) / n for c in columns]
    return columns, means, n


def k_covariance(r, m, n):
    columns, means, n = moments(r.matrix(n, m))
    return [(dot(x, y) - n * p * q) / (n - 1) for x, p in zip(columns, means) for y, q in zip(columns, means)]


def k_correlation(r, m, n):
    columns, means, n = moments(r.matrix(n, m))
    spread = [math.sqrt(dot(x, x) - n * p * p) for x, p in zip(columns, means)]
    return [
        1.0 if i == j else (dot(columns[i], columns[j]) - n * means[i] * means[j]) / (spread[i] * spread[j])
        for i in range(m)
        for j in range(m)
    ]


def k_deriche(r, w, h):
    image = r.matrix(w, h)
    alpha = 0.25
    k = (1 - math.exp(-alpha)) ** 2 / (1 + 2 * alpha * math.exp(-alpha) - math.exp(-2 * alpha))
    response = [k * (alpha * n + 1) * math.exp(-alpha * n) for n in range(max(w, h))]

    def smooth(line):
        n = len(line)
        return [fsum(line[j] * response[abs(i - j)] for j in range(n)) for i in range(n)]

    return flat(transposed([smooth(c) for c in transposed([smooth(row) for row in image])]))


def k_floyd_warshall(r, n):
    none = 1 << 28
    edges = [[] for _ in range(n)]
    for i in range(n):
        for j in range(n):
            word = r.word()
            if i != j and word % 8 == 0:
                edges[i].append((j, word // 8 % 1000 + 1))
    out = []
    for start in range(n):  # Dijkstra
        far = [none] * n
        far[start] = 0
        heap = [(0, start)]
        while heap:
            length, at = heapq.heappop(heap)
            if length > far[at]:
                continue
            for to, edge in edges[at]:
                if length + edge < far[to]:
                    far[to] = length + edge
                    heapq.heappush(heap, (far[to], to))
        out += far
    return [float(x) for x in out]


def k_nussinov(r, n):
    base = [r.word() % 4 for _ in range(n)]
    # By length, and by the partner of the last base instead of all ways to cut in two.
    most = [[0] * (n + 1) for _ in range(n + 1)]  # [i][j]: of the bases i to j - 1
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length
            best = most[i][j - 1]
            for k in range(i, j - 2):  # neighbours do not pair
                if base[k] + base[j - 1] == 3:
                    best = max(best, most[i][k] + most[k + 1][j - 1] + 1)
            most[i][j] = best
    return [float(most[i][j + 1]) for i in range(n) for j in range(i, n)]


def k_adi(r, t, n):
    u = r.matrix(n, n)
    for i in range(n):
        u[0][i] = u[n - 1][i] = u[i][0] = u[i][n - 1] = 1.0
    s = (1 / t) / (1 / n) ** 2
    # (1 - s/2 D) of the inner points, inverted once: D is the second difference.
    inner = n - 2
    matrix = [[1 + s if i == j else -s / 2 if abs(i - j) == 1 else 0.0 for j in range(inner)] for i in range(inner)]
    inverse = solve(matrix, [[float(i == j) for j in range(inner)] for i in range(inner)])

    def half(field):
        """Explicit along the first index, implicit along the second."""
        new = [[1.0] * n for _ in range(n)]
        for i in range(1, n - 1):
            right = [
                field[i][j] + s / 2 * (field[i - 1][j] - 2 * field[i][j] + field[i + 1][j]) for j in range(1, n - 1)
            ]
            right[0] += s / 2
            right[-1] += s / 2
            new[i][1 : n - 1] = apply(inverse, right)
        return new

    for _ in range(t):
        u = half(transposed(half(transposed(u))))
    return flat(u)


def k_fdtd_2d(r, t, nx, ny):
    ex, ey, hz, source = r.matrix(nx, ny), r.matrix(nx, ny), r.matrix(nx, ny), r.vector(t)
    for now in source:
        ey = [[now] * ny] + [
            [e - 0.5 * (h - g) for e, h, g in zip(ey[i], hz[i], hz[i - 1])] for i in range(1, nx)
        ]
        ex = [
            [row[0]] + [row[j] - 0.5 * (h[j] - h[j - 1]) for j in range(1, ny)] for row, h in zip(ex, hz)
        ]
        hz = [
            [
                hz[i][j] - 0.7 * (ex[i][j + 1] - ex[i][j] + ey[i + 1][j] - ey[i][j])
                if i < nx - 1 and j < ny - 1
                else hz[i][j]
                for j in range(ny)
            ]
            for i in range(nx)
        ]
    return flat(ex) + flat(ey) + flat(hz)


def k_heat_3d(r, t, n):
    # One flat list; a neighbour is a constant distance away.
    a = r.vector(n**3)
    inside = [i for i in range(n**3) if all(0 < x < n - 1 for x in (i % n, i // n % n, i // n // n))]
    for _ in range(2 * t):
        b = list(a)
        for i in inside:
            around = a[i - 1] + a[i + 1] + a[i - n] + a[i + n] + a[i - n * n] + a[i + n * n]
            b[i] = a[i] / 4 + around / 8
        a = b
    return a


def k_jacobi_1d(r, t, n):
    a = r.vector(n)
    for _ in range(2 * t):
        a = [a[0]] + [sum(a[i - 1 : i + 2]) / 3 for i in range(1, n - 1)] + [a[-1]]
    return a


def k_jacobi_2d(r, t, n):
    a = r.vector(n * n)
    inside = [i for i in range(n * n) if 0 < i % n < n - 1 and 0 < i // n < n - 1]
    for _ in range(2 * t):
        b = list(a)
        for i in inside:
            b[i] = (a[i] + a[i - 1] + a[i + 1] + a[i - n] + a[i + n]) / 5
        a = b
    return a


def k_seidel_2d(r, t, n):
    a = r.vector(n * n)
    inside = [i for i in range(n * n) if 0 < i % n < n - 1 and 0 < i // n < n - 1]
    for _ in range(t):
        for i in inside:
            a[i] = (sum(a[i - n - 1 : i - n + 2]) + sum(a[i - 1 : i + 2]) + sum(a[i + n - 1 : i + n + 2])) / 9
    return a


def main():
    if sys.argv[1] == "sizes":
        for name, sizes in SIZES.items():
            print(name, sizes)
        return
    column = ("MINI", "SMALL", "MEDIUM").index(sys.argv[1])
    for name in sys.argv[2:] or SIZES:
        sizes = SIZES[name].split()[column]
        values = globals()["k_" + name.replace("-", "_")](Random(1), *map(int, sizes.split("x")))
        weights = Random(0)
        weighted = fsum(x * weights.uniform() for x in values)
        numbers = fsum(values), weighted, fsum(map(abs, values))
        print(name, sizes, *(x.hex() for x in numbers), flush=True)


main()
