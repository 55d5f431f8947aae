/* Callbacks on their way from the service to the client: lost, doubled, late and so out of order;
 * and forged ones, by somebody who knows the URL and even our tasks. */
#include <stdlib.h>
#include <string.h>

#include "sim/service.h"
#include "sim/world_parts.h"
#include "util/check.h"

#define URL_BASE    "https://nightshift.invalid/callback/"
#define USUAL_LEAST 50 /* milliseconds on their way */
#define USUAL_MOST  800

static bool chance(struct world *world, int percent) {
  return percent > 0 && prng_between(&world->callback_prng, 0, 99) < percent;
}

void callbacks_begin(struct world *world) {
  if (!world->options.callbacks.on) return;
  if (world->urls == 0) prng_init(&world->callback_prng, world->options.callbacks.seed);
  world->reply_url = arena_printf(&world->arena, URL_BASE "%lld", (long long)++world->urls);
}

static void plan(struct world *world, const char *url, const char *body, size_t size,
                 duration_ms delay) {
  struct happening *happening = happening_new(HAPPENS_CALLBACK);
  happening->url = arena_string(&happening->arena, url);
  happening->reply.body = arena_bytes(&happening->arena, body, size);
  happening->reply.body_bytes = size;
  happening_plan(world, happening, world->now + delay);
}

static duration_ms usual(struct world *world) {
  return prng_between(&world->callback_prng, USUAL_LEAST, USUAL_MOST);
}

static duration_ms late(struct world *world) {
  duration_ms most = world->options.callbacks.late_most;
  return usual(world) + prng_between(&world->callback_prng, 0, most > 0 ? most : 0);
}

/* A lie about the very task, about one that nobody knows, or no JSON at all. */
static void forge(struct world *world, const struct sim_callback *true_one) {
  static const char *const claims[] = {"SUCCEEDED", "FAILED", "CANCELLED", "RUNNING", "NONSENSE"};
  const char *claim = claims[prng_between(&world->callback_prng, 0, 4)];
  const struct sim_service *service = world->service;
  size_t task = (size_t)prng_between(&world->callback_prng, 0, (int64_t)service->task_count - 1);
  int64_t kind = prng_between(&world->callback_prng, 0, 9);
  struct arena arena;
  arena_init(&arena);
  const char *body =
      kind == 0 ? "{\"taskId\":"
      : kind == 1
          ? arena_printf(&arena,
                         "{\"taskId\":\"user:1-runwayml:x@example.com-task:0\",\"status\":\"%s\"}",
                         claim)
          : arena_printf(&arena, "{\"taskId\":\"%s\",\"status\":\"%s\",\"replyRef\":\"forged\"}",
                         service->tasks[task].id, claim);
  for (int i = 0; i < world->options.callbacks.burst; i++)
    plan(world, true_one->url, body, strlen(body), late(world));
  world->callback_counts.forged++;
  arena_release(&arena);
}

static void send(struct world *world, const struct sim_callback *callback) {
  const struct world_callbacks *fate = &world->options.callbacks;
  struct world_callback_counts *counts = &world->callback_counts;
  bool is_lost = chance(world, fate->lost), is_late = chance(world, fate->late);
  counts->lost += is_lost;
  counts->late += is_late && !is_lost;
  if (!is_lost)
    plan(world, callback->url, callback->body, callback->body_bytes,
         is_late ? late(world) : usual(world));
  if (chance(world, fate->doubled)) {
    plan(world, callback->url, callback->body, callback->body_bytes, late(world));
    counts->doubled++;
  }
  if (chance(world, fate->forged)) forge(world, callback);
}

void callbacks_take(struct world *world) {
  struct sim_callback callback;
  while (sim_service_take_callback(world->service, &callback)) {
    if (world->reply_url != NULL) send(world, &callback);
    free(callback.body);
  }
}

bool callbacks_read(struct world *world, struct happening *happening, struct task_view *said) {
  if (world->network_down || strcmp(happening->url, world->reply_url) != 0) return false;
  bool read = wire_read_callback(happening->reply.body, happening->reply.body_bytes,
                                 &happening->arena, said);
  world->callback_counts.taken += read;
  return read;
}

void world_calm_callbacks(struct world *world) {
  world->options.callbacks = (struct world_callbacks){.on = world->options.callbacks.on};
}

struct world_callback_counts world_callback_counts(const struct world *world) {
  return world->callback_counts;
}
