/* What will happen in the world, by time: a heap. */
#include <stdlib.h>

#include "sim/world_parts.h"
#include "util/check.h"

static bool before(const struct happening *a, const struct happening *b) {
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

struct happening *happening_new(enum happening_kind kind) {
  struct happening *happening = calloc(1, sizeof *happening);
  CHECK(happening != NULL && "out of memory");
  happening->kind = kind;
  arena_init(&happening->arena);
  return happening;
}

void happening_free(struct happening *happening) {
  if (happening->output != NULL) {
    core_output_release(happening->output);
    free(happening->output);
  }
  reload_known_free(happening->known);
  arena_release(&happening->arena);
  free(happening);
}

void happening_plan(struct world *world, struct happening *happening, time_ms at) {
  if (world->count == world->room) {
    world->room = world->room == 0 ? 64 : world->room * 2;
    world->queue = realloc(world->queue, world->room * sizeof(struct happening *));
    CHECK(world->queue != NULL && "out of memory");
  }
  happening->at = at;
  happening->order = world->order++;
  size_t i = world->count++;
  for (; i > 0 && before(happening, world->queue[(i - 1) / 2]); i = (i - 1) / 2)
    world->queue[i] = world->queue[(i - 1) / 2];
  world->queue[i] = happening;
}

struct happening *happening_next(struct world *world) {
  struct happening *first = world->queue[0], *last = world->queue[--world->count];
  size_t i = 0;
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= world->count) break;
    if (child + 1 < world->count && before(world->queue[child + 1], world->queue[child])) child++;
    if (!before(world->queue[child], last)) break;
    world->queue[i] = world->queue[child];
    i = child;
  }
  if (world->count > 0) world->queue[i] = last;
  return first;
}
