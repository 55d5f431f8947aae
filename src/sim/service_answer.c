/* What goes out: refusals, 429s in both forms, tasks as JSON. The forms that sources disagree about
 * are the scenario's choice. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/service.h"
#include "util/text.h"

static void begin_refusal(struct sim_exchange *exchange, int status, const char *text) {
  struct json_out *json = &exchange->json;
  exchange->reply->status = status;
  buffer_clear(&exchange->body);
  json_begin(json, &exchange->body);
  json_open_object(json, NULL);
  if (exchange->service->scenario->forms.error_object) {
    json_open_object(json, "error");
    json_text(json, "message", text);
    json_close_object(json);
  } else {
    json_text(json, "error", text);
  }
}

void sim_refuse(struct sim_exchange *exchange, int status, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  begin_refusal(exchange, status, text);
  json_number(&exchange->json, "code", status);
  json_close_object(&exchange->json);
}

void sim_refuse_bare(struct sim_exchange *exchange, int status, const char *text) {
  begin_refusal(exchange, status, text);
  json_close_object(&exchange->json);
}

static const char *http_date(struct sim_exchange *exchange, time_ms at) {
  time_t seconds = (time_t)(at / SECOND_MS);
  struct tm parts;
  char text[64];
  if (gmtime_r(&seconds, &parts) == NULL) return NULL;
  if (strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts) == 0) return NULL;
  return arena_string(&exchange->service->scratch, text);
}

/* As a header, or as a field of the object that is open. */
static void write_retry_after(struct sim_exchange *exchange) {
  const struct sim_forms *forms = &exchange->service->scenario->forms;
  time_ms at = exchange->service->now + forms->retry_after_ms;
  char text[64];
  switch (forms->retry_after) {
  case AFTER_NONE:
    break;
  case AFTER_SECONDS:
    exchange->reply->retry_after =
        arena_printf(&exchange->service->scratch, "%lld",
                     (long long)((forms->retry_after_ms + SECOND_MS - 1) / SECOND_MS));
    break;
  case AFTER_DATE:
    exchange->reply->retry_after = http_date(exchange, at + SECOND_MS - 1);
    break;
  case AFTER_FIELD:
    text_from_time(at, text, sizeof text);
    json_text(&exchange->json, "retryAfter", text);
    break;
  }
}

void sim_answer_429_queue(struct sim_exchange *exchange, size_t account, int max_jobs) {
  struct sim_service *service = exchange->service;
  struct json_out *json = &exchange->json;
  const char *email = service->accounts[account].plan->email;
  const struct sim_indexes *active = &service->accounts[account].active;
  begin_refusal(
      exchange, 429,
      arena_printf(&service->scratch, "Account %s is busy executing %d tasks", email, max_jobs));
  json_open_object(json, "runningTasks");
  json_open_array(json, email);
  for (size_t i = 0; i < active->count; i++) {
    const struct sim_task *task = &service->tasks[active->items[i]];
    if (task->origin == ORIGIN_BY_HAND) continue;
    json_open_object(json, NULL);
    json_text(json, "email", email);
    json_text(json, "taskId", task->id);
    json_text(json, "id", task->uuid);
    if (task->reply_url != NULL) json_text(json, "replyUrl", task->reply_url);
    if (task->reply_ref != NULL) json_text(json, "replyRef", task->reply_ref);
    json_close_object(json);
  }
  json_close_array(json);
  json_close_object(json);
  write_retry_after(exchange);
  json_number(json, "code", 429);
  json_close_object(json);
}

void sim_answer_429_runway(struct sim_exchange *exchange) {
  begin_refusal(
      exchange, 429,
      "You have too many tasks running or pending. Please wait for some of them to finish "
      "before starting more.");
  write_retry_after(exchange);
  json_close_object(&exchange->json);
}

static void write_error(struct json_out *json, const struct sim_task *task) {
  if (task->state != STATE_FAILED || task->failure == NULL) {
    json_null(json, "error");
    return;
  }
  const struct sim_failure_rule *failure = task->failure;
  bool moderated = failure->kind == FAILURE_MODERATION;
  json_open_object(json, "error");
  json_text(json, "errorMessage",
            moderated ? "The content was flagged by moderation." : "Something went wrong.");
  json_text(json, "reason", failure->reason);
  json_text(json, "message",
            moderated ? "Your clip does not meet the usage policy."
                      : "An unexpected error occurred.");
  if (failure->category != NULL) json_text(json, "moderation_category", failure->category);
  if (moderated) json_bool(json, "tally_asimov", true);
  json_close_object(json);
}

const char *sim_artifact_url(struct sim_exchange *exchange, const struct sim_task *task) {
  struct sim_service *service = exchange->service;
  time_ms expires = (service->now + service->scenario->artifact_ttl) / SECOND_MS;
  return arena_printf(&service->scratch, "%s/artifacts/%s?token=%016llx&expires=%lld",
                      service->base, task->uuid,
                      (unsigned long long)sim_hash(service->scenario->seed, task->uuid, expires),
                      (long long)expires);
}

static void write_artifacts(struct sim_exchange *exchange, struct json_out *json,
                            const struct sim_task *task) {
  struct arena *arena = &exchange->service->scratch;
  json_open_array(json, "artifacts");
  if (task->state == STATE_SUCCEEDED && task->failure == NULL) {
    json_open_object(json, NULL);
    json_text(json, "id", task->uuid);
    json_text(json, "url", sim_artifact_url(exchange, task));
    json_text(json, "fileSize", arena_printf(arena, "%lld", (long long)task->artifact_bytes));
    json_text(json, "filename", arena_printf(arena, "%s.mp4", task->name));
    json_open_object(json, "metadata");
    json_real(json, "duration", task->seconds);
    json_close_object(json);
    json_close_object(json);
  }
  json_close_array(json);
}

static void write_options(struct sim_exchange *exchange, struct json_out *json,
                          const struct sim_task *task, bool named) {
  const struct sim_service *service = exchange->service;
  json_open_object(json, "options");
  if (named) json_text(json, "name", task->name);
  json_text(json, "video",
            task->asset == NONE ? NULL
                                : arena_printf(&exchange->service->scratch, "%s/datasets/%s.mp4",
                                               service->base, service->assets[task->asset].uuid));
  json_text(json, "voiceId", task->voice_id);
  json_real(json, "seconds", task->seconds);
  json_bool(json, "exploreMode", task->explore);
  json_text(json, "assetGroupId", task->uuid);
  json_close_object(json);
}

/* Seconds until a slot is likely: nothing for those that have one. */
static int64_t estimated_start(const struct sim_task *task, time_ms now) {
  if (task->state == STATE_WAITING) return 60;
  return task->state == STATE_PENDING ? (task->run_at - now + SECOND_MS - 1) / SECOND_MS : 0;
}

void sim_write_task(struct sim_exchange *exchange, struct json_out *json, const char *name,
                    const struct sim_task *task, enum sim_detail detail) {
  time_ms now = exchange->service->now;
  bool named = detail == DETAIL_ALONE || exchange->service->scenario->forms.list_names;
  char text[64];
  json_open_object(json, name);
  json_text(json, "id", task->uuid);
  if (named) json_text(json, "name", task->name);
  json_null(json, "image");
  text_from_time(task->created, text, sizeof text);
  json_text(json, "createdAt", text);
  text_from_time(task->ended != 0 ? task->ended : now, text, sizeof text);
  json_text(json, "updatedAt", text);
  json_text(json, "taskType", "workflow_s2s_video");
  write_options(exchange, json, task, named);
  json_text(json, "status", sim_task_status(task));
  write_error(json, task);
  json_null(json, "progressText");
  (void)snprintf(text, sizeof text, "%g", floor(sim_task_progress(task, now) * 100) / 100);
  json_text(json, "progressRatio", text);
  json_number(json, "estimatedTimeToStartSeconds", estimated_start(task, now));
  write_artifacts(exchange, json, task);
  json_null(json, "sharedAsset");
  json_null(json, "sourceAssetId");
  json_text(json, "taskId", task->id);
  if (detail != DETAIL_NO_REF && task->reply_url != NULL)
    json_text(json, "replyUrl", task->reply_url);
  if (detail != DETAIL_NO_REF && task->reply_ref != NULL)
    json_text(json, "replyRef", task->reply_ref);
  if (detail == DETAIL_ALONE) json_number(json, "code", 200);
  json_close_object(json);
}
