/* A night of the benchmark from its seed: accounts whose capacity changes, clips of all lengths. */
#include <string.h>

#include "nightshift/diag.h"
#include "tests/bench/scheduler.h"
#include "util/check.h"

/* As conf/scenarios/night-6.yaml, and results small: their bytes are nobody's question here. */
static const char head[] =
    "token: " NIGHT_TOKEN "\n"
    "voices: [Maya]\n"
    "work: {base: 45s, per_second: 6s, jitter: 15%, start: [1s, 5s]}\n"
    "latency: {any: [80ms, 400ms], submit: [500ms, 1500ms], upload: [1s, 4s]}\n"
    "listing_lag: 3s\n"
    "artifacts: {bytes: [100, 200], ttl: 1h}\n";

static void write_account(struct buffer *text, int64_t number, enum event_of_night event) {
  buffer_printf(text, "  - {email: n%02lld@example.com, ", (long long)number);
  switch (event) {
  case NIGHT_WALKS:
  case NIGHT_LOSES_REPLIES:
    buffer_printf(text, "max_jobs: %d, capacity: {between: [1, 3], every: 10m}, ",
                  5 - (int)(number % 3));
    buffer_text(text, "by_hand: {every: 12m, length: [1m, 4m]}");
    if (number % 3 == 1) buffer_text(text, ", by_program: {every: 10m, length: [1m, 3m]}");
    break;
  case NIGHT_RISES:
    buffer_text(text, "max_jobs: 5, capacity: [{at: 0s, slots: 1}, {at: 20m, slots: 3}]");
    break;
  case NIGHT_FALLS:
    buffer_text(text, "max_jobs: 5, capacity: [{at: 0s, slots: 3}, {at: 20m, slots: 1}]");
    break;
  case NIGHT_OUTAGE:
    buffer_text(text, "max_jobs: 5, capacity: 2");
    break;
  }
  buffer_text(text, "}\n");
}

static struct sim_scenario *make_scenario(const struct night_order *order) {
  struct buffer text;
  struct sim_scenario *scenario = NULL;
  struct diag_list *diags = diag_new();
  buffer_init(&text, (size_t)1 << 20);
  buffer_printf(&text, "seed: %llu\n%saccounts:\n", (unsigned long long)order->seed, head);
  for (int64_t i = 0; i < order->accounts; i++)
    write_account(&text, i, order->event);
  if (order->event == NIGHT_LOSES_REPLIES)
    buffer_text(&text, "faults: [{kind: lost_after, call: submit, rate: 3%}]\n");
  if (sim_scenario_parse(buffer_string(&text), text.length, "(drawn)", &scenario, diags) != 0)
    diag_print(diags, stderr);
  CHECK(scenario != NULL);
  diag_free(diags);
  buffer_release(&text);
  return scenario;
}

void night_init(struct night *night, const struct night_order *order) {
  struct prng prng;
  night->order = *order;
  night->scenario = make_scenario(order);
  arena_init(&night->arena);
  night->jobs = ARENA_NEW_ARRAY(&night->arena, (size_t)order->jobs, struct world_job);
  prng_init(&prng, sim_hash(order->seed, "clips", 0));
  for (int64_t i = 0; i < order->jobs; i++) {
    const char *name = arena_printf(&night->arena, "clip-%05lld", (long long)i + 1);
    night->jobs[i] = (struct world_job){.name = name,
                                        .clip = name,
                                        .length_ms = prng_between(&prng, 30, 300) * 100,
                                        .voice = "voice-maya"};
  }
}

void night_release(struct night *night) {
  sim_scenario_free(night->scenario);
  arena_release(&night->arena);
}
