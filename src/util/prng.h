/* Numbers from a seed: the only source of chance below the runtime. SplitMix64. */
#ifndef UTIL_PRNG_H
#define UTIL_PRNG_H

#include <stdint.h>

struct prng {
  uint64_t state;
};
void prng_init(struct prng *prng, uint64_t seed);
uint64_t prng_next(struct prng *prng);
/* Evenly from low to high, both included; low <= high. */
int64_t prng_between(struct prng *prng, int64_t low, int64_t high);
/* In [0, 1). */
double prng_unit(struct prng *prng);

#endif
