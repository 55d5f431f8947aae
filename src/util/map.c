/* The table from text to number: entries in order of insertion, open addressing over them. */
#include "util/map.h"

#include <stdlib.h>
#include <string.h>

#include "util/check.h"

uint64_t hash_bytes(const void *bytes, size_t size) {
  const unsigned char *at = bytes;
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; i++) {
    hash ^= at[i];
    hash *= 0x100000001b3u;
  }
  return hash ^ (hash >> 32);
}

void map_init(struct map *map) {
  *map = (struct map){0};
  arena_init(&map->keys);
}

void map_release(struct map *map) {
  free(map->entries);
  free(map->slots);
  arena_release(&map->keys);
  map_init(map);
}

/* Eight bytes at a time: keys are mostly paths, long and alike at their beginning. Of no use
 * outside of a table: it depends on the order of bytes in a word. */
static uint32_t hash_key(const char *key, size_t size) {
  const uint64_t factor = 0x9e3779b97f4a7c15u;
  uint64_t hash = size * factor, word;
  for (; size >= sizeof word; key += sizeof word, size -= sizeof word) {
    memcpy(&word, key, sizeof word);
    hash = (hash ^ word) * factor;
    hash ^= hash >> 32;
  }
  word = 0;
  memcpy(&word, key, size);
  hash = (hash ^ word) * factor;
  hash = (hash ^ (hash >> 29)) * factor;
  return (uint32_t)(hash >> 32);
}

/* The key's slot, or the free one where it belongs. */
static struct map_slot *slot_of(const struct map *map, const char *key, uint32_t hash) {
  size_t mask = map->slot_count - 1, at = hash & mask;
  for (;; at = (at + 1) & mask) {
    struct map_slot *slot = &map->slots[at];
    if (slot->entry == 0) return slot;
    if (slot->hash == hash && strcmp(map->entries[slot->entry - 1].key, key) == 0) return slot;
  }
}

static void grow_slots(struct map *map, size_t count) {
  struct map_slot *old = map->slots;
  size_t old_count = map->slot_count, mask = count - 1;
  map->slots = calloc(count, sizeof *map->slots);
  CHECK(map->slots != NULL && "out of memory");
  map->slot_count = count;
  for (size_t i = 0; i < old_count; i++) {
    if (old[i].entry == 0) continue;
    size_t at = old[i].hash & mask;
    while (map->slots[at].entry != 0)
      at = (at + 1) & mask;
    map->slots[at] = old[i];
  }
  free(old);
}

/* At most three quarters of the slots are taken. */
static size_t slots_for(size_t keys, size_t slots) {
  while (slots / 4 * 3 < keys)
    slots *= 2;
  return slots;
}

static void make_room(struct map *map, size_t keys) {
  CHECK(keys < UINT32_MAX);
  if (keys > map->room) {
    size_t more = map->room + map->room / 2;
    map->room = keys > more ? keys : more;
    map->entries = realloc(map->entries, map->room * sizeof *map->entries);
    CHECK(map->entries != NULL && "out of memory");
  }
  size_t slots = slots_for(keys, map->slot_count == 0 ? 16 : map->slot_count);
  if (slots > map->slot_count) grow_slots(map, slots);
}

void map_reserve(struct map *map, size_t count) {
  if (count > 0) make_room(map, count);
}

/* *is_new: the entry's key is still the caller's. */
static struct map_entry *entry_for(struct map *map, const char *key, bool *is_new) {
  CHECK(key != NULL);
  make_room(map, map->count + 1);
  uint32_t hash = hash_key(key, strlen(key));
  struct map_slot *slot = slot_of(map, key, hash);
  *is_new = slot->entry == 0;
  if (*is_new) {
    map->entries[map->count].key = key;
    *slot = (struct map_slot){.hash = hash, .entry = (uint32_t)++map->count};
  }
  return &map->entries[slot->entry - 1];
}

void map_set(struct map *map, const char *key, int64_t value) {
  bool is_new;
  struct map_entry *entry = entry_for(map, key, &is_new);
  if (is_new) entry->key = arena_string(&map->keys, key);
  entry->value = value;
}

void map_set_kept(struct map *map, const char *key, int64_t value) {
  bool is_new;
  entry_for(map, key, &is_new)->value = value;
}

const char *map_intern(struct map *map, const char *key, int64_t value) {
  bool is_new;
  struct map_entry *entry = entry_for(map, key, &is_new);
  if (is_new) *entry = (struct map_entry){.key = arena_string(&map->keys, key), .value = value};
  return entry->key;
}

bool map_get(const struct map *map, const char *key, int64_t *value) {
  if (key == NULL || map->count == 0) return false;
  const struct map_slot *slot = slot_of(map, key, hash_key(key, strlen(key)));
  if (slot->entry == 0) return false;
  if (value != NULL) *value = map->entries[slot->entry - 1].value;
  return true;
}
