// SPDX-License-Identifier: Apache-2.0
// Ed25519 signatures (RFC 8032): four messages signed and checked, one forged.  Numbers are eight words of 32 bits,
// so that products are 64 bits wide: what a module has instructions for.  Not in constant time, no code for secrets.
#include "hex.h"

typedef struct {
  uint32_t w[8];
} number; // below 2^256; of the field: any representative modulo p = 2^255 - 19

typedef struct {
  number x, y, z, t; // extended coordinates: x/z, y/z, t = x y / z
} point;

// SHA-512 (FIPS 180-4): the first 64 fractional bits of the cube roots of the first 80 primes, and of the square roots
// of the first eight.
static const uint64_t cube_roots[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};
static const uint64_t square_roots[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                         0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                         0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

static uint64_t right(uint64_t x, int by) {
  return x >> by | x << (64 - by);
}
static uint64_t load_big(const uint8_t *from) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value = value << 8 | from[i];
  return value;
}

static void sha512_block(uint64_t h[8], const uint8_t *from) {
  uint64_t w[80], s[8];
  for (int t = 0; t < 16; t++) w[t] = load_big(from + 8 * t);
  for (int t = 16; t < 80; t++)
    w[t] = w[t - 16] + (right(w[t - 15], 1) ^ right(w[t - 15], 8) ^ w[t - 15] >> 7) + w[t - 7] +
           (right(w[t - 2], 19) ^ right(w[t - 2], 61) ^ w[t - 2] >> 6);
  memcpy(s, h, sizeof s);
  for (int t = 0; t < 80; t++) {
    uint64_t e = s[4], a = s[0];
    uint64_t t1 =
        s[7] + (right(e, 14) ^ right(e, 18) ^ right(e, 41)) + ((e & s[5]) ^ (~e & s[6])) + cube_roots[t] + w[t];
    uint64_t t2 = (right(a, 28) ^ right(a, 34) ^ right(a, 39)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    for (int i = 7; i > 0; i--) s[i] = s[i - 1];
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) h[i] += s[i];
}

// Of the parts one after the other; together at most 256 bytes.
static void sha512(uint8_t digest[64], const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                   const uint8_t *c, size_t c_size) {
  uint8_t text[384] = {0};
  size_t size = a_size + b_size + c_size, blocks = (size + 17 + 127) / 128;
  memcpy(text, a, a_size);
  memcpy(text + a_size, b, b_size);
  memcpy(text + a_size + b_size, c, c_size);
  text[size] = 128;
  text[128 * blocks - 2] = (uint8_t)(size * 8 >> 8);
  text[128 * blocks - 1] = (uint8_t)(size * 8);
  uint64_t h[8];
  memcpy(h, square_roots, sizeof h);
  for (size_t i = 0; i < blocks; i++) sha512_block(h, text + 128 * i);
  for (int i = 0; i < 64; i++) digest[i] = (uint8_t)(h[i / 8] >> (56 - 8 * (i % 8)));
}

// Adds a small value to a field element; what leaves at the top comes back times 2^256 mod p = 38.
static void add_small(number *a, uint64_t carry) {
  while (carry) {
    carry *= 38;
    for (int i = 0; i < 8 && carry; i++) {
      carry += a->w[i];
      a->w[i] = (uint32_t)carry;
      carry >>= 32;
    }
  }
}

static number add(number a, number b) {
  uint64_t carry = 0;
  for (int i = 0; i < 8; i++) {
    carry += (uint64_t)a.w[i] + b.w[i];
    a.w[i] = (uint32_t)carry;
    carry >>= 32;
  }
  add_small(&a, carry);
  return a;
}

// a - b as plain numbers; 1 if that is below zero (then 2^256 was added).
static uint32_t take(number *a, const number *b) {
  uint64_t borrow = 0;
  for (int i = 0; i < 8; i++) {
    uint64_t difference = (uint64_t)a->w[i] - b->w[i] - borrow;
    a->w[i] = (uint32_t)difference;
    borrow = difference >> 63;
  }
  return (uint32_t)borrow;
}

static number subtract(number a, number b) {
  static const number thirty_eight = {{38}};
  uint32_t borrow = take(&a, &b);
  while (borrow) borrow = take(&a, &thirty_eight);
  return a;
}

static void product(uint32_t out[16], const number *a, const number *b) {
  memset(out, 0, 16 * sizeof *out);
  for (int i = 0; i < 8; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < 8; j++) {
      carry += (uint64_t)a->w[i] * b->w[j] + out[i + j];
      out[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    out[i + 8] = (uint32_t)carry;
  }
}

static number multiply(number a, number b) {
  uint32_t wide[16];
  product(wide, &a, &b);
  uint64_t carry = 0;
  for (int i = 0; i < 8; i++) {
    carry += wide[i] + (uint64_t)wide[i + 8] * 38;
    a.w[i] = (uint32_t)carry;
    carry >>= 32;
  }
  add_small(&a, carry);
  return a;
}

static const number zero = {{0}}, one = {{1}}, two = {{2}};
static const number prime = {
    {0xffffffed, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x7fffffff}};
// L = 2^252 + 27742317777372353535851937790883648493, the order of the base point.
static const number order = {{0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000}};
static number d, root_of_minus_one;
static point base;

static number canonical(number a) {
  for (;;) { // at most twice
    number less = a;
    if (take(&less, &prime)) return a;
    a = less;
  }
}
static int same(number a, number b) {
  a = canonical(a);
  b = canonical(b);
  return !memcmp(&a, &b, sizeof a);
}

static number power(number a, const number *exponent) {
  number result = one;
  for (int i = 255; i >= 0; i--) {
    result = multiply(result, result);
    if (exponent->w[i / 32] >> (i % 32) & 1) result = multiply(result, a);
  }
  return result;
}
static number inverse(number a) {
  number exponent = prime;
  take(&exponent, &two);
  return power(a, &exponent);
}
// (p + 3) / 8 and (p - 1) / 4, by shifting p.
static number shifted(number a, int by) {
  for (int i = 0; i < 8; i++) a.w[i] = a.w[i] >> by | (i < 7 ? a.w[i + 1] << (32 - by) : 0);
  return a;
}

static point sum(const point *p, const point *q) {
  number a = multiply(subtract(p->y, p->x), subtract(q->y, q->x));
  number b = multiply(add(p->y, p->x), add(q->y, q->x));
  number c = multiply(multiply(add(p->t, p->t), d), q->t);
  number f = multiply(add(p->z, p->z), q->z);
  number e = subtract(b, a), h = add(b, a), g = add(f, c);
  f = subtract(f, c);
  return (point){multiply(e, f), multiply(g, h), multiply(f, g), multiply(e, h)};
}

static point twice(const point *p) {
  number a = multiply(p->x, p->x), b = multiply(p->y, p->y), c = multiply(p->z, p->z), s = add(p->x, p->y);
  number h = add(a, b), e = subtract(h, multiply(s, s)), g = subtract(a, b), f = add(add(c, c), g);
  return (point){multiply(e, f), multiply(g, h), multiply(f, g), multiply(e, h)};
}

static point times(const number *scalar, const point *p) {
  point result = {zero, one, one, zero};
  for (int i = 255; i >= 0; i--) {
    result = twice(&result);
    if (scalar->w[i / 32] >> (i % 32) & 1) result = sum(&result, p);
  }
  return result;
}

static void encode_number(uint8_t out[32], number a) {
  for (int i = 0; i < 8; i++) store32(out + 4 * i, a.w[i]);
}
static number decode_number(const uint8_t *from) {
  number a;
  for (int i = 0; i < 8; i++) a.w[i] = load32(from + 4 * i);
  return a;
}

static void encode(uint8_t out[32], const point *p) {
  number inverse_z = inverse(p->z);
  number x = canonical(multiply(p->x, inverse_z));
  encode_number(out, canonical(multiply(p->y, inverse_z)));
  out[31] |= (uint8_t)((x.w[0] & 1) << 7);
}

// 0 if no point of the curve has this y.
static int decode(point *p, const uint8_t from[32]) {
  number y = decode_number(from);
  uint32_t sign = y.w[7] >> 31;
  y.w[7] &= 0x7fffffff;
  number square = multiply(y, y), exponent = prime;
  number ratio = multiply(subtract(square, one), inverse(add(multiply(d, square), one)));
  exponent.w[0] += 3; // no carry: ffffffed + 3
  exponent = shifted(exponent, 3);
  number x = power(ratio, &exponent);
  if (!same(multiply(x, x), ratio)) x = multiply(x, root_of_minus_one);
  if (!same(multiply(x, x), ratio)) return 0;
  x = canonical(x);
  if ((x.w[0] & 1) != sign) x = subtract(zero, x);
  *p = (point){x, y, one, multiply(x, y)};
  return 1;
}

static void prepare(void) {
  number exponent = shifted(prime, 2); // (p - 1) / 4: p is odd and 1 modulo 4
  root_of_minus_one = power(two, &exponent);
  number numerator = {{121665}}, denominator = {{121666}}, four = {{4}}, five = {{5}};
  d = subtract(zero, multiply(numerator, inverse(denominator)));
  uint8_t y[32];
  encode_number(y, canonical(multiply(four, inverse(five))));
  decode(&base, y);
}

// 512 bits modulo L, bit by bit.
static number modulo_order(const uint32_t wide[16]) {
  number rest = zero;
  for (int i = 511; i >= 0; i--) {
    for (int k = 7; k > 0; k--) rest.w[k] = rest.w[k] << 1 | rest.w[k - 1] >> 31;
    rest.w[0] = rest.w[0] << 1 | (wide[i / 32] >> (i % 32) & 1);
    number less = rest;
    if (!take(&less, &order)) rest = less;
  }
  return rest;
}
static number hash_modulo_order(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, const uint8_t *c,
                                size_t c_size) {
  uint8_t digest[64];
  uint32_t wide[16];
  sha512(digest, a, a_size, b, b_size, c, c_size);
  for (int i = 0; i < 16; i++) wide[i] = load32(digest + 4 * i);
  return modulo_order(wide);
}

static void expand(const uint8_t secret[32], number *scalar, uint8_t prefix[32]) {
  uint8_t digest[64];
  sha512(digest, secret, 32, secret, 0, secret, 0);
  digest[0] &= 248;
  digest[31] = (digest[31] & 127) | 64;
  *scalar = decode_number(digest);
  memcpy(prefix, digest + 32, 32);
}

static void public_key(uint8_t out[32], const uint8_t secret[32]) {
  number scalar;
  uint8_t prefix[32];
  expand(secret, &scalar, prefix);
  point p = times(&scalar, &base);
  encode(out, &p);
}

static void sign(uint8_t signature[64], const uint8_t secret[32], const uint8_t open[32], const uint8_t *message,
                 size_t size) {
  number scalar;
  uint8_t prefix[32];
  uint32_t wide[16];
  expand(secret, &scalar, prefix);
  number r = hash_modulo_order(prefix, 32, message, size, message, 0);
  point p = times(&r, &base);
  encode(signature, &p);
  number k = hash_modulo_order(signature, 32, open, 32, message, size);
  product(wide, &k, &scalar);
  uint64_t carry = 0;
  for (int i = 0; i < 16; i++) {
    carry += (uint64_t)wide[i] + (i < 8 ? r.w[i] : 0);
    wide[i] = (uint32_t)carry;
    carry >>= 32;
  }
  encode_number(signature + 32, modulo_order(wide));
}

static int is_signed(const uint8_t signature[64], const uint8_t open[32], const uint8_t *message, size_t size) {
  point key;
  uint8_t found[32];
  number s = decode_number(signature + 32), over = s;
  if (!take(&over, &order) || !decode(&key, open)) return 0;
  // s B - k A must be R.
  key.x = subtract(zero, key.x);
  key.t = subtract(zero, key.t);
  number k = hash_modulo_order(signature, 32, open, 32, message, size);
  point left = times(&s, &base), right_side = times(&k, &key);
  left = sum(&left, &right_side);
  encode(found, &left);
  return !memcmp(found, signature, 32);
}

// The second example of RFC 8032, 7.1.
static const uint8_t example_secret[32] = {0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3,
                                           0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab,
                                           0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb};

enum { messages = 4, message_size = 100 };

int main(void) {
  uint8_t open[32], signature[64], secret[32], text[message_size];
  prepare();
  public_key(open, example_secret);
  sign(signature, example_secret, open, (const uint8_t *)"\x72", 1);
  print_hex("example-key", open, 32);
  print_hex("example-signature", signature, 64);
  uint64_t seed = 31;
  for (int i = 0; i < 32; i++) secret[i] = (uint8_t)bench_random(&seed);
  for (int i = 0; i < message_size; i++) text[i] = (uint8_t)bench_random(&seed);
  uint64_t good = 0, forged = 0;
  bench_black_box(secret);
  bench_start();
  public_key(open, secret);
  for (int i = 0; i < messages; i++) {
    text[0] = (uint8_t)i;
    sign(signature, secret, open, text, message_size);
    good += (uint64_t)is_signed(signature, open, text, message_size);
  }
  text[1] ^= 1;
  forged = (uint64_t)is_signed(signature, open, text, message_size);
  bench_black_box(signature);
  bench_end();
  print_hex("key", open, 32);
  print_hex("last-signature", signature, 64);
  bench_print("good", good);
  bench_print("forged", forged);
  return 0;
}
