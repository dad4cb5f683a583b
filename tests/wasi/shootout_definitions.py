# SPDX-License-Identifier: Apache-2.0
"""What the programs of shootout.suite must print, found by other means: Python's own library where it has the
algorithm, else the definition again on Python's unbounded integers.

usage: shootout_definitions.py PROGRAM      prints the whole expected output
"""

import base64
import csv
import hashlib
import io
import re
import struct
import sys

M32, M64 = 2**32 - 1, 2**64 - 1


class Random:
    """bench_random() of sgperf_bench.h."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & M64
        return self.state >> 32

    def bytes(self, count):
        return bytes(self() & 255 for _ in range(count))


def polynomial(data):
    """hash = hash * 31 + byte, of all bytes: 4096 at a time."""
    value = 0
    powers = [pow(31, 4095 - i, 2**64) for i in range(4096)]
    for at in range(0, len(data), 4096):
        piece = data[at : at + 4096]
        value = value * pow(31, len(piece), 2**64) + sum(map(int.__mul__, piece, powers[-len(piece) :]))
    return value & M64


def rotl(x, by, bits):
    return ((x << by) | (x >> (bits - by))) & ((1 << bits) - 1)


def p_ackermann():
    print("ackermann", 2 ** (8 + 3) - 3)


def p_fibonacci():
    a, b = 0, 1
    for _ in range(32):
        a, b = b, a + b
    print("fibonacci", a)


def p_sieve():
    flags = bytearray([1]) * 2000001
    flags[:2] = b"\0\0"
    for n in range(2, 1415):
        if flags[n]:
            flags[n * n :: n] = bytes(len(range(n * n, 2000001, n)))
    print("primes", sum(flags))
    print("largest", flags.rindex(1))


def p_base64():
    plain = Random(3).bytes(2**20 + 1)
    coded = base64.b64encode(plain)
    print("encoded-bytes", len(coded))
    print("encoded-hash", polynomial(coded))
    print("same-after-decoding", int(base64.b64decode(coded) == plain))


def p_matmul():
    n, random = 260, Random(1)
    a, b = [[0] * n for _ in range(n)], [[0] * n for _ in range(n)]
    for i in range(n):
        for k in range(n):
            a[i][k] = random() % 1000
            b[i][k] = random() % 1000
    columns = list(zip(*b))
    c = [[sum(map(int.__mul__, row, column)) for column in columns] for row in a]
    print("trace", sum(c[i][i] for i in range(n)))
    print("weighted-sum", sum(c[i][k] * (i + 2 * k + 1) for i in range(n) for k in range(n)) & M64)


def p_ctype():
    text = bytes(byte & 127 for byte in Random(5).bytes(2**20))
    counts = {
        "upper": rb"[A-Z]",
        "lower": rb"[a-z]",
        "digits": rb"[0-9]",
        "spaces": rb"[ \t\n\v\f\r]",
        "punctuation": rb"[!-/:-@\[-`{-~]",
        "control": rb"[\x00-\x08\x0e-\x1f\x7f]",
        "words": rb"[A-Za-z0-9]+",
    }
    for name, pattern in counts.items():
        print(name, len(re.findall(pattern, text)))
    print("text-hash", polynomial(text.swapcase()))


def gimli(s):
    for round in range(24, 0, -1):
        for column in range(4):
            x, y, z = rotl(s[column], 24, 32), rotl(s[4 + column], 9, 32), s[8 + column]
            s[8 + column] = (x ^ (z << 1) ^ ((y & z) << 2)) & M32
            s[4 + column] = (y ^ x ^ ((x | z) << 1)) & M32
            s[column] = (z ^ y ^ ((x & y) << 3)) & M32
        if round & 3 == 0:
            s[0:4] = s[1] ^ 0x9E377900 ^ round, s[0], s[3], s[2]
        if round & 3 == 2:
            s[0:4] = s[2], s[3], s[0], s[1]


def p_gimli():
    s = [(i * i * i + i * 0x9E3779B9) & M32 for i in range(12)]
    # The designers' example: what one permutation makes of this.
    example = "ba11c85a 91bad119 380ce880 d24c2c68 3eceffea 277a921c 4f73a0bd da5a9cd8 84b673f0 34e52ff7 9e2bef49 "
    example += "f41bb8d6"
    print("once", struct.pack("<12I", *(int(word, 16) for word in example.split())).hex())
    for _ in range(40000):
        gimli(s)
    print("often", struct.pack("<12I", *s).hex())


def p_keccak():
    print("abc", hashlib.sha3_256(b"abc").hexdigest())
    print("256KiB", hashlib.sha3_256(Random(7).bytes(2**18)).hexdigest())


def p_sha256():
    print(hashlib.sha256(b"abc").hexdigest())
    print(hashlib.sha256(Random(2).bytes(3 << 19)).hexdigest())


def p_heapsort():
    random, value = Random(4), 0
    for number in sorted(random() for _ in range(100000)):
        value = (value * 31 + number) & M64
    print("unsorted", 0)
    print("hash", value)


def p_memmove():
    random = Random(11)
    size, pieces = 2**20, 60000
    memory = bytearray(random.bytes(size))
    for i in range(pieces):
        length = random() % 8192 + 1
        start = random() % (size - 16384) + 4096
        to = random() % (size - 8192) if i % 2 else start - 4096 + random() % 8192
        memory[to : to + length] = bytes(memory[start : start + length])
    print("memory-hash", polynomial(bytes(memory)))


def p_minicsv():
    random = Random(13)
    rows = []
    for _ in range(20000):
        row = []
        for _ in range(6):
            word = random()
            kinds = {0: "", 1: 'a, "b"', 2: "x\r\ny", 3: "plain text"}
            row.append(kinds.get(word % 8, str(word >> 8)))
        rows.append(row)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    print("text-bytes", len(text.getvalue()))
    read = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    fields = [field for row in read for field in row]
    numbers = [int(field) for field in fields if field.isdigit()]
    print("records", len(read))
    print("fields", len(fields))
    print("empty", fields.count(""))
    print("numbers", len(numbers))
    print("sum", sum(numbers))
    characters = "".join(fields).encode()
    print("characters", len(characters))
    print("hash", polynomial(characters))


def p_nestedloop():
    n = 14
    xors = sum(a ^ b for a in range(n) for b in range(n))
    # Each pair of counters is independent of the other pairs.
    print("sum", (xors * xors * n**2 + xors * n**4) & M32)


def p_random():
    seed, total, last = 42, 0.0, 0.0
    for _ in range(800000):
        seed = (seed * 3877 + 29573) % 139968
        last = 100.0 * seed / 139968
        total += last
    print("seed", seed)
    print("last-in-billionths", int(last * 1e9))
    print("mean-in-billionths", int(total / 800000 * 1e9))


def p_ratelimit():
    random, buckets, allowed, evicted = Random(17), {}, 0, 0  # client: [tokens, since], in the order of use
    for now in range(25000):
        word = random()
        uniform = ((word >> 16) * (word & 65535)) >> 16
        client = uniform * uniform // 65536 * 3000 // 65536 + 1
        if client in buckets:
            tokens, since = buckets.pop(client)
            gained = (now - since) // 200
            tokens, since = min(10, tokens + gained), since + gained * 200
        else:
            if len(buckets) == 1536:
                del buckets[next(iter(buckets))]
                evicted += 1
            tokens, since = 10, now
        allowed += tokens > 0
        buckets[client] = (max(tokens - 1, 0), since)
    print("allowed", allowed)
    print("denied", 25000 - allowed)
    print("evicted", evicted)


def siphash(key, message):
    k0, k1 = struct.unpack("<2Q", key)
    a, b, c, d = k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573

    def sip(a, b, c, d):
        a, c = (a + b) & M64, (c + d) & M64
        b, d = rotl(b, 13, 64) ^ a, rotl(d, 16, 64) ^ c
        a = rotl(a, 32, 64)
        c, a = (c + b) & M64, (a + d) & M64
        b, d = rotl(b, 17, 64) ^ c, rotl(d, 21, 64) ^ a
        return a, b, rotl(c, 32, 64), d

    padded = message + bytes(-(len(message) + 1) % 8) + bytes([len(message) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        d ^= word
        a, b, c, d = sip(*sip(a, b, c, d))
        a ^= word
    c ^= 255
    for _ in range(4):
        a, b, c, d = sip(a, b, c, d)
    return a ^ b ^ c ^ d


def p_seqhash():
    key = bytes(range(16))
    print("example", 0xA129CA6149BE45E5)  # printed in the paper
    assert siphash(key, bytes(range(15))) == 0xA129CA6149BE45E5
    value = 0
    for i in range(150000):
        value = siphash(key, struct.pack("<2Q", i, value))
    print("chain", value)


def p_switch():
    random = Random(19)
    program = random.bytes(1024)
    r = [i * 0x01234567 & M32 for i in range(8)]

    def rot(x, by):
        return rotl(x, by & 31, 32)

    operations = [
        lambda r, a: r[0] + a,
        lambda r, a: r[1] - a,
        lambda r, a: r[2] ^ a,
        lambda r, a: r[3] * (a | 1),
        lambda r, a: r[4] | a,
        lambda r, a: r[5] & a,
        lambda r, a: rot(r[6], a),
        lambda r, a: r[7] + 0x9E3779B9,
        lambda r, a: abs(a - r[0]),
        lambda r, a: r[1] << (a & 31),
        lambda r, a: r[2] >> (a & 31),
        lambda r, a: ~a,
        lambda r, a: a + 1,
        lambda r, a: a - 1,
        lambda r, a: -a,
        lambda r, a: r[7] // (a | 1),
        lambda r, a: r[0] % (a | 1),
        lambda r, a: r[1] if a & 1 else a,
        lambda r, a: a * a,
        lambda r, a: rot(a, 16),
        lambda r, a: r[4] + a - (r[4] & a),  # (x & a) + (x ^ a) = x | a = x + a - (x & a)
        lambda r, a: (a - 2**32 if a >> 31 else a) >> 3,
        lambda r, a: r[6] ^ rot(a, 7),
        lambda r, a: r[7] - rot(a, 11),
        lambda r, a: int(a > r[0]),
        lambda r, a: r[1] + a + r[2],
        lambda r, a: r[2] ^ a ^ r[3],
        lambda r, a: r[3] + a * 8,
        lambda r, a: r[4] + a // 32,
        lambda r, a: (a & 0xFF00FF) | (r[5] & 0xFF00FF00),
        lambda r, a: a * 0x85EBCA6B,
        lambda r, a: r[7] ^ r[0] ^ a,
    ]
    for _ in range(2000):
        for byte in program:
            r[byte & 7] = operations[byte & 31](r, r[byte >> 5]) & M32
    for value in r:
        print("register", value)


def quarter(s, bits, turn, a, b, c, d):
    mask = (1 << bits) - 1
    for (x, y, z), by in zip(((a, b, d), (c, d, b), (a, b, d), (c, d, b)), turn):
        s[x] = (s[x] + s[y]) & mask
        s[z] = rotl(s[z] ^ s[x], by, bits)


def double_rounds(s, bits, turn, count):
    for _ in range(count):
        for i in range(4):
            quarter(s, bits, turn, i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(s, bits, turn, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return s


def stream(state, form, bits, turn, count, counter, size):
    out = b""
    while len(out) < size:
        permuted = double_rounds(list(state), bits, turn, count)
        out += struct.pack(form, *((x + y) & ((1 << bits) - 1) for x, y in zip(state, permuted)))
        state[counter] += 1
    return out


def p_xchacha20():
    turn = (16, 12, 8, 7)
    constants = struct.unpack("<4I", b"expand 32-byte k")
    key, nonce = bytes(range(32)), bytes(range(64, 88))

    def state(key, last):
        return list(constants) + list(struct.unpack("<8I", key)) + list(struct.unpack("<4I", last))

    # RFC 8439, 2.3.2, and draft-irtf-cfrg-xchacha, 2.2.1.
    print(
        "chacha20",
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e",
    )
    print("hchacha20", "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc")
    s = double_rounds(state(key, nonce[:16]), 32, turn, 10)
    subkey = struct.pack("<8I", *s[:4], *s[12:])
    text = Random(23).bytes(2**19)
    pad = stream(state(subkey, bytes(8) + nonce[16:]), "<16I", 32, turn, 10, 12, len(text))
    encrypt(text, pad)


def p_xblabla20():
    # BLAKE2b's rotations, to the right by 32, 24, 16 and 63.
    turn = (32, 40, 48, 1)
    first = [0x6170786593810FAB, 0x3320646EC7398AEE, 0x79622D3217318274, 0x6B206574BABADADA]
    second = [0x2AE36E593E46AD5F, 0xB68F143029225FC9, 0x8DA1E08468303AA6, 0xA48A209ACD50A4A7, 0x7FDC12F23F90778C]
    key, nonce = bytes(range(32)), bytes(range(64, 96))
    s = first + list(struct.unpack("<4Q", key)) + second + [0] + list(struct.unpack("<2Q", nonce[:16]))
    subkey = double_rounds(s, 64, turn, 20)[:4]
    text = Random(29).bytes(2**19)
    start = first + subkey + second + [1] + list(struct.unpack("<2Q", nonce[16:]))
    encrypt(text, stream(start, "<16Q", 64, turn, 20, 13, len(text)))


def encrypt(text, pad):
    coded = (int.from_bytes(text, "big") ^ int.from_bytes(pad[: len(text)], "big")).to_bytes(len(text), "big")
    print("begins", coded[:32].hex())
    print("hash", polynomial(coded))


def p_ed25519():
    p, order = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
    d = -121665 * pow(121666, -1, p) % p

    def add(a, b):  # affine, the addition law of the curve itself
        (x1, y1), (x2, y2) = a, b
        t = d * x1 * x2 * y1 * y2 % p
        return (
            (x1 * y2 + x2 * y1) * pow(1 + t, -1, p) % p,
            (y1 * y2 + x1 * x2) * pow(1 - t, -1, p) % p,
        )

    def times(n, a):
        out = (0, 1)
        while n:
            if n & 1:
                out = add(out, a)
            a = add(a, a)
            n >>= 1
        return out

    def encode(a):
        return (a[1] | (a[0] & 1) << 255).to_bytes(32, "little")

    y = 4 * pow(5, -1, p) % p
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    x = pow(square, (p + 3) // 8, p)
    if x * x % p != square:
        x = x * pow(2, (p - 1) // 4, p) % p
    base = (p - x if x & 1 else x, y)

    def number(*parts):
        return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")

    def secret_of(seed):
        h = hashlib.sha512(seed).digest()
        a = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | 1 << 254
        return a, h[32:]

    def sign(seed, message):
        a, prefix = secret_of(seed)
        key = encode(times(a, base))
        r = number(prefix, message) % order
        big_r = encode(times(r, base))
        s = (r + number(big_r, key, message) * a) % order
        return key, big_r + s.to_bytes(32, "little")

    # RFC 8032, 7.1, second example.
    key, signature = sign(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"), b"\x72")
    assert key.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    print("example-key", key.hex())
    print("example-signature", signature.hex())
    random = Random(31)
    seed, text = random.bytes(32), bytearray(random.bytes(100))
    text[0] = 3
    key, signature = sign(seed, bytes(text))
    print("key", key.hex())
    print("last-signature", signature.hex())
    print("good 4\nforged 0")


globals()["p_" + sys.argv[1]]()
