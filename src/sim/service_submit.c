/* The paid call: POST /gen4/act-two-voice. Checks in the order in which the service and then Runway
 * would meet them. */
#include <string.h>

#include "sim/service.h"

/* service.md: 3 to 30 seconds; clips measure a little over, so a tenth is let pass. */
#define CLIP_SECONDS_LOW  2.9
#define CLIP_SECONDS_HIGH 30.1

static bool find_asset(struct sim_exchange *exchange, const char *asset_id, size_t *asset) {
  struct sim_service *service = exchange->service;
  const char *email, *uuid;
  int64_t index;
  if (!sim_split_id(&service->scratch, asset_id, "asset", &email, &uuid)) {
    sim_refuse(exchange, 400, "Parameter video_assetId is malformed");
    return false;
  }
  size_t account = sim_account_by_email(service, exchange->token, email);
  if (account == NONE) {
    sim_refuse(exchange, 404, "Account %s is not configured", email);
    return false;
  }
  if (!sim_require_reachable(exchange, account)) return false;
  if (!map_get(&service->assets_by_id, asset_id, &index) ||
      service->assets[(size_t)index].deleted) {
    sim_refuse(exchange, 404, "Unable to retrieve assetId %s (Not found.)", uuid);
    return false;
  }
  *asset = (size_t)index;
  return true;
}

static bool check_clip(struct sim_exchange *exchange, const struct sim_asset *asset) {
  if (strncmp(asset->media_type, "video/", 6) != 0) {
    sim_refuse(exchange, 400, "Asset %s is not a video", asset->uuid);
    return false;
  }
  if (asset->seconds > 0 &&
      (asset->seconds < CLIP_SECONDS_LOW || asset->seconds > CLIP_SECONDS_HIGH)) {
    sim_refuse(exchange, 400, "Video duration must be between 3 and 30 seconds (%g)",
               asset->seconds);
    return false;
  }
  return true;
}

static bool has_voice(const struct sim_exchange *exchange, const char *voice_id) {
  const struct sim_scenario *scenario = exchange->service->scenario;
  const struct sim_account_plan *plan = exchange->service->accounts[exchange->account].plan;
  size_t count = plan->voice_count > 0 ? plan->voice_count : scenario->voice_count;
  for (size_t i = 0; i < count; i++) {
    size_t voice = plan->voice_count > 0 ? (size_t)plan->voices[i] : i;
    if (strcmp(scenario->voices[voice].id, voice_id) == 0) return true;
  }
  return false;
}

static bool check_voice_and_plan(struct sim_exchange *exchange,
                                 const struct sim_submission *submission) {
  const struct sim_account_plan *plan = exchange->service->accounts[exchange->account].plan;
  if (!has_voice(exchange, submission->voice_id)) {
    sim_refuse(exchange, 400, "Parameter voiceId %s is not among the available voices",
               submission->voice_id);
    return false;
  }
  if (submission->explore && !plan->unlimited) {
    sim_refuse(exchange, 400, "exploreMode: Explore mode requires a Runway Unlimited plan");
    return false;
  }
  return true;
}

/* The API's own queue, then Runway's slots. By hand or not, running or waiting: all count there. */
static bool check_room(struct sim_exchange *exchange, const struct sim_submission *submission) {
  struct sim_service *service = exchange->service;
  size_t account = exchange->account;
  const struct sim_account_plan *plan = service->accounts[account].plan;
  int max_jobs = submission->max_jobs > 0 ? submission->max_jobs : plan->max_jobs;
  if (sim_account_queued(service, account) >= (size_t)max_jobs) {
    sim_answer_429_queue(exchange, account, max_jobs);
    service->totals.refused_queue++;
    return false;
  }
  size_t room =
      (size_t)sim_account_capacity(service, account, service->now) + (size_t)plan->waiting_room;
  if (sim_account_running(service, account) >= room) {
    sim_answer_429_runway(exchange);
    service->totals.refused_runway++;
    return false;
  }
  return true;
}

static bool check_content(struct sim_exchange *exchange, const struct sim_submission *submission,
                          const struct sim_asset *asset) {
  struct sim_service *service = exchange->service;
  const struct sim_account *account = &service->accounts[exchange->account];
  double seconds = asset->seconds > 0 ? asset->seconds : 10;
  double price = submission->explore ? 0 : seconds * service->scenario->credits_per_second;
  if (account->used + price > account->plan->credits) {
    sim_refuse_bare(exchange, 412, "You do not have enough credits to run this task.");
    return false;
  }
  const struct sim_failure_rule *failure =
      sim_failure_draw(service, STAGE_SUBMISSION, account->plan->email, asset->name,
                       submission->voice_id, submission->reply_ref);
  if (failure != NULL) {
    sim_refuse(exchange, 422, "The content was flagged by moderation (%s)", failure->reason);
    return false;
  }
  return true;
}

static void count_accepted(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  struct sim_totals *totals = &service->totals;
  const struct sim_account *account = &service->accounts[exchange->account];
  int64_t before = 0, ours = 0;
  totals->accepted++;
  if (totals->first_accept == 0) totals->first_accept = service->now;
  if (exchange->reply_ref != NULL) {
    map_get(&service->refs, exchange->reply_ref, &before);
    map_set(&service->refs, exchange->reply_ref, before + 1);
    if (before == 1) totals->refs_twice++;
  }
  for (size_t i = 0; i < account->active.count; i++)
    if (service->tasks[account->active.items[i]].origin == ORIGIN_ORDERED) ours++;
  if (ours - account->plan->max_jobs > totals->most_in_flight)
    totals->most_in_flight = ours - account->plan->max_jobs;
}

static duration_ms late_of(const struct sim_exchange *exchange) {
  return exchange->fault == NULL ? 0 : exchange->fault->late;
}

void sim_call_submit(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  const struct sim_request *request = exchange->request;
  struct sim_submission submission;
  const char *problem;
  size_t asset;
  if (!sim_read_submission(&service->scratch, request->content_type, request->body,
                           request->body_bytes, &submission, &problem)) {
    sim_refuse(exchange, 400, "%s", problem);
    return;
  }
  exchange->reply_ref = submission.reply_ref;
  if (!find_asset(exchange, submission.asset_id, &asset)) return;
  if (!check_clip(exchange, &service->assets[asset])) return;
  if (!check_voice_and_plan(exchange, &submission)) return;
  if (!check_room(exchange, &submission)) return;
  if (!check_content(exchange, &submission, &service->assets[asset])) return;
  const struct sim_task_order order = {.account = exchange->account,
                                       .asset = asset,
                                       .voice_id = submission.voice_id,
                                       .reply_ref = submission.reply_ref,
                                       .reply_url = submission.reply_url,
                                       .origin = ORIGIN_ORDERED,
                                       .explore = submission.explore,
                                       .late = late_of(exchange)};
  exchange->task = sim_task_create(service, &order);
  count_accepted(exchange);
  bool nested = service->scenario->forms.submit_nested;
  if (nested) json_open_object(&exchange->json, NULL);
  sim_write_task(exchange, &exchange->json, nested ? "task" : NULL, &service->tasks[exchange->task],
                 DETAIL_ALONE);
  if (nested) json_close_object(&exchange->json);
}
