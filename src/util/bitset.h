/* A set of small numbers that is walked in order: which ranks of jobs are free to be taken. */
#ifndef UTIL_BITSET_H
#define UTIL_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bitset {
  uint64_t *words;   /* one bit per member */
  uint64_t *summary; /* one bit per word that is not zero */
  size_t size, count;
};

#define BITSET_END SIZE_MAX

void bitset_init(struct bitset *set, size_t size);
void bitset_release(struct bitset *set);
void bitset_add(struct bitset *set, size_t member);
void bitset_remove(struct bitset *set, size_t member);
bool bitset_has(const struct bitset *set, size_t member);
/* The smallest member that is `from` or larger; BITSET_END when there is none. */
size_t bitset_next(const struct bitset *set, size_t from);

#endif
