/* SplitMix64: small, quick, good enough for jitter and fault choices; not for secrets. */
#include "util/prng.h"

#include "util/check.h"

void prng_init(struct prng *prng, uint64_t seed) {
  prng->state = seed;
}

uint64_t prng_next(struct prng *prng) {
  uint64_t x = prng->state += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

int64_t prng_between(struct prng *prng, int64_t low, int64_t high) {
  CHECK(low <= high);
  uint64_t span = (uint64_t)high - (uint64_t)low + 1;
  return span == 0 ? (int64_t)prng_next(prng) : (int64_t)((uint64_t)low + prng_next(prng) % span);
}

double prng_unit(struct prng *prng) {
  return (double)(prng_next(prng) >> 11) * (1.0 / 9007199254740992.0);
}
