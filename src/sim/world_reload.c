/* Config and batch edited, and read again by the process at work: as the program does it, the state
 * is read when all steps so far are on disk, and what the files say is taken over a while later. */
#include <stdlib.h>

#include "sim/world_parts.h"
#include "util/check.h"

#define READING_MOST_MS (20 * SECOND_MS)

void reload_known_free(struct store_snapshot *known) {
  if (known == NULL) return;
  store_snapshot_release(known);
  free(known);
}

static void plan_reading(struct world *world, struct store_snapshot *known, duration_ms after) {
  struct happening *happening = happening_new(HAPPENS_RELOAD);
  happening->known = known;
  happening_plan(world, happening, world->now + after);
}

static bool is_stopping(const struct world *world) {
  return world->ended || world->grace != TIME_NEVER;
}

static void take_over(struct world *world, struct store_snapshot *known) {
  struct core_options options = setup_options(world);
  struct setup setup = setup_reach(world, &world->arena);
  core_refresh(world->core, known);
  struct enroll_result enrolled = setup_enrolled(world, known);
  struct core_reload given = {.options = &options,
                              .accounts = setup.accounts,
                              .account_count = setup.account_count,
                              .voices = setup.voices,
                              .voice_count = setup.voice_count,
                              .records = enrolled.records,
                              .record_count = enrolled.record_count};
  if (setup.account_count == 0) return; /* the program refuses it */
  world_feed(world, &(struct event){.kind = EVENT_RELOAD, .reload = &given});
}

void reload_goes_on(struct world *world, struct happening *happening) {
  if (is_stopping(world)) return;
  if (happening->known != NULL) {
    take_over(world, happening->known);
    world->taken_over = happening->known;
    happening->known = NULL;
    world->reloading = false;
    if (world->reload_again) world_reload(world);
  } else if (world->committing || world->waiting_count > 0) {
    plan_reading(world, NULL, 1);
  } else {
    reload_known_free(world->taken_over); /* no step is on its way */
    world->taken_over = NULL;
    struct store_snapshot *known = calloc(1, sizeof *known);
    CHECK(known != NULL && "out of memory");
    CHECK(store_load(world->store, known, NULL) == 0);
    plan_reading(world, known, prng_between(&world->prng, 0, READING_MOST_MS));
  }
}

void world_reload(struct world *world) {
  world->reload_again = world->reloading;
  if (world->core == NULL || is_stopping(world) || world->reloading) return;
  world->reloading = true;
  plan_reading(world, NULL, 0);
}

void world_list_job(struct world *world, size_t job, bool listed) {
  CHECK(world->edited && job < world->options.job_count);
  world->dropped[job] = !listed;
}

void world_write_jobs(struct world *world, size_t count) {
  CHECK(world->edited && count <= world->options.job_count);
  if (count > world->written) world->written = count;
}
