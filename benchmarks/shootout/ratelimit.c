// SPDX-License-Identifier: Apache-2.0
// Who may send: 25 000 requests of 3000 clients, each allowed ten at once and one more every 200 ticks.  A hash table
// with linear probing holds the clients; what nobody used for long is evicted when the table is full.
#include "sgperf_bench.h"

enum { requests = 25000, clients = 3000, slots = 2048, most = slots / 4 * 3, burst = 10, refill = 200 };

struct bucket {
  uint32_t client; // 0: free
  uint32_t tokens;
  uint64_t since; // when the tokens were counted
  uint64_t used;
};
static struct bucket table[slots];
static uint32_t stream[requests];
static uint32_t used_slots;
static uint64_t allowed, denied, evicted;

static uint32_t place(uint32_t client) {
  return client * 2654435761u >> 21; // Knuth's multiplicative hash, the upper 11 bits
}

static void insert(struct bucket bucket) {
  uint32_t at = place(bucket.client);
  while (table[at].client) at = (at + 1) % slots;
  table[at] = bucket;
  used_slots++;
}

// Frees `at` and closes the gap behind it.
static void erase(uint32_t at) {
  table[at].client = 0;
  used_slots--;
  for (uint32_t next = (at + 1) % slots; table[next].client; next = (next + 1) % slots) {
    struct bucket moved = table[next];
    table[next].client = 0;
    used_slots--;
    insert(moved);
  }
}

static void evict(void) {
  uint32_t oldest = slots;
  for (uint32_t i = 0; i < slots; i++)
    if (table[i].client && (oldest == slots || table[i].used < table[oldest].used)) oldest = i;
  erase(oldest);
  evicted++;
}

static int may_send(uint32_t client, uint64_t now) {
  uint32_t at = place(client);
  while (table[at].client && table[at].client != client) at = (at + 1) % slots;
  if (!table[at].client) {
    if (used_slots == most) evict();
    struct bucket bucket = {client, burst - 1, now, now};
    insert(bucket);
    return 1;
  }
  struct bucket *bucket = &table[at];
  uint64_t gained = (now - bucket->since) / refill;
  bucket->since += gained * refill;
  bucket->tokens = bucket->tokens + gained > burst ? burst : (uint32_t)(bucket->tokens + gained);
  bucket->used = now;
  if (!bucket->tokens) return 0;
  bucket->tokens--;
  return 1;
}

int main(void) {
  uint64_t seed = 17;
  memset(table, 0, sizeof table);
  used_slots = 0;
  allowed = denied = evicted = 0;
  for (int i = 0; i < requests; i++) {
    // A few send most of it: the product of two uniform numbers.
    uint32_t random = bench_random(&seed);
    uint64_t product = (uint64_t)(random >> 16) * (random & 65535) >> 16;
    stream[i] = (uint32_t)(product * product / 65536 * clients / 65536) + 1;
  }
  bench_black_box(stream);
  bench_start();
  for (int i = 0; i < requests; i++) {
    if (may_send(stream[i], (uint64_t)i))
      allowed++;
    else
      denied++;
  }
  bench_black_box(table);
  bench_end();
  bench_print("allowed", allowed);
  bench_print("denied", denied);
  bench_print("evicted", evicted);
  return 0;
}
