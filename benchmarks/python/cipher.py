# SPDX-License-Identifier: Apache-2.0
"""AES-128 in counter mode, in Python alone: bytes, tables, shifts."""

def box():
    # The inverse in GF(2^8), then the affine map of FIPS 197.
    p = q = 1
    table = [0] * 256
    while True:
        p = (p ^ (p << 1) ^ (0x11B if p & 0x80 else 0)) & 0xFF
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        if q & 0x80:
            q ^= 0x09
        x = q
        for shift in range(1, 5):
            x ^= (q << shift | q >> (8 - shift)) & 0xFF
        table[p] = x ^ 0x63
        if p == 1:
            break
    table[0] = 0x63
    return table


BOX = box()
TWICE = [(n << 1 ^ (0x1B if n & 0x80 else 0)) & 0xFF for n in range(256)]


def keys(key):
    words, round_constant = [list(key[i : i + 4]) for i in range(0, 16, 4)], 1
    for i in range(4, 44):
        word = list(words[i - 1])
        if i % 4 == 0:
            word = [BOX[b] for b in word[1:] + word[:1]]
            word[0] ^= round_constant
            round_constant = TWICE[round_constant]
        words.append([a ^ b for a, b in zip(word, words[i - 4])])
    return [sum(words[i : i + 4], []) for i in range(0, 44, 4)]


def encrypt(block, schedule):
    state = [a ^ b for a, b in zip(block, schedule[0])]
    for number in range(1, 11):
        state = [BOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 10:
            mixed = []
            for c in range(0, 16, 4):
                a, b, d, e = state[c : c + 4]
                all_four = a ^ b ^ d ^ e
                mixed += [a ^ all_four ^ TWICE[a ^ b], b ^ all_four ^ TWICE[b ^ d], d ^ all_four ^ TWICE[d ^ e], e ^ all_four ^ TWICE[e ^ a]]
            state = mixed
        state = [a ^ b for a, b in zip(state, schedule[number])]
    return bytes(state)


schedule = keys(bytes(range(16)))
# FIPS 197, appendix C.1
print(encrypt(bytes.fromhex("00112233445566778899aabbccddeeff"), schedule).hex())
check = 0
for counter in range(900):
    check ^= int.from_bytes(encrypt(counter.to_bytes(16, "big"), schedule), "big")
print("%032x" % check)
