/* The order in which jobs are taken, made once: higher priority first; batches of the same priority
 * take turns, so that a large one does not keep a small one waiting; in each the longest first,
 * which leaves short ones to bring the ends of the night together. */
#include <stdlib.h>

#include "core/state.h"

static int compare_priority(const struct job *x, const struct job *y) {
  return x->rec.priority == y->rec.priority ? 0 : x->rec.priority > y->rec.priority ? -1 : 1;
}

static int compare_batch(const struct job *x, const struct job *y) {
  return x->rec.batch == y->rec.batch ? 0 : x->rec.batch < y->rec.batch ? -1 : 1;
}

static int compare_length(const struct job *x, const struct job *y) {
  if (x->rec.clip_ms != y->rec.clip_ms) return x->rec.clip_ms > y->rec.clip_ms ? -1 : 1;
  if (x->rec.number != y->rec.number) return x->rec.number < y->rec.number ? -1 : 1;
  return x->rec.id < y->rec.id ? -1 : x->rec.id > y->rec.id;
}

static int by_batch(const void *a, const void *b, void *context) {
  const struct core *core = context;
  const struct job *x = &core->jobs[*(const int32_t *)a], *y = &core->jobs[*(const int32_t *)b];
  int priority = compare_priority(x, y), batch = compare_batch(x, y);
  return priority != 0 ? priority : batch != 0 ? batch : compare_length(x, y);
}

static int by_turn(const void *a, const void *b, void *context) {
  const struct core *core = context;
  const struct job *x = &core->jobs[*(const int32_t *)a], *y = &core->jobs[*(const int32_t *)b];
  int priority = compare_priority(x, y), batch = compare_batch(x, y);
  if (priority != 0) return priority;
  if (x->turn != y->turn) return x->turn < y->turn ? -1 : 1;
  return batch != 0 ? batch : compare_length(x, y);
}

/* The first job left of each batch has the first turn, and so on: what has ended takes none. */
static void take_turns(struct core *core) {
  const struct job *before = NULL;
  int32_t turn = 0;
  for (int32_t i = 0; i < core->rank_count; i++) {
    struct job *job = &core->jobs[core->by_rank[i]];
    if (before == NULL || compare_priority(before, job) != 0 || compare_batch(before, job) != 0)
      turn = 0;
    job->turn = turn;
    if (!job_state_ended(job->rec.state)) turn++;
    before = job;
  }
}

/* What is in order already is left alone: looking costs a fraction of sorting. */
void order_places(struct core *core, int32_t *places, int32_t count,
                  int (*compare)(const void *, const void *, void *)) {
  for (int32_t i = 1; i < count; i++) {
    if (compare(&places[i - 1], &places[i], core) <= 0) continue;
    qsort_r(places, (size_t)count, sizeof *places, compare, core);
    return;
  }
}

void order_jobs(struct core *core) {
  order_places(core, core->by_rank, core->rank_count, by_batch);
  take_turns(core);
  order_places(core, core->by_rank, core->rank_count, by_turn); /* of one batch they are */
  for (int32_t rank = 0; rank < core->rank_count; rank++)
    core->jobs[core->by_rank[rank]].rank = rank;
}
