/* Memory that is let go all at once. Small pieces from growing blocks; no piece is freed alone. */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
  struct arena_block *head;
};

void arena_init(struct arena *arena);
/* Zeroed, aligned for any type. Never NULL: no memory is a fault that ends the program (check.h).
 */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);
/* Copies; NULL stays NULL. */
char *arena_string(struct arena *arena, const char *text);
char *arena_bytes(struct arena *arena, const char *bytes, size_t size); /* adds a NUL */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Texts after each other, as ARENA_JOIN(arena, "a", b, "c"); none of them NULL. Much quicker than
 * arena_printf, which is for numbers. */
char *arena_join(struct arena *arena, const char *const *texts, size_t count);
#define ARENA_JOIN(arena, ...)                                                                     \
  arena_join((arena), (const char *const[]){__VA_ARGS__},                                          \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
/* Forgets everything but keeps the largest block for use again. */
void arena_reset(struct arena *arena);
void arena_release(struct arena *arena);
size_t arena_size(const struct arena *arena); /* bytes held */

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_NEW_ARRAY(arena, count, type)                                                        \
  ((type *)arena_alloc_array((arena), (count), sizeof(type)))

#endif
