/* A reply to each call: first line "CALL STATUS TRANSPORT", then the body. Whatever arrives is an
 * outcome; doubt stays doubt, and nothing goes on that a person or the state should not see. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nightshift/wire.h"
#include "util/text.h"
#include "wire/json.h"

#define EMAIL "one@example.com"

static void check_shown(const char *text) {
  if (text != NULL) CHECK(fuzz_is_harmless(text, strlen(text), false));
}

static void check_id(const char *id) {
  if (id == NULL) return;
  check_shown(id);
  CHECK(id[0] != '\0' && strlen(id) <= JSON_ID_MAX && text_is_utf8(id, strlen(id)));
}

static void check_task(const struct task_view *task) {
  CHECK(task->task_id != NULL);
  check_id(task->task_id);
  check_id(task->voice_id);
  check_id(task->reply_ref);
  check_shown(task->name);
  check_shown(task->status_text);
  check_shown(task->failure_text);
  CHECK(task->progress_percent >= -1 && task->progress_percent <= 100);
  CHECK(task->starts_in_ms >= -1 && task->artifact_bytes >= -1);
  CHECK(task->failure == TASK_FAILURE_NONE || task->status == TASK_FAILED);
}

static void check_outcome(const struct call *call, const struct wire_reply *reply,
                          const struct outcome *outcome) {
  CHECK((int)outcome->kind >= 0 && outcome->kind < OUTCOME_COUNT);
  CHECK(memchr(outcome->text, '\0', sizeof outcome->text) != NULL);
  check_shown(outcome->text);
  CHECK(outcome->retry_after_ms >= -1 && outcome->retry_after_ms <= HOUR_MS);
  if (reply->transport != WIRE_REPLIED) CHECK(!outcome->refused);
  if (outcome->kind == OUTCOME_OK || outcome->kind == OUTCOME_UNREADABLE) CHECK(!outcome->refused);
  if (outcome->kind == OUTCOME_UPSTREAM || outcome->kind == OUTCOME_UNEXPECTED)
    CHECK(!outcome->refused);
  if (call->kind == CALL_SUBMIT && outcome->refused) CHECK(reply->status >= 400);
}

static void check_answer(const struct call *call, const struct answer *answer) {
  bool ok = answer->outcome.kind == OUTCOME_OK;
  for (size_t i = 0; i < answer->task_count; i++)
    check_task(&answer->tasks[i]);
  for (size_t i = 0; i < answer->busy_count; i++)
    check_task(&answer->busy[i]);
  for (size_t i = 0; i < answer->account_count; i++) {
    check_id(answer->accounts[i].email);
    CHECK(answer->accounts[i].max_jobs >= 0);
  }
  for (size_t i = 0; i < answer->voice_count; i++) {
    check_id(answer->voices[i].id);
    check_shown(answer->voices[i].name);
  }
  for (size_t i = 0; i < answer->asset_count; i++) {
    check_id(answer->assets[i].asset_id);
    check_shown(answer->assets[i].name);
  }
  CHECK(answer->credits >= -1);
  CHECK(answer->busy_limit >= 0);
  if (!ok) CHECK(answer->task_count + answer->asset_count + answer->voice_count == 0);
  if (ok && call->kind == CALL_SUBMIT) CHECK(answer->task_count == 1);
  if (ok && call->kind == CALL_UPLOAD) CHECK(answer->asset_count == 1);
  if (answer->whole) CHECK(ok && answer->task_count <= (size_t)call->limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const int statuses[] = {200, 201, 204, 400, 401, 402, 404, 410, 412,
                                 422, 429, 500, 502, 522, 596, 302, 0,   999};
  struct fuzz_bytes bytes = {data, size};
  struct arena arena;
  struct answer answer;
  arena_init(&arena);
  struct call call = {.kind = (enum call_kind)fuzz_choice(&bytes, CALL_COUNT),
                      .email = EMAIL,
                      .task_id = "user:1-runwayml:" EMAIL "-task:1",
                      .limit = 50};
  unsigned status = fuzz_byte(&bytes), bits = fuzz_byte(&bytes);
  size_t length;
  char *body = fuzz_rest(&bytes, &length);
  call.explore = (bits & 1) != 0;
  struct wire_reply reply = {.transport = (bits & 14) == 14 ? WIRE_NO_REPLY : WIRE_REPLIED,
                             .status = statuses[status % (sizeof statuses / sizeof statuses[0])],
                             .content_type = (bits & 16) != 0 ? NULL : "application/json",
                             .failure = "the connection was lost",
                             .body = body,
                             .body_bytes = length};
  wire_decode(&call, &reply, 1767225600000, &arena, &answer);
  free(body); /* nothing of the answer may lie in it */
  check_outcome(&call, &reply, &answer.outcome);
  check_answer(&call, &answer);
  arena_release(&arena);
  return 0;
}

/* The three bytes before the body: a list of tasks, 200. */
#define TASKS "\x07\x00\x00"
static void begin(struct buffer *out) {
  buffer_append(out, TASKS, 3);
}
static void deep(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "", "[", "");
}
static void deep_members(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "", "{\"a\":", "");
}
static void numbers(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "[", "1,", "1]");
}
static void empty_tasks(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "{\"tasks\":[", "{},", "{}]}");
}
static void tasks(struct buffer *out, size_t size) {
  begin(out);
  fuzz_count(out, size, "{\"tasks\":[",
             "{\"taskId\":\"user:1-runwayml:" EMAIL "-task:", "\",\"status\":\"RUNNING\"},",
             "{}]}");
}
static void members(struct buffer *out, size_t size) {
  begin(out);
  fuzz_count(out, size, "{\"tasks\":[{\"taskId\":\"a\"", ",\"k", "\":1", "}]}");
}
static void one_member(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "{\"tasks\":[{", "\"id\":1,", "\"taskId\":\"a\"}]}");
}
static void long_string(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "{\"tasks\":[{\"taskId\":\"a\",\"name\":\"", "x", "\"}]}");
}
static void escapes(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "{\"tasks\":[{\"taskId\":\"a\",\"name\":\"", "\\u00e9", "\"}]}");
}
static void long_number(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "[", "9", "]");
}
static void secrets(struct buffer *out, size_t size) {
  buffer_append(out, "\x06\x03\x00", 3); /* submit, 400 */
  fuzz_repeat(out, size, "{\"error\":\"", "user:1-x eyJ Bearer http://a?", "\"}");
}
static void near_secrets(struct buffer *out, size_t size) {
  buffer_append(out, "\x07\x00\x00", 3);
  fuzz_repeat(out, size, "{\"tasks\":[{\"taskId\":\"a\",\"name\":\"", "user:1-", "\"}]}");
}
static void running(struct buffer *out, size_t size) {
  buffer_append(out, "\x06\x0a\x00", 3); /* submit, 429 */
  fuzz_count(out, size, "{\"runningTasks\":{\"" EMAIL "\":[", "{\"taskId\":\"", "\"},", "{}]}}");
}
static void accounts(struct buffer *out, size_t size) {
  buffer_append(out, "\x00\x00\x00", 3);
  fuzz_count(out, size, "{\"x\":1", ",\"a", "@b.c\":{\"maxJobs\":5}", "}");
}
static void spaces(struct buffer *out, size_t size) {
  begin(out);
  fuzz_repeat(out, size, "[", " ", "]");
}

const struct fuzz_worst fuzz_worst[] = {{"nested arrays", deep},
                                        {"nested objects", deep_members},
                                        {"many numbers", numbers},
                                        {"many empty tasks", empty_tasks},
                                        {"many tasks", tasks},
                                        {"many members", members},
                                        {"one member again and again", one_member},
                                        {"one long string", long_string},
                                        {"escapes", escapes},
                                        {"one long number", long_number},
                                        {"secrets", secrets},
                                        {"beginnings of secrets", near_secrets},
                                        {"running tasks", running},
                                        {"many accounts", accounts},
                                        {"white space", spaces},
                                        {NULL, NULL}};
