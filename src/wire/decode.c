/* Replies to answers: what kind of outcome it is, its words, and then the call's own reader. */
#include "wire/decode.h"

#include <stdio.h>

#include "util/check.h"
#include "wire/classify.h"
#include "wire/delay.h"
#include "wire/json.h"
#include "wire/redact.h"

/* `{success}`, or nothing at all with a 204. */
static bool decode_delete(const struct reading *reading) {
  return !json_is_false(json_member(reading->root, "success"));
}

static bool decode_body(const struct reading *reading) {
  switch (reading->call->kind) {
  case CALL_ACCOUNTS:
    return decode_accounts(reading);
  case CALL_VOICES:
    return decode_voices(reading);
  case CALL_FEATURES:
    return decode_features(reading);
  case CALL_LIST_ASSETS:
    return decode_list_assets(reading);
  case CALL_UPLOAD:
    return decode_upload(reading);
  case CALL_DELETE_ASSET:
  case CALL_DELETE_TASK:
    return decode_delete(reading);
  case CALL_SUBMIT:
    return decode_submit(reading);
  case CALL_LIST_TASKS:
    return decode_list_tasks(reading);
  case CALL_GET_TASK:
    return decode_get_task(reading);
  case CALL_SCHEDULER:
    return decode_scheduler(reading);
  case CALL_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

static void say(struct outcome *outcome, const char *words) {
  redact_line(words, outcome->text, sizeof outcome->text);
}

/* The body's own words, else ours. A body that is no JSON is never quoted: it may be anything. */
static void say_what_went_wrong(struct outcome *outcome, const struct wire_reply *reply,
                                const struct cJSON *root) {
  char text[200];
  const char *words = classify_error_words(root);
  const char *type = reply->content_type == NULL ? "no content type" : reply->content_type;
  if (words != NULL) {
    say(outcome, words);
    return;
  }
  if (root == NULL)
    snprintf(text, sizeof text, "HTTP %d without readable JSON (%.80s, %zu bytes)", reply->status,
             type, reply->body_bytes);
  else
    snprintf(text, sizeof text, "HTTP %d that says nothing usable", reply->status);
  say(outcome, text);
}

/* Whatever was read before it turned out unusable is dropped: nobody may act on half an answer. */
static void drop_contents(struct answer *answer) {
  struct outcome outcome = answer->outcome;
  *answer = (struct answer){.outcome = outcome,
                            .credits = -1,
                            .credits_permitted = -1,
                            .storage_bytes = -1,
                            .storage_used_bytes = -1};
}

static void decode_reply(const struct reading *reading, const struct wire_reply *reply,
                         time_ms now) {
  struct outcome *outcome = &reading->answer->outcome;
  struct verdict verdict = classify_reply(reading->call, reply->status, reading->root);
  outcome->kind = verdict.kind;
  outcome->refused = verdict.refused;
  outcome->http_status = reply->status;
  if (verdict.kind == OUTCOME_OK) {
    if (decode_body(reading)) return;
    drop_contents(reading->answer);
    outcome->kind = OUTCOME_UNREADABLE;
  }
  if (verdict.kind == OUTCOME_BUSY_QUEUE) decode_busy(reading);
  outcome->retry_after_ms = delay_read(reply, reading->root, now);
  say_what_went_wrong(outcome, reply, reading->root);
}

bool wire_read_callback(const char *body, size_t body_bytes, struct arena *arena,
                        struct task_view *said) {
  struct json_document document = {0};
  struct task_view task = {0};
  *said = (struct task_view){.status = TASK_UNKNOWN, .progress_percent = -1};
  if (body_bytes > WIRE_CALLBACK_MAX || !json_parse(&document, body, body_bytes)) return false;
  const struct reading reading = {.arena = arena, .root = document.root};
  decode_callback(&reading, &task);
  json_release(&document);
  said->task_id = task.task_id;
  said->reply_ref = task.reply_ref;
  said->status = task.status;
  return said->task_id != NULL || said->reply_ref != NULL;
}

void wire_decode(const struct call *call, const struct wire_reply *reply, time_ms now,
                 struct arena *arena, struct answer *answer) {
  *answer = (struct answer){.credits = -1,
                            .credits_permitted = -1,
                            .storage_bytes = -1,
                            .storage_used_bytes = -1,
                            .outcome = {.retry_after_ms = -1}};
  if (reply->transport != WIRE_REPLIED) {
    answer->outcome.kind = reply->transport == WIRE_NOT_SENT ? OUTCOME_NOT_SENT : OUTCOME_NO_REPLY;
    say(&answer->outcome, reply->failure);
    return;
  }
  struct json_document document = {0};
  if (reply->body_bytes <= WIRE_BODY_MAX)
    (void)json_parse(&document, reply->body, reply->body_bytes); /* NULL root: not JSON */
  const struct reading reading = {
      .call = call, .arena = arena, .root = document.root, .answer = answer};
  decode_reply(&reading, reply, now);
  json_release(&document);
}
