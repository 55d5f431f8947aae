/* Arenas: blocks that double in size up to a limit; pieces are cut from the newest. */
#include "util/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"

#define BLOCK_FIRST ((size_t)1024)
#define BLOCK_MOST  ((size_t)256 * 1024)
#define ALIGNMENT   alignof(max_align_t)

struct arena_block {
  struct arena_block *next;
  size_t used, size;
  alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena) {
  arena->head = NULL;
}

static struct arena_block *block_add(struct arena *arena, size_t least) {
  size_t size = arena->head == NULL ? BLOCK_FIRST : arena->head->size * 2;
  if (size > BLOCK_MOST) size = BLOCK_MOST;
  if (size < least) size = least;
  struct arena_block *block = malloc(sizeof *block + size);
  CHECK(block != NULL && "out of memory");
  block->used = 0;
  block->size = size;
  block->next = arena->head;
  arena->head = block;
  return block;
}

/* `alignment` is a power of two. */
static void *cut(struct arena *arena, size_t size, size_t alignment) {
  CHECK(size < SIZE_MAX / 2);
  struct arena_block *block = arena->head;
  if (block != NULL) block->used = (block->used + alignment - 1) & ~(alignment - 1);
  if (block == NULL || block->used > block->size || block->size - block->used < size)
    block = block_add(arena, size);
  void *piece = block->bytes + block->used;
  block->used += size;
  return piece;
}

void *arena_alloc(struct arena *arena, size_t size) {
  return memset(cut(arena, size, ALIGNMENT), 0, size);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size) {
  CHECK(size == 0 || count <= SIZE_MAX / 2 / size);
  return arena_alloc(arena, count * size);
}

char *arena_bytes(struct arena *arena, const char *bytes, size_t size) {
  char *copy = cut(arena, size + 1, 1);
  if (size > 0) memcpy(copy, bytes, size);
  copy[size] = '\0';
  return copy;
}

char *arena_string(struct arena *arena, const char *text) {
  return text == NULL ? NULL : arena_bytes(arena, text, strlen(text));
}

char *arena_join(struct arena *arena, const char *const *texts, size_t count) {
  size_t sizes[8], size = 0;
  CHECK(count <= sizeof sizes / sizeof sizes[0]);
  for (size_t i = 0; i < count; i++)
    size += sizes[i] = strlen(texts[i]);
  char *joined = cut(arena, size + 1, 1), *end = joined;
  for (size_t i = 0; i < count; i++)
    end = (char *)memcpy(end, texts[i], sizes[i]) + sizes[i];
  *end = '\0';
  return joined;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
  struct arena_block *block = arena->head;
  char *text = block == NULL ? NULL : (char *)block->bytes + block->used;
  size_t room = block == NULL ? 0 : block->size - block->used;
  va_list args;
  va_start(args, format);
  int length = vsnprintf(text, room, format, args);
  va_end(args);
  CHECK(length >= 0);
  bool fits = (size_t)length < room;
  text = cut(arena, (size_t)length + 1, 1); /* where it stands already, when it fits */
  if (fits) return text;
  va_start(args, format);
  vsnprintf(text, (size_t)length + 1, format, args);
  va_end(args);
  return text;
}

void arena_reset(struct arena *arena) {
  struct arena_block *keep = NULL;
  for (struct arena_block *block = arena->head, *next; block != NULL; block = next) {
    next = block->next;
    if (keep == NULL || block->size > keep->size) {
      free(keep);
      keep = block;
    } else {
      free(block);
    }
  }
  if (keep != NULL) {
    keep->used = 0;
    keep->next = NULL;
  }
  arena->head = keep;
}

void arena_release(struct arena *arena) {
  arena_reset(arena);
  free(arena->head);
  arena->head = NULL;
}

size_t arena_size(const struct arena *arena) {
  size_t size = 0;
  for (const struct arena_block *block = arena->head; block != NULL; block = block->next)
    size += sizeof *block + block->size;
  return size;
}
