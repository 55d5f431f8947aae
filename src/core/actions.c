/* What a step wants: records to be made durable, then actions to be carried out. Everything that
 * the core tells the outside goes through here. Rows touched several times in a step are written
 * once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

void *core_grow(void *array, size_t size, int32_t count, int32_t *room) {
  if (count < *room) return array;
  *room = *room == 0 ? 16 : *room * 2;
  array = realloc(array, size * (size_t)*room);
  CHECK(array != NULL && "out of memory");
  return array;
}

const char *core_keep(struct core *core, const char *text) {
  return arena_string(&core->strings, text);
}

const char *core_intern(struct core *core, const char *text) {
  return text == NULL ? NULL : map_intern(&core->interned, text, 0);
}

void core_output_init(struct core_output *output) {
  *output = (struct core_output){0};
  output->arena = malloc(sizeof *output->arena);
  CHECK(output->arena != NULL && "out of memory");
  arena_init(output->arena);
}

void core_output_reset(struct core_output *output) {
  arena_reset(output->arena);
  output->record_count = 0;
  output->action_count = 0;
}

void core_output_release(struct core_output *output) {
  if (output->arena != NULL) arena_release(output->arena);
  free(output->arena);
  free(output->records);
  free(output->actions);
  *output = (struct core_output){0};
}

static void *room_for_one(void *array, size_t size, size_t count, size_t *room) {
  if (count < *room) return array;
  *room = *room == 0 ? 16 : *room * 2;
  array = realloc(array, size * *room);
  CHECK(array != NULL && "out of memory");
  return array;
}

struct action *action_add(struct core *core, enum action_kind kind) {
  struct core_output *out = core->out;
  CHECK(out != NULL);
  out->actions =
      room_for_one(out->actions, sizeof *out->actions, out->action_count, &out->action_room);
  struct action *action = &out->actions[out->action_count++];
  *action = (struct action){.kind = kind};
  return action;
}

struct record *record_add(struct core *core, enum record_kind kind) {
  struct core_output *out = core->out;
  CHECK(out != NULL);
  out->records =
      room_for_one(out->records, sizeof *out->records, out->record_count, &out->record_room);
  struct record *record = &out->records[out->record_count++];
  memset(record, 0, sizeof *record);
  record->kind = kind;
  return record;
}

struct request *request_add(struct core *core, enum request_kind kind, struct action *action) {
  GROW(core->requests, core->request_count, core->request_room);
  struct request *request = &core->requests[core->request_count++];
  *request = (struct request){.id = ++core->last_request,
                              .kind = kind,
                              .account = NONE,
                              .attempt = NONE,
                              .job = NONE,
                              .clip = NONE,
                              .sent = core->now};
  action->request = request->id;
  return request;
}

bool request_take(struct core *core, request_id id, struct request *taken) {
  for (int32_t i = 0; i < core->request_count; i++) {
    if (core->requests[i].id != id) continue;
    *taken = core->requests[i];
    core->requests[i] = core->requests[--core->request_count];
    return true;
  }
  return false;
}

void job_touch(struct core *core, struct job *job) {
  job->rec.changed = core->now;
  if (job->dirty) return;
  job->dirty = true;
  GROW(core->dirty_jobs, core->dirty_job_count, core->dirty_job_room);
  core->dirty_jobs[core->dirty_job_count++] = job_place(core, job);
}

void attempt_touch(struct core *core, struct attempt *attempt) {
  if (attempt->dirty) return;
  attempt->dirty = true;
  GROW(core->dirty_attempts, core->dirty_attempt_count, core->dirty_attempt_room);
  core->dirty_attempts[core->dirty_attempt_count++] = attempt_place(core, attempt);
}

void account_save(struct core *core, struct account *account) {
  (void)core;
  account->dirty = true;
}

static void write_account(struct core *core, struct account *account) {
  struct core_account_view view = account_view(core, account, core->now);
  struct account_record *record = &record_add(core, RECORD_ACCOUNT)->as.account;
  *record = (struct account_record){.email = account->email,
                                    .state = view.state,
                                    .until = view.until == TIME_NEVER ? 0 : view.until,
                                    .reason = view.reason,
                                    .max_jobs = account->max_jobs,
                                    .others = account->others,
                                    .credits = account->credits,
                                    .explore_missing = account->explore_missing,
                                    .refused = account->refusals_total,
                                    .changed = core->now,
                                    .pardoned = account->pardoned,
                                    .submitted = account->submitted,
                                    .price_micro = (int64_t)(account->price * 1e6 + 0.5),
                                    .quiet_credits = account->clean_credits,
                                    .quiet_at = account->clean_at};
  learn_save(account, record);
  capacity_save(account, record);
  account->dirty = false;
}

void core_flush(struct core *core) {
  for (int32_t i = 0; i < core->dirty_job_count; i++) {
    struct job *job = &core->jobs[core->dirty_jobs[i]];
    job->dirty = false;
    record_add(core, RECORD_JOB_STATE)->as.job = job->rec;
  }
  core->dirty_job_count = 0;
  for (int32_t i = 0; i < core->dirty_attempt_count; i++) {
    struct attempt *attempt = &core->attempts[core->dirty_attempts[i]];
    attempt->dirty = false;
    record_add(core, RECORD_ATTEMPT)->as.attempt = attempt->rec;
  }
  core->dirty_attempt_count = 0;
  for (int32_t i = 0; i < core->account_count; i++)
    if (core->accounts[i].dirty) write_account(core, &core->accounts[i]);
}

struct log_line *log_add(struct core *core, enum log_level level, enum log_event event) {
  struct action *action = action_add(core, ACTION_LOG);
  action->line = (struct log_line){.time = core->now, .level = level, .event = event};
  return &action->line;
}

struct log_line *account_log(struct core *core, struct account *account, enum log_level level,
                             enum log_event event) {
  struct log_line *line = log_add(core, level, event);
  log_text(line, "account", account->email);
  return line;
}

const char *batch_key(const struct core *core, batch_id id) {
  for (int32_t i = 0; i < core->batch_count; i++)
    if (core->batches[i].id == id) return core->batches[i].key;
  return NULL;
}

static void write_event(struct core *core, struct job *job, enum log_event event,
                        const char *cause) {
  const struct attempt *attempt = job->attempt == NONE ? NULL : &core->attempts[job->attempt];
  struct arena *arena = core->out->arena;
  const char *text = arena_string(arena, cause);
  if (text == NULL && event == LOG_JOB_SUBMITTED) text = job->rec.task_id;
  if (text == NULL && event == LOG_JOB_SUCCEEDED) text = job->rec.result;
  record_add(core, RECORD_EVENT)->as.event =
      (struct event_record){.job = job->rec.id,
                            .number = ++job->events,
                            .time = core->now,
                            .event = event,
                            .account = job->rec.account,
                            .attempt = attempt == NULL ? 0 : attempt->rec.id,
                            .text = text};
}

struct log_line *job_log(struct core *core, struct job *job, enum log_level level,
                         enum log_event event, const char *cause) {
  write_event(core, job, event, cause);
  struct log_line *line = log_add(core, level, event);
  log_text(line, "batch", batch_key(core, job->rec.batch));
  log_text(line, "job", job->rec.name);
  log_text(line, "account", job->rec.account);
  log_text(line, "task", job->rec.task_id);
  if (job->attempt != NONE && !job_state_ended(job->rec.state))
    log_number(line, "attempt", core->attempts[job->attempt].rec.number);
  log_text(line, "voice", job->rec.voice);
  log_text(line, "video", job->rec.clip_source);
  if (cause != NULL) log_text(line, "why", arena_string(core->out->arena, cause));
  return line;
}
