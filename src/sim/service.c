/* The service as a whole: its life, one request from its bytes to its fate. */
#include "sim/service.h"

#include <stdlib.h>
#include <string.h>

#include "util/check.h"

/* A listing of 1,000 tasks is about 1 MB; artifacts are as large as the scenario says. */
#define BODY_MAX ((size_t)1 << 30)

const char *sim_call_name(enum sim_call call) {
#define X(name, text) text,
  static const char *const names[] = {SIM_CALLS(X)};
#undef X
  return call < SIM_CALL_COUNT ? names[call] : "any";
}

const char *sim_fault_name(enum sim_fault fault) {
#define X(name, text) text,
  static const char *const names[] = {SIM_FAULTS(X)};
#undef X
  return fault < FAULT_COUNT ? names[fault] : "none";
}

const char *sim_failure_name(enum sim_failure failure) {
#define X(name, text) text,
  static const char *const names[] = {SIM_FAILURES(X)};
#undef X
  return failure < FAILURE_COUNT ? names[failure] : "none";
}

struct sim_service *sim_service_new(const struct sim_scenario *scenario, time_ms now) {
  struct sim_service *service = calloc(1, sizeof *service);
  CHECK(service != NULL && "out of memory");
  service->scenario = scenario;
  service->began = service->now = now;
  arena_init(&service->arena);
  arena_init(&service->scratch);
  map_init(&service->assets_by_id);
  map_init(&service->tasks_by_id);
  map_init(&service->tasks_by_uuid);
  map_init(&service->refs);
  map_init(&service->pairs);
  prng_init(&service->ids, sim_hash(scenario->seed, "ids", 0));
  prng_init(&service->latency, sim_hash(scenario->seed, "latency", 0));
  service->fault_seen = ARENA_NEW_ARRAY(&service->arena, scenario->fault_count + 1, int64_t);
  service->fault_struck = ARENA_NEW_ARRAY(&service->arena, scenario->fault_count + 1, int64_t);
  service->failure_seen = ARENA_NEW_ARRAY(&service->arena, scenario->failure_count + 1, int64_t);
  service->failure_struck = ARENA_NEW_ARRAY(&service->arena, scenario->failure_count + 1, int64_t);
  sim_service_set_public_base(service, "https://artifacts.invalid");
  sim_accounts_init(service);
  sim_others_init(service);
  return service;
}

void sim_service_free(struct sim_service *service) {
  if (service == NULL) return;
  sim_accounts_release(service);
  sim_callbacks_release(service);
  free(service->assets);
  free(service->tasks);
  free(service->late);
  free(service->records);
  map_release(&service->assets_by_id);
  map_release(&service->tasks_by_id);
  map_release(&service->tasks_by_uuid);
  map_release(&service->refs);
  map_release(&service->pairs);
  arena_release(&service->arena);
  arena_release(&service->scratch);
  free(service);
}

void sim_service_set_public_base(struct sim_service *service, const char *base) {
  service->base = arena_string(&service->arena, base);
}

static void write_page(struct sim_exchange *exchange, int status, const char *kind) {
  struct buffer *body = &exchange->body;
  exchange->reply->status = status;
  exchange->reply->etag = NULL;
  exchange->reply->retry_after = NULL;
  if (kind == NULL || strcmp(kind, "json") == 0) {
    sim_refuse(exchange, status, "Upstream is not available");
    return;
  }
  buffer_clear(body);
  exchange->reply->content_type = "text/html; charset=utf-8";
  if (strcmp(kind, "html") == 0)
    buffer_printf(body,
                  "<!DOCTYPE html>\n<html><head><title>%d</title></head><body><h1>Error %d</h1>"
                  "<p>The server is taking a rest.</p></body></html>\n",
                  status, status);
}

/* Faults that keep the service from seeing the request, or from doing what it asks. */
static bool strike_before(struct sim_exchange *exchange, const struct sim_fault_rule *rule) {
  size_t queued;
  switch (rule->kind) {
  case FAULT_RESET_BEFORE:
    exchange->reply->fate = SIM_RESET_BEFORE;
    return true;
  case FAULT_HANG_BEFORE:
    exchange->reply->fate = SIM_HANG;
    return true;
  case FAULT_5XX_BEFORE:
  case FAULT_HTML:
    write_page(exchange, rule->status, rule->body);
    return true;
  case FAULT_429_QUEUE:
    if (exchange->account == NONE) return false;
    queued = sim_account_queued(exchange->service, exchange->account);
    sim_answer_429_queue(exchange, exchange->account, queued == 0 ? 1 : (int)queued);
    exchange->service->totals.refused_queue++;
    return true;
  case FAULT_429_RUNWAY:
    sim_answer_429_runway(exchange);
    exchange->service->totals.refused_runway++;
    return true;
  case FAULT_LOST_AFTER:
  case FAULT_5XX_AFTER:
  case FAULT_CUT:
  case FAULT_HANG_AFTER:
  case FAULT_CLOSE_KEEPALIVE:
  case FAULT_TWICE:
  case FAULT_COUNT:
    break;
  }
  return false;
}

/* Faults that befall the reply of a request that was executed. */
static void strike_after(struct sim_exchange *exchange, const struct sim_fault_rule *rule) {
  struct sim_reply *reply = exchange->reply;
  switch (rule->kind) {
  case FAULT_LOST_AFTER:
  case FAULT_CLOSE_KEEPALIVE:
    reply->fate = SIM_LOST_AFTER;
    break;
  case FAULT_5XX_AFTER:
    write_page(exchange, rule->status, rule->body);
    break;
  case FAULT_CUT:
    reply->fate = SIM_CUT;
    reply->sent_bytes = (size_t)((double)exchange->body.length * rule->cut_at);
    break;
  case FAULT_HANG_AFTER:
    reply->fate = SIM_HANG;
    break;
  case FAULT_RESET_BEFORE:
  case FAULT_5XX_BEFORE:
  case FAULT_HANG_BEFORE:
  case FAULT_HTML:
  case FAULT_429_QUEUE:
  case FAULT_429_RUNWAY:
  case FAULT_TWICE:
  case FAULT_COUNT:
    break;
  }
}

static void count_call(struct sim_exchange *exchange) {
  struct sim_totals *totals = &exchange->service->totals;
  totals->requests++;
  totals->submissions += exchange->call == SIM_SUBMIT;
  totals->lists += exchange->call == SIM_LIST_TASKS;
  totals->task_gets += exchange->call == SIM_GET_TASK;
  totals->scheduler_gets += exchange->call == SIM_SCHEDULER;
  totals->downloads += exchange->call == SIM_ARTIFACT;
}

/* Refusals that say the client did wrong, told apart from those that are the service's daily life.
 */
static void count_outcome(struct sim_exchange *exchange) {
  struct sim_totals *totals = &exchange->service->totals;
  int status = exchange->reply->status;
  if (status == 400 || status == 404 || status == 405) totals->bad_requests++;
  if (exchange->call == SIM_SUBMIT && status != 200 && status != 429) totals->refused_other++;
}

/* Whom a call is about that will not be executed: of a submission it is in the body. */
static void find_account(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  const struct sim_request *request = exchange->request;
  struct sim_submission submission;
  const char *problem, *email, *uuid;
  exchange->token = sim_token_of(service, request->authorization);
  exchange->account = sim_account_by_email(service, exchange->token, sim_param(exchange, "email"));
  if (exchange->call != SIM_SUBMIT ||
      !sim_read_submission(&service->scratch, request->content_type, request->body,
                           request->body_bytes, &submission, &problem))
    return;
  exchange->reply_ref = submission.reply_ref;
  if (sim_split_id(&service->scratch, submission.asset_id, "asset", &email, &uuid))
    exchange->account = sim_account_by_email(service, exchange->token, email);
}

/* The first of two deliveries: its reply gets lost between the proxy and the service. */
static void execute_unheard(struct sim_exchange *exchange) {
  sim_call_execute(exchange);
  exchange->reply->fate = SIM_LOST_AFTER;
  sim_record_add(exchange);
  *exchange->reply = (struct sim_reply){.fate = SIM_REPLY};
  buffer_clear(&exchange->body);
  exchange->task = NONE;
  count_call(exchange);
}

static void execute(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  bool struck = false;
  exchange->fault = sim_fault_draw(exchange);
  if (exchange->fault != NULL) {
    service->totals.faults++;
    exchange->reply->status = 200;
    exchange->reply->content_type = "application/json; charset=utf-8";
    find_account(exchange);
    struck = strike_before(exchange, exchange->fault);
  }
  if (!struck) {
    exchange->account = NONE;
    if (exchange->fault != NULL && exchange->fault->kind == FAULT_TWICE) execute_unheard(exchange);
    sim_call_execute(exchange);
    count_outcome(exchange);
    if (exchange->fault != NULL) strike_after(exchange, exchange->fault);
  }
}

/* The reply outlives the request's scratch memory: its header texts go behind the body. */
static void hand_over(struct sim_exchange *exchange) {
  struct sim_reply *reply = exchange->reply;
  struct buffer *body = &exchange->body;
  reply->body_bytes = body->length;
  size_t retry_after_at = body->length + 1;
  buffer_append(body, "", 1);
  buffer_text(body, reply->retry_after == NULL ? "" : reply->retry_after);
  size_t etag_at = body->length + 1;
  buffer_append(body, "", 1);
  buffer_text(body, reply->etag == NULL ? "" : reply->etag);
  CHECK(!body->overflowed);
  reply->body = body->bytes;
  reply->memory = body->bytes;
  if (reply->retry_after != NULL) reply->retry_after = body->bytes + retry_after_at;
  if (reply->etag != NULL) reply->etag = body->bytes + etag_at;
}

void sim_service_handle(struct sim_service *service, time_ms now, const struct sim_request *request,
                        struct sim_reply *reply) {
  struct sim_exchange exchange = {.service = service,
                                  .request = request,
                                  .reply = reply,
                                  .token = NONE,
                                  .account = NONE,
                                  .task = NONE};
  *reply = (struct sim_reply){.fate = SIM_REPLY};
  arena_reset(&service->scratch);
  buffer_init(&exchange.body, BODY_MAX);
  sim_service_advance(service, now);
  if (service->first_request == 0) service->first_request = service->now;
  sim_target_parse(&exchange);
  count_call(&exchange);
  execute(&exchange);
  const struct sim_range *latency = &service->scenario->latency[exchange.call];
  reply->delay_ms = prng_between(&service->latency, latency->low, latency->high);
  sim_record_add(&exchange);
  hand_over(&exchange);
}

void sim_reply_release(struct sim_reply *reply) {
  free(reply->memory);
  *reply = (struct sim_reply){0};
}
