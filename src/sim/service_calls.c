/* Calls about the token and its accounts, and the way to all others: authorization, which account,
 * whether it can be reached. */
#include <stdio.h>
#include <string.h>

#include "sim/service.h"
#include "util/text.h"

size_t sim_token_of(const struct sim_service *service, const char *authorization) {
  static const char scheme[] = "Bearer ";
  if (authorization == NULL || strncmp(authorization, scheme, strlen(scheme)) != 0) return NONE;
  for (size_t i = 0; i < service->scenario->token_count; i++)
    if (strcmp(authorization + strlen(scheme), service->scenario->tokens[i]) == 0) return i;
  return NONE;
}

static size_t account_count(const struct sim_exchange *exchange, size_t *only) {
  const struct sim_service *service = exchange->service;
  size_t count = 0;
  for (size_t i = 0; i < service->scenario->account_count; i++) {
    if (service->accounts[i].plan->token != exchange->token) continue;
    *only = i;
    count++;
  }
  return count;
}

bool sim_require_account(struct sim_exchange *exchange) {
  const char *email = sim_param(exchange, "email");
  size_t only = NONE;
  size_t count = account_count(exchange, &only);
  if (email == NULL || *email == '\0') {
    if (count != 1) {
      sim_refuse(exchange, 400,
                 "Parameter email is required, there are %zu configured Runway accounts", count);
      return false;
    }
    exchange->account = only;
  } else {
    exchange->account = sim_account_by_email(exchange->service, exchange->token, email);
    if (exchange->account == NONE) {
      sim_refuse(exchange, 404, "Account %s is not configured", email);
      return false;
    }
  }
  return sim_require_reachable(exchange, exchange->account);
}

bool sim_require_reachable(struct sim_exchange *exchange, size_t account) {
  struct sim_service *service = exchange->service;
  const char *email = service->accounts[account].plan->email;
  exchange->account = account;
  if (sim_account_suspended(service, account, service->now)) {
    sim_refuse(exchange, 401, "This account has been suspended.");
    return false;
  }
  if (sim_account_broken(service, account, service->now)) {
    sim_refuse(exchange, 596,
               "Unable to refresh the session of account %s, please sign it in again", email);
    return false;
  }
  return true;
}

/* "user:<number>-runwayml:<email>-<kind>:<uuid>" */
bool sim_split_id(struct arena *arena, const char *id, const char *kind, const char **email,
                  const char **uuid) {
  static const char middle[] = "-runwayml:";
  const char *mark = arena_printf(arena, "-%s:", kind);
  const char *start = text_starts_with(id, "user:") ? strstr(id, middle) : NULL;
  if (start == NULL) return false;
  start += strlen(middle);
  const char *end = strstr(start, mark);
  if (end == NULL || end == start || end[strlen(mark)] == '\0') return false;
  *email = arena_bytes(arena, start, (size_t)(end - start));
  *uuid = end + strlen(mark);
  return true;
}

/* The secrets are canaries: a test can look for them in all that a client wrote. */
static void call_accounts(struct sim_exchange *exchange) {
  const struct sim_service *service = exchange->service;
  struct json_out *json = &exchange->json;
  struct arena *arena = &exchange->service->scratch;
  json_open_object(json, NULL);
  for (size_t i = 0; i < service->scenario->account_count; i++) {
    const struct sim_account_plan *plan = service->accounts[i].plan;
    if (plan->token != exchange->token) continue;
    json_open_object(json, plan->email);
    json_text(json, "email", plan->email);
    json_text(json, "password", arena_printf(arena, "CANARY-password-%zu", i + 1));
    json_text(json, "jwt", arena_printf(arena, "eyJhbGciOiJIUzI1NiJ9.CANARY-jwt-%zu.c2ln", i + 1));
    json_number(json, "maxJobs", plan->max_jobs);
    json_text(json, "replyUrl", NULL);
    json_close_object(json);
  }
  json_close_object(json);
}

static double stored_gb(const struct sim_exchange *exchange) {
  const struct sim_service *service = exchange->service;
  const struct sim_indexes *assets = &service->accounts[exchange->account].assets;
  int64_t bytes = 0;
  for (size_t i = 0; i < assets->count; i++)
    if (!service->assets[assets->items[i]].deleted)
      bytes += service->assets[assets->items[i]].size_bytes;
  return (double)bytes / 1e9;
}

static void call_features(struct sim_exchange *exchange) {
  if (!sim_require_account(exchange)) return;
  const struct sim_account *account = &exchange->service->accounts[exchange->account];
  struct json_out *json = &exchange->json;
  json_open_object(json, NULL);
  json_open_object(json, "permitted");
  json_real(json, "numPlanCredits", account->plan->credits);
  if (account->plan->storage_gb > 0) json_real(json, "storageGB", account->plan->storage_gb);
  json_number(json, "numUsers", 1);
  json_close_object(json);
  json_open_object(json, "used");
  json_real(json, "numPlanCredits", account->used);
  if (account->plan->storage_gb > 0) json_real(json, "storageGB", stored_gb(exchange));
  json_number(json, "numUsers", 1);
  json_close_object(json);
  json_close_object(json);
}

static void call_voices(struct sim_exchange *exchange) {
  if (!sim_require_account(exchange)) return;
  const struct sim_scenario *scenario = exchange->service->scenario;
  const struct sim_account_plan *plan = exchange->service->accounts[exchange->account].plan;
  struct json_out *json = &exchange->json;
  size_t count = plan->voice_count > 0 ? plan->voice_count : scenario->voice_count;
  if (scenario->forms.voices_object) json_open_object(json, NULL);
  json_open_array(json, scenario->forms.voices_object ? "voices" : NULL);
  for (size_t i = 0; i < count; i++) {
    const struct sim_voice *voice =
        &scenario->voices[plan->voice_count > 0 ? (size_t)plan->voices[i] : i];
    json_open_object(json, NULL);
    json_text(json, scenario->forms.voice_id_key ? "voiceId" : "id", voice->id);
    json_text(json, "name", voice->name);
    json_text(json, "description", "a voice – for rehearsals");
    json_close_object(json);
  }
  json_close_array(json);
  if (scenario->forms.voices_object) json_close_object(json);
}

static bool admitted(struct sim_exchange *exchange) {
  const struct sim_service *service = exchange->service;
  if (exchange->call == SIM_ARTIFACT) return true;
  exchange->token = sim_token_of(service, exchange->request->authorization);
  if (exchange->token == NONE) {
    sim_refuse(exchange, 401, "Unauthorized");
    return false;
  }
  if (service->now - service->began >= service->scenario->subscription_ends) {
    sim_refuse(exchange, 402, "Your useapi.net subscription has expired");
    return false;
  }
  if (exchange->malformed) {
    sim_refuse(exchange, 400, "Malformed request target");
    return false;
  }
  if (exchange->call == SIM_NO_CALL) {
    sim_refuse(exchange, exchange->wrong_method ? 405 : 404,
               exchange->wrong_method ? "Method not allowed" : "Not found");
    return false;
  }
  return true;
}

void sim_call_execute(struct sim_exchange *exchange) {
  exchange->reply->status = 200;
  exchange->reply->content_type = "application/json; charset=utf-8";
  json_begin(&exchange->json, &exchange->body);
  if (!admitted(exchange)) return;
  switch (exchange->call) {
  case SIM_ACCOUNTS:
    call_accounts(exchange);
    break;
  case SIM_FEATURES:
    call_features(exchange);
    break;
  case SIM_VOICES:
    call_voices(exchange);
    break;
  case SIM_UPLOAD:
    sim_call_upload(exchange);
    break;
  case SIM_LIST_ASSETS:
    sim_call_list_assets(exchange);
    break;
  case SIM_GET_ASSET:
  case SIM_DELETE_ASSET:
    sim_call_one_asset(exchange);
    break;
  case SIM_SUBMIT:
    sim_call_submit(exchange);
    break;
  case SIM_LIST_TASKS:
    sim_call_list_tasks(exchange);
    break;
  case SIM_GET_TASK:
  case SIM_DELETE_TASK:
    sim_call_one_task(exchange);
    break;
  case SIM_SCHEDULER:
    sim_call_scheduler(exchange);
    break;
  case SIM_ARTIFACT:
    sim_call_artifact(exchange);
    break;
  case SIM_NO_CALL:
  case SIM_CALL_COUNT:
    break;
  }
}
