/* Tasks that others start: by hand on the website (Runway's slots, unknown to the API's queue) and
 * by other programs through the API. */
#include "sim/service.h"

static time_ms draw_pause(struct sim_stream *stream, const struct sim_others *others) {
  duration_ms pause = prng_between(&stream->prng, others->every / 2, others->every / 2 * 3);
  return pause > 0 ? pause : 1;
}

static void init_stream(struct sim_stream *stream, const struct sim_others *others, uint64_t seed,
                        time_ms began) {
  prng_init(&stream->prng, seed);
  stream->drawn_at = others->every > 0 ? began + draw_pause(stream, others) : TIME_NEVER;
}

void sim_others_init(struct sim_service *service) {
  for (size_t i = 0; i < service->scenario->account_count; i++) {
    struct sim_account *account = &service->accounts[i];
    const struct sim_account_plan *plan = account->plan;
    init_stream(&account->by_hand, &plan->by_hand,
                sim_hash(service->scenario->seed, plan->email, 2), service->began);
    init_stream(&account->by_program, &plan->by_program,
                sim_hash(service->scenario->seed, plan->email, 3), service->began);
  }
}

static time_ms stream_next(const struct sim_service *service, const struct sim_stream *stream,
                           const struct sim_others *others) {
  time_ms next = stream->drawn_at;
  if (stream->given < others->given_count) {
    time_ms given = service->began + others->given[stream->given].at;
    if (given < next) next = given;
  }
  return next;
}

time_ms sim_others_next(const struct sim_service *service, size_t account) {
  const struct sim_account *entry = &service->accounts[account];
  time_ms hand = stream_next(service, &entry->by_hand, &entry->plan->by_hand);
  time_ms program = stream_next(service, &entry->by_program, &entry->plan->by_program);
  return hand < program ? hand : program;
}

/* A person's task waits for a slot when there is none, one at a time; further ones, and programs
 * that find no room, give up. */
static void start(struct sim_service *service, size_t account, enum sim_origin origin,
                  duration_ms length) {
  const struct sim_account_plan *plan = service->accounts[account].plan;
  size_t slots = (size_t)sim_account_capacity(service, account, service->now);
  size_t running = sim_account_running(service, account);
  if (origin == ORIGIN_BY_HAND && running > slots) return;
  if (origin == ORIGIN_BY_PROGRAM &&
      (running >= slots || sim_account_queued(service, account) >= (size_t)plan->max_jobs))
    return;
  struct sim_task_order order = {.account = account,
                                 .asset = NONE,
                                 .voice_id = service->scenario->voices[0].id,
                                 .origin = origin,
                                 .length = length};
  if (origin == ORIGIN_BY_PROGRAM)
    order.reply_ref = arena_printf(&service->scratch, "another-program-%zu", service->task_count);
  (void)sim_task_create(service, &order);
}

static void step_stream(struct sim_service *service, size_t account, struct sim_stream *stream,
                        const struct sim_others *others, enum sim_origin origin, time_ms now) {
  while (stream->given < others->given_count &&
         service->began + others->given[stream->given].at <= now)
    start(service, account, origin, others->given[stream->given++].length);
  while (stream->drawn_at <= now) {
    duration_ms length = prng_between(&stream->prng, others->length.low, others->length.high);
    start(service, account, origin, length);
    stream->drawn_at += draw_pause(stream, others);
  }
}

void sim_others_step(struct sim_service *service, size_t account, time_ms now) {
  struct sim_account *entry = &service->accounts[account];
  step_stream(service, account, &entry->by_hand, &entry->plan->by_hand, ORIGIN_BY_HAND, now);
  step_stream(service, account, &entry->by_program, &entry->plan->by_program, ORIGIN_BY_PROGRAM,
              now);
}
