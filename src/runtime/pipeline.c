/* The steps of the core on their way: first durable, then carried out, strictly in order. While one
 * group is being committed the next gathers, so commits are grouped when there is much to do and
 * immediate when there is little. A commit that fails stops everything behind it: nothing is sent
 * that is not written down, and the same group is given again until the disk takes it. */
#include <stdlib.h>
#include <string.h>

#include "runtime/run.h"
#include "runtime/serve.h"
#include "util/check.h"

#define LOST_STATE      "the state can no longer be written"
#define COMMIT_AGAIN_MS 5000 /* real time between tries of a commit that failed */

void pipeline_init(struct pipeline *pipeline) {
  *pipeline = (struct pipeline){0};
  pipeline->waiting_end = &pipeline->waiting;
}

struct core_output *pipeline_begin(struct run *run) {
  struct pipeline *pipeline = &run->pipeline;
  if (pipeline->spare == NULL) {
    pipeline->spare = calloc(1, sizeof *pipeline->spare);
    CHECK(pipeline->spare != NULL && "out of memory");
    core_output_init(&pipeline->spare->output);
  }
  return &pipeline->spare->output;
}

static void give_back(struct pipeline *pipeline, struct step *step) {
  core_output_reset(&step->output);
  step->next = pipeline->spare;
  pipeline->spare = step;
}

static void gather(struct pipeline *pipeline) {
  pipeline->group = pipeline->waiting;
  pipeline->waiting = NULL;
  pipeline->waiting_end = &pipeline->waiting;
  pipeline->record_count = 0;
  for (struct step *step = pipeline->group; step != NULL; step = step->next) {
    size_t count = step->output.record_count, needed = pipeline->record_count + count;
    if (needed > pipeline->record_room) {
      pipeline->record_room = needed * 2;
      pipeline->records =
          realloc(pipeline->records, pipeline->record_room * sizeof *pipeline->records);
      CHECK(pipeline->records != NULL && "out of memory");
    }
    if (count > 0)
      memcpy(pipeline->records + pipeline->record_count, step->output.records,
             count * sizeof *pipeline->records);
    pipeline->record_count = needed;
  }
}

static void carry_out_group(struct run *run) {
  struct pipeline *pipeline = &run->pipeline;
  while (pipeline->group != NULL) {
    struct step *step = pipeline->group;
    pipeline->group = step->next;
    serve_on_durable(run, &step->output);
    perform(run, &step->output);
    give_back(pipeline, step);
  }
}

static void commit(struct run *run) {
  struct pipeline *pipeline = &run->pipeline;
  pipeline->committing = true;
  measure_commit_begun(&run->measure);
  store_worker_give(run->worker, clock_now(&run->clock), pipeline->records, pipeline->record_count);
}

static void kick(struct run *run) {
  struct pipeline *pipeline = &run->pipeline;
  while (!pipeline->committing && pipeline->group == NULL && pipeline->waiting != NULL) {
    gather(pipeline);
    if (pipeline->record_count == 0) {
      carry_out_group(run);
    } else {
      commit(run);
    }
  }
}

void pipeline_push(struct run *run) {
  struct pipeline *pipeline = &run->pipeline;
  struct step *step = pipeline->spare;
  pipeline->spare = step->next;
  step->next = NULL;
  if (step->output.record_count == 0 && step->output.action_count == 0) {
    give_back(pipeline, step);
    return;
  }
  *pipeline->waiting_end = step;
  pipeline->waiting_end = &step->next;
  kick(run);
}

static void commit_again(uv_timer_t *timer) {
  struct run *run = timer->data;
  if (run->pipeline.committing || run->pipeline.group == NULL) return;
  commit(run);
}

static enum log_event event_of(const struct run *run, int result) {
  if (result == ERR_TAKEN) return LOG_STORE_TAKEN;
  if (result == ERR_DAMAGED || result == ERR_NEWER) return LOG_STORE_REFUSED;
  bool away = result == ERR_AWAY || (result == ERR_BUSY && store_is_shared(run->options->state));
  return away ? LOG_STORE_AWAY : LOG_STORE_FULL;
}

void pipeline_state_fails(struct run *run, int result, const struct error *error) {
  struct pipeline *pipeline = &run->pipeline;
  if (!pipeline->failing || result == ERR_TAKEN)
    run_tell(run, LOG_ERROR, event_of(run, result), "error", error->text);
  pipeline->failing = true;
  pipeline->failures++;
  if (result == ERR_DAMAGED || result == ERR_NEWER || result == ERR_TAKEN)
    run_end(run, 4, LOST_STATE); /* going on could only make it worse */
}

void pipeline_state_works(struct run *run) {
  if (run->pipeline.failing) run_tell(run, LOG_INFO, LOG_STORE_READY, NULL, NULL);
  run->pipeline.failing = false;
}

static void commit_failed(struct run *run, int result, const struct error *error) {
  pipeline_state_fails(run, result, error);
  if (!run->ended && uv_timer_start(&run->retry_commit, commit_again, COMMIT_AGAIN_MS, 0) != 0)
    run_end(run, 4, LOST_STATE);
}

void pipeline_on_committed(struct run *run) {
  struct pipeline *pipeline = &run->pipeline;
  struct error error = {0};
  int result = 0;
  while (store_worker_take(run->worker, &result, &error)) {
    pipeline->committing = false;
    if (result < 0) {
      commit_failed(run, result, &error);
      return;
    }
    measure_commit_done(&run->measure);
    pipeline_state_works(run);
    carry_out_group(run);
    kick(run);
  }
}

bool pipeline_idle(const struct pipeline *pipeline) {
  return !pipeline->committing && pipeline->group == NULL && pipeline->waiting == NULL;
}

static void free_steps(struct step *step) {
  while (step != NULL) {
    struct step *next = step->next;
    core_output_release(&step->output);
    free(step);
    step = next;
  }
}

void pipeline_release(struct pipeline *pipeline) {
  free_steps(pipeline->waiting);
  free_steps(pipeline->group);
  free_steps(pipeline->spare);
  free(pipeline->records);
  pipeline_init(pipeline);
}
