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

static size_t slot_of(const struct map *map, const char *key) {
  size_t mask = map->slot_count - 1;
  size_t slot = (size_t)hash_bytes(key, strlen(key)) & mask;
  while (map->slots[slot] != 0 && strcmp(map->entries[map->slots[slot] - 1].key, key) != 0)
    slot = (slot + 1) & mask;
  return slot;
}

static void grow(struct map *map) {
  if (map->count == map->room) {
    map->room = map->room == 0 ? 16 : map->room * 2;
    CHECK(map->room < UINT32_MAX);
    map->entries = realloc(map->entries, map->room * sizeof *map->entries);
    CHECK(map->entries != NULL && "out of memory");
  }
  if (map->slot_count >= map->room * 2) return;
  map->slot_count = map->room * 2;
  free(map->slots);
  map->slots = calloc(map->slot_count, sizeof *map->slots);
  CHECK(map->slots != NULL && "out of memory");
  for (size_t i = 0; i < map->count; i++)
    map->slots[slot_of(map, map->entries[i].key)] = (uint32_t)(i + 1);
}

/* *is_new: the entry's key is still the caller's. */
static struct map_entry *entry_for(struct map *map, const char *key, bool *is_new) {
  CHECK(key != NULL);
  grow(map);
  size_t slot = slot_of(map, key);
  *is_new = map->slots[slot] == 0;
  if (*is_new) {
    map->entries[map->count].key = key;
    map->slots[slot] = (uint32_t)++map->count;
  }
  return &map->entries[map->slots[slot] - 1];
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
  size_t slot = slot_of(map, key);
  if (map->slots[slot] == 0) return false;
  if (value != NULL) *value = map->entries[map->slots[slot] - 1].value;
  return true;
}
