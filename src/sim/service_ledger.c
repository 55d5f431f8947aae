/* The ledger: every request and its fate, every task, the totals; what checkers hold to be true. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/service.h"
#include "util/check.h"

/* ---- keeping ---- */

static struct sim_record *new_record(struct sim_service *service) {
  if (service->record_count == SIM_LEDGER_MAX) {
    service->unrecorded++;
    return NULL;
  }
  if (service->record_count == service->record_room) {
    service->record_room = service->record_room == 0 ? 256 : service->record_room * 2;
    service->records = realloc(service->records, service->record_room * sizeof *service->records);
    CHECK(service->records != NULL && "out of memory");
  }
  return &service->records[service->record_count++];
}

/* Links to results are signed: what signs them stays out. */
static void copy_target(struct sim_record *record, const struct sim_exchange *exchange) {
  const char *target = exchange->request->target;
  size_t size = exchange->call == SIM_ARTIFACT ? strcspn(target, "?") : strlen(target);
  (void)snprintf(record->target, sizeof record->target, "%.*s",
                 size < sizeof record->target ? (int)size : (int)sizeof record->target - 1, target);
}

void sim_record_add(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  struct sim_record *record = new_record(service);
  if (record == NULL) return;
  *record =
      (struct sim_record){.at = service->now,
                          .call = exchange->call,
                          .fault = exchange->fault == NULL ? FAULT_NONE : exchange->fault->kind,
                          .fate = exchange->reply->fate,
                          .status = exchange->reply->status,
                          .account = exchange->account,
                          .task = exchange->task,
                          .bytes = exchange->request->body_bytes,
                          .delay = exchange->reply->delay_ms,
                          .reply_ref = arena_string(&service->arena, exchange->reply_ref)};
  (void)snprintf(record->method, sizeof record->method, "%s", exchange->request->method);
  copy_target(record, exchange);
}

/* ---- the truth about tasks ---- */

size_t sim_service_task_count(const struct sim_service *service) {
  return service->task_count;
}

static const char *reason_of(const struct sim_task *task) {
  return task->state == STATE_FAILED && task->failure != NULL ? task->failure->reason : NULL;
}

struct sim_task_truth sim_service_task(const struct sim_service *service, size_t index) {
  CHECK(index < service->task_count);
  const struct sim_task *task = &service->tasks[index];
  const struct sim_asset *asset = task->asset == NONE ? NULL : &service->assets[task->asset];
  return (struct sim_task_truth){.task_id = task->id,
                                 .email = service->accounts[task->account].plan->email,
                                 .asset_id = asset == NULL ? NULL : asset->id,
                                 .asset_name = asset == NULL ? NULL : asset->name,
                                 .voice_id = task->voice_id,
                                 .reply_ref = task->reply_ref,
                                 .ordered = task->origin == ORIGIN_ORDERED,
                                 .explore = task->explore,
                                 .created = task->created,
                                 .started = task->run_at,
                                 .ended = task->ended,
                                 .status = sim_task_status(task),
                                 .reason = reason_of(task),
                                 .credits = task->credits};
}

/* What tells jobs apart: the reference's first word up to its last ':' or '/', else the asset's
 * name; and the voice. */
static const char *job_key(const struct sim_service *service, const struct sim_task *task,
                           struct arena *arena) {
  size_t size = 0;
  for (size_t i = 0;
       task->reply_ref != NULL && task->reply_ref[i] != '\0' && task->reply_ref[i] != ' '; i++)
    if (task->reply_ref[i] == ':' || task->reply_ref[i] == '/') size = i;
  if (size > 0) return arena_printf(arena, "r%.*s\n%s", (int)size, task->reply_ref, task->voice_id);
  return arena_printf(arena, "a%s\n%s", service->assets[task->asset].name, task->voice_id);
}

static int64_t count_duplicates(const struct sim_service *service) {
  struct arena arena;
  struct map jobs;
  int64_t duplicates = 0;
  arena_init(&arena);
  map_init(&jobs);
  for (size_t i = 0; i < service->task_count; i++) {
    const struct sim_task *task = &service->tasks[i];
    if (task->origin != ORIGIN_ORDERED || task->state == STATE_FAILED ||
        task->state == STATE_CANCELLED)
      continue;
    const char *key = job_key(service, task, &arena);
    int64_t before;
    if (map_get(&jobs, key, &before)) duplicates++;
    map_set(&jobs, key, 1);
  }
  map_release(&jobs);
  arena_release(&arena);
  return duplicates;
}

struct sim_totals sim_service_totals(const struct sim_service *service) {
  struct sim_totals totals = service->totals;
  for (size_t i = 0; i < service->task_count; i++) {
    const struct sim_task *task = &service->tasks[i];
    if (task->origin != ORIGIN_ORDERED || task->slot_at == 0) continue;
    time_ms until = task->ended != 0 ? task->ended : service->now;
    totals.busy_ms += (double)(until - task->slot_at);
    if (task->ended > totals.last_end) totals.last_end = task->ended;
  }
  totals.duplicates = count_duplicates(service);
  totals.fluid_bound_ms = sim_fluid_bound(service, totals.busy_ms);
  return totals;
}

/* ---- printing ---- */

static const char *fate_name(enum sim_fate fate) {
  static const char *const names[] = {"reply", "reset", "lost", "cut", "hang"};
  return names[fate];
}

static const char *email_at(const struct sim_service *service, size_t account) {
  return account == NONE ? NULL : service->accounts[account].plan->email;
}

static void flush(struct buffer *line, FILE *stream) {
  (void)fwrite(line->bytes, 1, line->length, stream);
  (void)fputc('\n', stream);
  buffer_clear(line);
}

static void print_record(const struct sim_service *service, size_t index, struct json_out *json) {
  const struct sim_record *record = &service->records[index];
  json_open_object(json, NULL);
  json_number(json, "request", (int64_t)index + 1);
  json_number(json, "at_ms", record->at - service->began);
  json_text(json, "call", sim_call_name(record->call));
  json_text(json, "method", record->method);
  json_text(json, "target", record->target);
  json_text(json, "account", email_at(service, record->account));
  json_number(json, "status", record->status);
  json_text(json, "fate", fate_name(record->fate));
  if (record->fault != FAULT_NONE) json_text(json, "fault", sim_fault_name(record->fault));
  if (record->reply_ref != NULL) json_text(json, "ref", record->reply_ref);
  if (record->task != NONE) json_text(json, "task", service->tasks[record->task].id);
  json_number(json, "body_bytes", (int64_t)record->bytes);
  json_number(json, "delay_ms", record->delay);
  json_close_object(json);
}

static int64_t since_began(const struct sim_service *service, time_ms at) {
  return at == 0 ? -1 : at - service->began;
}

static void print_task(const struct sim_service *service, size_t index, struct json_out *json) {
  static const char *const origins[] = {"ordered", "by-hand", "by-program"};
  const struct sim_task *task = &service->tasks[index];
  const struct sim_asset *asset = task->asset == NONE ? NULL : &service->assets[task->asset];
  char hash[32];
  json_open_object(json, NULL);
  json_text(json, "task", task->id);
  json_text(json, "account", email_at(service, task->account));
  json_text(json, "origin", origins[task->origin]);
  if (asset != NULL) {
    json_text(json, "asset", asset->id);
    json_text(json, "asset_name", asset->name);
    json_number(json, "asset_bytes", asset->size_bytes);
    (void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)asset->hash);
    json_text(json, "asset_hash", hash);
  }
  json_text(json, "voice", task->voice_id);
  json_text(json, "ref", task->reply_ref);
  json_bool(json, "explore", task->explore);
  json_number(json, "created_ms", since_began(service, task->created));
  json_number(json, "slot_ms", since_began(service, task->slot_at));
  json_number(json, "started_ms", since_began(service, task->run_at));
  json_number(json, "ended_ms", since_began(service, task->ended));
  json_text(json, "status", sim_task_status(task));
  if (task->failure != NULL) json_text(json, "failure", sim_failure_name(task->failure->kind));
  json_real(json, "credits", task->credits);
  json_close_object(json);
}

static void print_ratio(struct json_out *json, const char *name, double part, double whole) {
  if (whole > 0)
    json_real(json, name, part / whole);
  else
    json_null(json, name);
}

/* Jobs are counted as the tasks that ended well or are under way, less those paid for twice. */
static int64_t count_jobs(const struct sim_service *service, const struct sim_totals *totals) {
  int64_t jobs = 0;
  for (size_t i = 0; i < service->task_count; i++) {
    const struct sim_task *task = &service->tasks[i];
    jobs += task->origin == ORIGIN_ORDERED && task->state != STATE_FAILED &&
            task->state != STATE_CANCELLED;
  }
  return jobs - totals->duplicates;
}

static void print_totals(const struct sim_service *service, struct json_out *json) {
  const struct sim_totals totals = sim_service_totals(service);
  double jobs = (double)count_jobs(service, &totals);
  double makespan = totals.last_end > 0 ? (double)(totals.last_end - service->first_request) : 0;
  const struct {
    const char *name;
    int64_t value;
  } counts[] = {{"requests", totals.requests},
                {"uploads", totals.uploads},
                {"submissions", totals.submissions},
                {"accepted", totals.accepted},
                {"refused_queue", totals.refused_queue},
                {"refused_runway", totals.refused_runway},
                {"refused_other", totals.refused_other},
                {"lists", totals.lists},
                {"task_gets", totals.task_gets},
                {"scheduler_gets", totals.scheduler_gets},
                {"downloads", totals.downloads},
                {"callbacks", totals.callbacks},
                {"faults", totals.faults},
                {"bad_requests", totals.bad_requests},
                {"refs_twice", totals.refs_twice},
                {"duplicates", totals.duplicates},
                {"most_in_flight", totals.most_in_flight},
                {"unrecorded", (int64_t)service->unrecorded},
                {"jobs", (int64_t)jobs}};
  json_open_object(json, NULL);
  json_open_object(json, "totals");
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    json_number(json, counts[i].name, counts[i].value);
  json_real(json, "busy_ms", totals.busy_ms);
  json_real(json, "makespan_ms", makespan);
  json_real(json, "fluid_bound_ms", totals.fluid_bound_ms);
  print_ratio(json, "makespan_over_bound", makespan, totals.fluid_bound_ms);
  print_ratio(json, "429s_per_job", (double)(totals.refused_queue + totals.refused_runway), jobs);
  print_ratio(json, "requests_per_job", (double)totals.requests, jobs);
  json_close_object(json);
  json_close_object(json);
}

void sim_service_print_ledger(const struct sim_service *service, FILE *stream) {
  struct buffer line;
  struct json_out json;
  buffer_init(&line, (size_t)1 << 20);
  for (size_t i = 0; i < service->record_count; i++) {
    json_begin(&json, &line);
    print_record(service, i, &json);
    flush(&line, stream);
  }
  for (size_t i = 0; i < service->task_count; i++) {
    json_begin(&json, &line);
    print_task(service, i, &json);
    flush(&line, stream);
  }
  json_begin(&json, &line);
  print_totals(service, &json);
  flush(&line, stream);
  buffer_release(&line);
}
