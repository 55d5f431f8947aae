/* A night made of bytes: steps of the core, and a service that answers as it likes. */
#include "night.h"

#include <string.h>

void night_init(struct night *night, struct fuzz_bytes *bytes) {
  *night = (struct night){.bytes = bytes, .now = START};
  arena_init(&night->arena);
  core_output_init(&night->output);
  map_init(&night->sent);
}

void night_release(struct night *night) {
  core_free(night->core);
  core_output_release(&night->output);
  map_release(&night->sent);
  arena_release(&night->arena);
}

static void pool_add(struct night *night, struct pool *pool, const char *text) {
  if (text == NULL) return;
  if (pool->count == POOL_MOST)
    memmove(&pool->texts[0], &pool->texts[1], --pool->count * sizeof pool->texts[0]);
  pool->texts[pool->count++] = arena_string(&night->arena, text);
}

/* What never left is known to nobody. */
static void pool_drop(struct pool *pool, const char *text) {
  for (size_t i = pool->count; text != NULL && i-- > 0;)
    if (strcmp(pool->texts[i], text) == 0)
      memmove(&pool->texts[i], &pool->texts[i + 1], (--pool->count - i) * sizeof pool->texts[0]);
}

static const char *pool_draw(struct night *night, const struct pool *pool) {
  if (pool->count == 0) return NULL;
  return pool->texts[pool->count - 1 - fuzz_byte(night->bytes) % pool->count];
}

/* ---- what the core orders ---- */

/* Paid calls leave under a reference of their own each, for an asset and a voice. */
static void check_submit(struct night *night, const struct call *call) {
  CHECK(call->reply_ref != NULL && call->asset_id != NULL && call->voice_id != NULL);
  CHECK(strlen(call->reply_ref) <= 1024);
  CHECK(!map_get(&night->sent, call->reply_ref, NULL));
  map_set(&night->sent, arena_string(&night->arena, call->reply_ref), 1);
}

static void take_call(struct night *night, const struct action *action) {
  const struct call *call = &action->call;
  CHECK(call->kind < CALL_COUNT);
  if (call->kind == CALL_SUBMIT) check_submit(night, call);
  pool_add(night, &night->names, call->name);
  pool_add(night, &night->refs, call->reply_ref);
}

static void take_action(struct night *night, const struct action *action) {
  switch (action->kind) {
  case ACTION_CALL:
    take_call(night, action);
    break;
  case ACTION_FETCH:
    CHECK(action->url != NULL && action->path != NULL);
    break;
  case ACTION_PUBLISH:
    CHECK(action->path != NULL && action->bytes >= 0);
    break;
  case ACTION_DISCARD:
    CHECK(action->path != NULL);
    return;
  case ACTION_LOG:
    CHECK(action->line.field_count <= LOG_FIELDS_MAX);
    return;
  case ACTION_END:
    CHECK(action->exit_status >= 0 && action->exit_status <= 4);
    night->ended = true;
    return;
  }
  CHECK(action->request > 0);
  if (night->order_count == ORDERS_MOST) return; /* is never answered */
  struct order *order = &night->orders[night->order_count++];
  *order = (struct order){.kind = action->kind, .request = action->request, .call = action->call};
  if (action->kind == ACTION_CALL) call_keep(&order->call, &night->arena);
}

void night_take(struct night *night) {
  if (night->write != NULL) night->write(night);
  for (size_t i = 0; i < night->output.action_count; i++)
    take_action(night, &night->output.actions[i]);
  core_output_reset(&night->output);
}

void night_feed(struct night *night, const struct event *event) {
  core_step(night->core, night->now, event, &night->output);
  night_take(night);
  CHECK(core_deadline(night->core) >= 0);
}

/* ---- what the service answers ---- */

static struct task_view draw_task(struct night *night) {
  static const char *const words[] = {"PENDING", "THROTTLED", "RUNNING", "SUCCEEDED",
                                      "FAILED",  "CANCELLED", "LATER"};
  struct fuzz_bytes *bytes = night->bytes;
  struct arena *arena = night->output.arena;
  unsigned bits = fuzz_byte(bytes);
  struct task_view task = {.status = (enum task_status)fuzz_choice(bytes, TASK_UNKNOWN + 1),
                           .progress_percent = (int)fuzz_choice(bytes, 102) - 1,
                           .starts_in_ms = -1,
                           .artifact_bytes = (bits & 1) != 0 ? -1 : 1000};
  task.task_id = (bits & 6) != 0 ? pool_draw(night, &night->tasks) : NULL;
  if (task.task_id == NULL) {
    task.task_id = arena_printf(arena, "user:1-runwayml:one@example.com-task:%u", fuzz_byte(bytes));
    pool_add(night, &night->tasks, task.task_id);
  }
  const char *name = (bits & 8) != 0 ? pool_draw(night, &night->names) : NULL;
  if (name != NULL) task.name = arena_printf(arena, "Maya_%s", name);
  if ((bits & 16) != 0) task.reply_ref = pool_draw(night, &night->refs);
  if ((bits & 32) != 0) task.voice_id = "maya";
  task.status_text = words[task.status];
  if (task.status == TASK_FAILED)
    task.failure = (enum task_failure)(1 + fuzz_choice(bytes, TASK_FAILURE_FINAL));
  if (task.failure != TASK_FAILURE_NONE) task.failure_text = "it failed";
  if (task.status == TASK_SUCCEEDED && (bits & 64) == 0) task.artifact_url = "https://x.example/a";
  if ((bits & 128) != 0) task.starts_in_ms = fuzz_byte(bytes) * SECOND_MS;
  return task;
}

static struct task_view *draw_tasks(struct night *night, size_t *count) {
  *count = fuzz_choice(night->bytes, 6);
  struct task_view *tasks = ARENA_NEW_ARRAY(&night->arena, *count + 1, struct task_view);
  for (size_t i = 0; i < *count; i++) {
    tasks[i] = draw_task(night);
    for (size_t k = 0; k < i; k++) /* wire drops a task that is listed twice */
      if (strcmp(tasks[k].task_id, tasks[i].task_id) == 0) {
        *count = i;
        return tasks;
      }
  }
  return tasks;
}

static const struct {
  enum outcome_kind kind;
  int status;
  bool refused;
} outcomes[] = {{OUTCOME_BUSY_QUEUE, 429, true},      {OUTCOME_BUSY_RUNWAY, 429, true},
                {OUTCOME_BAD_REQUEST, 400, true},     {OUTCOME_NO_EXPLORE, 400, true},
                {OUTCOME_BAD_TOKEN, 401, true},       {OUTCOME_SUSPENDED, 401, true},
                {OUTCOME_NO_SUBSCRIPTION, 402, true}, {OUTCOME_NOT_FOUND, 404, true},
                {OUTCOME_EXPIRED, 410, false},        {OUTCOME_NO_CREDITS, 412, true},
                {OUTCOME_MODERATED, 422, true},       {OUTCOME_BROKEN_SESSION, 596, true},
                {OUTCOME_UPSTREAM, 502, false},       {OUTCOME_UNREADABLE, 200, false},
                {OUTCOME_UNEXPECTED, 302, false},     {OUTCOME_NO_REPLY, 0, false},
                {OUTCOME_NOT_SENT, 0, false}};

static void refuse(struct night *night, enum call_kind call, struct answer *answer) {
  unsigned choice = fuzz_choice(night->bytes, sizeof outcomes / sizeof outcomes[0]);
  struct outcome *outcome = &answer->outcome;
  outcome->kind = outcomes[choice].kind;
  outcome->http_status = outcomes[choice].status;
  outcome->refused = outcomes[choice].refused;
  if (call == CALL_SUBMIT && outcome->kind == OUTCOME_EXPIRED) outcome->kind = OUTCOME_UNEXPECTED;
  if (fuzz_choice(night->bytes, 4) == 0)
    outcome->retry_after_ms = fuzz_byte(night->bytes) * 10 * SECOND_MS;
  strcpy(outcome->text, "no");
  if (outcome->kind != OUTCOME_BUSY_QUEUE) return;
  answer->busy = draw_tasks(night, &answer->busy_count);
  answer->busy_listed = answer->busy_count > 0 || fuzz_choice(night->bytes, 2) == 0;
  answer->busy_limit = (int)fuzz_choice(night->bytes, 6);
}

static void accept(struct night *night, const struct call *call, struct answer *answer) {
  struct asset_view *asset = ARENA_NEW(&night->arena, struct asset_view);
  answer->outcome.http_status = 200;
  switch (call->kind) {
  case CALL_UPLOAD:
    asset->asset_id =
        arena_printf(&night->arena, "user:1-runwayml:one@example.com-asset:%s", call->name);
    asset->name = call->name;
    answer->assets = asset;
    answer->asset_count = 1;
    break;
  case CALL_SUBMIT:
  case CALL_GET_TASK:
    answer->tasks = ARENA_NEW(&night->arena, struct task_view);
    answer->tasks[0] = draw_task(night);
    answer->task_count = 1;
    if (call->kind == CALL_GET_TASK && fuzz_choice(night->bytes, 4) != 0)
      answer->tasks[0].task_id = call->task_id;
    break;
  case CALL_LIST_TASKS:
    answer->tasks = draw_tasks(night, &answer->task_count);
    answer->whole = fuzz_choice(night->bytes, 8) != 0;
    break;
  case CALL_SCHEDULER:
    answer->tasks = draw_tasks(night, &answer->task_count);
    break;
  case CALL_FEATURES:
    answer->credits = fuzz_choice(night->bytes, 4) == 0 ? -1 : fuzz_byte(night->bytes) * 10;
    break;
  case CALL_ACCOUNTS:
  case CALL_VOICES:
  case CALL_LIST_ASSETS:
  case CALL_DELETE_ASSET:
  case CALL_DELETE_TASK:
  case CALL_COUNT:
    break;
  }
}

static void answer_call(struct night *night, const struct order *order) {
  struct answer answer = {.credits = -1, .outcome = {.retry_after_ms = -1}};
  time_ms begun = night->now - fuzz_byte(night->bytes) * 100;
  if (order->call.kind == CALL_SUBMIT && fuzz_choice(night->bytes, 16) == 15) {
    pool_drop(&night->refs, order->call.reply_ref);
    night_feed(night, &(struct event){.kind = EVENT_OUTPUT_TAKEN,
                                      .request = order->request,
                                      .path = "/out/there.mp4"});
    return;
  }
  if (fuzz_choice(night->bytes, 3) == 2)
    refuse(night, order->call.kind, &answer);
  else
    accept(night, &order->call, &answer);
  if (answer.outcome.kind == OUTCOME_NOT_SENT) pool_drop(&night->refs, order->call.reply_ref);
  night_feed(night, &(struct event){.kind = EVENT_ANSWER,
                                    .request = order->request,
                                    .begun = begun < START ? START : begun,
                                    .answer = &answer});
}

static void answer_order(struct night *night) {
  if (night->order_count == 0) return;
  size_t at = fuzz_byte(night->bytes) % night->order_count;
  struct order order = night->orders[at];
  memmove(&night->orders[at], &night->orders[at + 1],
          (--night->order_count - at) * sizeof night->orders[0]);
  if (order.kind == ACTION_CALL) {
    answer_call(night, &order);
    return;
  }
  struct event event = {.request = order.request, .text = "no", .path = "/out/other.mp4"};
  if (order.kind == ACTION_FETCH) {
    event.kind = EVENT_FETCHED;
    event.fetch = (enum fetch_result)fuzz_choice(night->bytes, FETCH_OUTPUT + 1);
    event.bytes = fuzz_byte(night->bytes);
    event.inode = 7;
  } else {
    event.kind = EVENT_PUBLISHED;
    event.publish = (enum publish_result)fuzz_choice(night->bytes, PUBLISH_FAILED + 1);
  }
  night_feed(night, &event);
}

/* ---- what people do ---- */

static void order_something(struct night *night) {
  static const char *const patterns[] = {NULL, "*", "a", "b\nc", "nothing", "[", ""};
  static const char *const accounts[] = {"one@example.com", "two@example.com", "x@example.com"};
  unsigned bits = fuzz_byte(night->bytes);
  struct control control = {.verb = (enum control_verb)fuzz_choice(night->bytes, 4),
                            .batch = "night",
                            .pattern = patterns[fuzz_choice(night->bytes, 7)],
                            .force = (bits & 1) != 0,
                            .again = (bits & 2) != 0,
                            .all = (bits & 4) != 0,
                            .request = night->write == NULL ? bits >> 4 : 0};
  if ((bits & 8) != 0 && control.verb >= CONTROL_PAUSE) {
    control.batch = control.pattern = NULL;
    control.account = accounts[fuzz_choice(night->bytes, 3)];
  }
  night_feed(night, &(struct event){.kind = EVENT_CONTROL, .control = &control});
}

static void let_time_pass(struct night *night) {
  static const duration_ms steps[] = {0,         1,       100,         SECOND_MS, 10 * SECOND_MS,
                                      MINUTE_MS, HOUR_MS, 25 * HOUR_MS};
  unsigned choice = fuzz_choice(night->bytes, 16);
  time_ms deadline = core_deadline(night->core);
  if (choice < 8)
    night->now += steps[choice];
  else if (deadline != TIME_NEVER && deadline > night->now)
    night->now = deadline;
  night_feed(night, &(struct event){.kind = EVENT_TICK});
}

static void call_back(struct night *night) {
  struct task_view said = draw_task(night);
  if (fuzz_choice(night->bytes, 4) == 0) said.task_id = NULL;
  if (said.task_id == NULL && said.reply_ref == NULL) return;
  night_feed(night, &(struct event){.kind = EVENT_CALLBACK, .said = &said});
}

void night_step(struct night *night) {
  unsigned kind = fuzz_choice(night->bytes, 32);
  if (kind < 16)
    answer_order(night);
  else if (kind < 25)
    let_time_pass(night);
  else if (kind < 28)
    order_something(night);
  else if (kind == 28)
    call_back(night);
  else if (kind == 29)
    night_feed(night, &(struct event){.kind = EVENT_STATUS});
  else if (kind == 30)
    night_feed(night, &(struct event){.kind = EVENT_OUTPUT_FOUND,
                                      .job = fuzz_choice(night->bytes, night->jobs) + 1});
  else if (fuzz_choice(night->bytes, 8) == 0)
    night_feed(night, &(struct event){.kind = EVENT_STOP, .text = "SIGTERM"});
}

void night_ask(const struct night *night) {
  char text[400];
  for (job_id job = 1; job <= (job_id)night->jobs + 1; job++) {
    struct wait wait = core_why(night->core, job, night->now);
    CHECK((int)wait.reason >= 0 && wait.reason < WAIT_COUNT);
    wait_describe(&wait, text, sizeof text);
  }
  for (size_t i = 0; i < core_account_count(night->core); i++)
    CHECK(core_account_at(night->core, (account_index)i, night->now).email != NULL);
  CHECK(core_eta(night->core, night->now) >= 0);
  CHECK(core_per_hour(night->core, night->now) >= -1);
  struct core_counts counts = core_count(night->core, 0);
  int64_t sum = 0;
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    sum += counts.by_state[state];
  CHECK(sum == counts.jobs);
}
