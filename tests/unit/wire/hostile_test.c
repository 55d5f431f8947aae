/* Bodies that mean harm or came to harm: whatever arrives, the answer is one of ours, nothing is
 * read beyond the body (the sanitizers watch), and doubt stays doubt. */
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/prng.h"
#include "wire/json.h"

static const char sample[] =
    "{\"task\":{\"id\":\"u\",\"name\":\"Maya_hello "
    "\\u00e9\\ud83d\\ude00\",\"options\":{\"voiceId\":"
    "\"v\",\"seconds\":15.5},\"status\":\"FAILED\",\"error\":{\"errorMessage\":\"no\",\"reason\":"
    "\"SAFETY.X\",\"moderation_category\":null},\"progressRatio\":\"0.5\","
    "\"estimatedTimeToStartSeconds\":0,\"artifacts\":[{\"url\":\"https://x/y?s=1\",\"fileSize\":"
    "\"12\"}],\"replyRef\":\"ns:1\",\"taskId\":\"" TASK_1 "\"},\"runningTasks\":{\"" EMAIL
    "\":[{\"taskId\":\"a\"}]},\"tasks\":[{\"taskId\":\"a\"}],\"accounts\":{\"" EMAIL
    "\":{\"maxJobs\":3}},\"voices\":[{\"id\":\"v\"}],\"assets\":[{\"assetId\":\"a\"}],"
    "\"permitted\":{\"numPlanCredits\":1},\"used\":{\"numPlanCredits\":1},\"retryAfter\":1}";

/* The body as its own allocation, so that a byte too far is seen. */
static struct answer decode_exactly(struct call call, int status, const char *body, size_t size) {
  char *copy = malloc(size == 0 ? 1 : size);
  assert_non_null(copy);
  memcpy(copy, body, size);
  struct answer answer = decode_bytes(call, status, copy, size);
  free(copy);
  return answer;
}

/* Touches all that an answer holds. */
static size_t weight(const struct answer *answer) {
  size_t sum = strlen(answer->outcome.text);
  for (size_t i = 0; i < answer->task_count; i++) {
    assert_non_null(answer->tasks[i].task_id);
    sum += strlen(answer->tasks[i].task_id);
    if (answer->tasks[i].name != NULL) sum += strlen(answer->tasks[i].name);
    if (answer->tasks[i].failure_text != NULL) sum += strlen(answer->tasks[i].failure_text);
  }
  for (size_t i = 0; i < answer->busy_count; i++)
    sum += strlen(answer->busy[i].task_id);
  for (size_t i = 0; i < answer->account_count; i++)
    sum += strlen(answer->accounts[i].email);
  for (size_t i = 0; i < answer->voice_count; i++)
    sum += strlen(answer->voices[i].id);
  for (size_t i = 0; i < answer->asset_count; i++)
    sum += strlen(answer->assets[i].asset_id);
  return sum;
}

static void a_body_cut_at_any_byte_is_unreadable(void **state) {
  (void)state;
  for (int kind = 0; kind < CALL_COUNT; kind++)
    for (size_t size = 0; size < sizeof sample - 1; size++) {
      arena_reset(&arena);
      struct call call = {.kind = (enum call_kind)kind};
      struct answer answer = decode_exactly(call, 200, sample, size);
      assert_outcome(answer, OUTCOME_UNREADABLE);
      assert_false(answer.outcome.refused);
      assert_int_equal(answer.task_count + answer.asset_count + answer.account_count, 0);
      answer = decode_exactly(call, 400, sample, size);
      assert_outcome(answer, OUTCOME_UNREADABLE);
      assert_false(answer.outcome.refused);
    }
}

static void a_body_changed_at_random_never_does_harm(void **state) {
  (void)state;
  static const int statuses[] = {200, 400, 404, 429, 500};
  struct prng prng;
  prng_init(&prng, 20250908);
  for (int round = 0; round < 6000; round++) {
    char body[sizeof sample];
    memcpy(body, sample, sizeof sample);
    for (int64_t changes = prng_between(&prng, 1, 8); changes > 0; changes--) {
      size_t at = (size_t)prng_between(&prng, 0, (int64_t)sizeof sample - 2);
      static const char likely[] = "\"{}[]:,\\u0e-9.\x80\xff\n";
      body[at] = prng_next(&prng) % 2 == 0 ? likely[prng_next(&prng) % (sizeof likely)]
                                           : (char)prng_between(&prng, -128, 127);
    }
    arena_reset(&arena);
    struct call call = {.kind = (enum call_kind)prng_between(&prng, 0, CALL_COUNT - 1),
                        .email = EMAIL,
                        .task_id = TASK_1,
                        .limit = 1000};
    int status = statuses[prng_next(&prng) % 5];
    struct answer answer = decode_exactly(call, status, body, sizeof sample - 1);
    (void)weight(&answer);
    if (status == 500)
      assert_false(answer.outcome.refused && answer.outcome.kind != OUTCOME_NO_CREDITS);
  }
}

/* Every value of the sample, replaced by one of every other type. */
static void values_of_wrong_types_are_absent_values(void **state) {
  (void)state;
  static const char *const others[] = {"null",       "true",  "false",  "7",    "-1e308",
                                       "1e999",      "[]",    "{}",     "\"\"", "[[[]]]",
                                       "{\"a\":{}}", "\"x\"", "[null]", "[7]"};
  for (const char *at = sample; (at = strchr(at, ':')) != NULL; at++) {
    size_t length = strcspn(at + 1, ",}]");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
      char body[2048];
      int size = snprintf(body, sizeof body, "%.*s%s%s", (int)(at + 1 - sample), sample, others[i],
                          at + 1 + length);
      for (int kind = 0; kind < CALL_COUNT; kind++)
        for (int status = 200; status <= 429; status += 229) {
          arena_reset(&arena);
          struct call call = {.kind = (enum call_kind)kind, .email = EMAIL};
          struct answer answer = decode_exactly(call, status, body, (size_t)size);
          (void)weight(&answer);
        }
    }
  }
}

static void a_deep_body_is_unreadable(void **state) {
  (void)state;
  static char body[200000];
  memset(body, '[', sizeof body / 2);
  memset(body + sizeof body / 2, ']', sizeof body / 2);
  assert_outcome(decode_bytes((struct call){.kind = CALL_LIST_TASKS}, 200, body, sizeof body),
                 OUTCOME_UNREADABLE);
  struct json_document document;
  char edge[2 * JSON_DEPTH_MAX + 2];
  memset(edge, '[', JSON_DEPTH_MAX + 1);
  memset(edge + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
  assert_false(json_parse(&document, edge, sizeof edge));
  assert_true(json_parse(&document, edge + 1, sizeof edge - 2));
  json_release(&document);
}

static void a_body_of_too_many_values_is_unreadable(void **state) {
  (void)state;
  size_t size = 2 * JSON_VALUES_MAX + 8;
  char *body = malloc(size);
  assert_non_null(body);
  for (size_t i = 0; i < size; i++)
    body[i] = i % 2 == 0 ? '1' : ',';
  body[0] = '[';
  body[size - 1] = ']';
  assert_outcome(decode_bytes((struct call){.kind = CALL_LIST_TASKS}, 200, body, size),
                 OUTCOME_UNREADABLE);
  free(body);
}

static void a_body_above_the_limit_is_unreadable(void **state) {
  (void)state;
  size_t size = WIRE_BODY_MAX + 1;
  char *body = malloc(size);
  assert_non_null(body);
  memset(body, ' ', size);
  memcpy(body, "[]", 2);
  struct call call = {.kind = CALL_LIST_TASKS};
  assert_outcome(decode_bytes(call, 200, body, size), OUTCOME_UNREADABLE);
  assert_outcome(decode_bytes(call, 200, body, size - 1), OUTCOME_OK);
  free(body);
}

static void what_follows_the_value_makes_it_unreadable(void **state) {
  (void)state;
  static const char *const bodies[] = {"{\"taskId\":\"a\"}x", "{\"taskId\":\"a\"}{}",
                                       "{\"taskId\":\"a\"},", "x{\"taskId\":\"a\"}"};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
    assert_outcome(decode_kind(CALL_SUBMIT, 200, bodies[i]), OUTCOME_UNREADABLE);
  assert_outcome(decode_kind(CALL_SUBMIT, 200, " {\"taskId\":\"a\"}\r\n "), OUTCOME_OK);
  static const char with_nul[] = "{\"taskId\":\"a\"}\0junk";
  assert_outcome(
      decode_bytes((struct call){.kind = CALL_SUBMIT}, 200, with_nul, sizeof with_nul - 1),
      OUTCOME_UNREADABLE);
}

static void of_two_members_with_one_name_the_first_counts(void **state) {
  (void)state;
  struct answer answer = decode_kind(CALL_SUBMIT, 200, "{\"taskId\":\"a\",\"taskId\":\"b\"}");
  assert_string_equal(answer.tasks[0].task_id, "a");
}

static void an_absurdly_long_id_is_no_id(void **state) {
  (void)state;
  char *body = arena_alloc(&arena, JSON_ID_MAX + 64);
  int size = sprintf(body, "{\"taskId\":\"");
  memset(body + size, 'a', JSON_ID_MAX + 1);
  strcpy(body + (size_t)size + JSON_ID_MAX + 1, "\"}");
  assert_outcome(decode_kind(CALL_SUBMIT, 200, body), OUTCOME_UNREADABLE);
}

static void a_thousand_tasks_are_read_whole(void **state) {
  (void)state;
  char *body = malloc(400000);
  assert_non_null(body);
  size_t size = (size_t)sprintf(body, "{\"tasks\":[");
  for (int i = 0; i < 1000; i++)
    size += (size_t)sprintf(body + size,
                            "%s{\"taskId\":\"user:1-runwayml:" EMAIL
                            "-task:%d\",\"status\":\"RUNNING\",\"name\":\"Maya_x\",\"options\":{"
                            "\"voiceId\":\"v\"},\"artifacts\":[{\"metadata\":{\"a\":[1,2,3]}}]}",
                            i == 0 ? "" : ",", i);
  size += (size_t)sprintf(body + size, "]}");
  struct answer answer =
      decode_bytes((struct call){.kind = CALL_LIST_TASKS, .limit = 1000}, 200, body, size);
  free(body);
  assert_int_equal(answer.task_count, 1000);
  assert_true(answer.whole);
  assert_string_equal(answer.tasks[999].task_id, "user:1-runwayml:" EMAIL "-task:999");
}

static void texts_of_a_task_hold_no_secret(void **state) {
  (void)state;
  struct answer answer = decode_kind(
      CALL_GET_TASK, 200,
      "{\"taskId\":\"t\",\"status\":\"FAILED Bearer canary1\",\"name\":\"x eyJcanary12345\","
      "\"error\":{\"reason\":\"password=canary2\",\"message\":\"https://x/y?canary=3\"},"
      "\"artifacts\":[{\"url\":\"https://x/y?kept=1\"}]}");
  const struct task_view *task = &answer.tasks[0];
  assert_null(strstr(task->status_text, "canary"));
  assert_null(strstr(task->name, "canary"));
  assert_null(strstr(task->failure_text, "canary"));
  assert_non_null(strstr(task->artifact_url, "kept=1"));
  answer = decode_kind(CALL_SUBMIT, 400, "{\"error\":\"bad user:12-canary for " ASSET_1 "\"}");
  assert_null(strstr(answer.outcome.text, "canary"));
  assert_non_null(strstr(answer.outcome.text, ASSET_1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_body_cut_at_any_byte_is_unreadable),
      cmocka_unit_test(a_body_changed_at_random_never_does_harm),
      cmocka_unit_test(values_of_wrong_types_are_absent_values),
      cmocka_unit_test(a_deep_body_is_unreadable),
      cmocka_unit_test(a_body_of_too_many_values_is_unreadable),
      cmocka_unit_test(a_body_above_the_limit_is_unreadable),
      cmocka_unit_test(what_follows_the_value_makes_it_unreadable),
      cmocka_unit_test(of_two_members_with_one_name_the_first_counts),
      cmocka_unit_test(an_absurdly_long_id_is_no_id),
      cmocka_unit_test(a_thousand_tasks_are_read_whole),
      cmocka_unit_test(texts_of_a_task_hold_no_secret),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
