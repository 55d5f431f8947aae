/* What happens most, without its bytes: in a world whose replies nobody reads, lists of tasks come
 * as values and results as they are. Nine tenths of a night's time are JSON otherwise. */
#include "sim/service.h"
#include "sim/world_parts.h"

#define LEAN_URL "https://artifacts.invalid/lean"

static enum task_status status_of(const struct sim_task *task) {
  switch (task->state) {
  case STATE_WAITING:
    return TASK_THROTTLED;
  case STATE_PENDING:
    return TASK_PENDING;
  case STATE_RUNNING:
    return TASK_RUNNING;
  case STATE_SUCCEEDED:
    return TASK_SUCCEEDED;
  case STATE_FAILED:
    return TASK_FAILED;
  case STATE_CANCELLED:
    return TASK_CANCELLED;
  }
  return TASK_UNKNOWN;
}

static enum task_failure failure_of(const struct sim_task *task) {
  if (task->state != STATE_FAILED) return TASK_FAILURE_NONE;
  return task->failure->kind == FAILURE_MODERATION ? TASK_FAILURE_MODERATED : TASK_FAILURE_RETRY;
}

static struct task_view view_of(const struct sim_service *service, const struct sim_task *task) {
  return (struct task_view){.task_id = task->id,
                            .name = task->name,
                            .voice_id = task->voice_id,
                            .reply_ref = task->reply_ref,
                            .status = status_of(task),
                            .failure = failure_of(task),
                            .failure_text = task->failure == NULL ? NULL : task->failure->reason,
                            .progress_percent = (int)(sim_task_progress(task, service->now) * 100),
                            .starts_in_ms = -1,
                            .artifact_url = task->state == STATE_SUCCEEDED ? LEAN_URL : NULL,
                            .artifact_bytes =
                                task->state == STATE_SUCCEEDED ? task->artifact_bytes : -1};
}

duration_ms lean_list(struct world *world, struct happening *happening) {
  struct sim_service *service = world->service;
  const struct call *call = &happening->call;
  struct answer *answer = happening->answer = ARENA_NEW(&happening->arena, struct answer);
  *answer =
      (struct answer){.outcome = {.kind = OUTCOME_OK, .http_status = 200, .retry_after_ms = -1},
                      .whole = true,
                      .credits = -1};
  sim_service_advance(service, world->now);
  service->totals.requests++;
  service->totals.lists++;
  const struct sim_indexes *tasks =
      &service->accounts[sim_account_by_email(service, 0, call->email)].tasks;
  size_t shown = tasks->count;
  while (shown > 0 && service->now - service->tasks[tasks->items[shown - 1]].created <
                          service->scenario->listing_lag)
    shown--;
  size_t count = shown < (size_t)call->limit ? shown : (size_t)call->limit;
  answer->tasks = ARENA_NEW_ARRAY(&happening->arena, count + 1, struct task_view);
  for (; answer->task_count < count; answer->task_count++)
    answer->tasks[answer->task_count] =
        view_of(service, &service->tasks[tasks->items[shown - 1 - answer->task_count]]);
  const struct sim_range *latency = &service->scenario->latency[SIM_LIST_TASKS];
  return prng_between(&service->latency, latency->low, latency->high);
}

void lean_download(struct world *world, const struct action *action, struct event *event) {
  world->service->totals.requests++;
  world->service->totals.downloads++;
  event->fetch = FETCH_WHOLE;
  event->bytes = action->bytes;
}
