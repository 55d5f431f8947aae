/* Files that a person edits during the night, drawn from a stream of the seed's own: jobs taken out
 * of the batch, put back and added, accounts taken out of the config and named again; and whether
 * the process at work is told to read them (SIGHUP), or the next one does. */
#include "sim/fault.h"

#define STREAM_OF_ITS  UINT64_C(0xed175)
#define EDITS_MOST     24
#define RELOAD_PERCENT 75

bool fault_has_edits(uint64_t seed) {
  uint64_t kind = seed % 16;
  return kind == 5 || kind == 8 || kind == 9 || kind == 15;
}

static struct hand draw_edit(struct fault_plan *plan, struct prng *prng) {
  static const int kinds[] = {EDIT_NOTHING,  EDIT_TAKE_OUT, EDIT_TAKE_OUT,
                              EDIT_TAKE_OUT, EDIT_PUT_BACK, EDIT_PUT_BACK,
                              EDIT_ADD,      EDIT_ADD,      EDIT_ACCOUNT};
  struct hand hand = {.kind = HAZARD_EDIT,
                      .number = kinds[prng_between(prng, 0, sizeof kinds / sizeof kinds[0] - 1)]};
  bool early = fault_chance(prng, 60); /* while the most happens */
  size_t subjects = hand.number == EDIT_ACCOUNT ? plan->scenario->account_count : plan->job_count;
  hand.at = prng_between(prng, SECOND_MS, early ? plan->safety_ms / 8 : plan->safety_ms);
  hand.length = fault_chance(prng, RELOAD_PERCENT); /* whether it is to be read at once */
  hand.subject = (size_t)prng_between(prng, 0, (int64_t)subjects - 1);
  return hand;
}

/* A job with the clip and voice of one that was taken out goes on with it under its own name, as it
 * should; but then names tell the checker nothing. So each has a clip of its own. */
static void part_clips(struct fault_plan *plan) {
  for (size_t i = 0; i < plan->job_count; i++)
    if (plan->jobs[i].clip != NULL)
      plan->jobs[i].clip = arena_printf(&plan->scenario->arena, "own%zu.mp4", i + 1);
}

void fault_draw_edits(struct fault_plan *plan) {
  struct hand hands[EDITS_MOST];
  struct prng prng;
  if (!fault_has_edits(plan->seed)) return;
  prng_init(&prng, plan->seed ^ STREAM_OF_ITS);
  size_t count = (size_t)fault_scale(&prng, 1, EDITS_MOST);
  plan->first_jobs = (size_t)prng_between(&prng, 1, (int64_t)plan->job_count);
  for (size_t i = 0; i < count; i++)
    hands[i] = draw_edit(plan, &prng);
  part_clips(plan);
  fault_add_hands(plan, hands, count);
}
