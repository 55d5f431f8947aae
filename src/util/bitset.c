#include "util/bitset.h"

#include <stdlib.h>

#include "util/check.h"

static size_t words_for(size_t bits) {
  return (bits + 63) / 64;
}

void bitset_init(struct bitset *set, size_t size) {
  size_t words = words_for(size);
  *set = (struct bitset){.size = size};
  if (size == 0) return;
  set->words = calloc(words, sizeof *set->words);
  set->summary = calloc(words_for(words), sizeof *set->summary);
  CHECK(set->words != NULL && set->summary != NULL && "out of memory");
}

void bitset_release(struct bitset *set) {
  free(set->words);
  free(set->summary);
  *set = (struct bitset){0};
}

bool bitset_has(const struct bitset *set, size_t member) {
  return member < set->size && (set->words[member / 64] >> (member % 64) & 1) != 0;
}

void bitset_add(struct bitset *set, size_t member) {
  CHECK(member < set->size);
  if (bitset_has(set, member)) return;
  set->count++;
  set->words[member / 64] |= UINT64_C(1) << (member % 64);
  set->summary[member / 4096] |= UINT64_C(1) << (member / 64 % 64);
}

void bitset_remove(struct bitset *set, size_t member) {
  if (!bitset_has(set, member)) return;
  set->count--;
  set->words[member / 64] &= ~(UINT64_C(1) << (member % 64));
  if (set->words[member / 64] == 0)
    set->summary[member / 4096] &= ~(UINT64_C(1) << (member / 64 % 64));
}

/* The first set bit at `from` or later in an array of words; BITSET_END when there is none. */
static size_t next_bit(const uint64_t *words, size_t word_count, size_t from) {
  for (size_t w = from / 64; w < word_count; w++) {
    uint64_t bits = words[w];
    if (w == from / 64) bits &= ~UINT64_C(0) << (from % 64);
    if (bits != 0) return w * 64 + (size_t)__builtin_ctzll(bits);
  }
  return BITSET_END;
}

size_t bitset_next(const struct bitset *set, size_t from) {
  if (from >= set->size || set->count == 0) return BITSET_END;
  size_t words = words_for(set->size), word = from / 64;
  uint64_t bits = set->words[word] & (~UINT64_C(0) << (from % 64));
  if (bits == 0) {
    word = next_bit(set->summary, words_for(words), word + 1);
    if (word == BITSET_END || word >= words) return BITSET_END;
    bits = set->words[word];
  }
  return word * 64 + (size_t)__builtin_ctzll(bits);
}
