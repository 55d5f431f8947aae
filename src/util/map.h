/* A table from text to a number. Keys are copied unless it says otherwise. Order of iteration is
 * order of insertion, so nothing that decides can depend on a hash. No removal: set a value of your
 * own that means "gone".
 */
#ifndef UTIL_MAP_H
#define UTIL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

struct map_entry {
  const char *key;
  int64_t value;
};
/* Most look-ups of what is not there end here, without a look at a key. */
struct map_slot {
  uint32_t hash;
  uint32_t entry; /* its index + 1; 0: free */
};
struct map {
  struct map_entry *entries;
  size_t count, room;
  struct map_slot *slots;
  size_t slot_count; /* a power of two */
  struct arena keys;
};

void map_init(struct map *map);
void map_release(struct map *map);
/* Makes room for so many keys at once, so that the table need not grow on the way. */
void map_reserve(struct map *map, size_t count);
void map_set(struct map *map, const char *key, int64_t value);
/* The same without a copy: the key must live as long as the map. */
void map_set_kept(struct map *map, const char *key, int64_t value);
/* NULL key is never found. */
bool map_get(const struct map *map, const char *key, int64_t *value);
/* The map's own copy of the key, put in with `value` when new: interning. */
const char *map_intern(struct map *map, const char *key, int64_t value);

/* FNV-1a, for short fingerprints; not for content. */
uint64_t hash_bytes(const void *bytes, size_t size);

#endif
