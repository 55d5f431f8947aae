/* The player that is shipped: the core and wire of nightshift in the virtual world. */
#include <time.h>

#include "tests/bench/scheduler.h"
#include "util/check.h"

#define EVENT_NIGHT_MS (50 * MINUTE_MS) /* nights with an event are looked at so long */

struct context {
  struct world *world;
  struct sights sights;
};

/* The linker puts these in the place of the core's own: what a step costs is measured there. */
static double core_s;
void __real_core_step(struct core *core, time_ms now, const struct event *event,
                      struct core_output *output);
void __wrap_core_step(struct core *core, time_ms now, const struct event *event,
                      struct core_output *output);
time_ms __real_core_deadline(const struct core *core);
time_ms __wrap_core_deadline(const struct core *core);

static double processor_s(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void __wrap_core_step(struct core *core, time_ms now, const struct event *event,
                      struct core_output *output) {
  double began_s = processor_s();
  __real_core_step(core, now, event, output);
  core_s += processor_s() - began_s;
}

time_ms __wrap_core_deadline(const struct core *core) {
  double began_s = processor_s();
  time_ms deadline = __real_core_deadline(core);
  core_s += processor_s() - began_s;
  return deadline;
}

static bool trace_shown;

void shipped_show_trace(void) {
  trace_shown = true;
}

static bool watch(void *context, const struct world_moment *moment) {
  struct context *mine = context;
  if (moment->call == NULL) return false;
  const struct sim_service *service = world_service(mine->world);
  time_ms at = service->began + moment->at;
  if (moment->kind == WORLD_SENT)
    sights_sent(&mine->sights, service, at, moment->call);
  else if (moment->kind == WORLD_ANSWERED)
    sights_answered(&mine->sights, service, at, moment->call, moment->answer);
  return false;
}

static void go_through(struct world *world, enum event_of_night event) {
  switch (event) {
  case NIGHT_WALKS:
  case NIGHT_LOSES_REPLIES:
    (void)world_run(world, TIME_NEVER);
    return;
  case NIGHT_OUTAGE:
    (void)world_run(world, NIGHT_EVENT_AT);
    world_set_network(world, false);
    (void)world_run(world, NIGHT_EVENT_AT + NIGHT_OUTAGE_MS);
    world_set_network(world, true);
    (void)world_run(world, EVENT_NIGHT_MS);
    return;
  case NIGHT_RISES:
  case NIGHT_FALLS:
    (void)world_run(world, EVENT_NIGHT_MS);
    return;
  }
}

static void play(const struct night *night, bool callbacks, struct score *score) {
  struct context context = {0};
  const struct world_options options = {.scenario = night->scenario,
                                        .seed = night->order.seed,
                                        .jobs = night->jobs,
                                        .job_count = (size_t)night->order.jobs,
                                        .callbacks = {.on = callbacks},
                                        .lean = night->order.jobs >= NIGHT_LONG,
                                        .watcher = watch,
                                        .context = &context};
  core_s = 0;
  struct world *world = context.world = world_new(&options);
  go_through(world, night->order.event);
  score_night(night, world_service(world), &context.sights, score);
  score->steps = world_steps(world);
  score->core_s = core_s;
  if (trace_shown) printf("%s", world_trace(world));
  world_free(world);
  sights_release(&context.sights);
}

void shipped_play(const struct night *night, struct score *score) {
  play(night, false, score);
}

void callbacks_play(const struct night *night, struct score *score) {
  play(night, true, score);
}
