/* SPDX-License-Identifier: Apache-2.0 */
/* A library with symbols, call frames and lines, small enough to be a seed. */
static inline int square(int x) {
  return x * x;
}

int work(int n) {
  volatile int sum = 0;
  for (int i = 0; i < n; ++i) sum += square(i);
  return sum;
}

int framed(int n) {
  volatile char room[n + 1];
  room[n] = (char)work(n);
  return room[n];
}
